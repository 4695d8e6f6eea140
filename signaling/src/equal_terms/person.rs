//! One participant's own leg and page: what is known of them without asking anybody else.

use super::rows::Span;
use super::second::{LegMeasured, PageReport, PictureMeasured, Presence, SoundMeasured};
use super::window::Window;
use crate::protocol::{CameraState, MicrophoneState};

/// After coming in, pictures and sound take a moment to start; every page must see and hear everyone within this time,
/// and what happens before it is not pooled. After a break they take as long.
pub(super) const SETTLES_MS: i64 = 3000;
/// From here on silence, not the row at hand, explains what is missing: a sender of sound and picture sends 60 packets
/// and more a second. So short that the first second of a break makes no window bad by itself (4 % of 10 s).
const SILENT_MS: i64 = 400;
/// Sound packets in a second: 20 ms each (RFC 7587). A leg that sends none has lost them all, since a closed microphone
/// sends silence.
const SOUND_PACKETS: u32 = 50;
/// Fewer packets say nothing about loss: three seconds.
pub(super) const LEAST_PACKETS: f64 = 150.0;
/// An uplink that loses this much of the sound within so many seconds carries hardly anything else either.
const HARDLY_PERCENT: f64 = 50.0;
const UPLINK_WINDOW_S: u32 = 5;
/// Packets marked as voice in a second of speech: a fifth of a second.
const SPEECH_PACKETS: u32 = 10;
/// Quieter than this, -dBov, is not speech even when marked so: murmur in the room.
const QUIETEST_SPEECH: u8 = 60;
/// Mean frame interval until one is known: the slowest picture that is not red.
const SLOWEST_INTERVAL_MS: f64 = 200.0;
/// How long the own camera has shown one and the same picture when its page says that it is frozen (`STILL_AFTER` in
/// signaling/web/src/media/picture.ts).
pub(super) const STILL_BEFORE_SAID_MS: u32 = 3000;

/// A participant's state.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) presence: Presence,
    /// When they came.
    begun_ms: i64,
    heard_at_ms: i64,
    /// When their page last reported; before it ever did, when they came.
    reported_at_ms: i64,
    has_reported: bool,
    /// When a receiver's page last reported on them.
    pub(super) observed_at_ms: i64,
    /// When the link was last told of as broken, and for how many seconds it had been.
    broken: Option<(i64, f64)>,
    round_trip_leg: Option<f32>,
    round_trip_page: Option<f32>,
    camera: Option<CameraState>,
    microphone: Option<MicrophoneState>,
    /// Since when the page says that the camera is covered and the microphone dead.
    told_covered_ms: Option<i64>,
    told_dead_ms: Option<i64>,
    off_since: Option<i64>,
    covered_since: Option<i64>,
    withheld_since: Option<i64>,
    undecodable_since: Option<i64>,
    dead_since: Option<i64>,
    unacknowledged_since: Option<i64>,
    speaks: bool,
    spoke: bool,
    uplink: Window<Uplink>,
}

/// One second of what the relay got.
#[derive(Clone, Copy, Debug)]
struct Uplink {
    sound_expected: u32,
    sound_lost: u32,
    frames: u32,
    frozen_ms: u32,
    freeze_ms: u32,
    area: Option<u32>,
}

/// What a second's edges say of one receiver's line.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Downlink {
    /// Whether pictures were sent.
    pub(super) sent: bool,
    /// Whether a receiver report came.
    pub(super) acknowledged: bool,
}

impl Person {
    pub(super) fn new(presence: Presence, at_ms: i64, longest_window_s: u32) -> Self {
        Self {
            presence,
            begun_ms: at_ms,
            heard_at_ms: at_ms,
            reported_at_ms: at_ms,
            has_reported: false,
            observed_at_ms: at_ms,
            broken: None,
            round_trip_leg: None,
            round_trip_page: None,
            camera: None,
            microphone: None,
            told_covered_ms: None,
            told_dead_ms: None,
            off_since: None,
            covered_since: None,
            withheld_since: None,
            undecodable_since: None,
            dead_since: None,
            unacknowledged_since: None,
            speaks: false,
            spoke: false,
            uplink: Window::new(longest_window_s),
        }
    }

    /// A presence check found them seen and heard: all begins anew but what is known of the link and the page.
    pub(super) fn begin_anew(&mut self, at_ms: i64, longest_window_s: u32) {
        *self = Self {
            heard_at_ms: self.heard_at_ms,
            reported_at_ms: self.reported_at_ms,
            has_reported: self.has_reported,
            round_trip_leg: self.round_trip_leg,
            round_trip_page: self.round_trip_page,
            camera: self.camera,
            microphone: self.microphone,
            told_covered_ms: self.told_covered_ms,
            told_dead_ms: self.told_dead_ms,
            ..Self::new(self.presence, at_ms, longest_window_s)
        };
    }

    /// The link is being told of as broken.
    pub(super) fn note_break(&mut self, at_ms: i64) {
        self.broken = Some((at_ms, self.silent_s_at(at_ms)));
    }

    /// How long the latest break had lasted, while it is within the windows or what it interrupted is starting again.
    pub(super) fn break_s(&self, at_ms: i64, longest_window_s: u32) -> Option<f64> {
        let within_ms = i64::from(longest_window_s) * 1000 + SETTLES_MS;
        let (broken_ms, lasted_s) = self.broken?;
        (at_ms.saturating_sub(broken_ms) <= within_ms).then_some(lasted_s)
    }

    /// Takes in a second of the leg; `None`: no endpoint is connected. `sampled`: whether the relay measured at all.
    pub(super) fn observe_leg(&mut self, at_ms: i64, leg: Option<&LegMeasured>, sampled: bool) {
        if let Some(leg) = leg {
            self.heard_at_ms = self.heard_at_ms.max(at_ms.saturating_sub(i64::from(leg.silent_ms)));
            self.round_trip_leg = leg.round_trip_ms.or(self.round_trip_leg);
        }
        self.spoke = self.speaks;
        self.speaks = self.presence.microphone_open && leg.and_then(|leg| leg.sound).is_some_and(is_speech);
        let shows = self.camera != Some(CameraState::Off) && leg.is_none_or(|leg| leg.picture.is_some());
        self.off_since = since(self.off_since, !shows, at_ms);
        let withheld = self.settled(at_ms) && leg.is_some_and(|leg| leg.withheld > 0);
        self.withheld_since = since(self.withheld_since, withheld, at_ms);
        let undecodable = self.settled(at_ms) && leg.is_some_and(|leg| leg.undecodable > 0);
        self.undecodable_since = since(self.undecodable_since, undecodable, at_ms);
        let covered = since(self.covered_since, self.camera == Some(CameraState::Covered), at_ms);
        self.covered_since = self.dated(covered, self.told_covered_ms);
        let dead = self.presence.microphone_open && self.microphone == Some(MicrophoneState::Dead);
        let dead = since(self.dead_since, dead, at_ms);
        self.dead_since = self.dated(dead, self.told_dead_ms);
        if sampled && self.settled(at_ms) {
            let uplink = self.uplink(at_ms, leg);
            self.uplink.push(at_ms, uplink);
        }
    }

    /// When a state began by the page's own clock, if it tells: its reports are up to a second old. What came before the
    /// person did, or before a presence check, does not count.
    fn dated(&self, found_ms: Option<i64>, told_ms: Option<i64>) -> Option<i64> {
        let told_ms = told_ms.map(|told_ms| told_ms.max(self.begun_ms));
        found_ms.map(|found_ms| told_ms.unwrap_or(found_ms).min(found_ms))
    }

    /// Takes in the own page's report; before [`Self::observe_leg`] of the same second.
    pub(super) fn observe_page(&mut self, at_ms: i64, report: &PageReport) {
        self.reported_at_ms = at_ms;
        self.has_reported = true;
        self.camera = Some(report.camera);
        self.microphone = Some(report.microphone);
        self.told_covered_ms = report.covered_since_ms;
        self.told_dead_ms = report.dead_since_ms;
        self.round_trip_page = report.round_trip_ms.or(self.round_trip_page);
    }

    /// Takes in whether they acknowledge what they are sent. A second in which nothing was sent says nothing: the relay
    /// holds pictures back from a line that does not answer.
    pub(super) fn observe_downlink(&mut self, at_ms: i64, downlink: Downlink) {
        if downlink.acknowledged || !self.settled(at_ms) {
            self.unacknowledged_since = None;
        } else if downlink.sent {
            self.unacknowledged_since = since(self.unacknowledged_since, true, at_ms);
        }
    }

    /// Whether so long has passed since they came that sound and picture should be there.
    pub(super) fn settled(&self, at_ms: i64) -> bool {
        at_ms >= self.begun_ms.saturating_add(SETTLES_MS)
    }

    /// Whether anything but the link can be judged.
    pub(super) fn measurable(&self, at_ms: i64) -> bool {
        self.settled(at_ms) && !self.silent(at_ms)
    }

    /// Whether nothing comes from them, so that nothing but the link can be judged.
    fn silent(&self, at_ms: i64) -> bool {
        at_ms.saturating_sub(self.heard_at_ms) >= SILENT_MS
    }

    /// Whether most of what they send is lost on the way.
    pub(super) fn hardly_comes_through(&self, at_ms: i64) -> bool {
        let window_s = UPLINK_WINDOW_S;
        self.sound_loss_percent(Span { at_ms, window_s })
            .is_some_and(|percent| percent >= HARDLY_PERCENT)
    }

    /// How long nothing has come from them.
    pub(super) fn silent_s_at(&self, at_ms: i64) -> f64 {
        seconds(at_ms.saturating_sub(self.heard_at_ms))
    }

    /// When their page last reported; `None`: never.
    pub(super) fn reported_at_ms(&self) -> Option<i64> {
        self.has_reported.then_some(self.reported_at_ms)
    }

    /// Whether they spoke throughout the time that a receiver's report of this second may be about: reports are up to
    /// a second late.
    pub(super) fn speaking(&self) -> bool {
        self.speaks && self.spoke
    }

    /// The longer of what relay and page measured: a page may worsen the verdict, never improve it.
    pub(super) fn round_trip_ms(&self) -> Option<f32> {
        match (self.round_trip_leg, self.round_trip_page) {
            (Some(leg), Some(page)) => Some(leg.max(page)),
            (leg, page) => leg.or(page),
        }
    }

    fn uplink(&self, at_ms: i64, leg: Option<&LegMeasured>) -> Uplink {
        let (sound_expected, sound_lost) = match leg.and_then(|leg| leg.sound) {
            Some(sound) if sound.expected > 0 => (sound.expected, sound.lost.min(sound.expected)),
            _ => (SOUND_PACKETS, SOUND_PACKETS),
        };
        let picture = leg.and_then(|leg| leg.picture);
        let still = picture.map_or(i64::MAX, |picture| i64::from(picture.since_last_frame_ms));
        let freeze = if self.camera == Some(CameraState::Frozen) {
            still.max(i64::from(STILL_BEFORE_SAID_MS))
        } else if still as f64 >= self.freeze_begins_ms(at_ms) {
            still
        } else {
            0
        };
        // A freeze is never longer than the time there has been to see.
        let freeze_ms = u32::try_from(freeze.min(at_ms.saturating_sub(self.begun_ms))).unwrap_or(0);
        Uplink {
            sound_expected,
            sound_lost,
            frames: picture.map_or(0, |picture: PictureMeasured| picture.frames),
            frozen_ms: freeze_ms.min(1000),
            freeze_ms,
            area: picture.and_then(|picture| picture.area),
        }
    }

    /// The gap from which a picture is frozen: max(3 d, d + 150 ms), d the mean frame interval (W3C webrtc-stats).
    fn freeze_begins_ms(&self, at_ms: i64) -> f64 {
        let (mut frames, mut moving_ms) = (0.0, 0.0);
        for second in self.uplink.within(at_ms, FRAME_INTERVAL_WINDOW_S) {
            frames += f64::from(second.frames);
            moving_ms += f64::from(1000 - second.frozen_ms);
        }
        let interval = if frames > 0.0 {
            (moving_ms / frames).min(SLOWEST_INTERVAL_MS)
        } else {
            SLOWEST_INTERVAL_MS
        };
        (3.0 * interval).max(interval + 150.0)
    }
}

/// The mean frame interval is taken over the same time as freezes are.
const FRAME_INTERVAL_WINDOW_S: u32 = 10;

/// The rows.
impl Person {
    pub(super) fn silent_s(&self, span: Span) -> Option<f64> {
        Some(self.silent_s_at(span.at_ms))
    }

    pub(super) fn unreported_s(&self, span: Span) -> Option<f64> {
        self.presence
            .duties
            .reports()
            .then(|| seconds(span.at_ms.saturating_sub(self.reported_at_ms)))
    }

    pub(super) fn camera_off_s(&self, span: Span) -> Option<f64> {
        self.must_be_seen().and_then(|()| lasted(self.off_since, span))
    }

    pub(super) fn camera_covered_s(&self, span: Span) -> Option<f64> {
        self.must_be_seen().and_then(|()| lasted(self.covered_since, span))
    }

    pub(super) fn withheld_s(&self, span: Span) -> Option<f64> {
        let sees = self.presence.duties.sees.then_some(());
        sees.and_then(|()| lasted(self.withheld_since, span))
    }

    pub(super) fn undecodable_s(&self, span: Span) -> Option<f64> {
        let sees = self.presence.duties.sees.then_some(());
        sees.and_then(|()| lasted(self.undecodable_since, span))
    }

    pub(super) fn microphone_dead_s(&self, span: Span) -> Option<f64> {
        let heard = self.presence.duties.heard.then_some(());
        heard.and_then(|()| lasted(self.dead_since, span))
    }

    pub(super) fn unacknowledged_s(&self, span: Span) -> Option<f64> {
        let sees = self.presence.duties.sees.then_some(());
        sees.and_then(|()| lasted(self.unacknowledged_since, span))
    }

    pub(super) fn sound_loss_percent(&self, span: Span) -> Option<f64> {
        let (mut expected, mut lost) = (0.0, 0.0);
        for second in self.uplink.within(span.at_ms, span.window_s) {
            expected += f64::from(second.sound_expected);
            lost += f64::from(second.sound_lost);
        }
        (self.presence.duties.heard && expected >= LEAST_PACKETS).then(|| 100.0 * lost / expected)
    }

    pub(super) fn frozen_percent(&self, span: Span) -> Option<f64> {
        self.must_be_seen()?;
        let frozen_ms: u32 = self
            .uplink
            .within(span.at_ms, span.window_s)
            .map(|second| second.frozen_ms)
            .sum();
        Some(f64::from(frozen_ms) / (10.0 * f64::from(span.window_s)))
    }

    pub(super) fn longest_freeze_s(&self, span: Span) -> Option<f64> {
        self.must_be_seen()?;
        let longest = self
            .uplink
            .within(span.at_ms, span.window_s)
            .map(|second| second.freeze_ms)
            .max()?;
        Some(seconds(i64::from(longest)))
    }

    pub(super) fn frame_rate(&self, span: Span) -> Option<f64> {
        self.must_be_seen()?;
        let (mut frames, mut count) = (0.0, 0.0);
        for second in self.uplink.within(span.at_ms, span.window_s) {
            frames += f64::from(second.frames);
            count += 1.0;
        }
        nearly_whole(count, span).then(|| frames / count)
    }

    /// What the chamber's camera sends, at its best within the window.
    pub(super) fn chamber_size(&self, span: Span) -> Option<f64> {
        self.must_be_seen()?;
        let sent = || self.uplink.within(span.at_ms, span.window_s);
        let judged = self.presence.chamber && nearly_whole(sent().count() as f64, span);
        let best = sent().filter_map(|second| second.area).max()?;
        judged.then(|| f64::from(best))
    }

    fn must_be_seen(&self) -> Option<()> {
        self.presence.duties.seen.then_some(())
    }
}

/// A rate says something once the window is nearly full: two one-second clocks may leave a second or two out.
pub(super) fn nearly_whole(seconds: f64, span: Span) -> bool {
    seconds >= 0.8 * f64::from(span.window_s)
}

/// When a state began: at the start of the second that just ended, or earlier.
pub(super) fn since(before: Option<i64>, holds: bool, at_ms: i64) -> Option<i64> {
    holds.then(|| before.unwrap_or(at_ms.saturating_sub(1000)))
}

pub(super) fn lasted(since: Option<i64>, span: Span) -> Option<f64> {
    Some(since.map_or(0.0, |since| seconds(span.at_ms.saturating_sub(since))))
}

fn is_speech(sound: SoundMeasured) -> bool {
    sound.voiced >= SPEECH_PACKETS && sound.loudest <= QUIETEST_SPEECH
}

fn seconds(ms: i64) -> f64 {
    ms as f64 / 1000.0
}
