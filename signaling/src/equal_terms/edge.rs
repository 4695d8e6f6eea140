//! One sender at one receiver: what the relay sent and what the receiver's page made of it.

use super::person::{LEAST_PACKETS, Person, SETTLES_MS, STILL_BEFORE_SAID_MS, lasted, nearly_whole, since};
use super::rows::Span;
use super::second::{EdgeMeasured, Received};
use super::window::Window;

/// Encoding, packetising and playing: 20 ms of Opus with its look-ahead, the sound card at both ends.
const CODEC_MS: f32 = 60.0;
/// Seconds of speech from which concealment says something.
const LEAST_SPEECH_S: u32 = 3;
/// Seconds from which a mean delay says something.
const LEAST_DELAYS: u32 = 3;

/// An edge's state.
#[derive(Clone, Debug)]
pub(super) struct Edge {
    seconds: Window<EdgeSecond>,
    /// Since when the page has shown the sender large.
    large_since: Option<i64>,
    /// Sound packets forwarded since the receiver's last RTCP report, to which its share of loss applies.
    unreported: u32,
    black_since: Option<i64>,
    unheard_ms: u32,
    /// Whether `unheard_ms` was measured in the second at hand.
    speech: bool,
    /// A freeze that had lasted so long when the last report ended.
    standing_ms: u32,
    /// When the receiver's page last reported on the sender; before it ever did, when the edge began.
    pub(super) reported_at_ms: i64,
    /// Whether the relay did not send the picture.
    pub(super) unseen: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct EdgeSecond {
    sound_packets: f32,
    sound_lost: f32,
    reports: u32,
    frames: u32,
    frozen_ms: u32,
    freeze_ms: u32,
    large: bool,
    area: u32,
    speech_samples: u32,
    concealed: u32,
    delay_ms: Option<f32>,
    chamber: bool,
    lip_sync_ms: Option<f32>,
}

/// What a page's reports of one second say of one sender, added up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reported {
    /// How many reports came.
    pub(super) reports: u32,
    /// `None`: the page shows that sender nowhere.
    pub(super) received: Option<Received>,
    /// Whether the page shows the sender large.
    pub(super) large: bool,
}

impl Edge {
    pub(super) fn new(at_ms: i64, longest_window_s: u32) -> Self {
        Self {
            seconds: Window::new(longest_window_s),
            large_since: None,
            unreported: 0,
            black_since: None,
            unheard_ms: 0,
            speech: false,
            standing_ms: 0,
            reported_at_ms: at_ms,
            unseen: false,
        }
    }

    /// Takes in a second.
    pub(super) fn observe(
        &mut self,
        at_ms: i64,
        sent: Option<&EdgeMeasured>,
        reported: Option<Reported>,
        sender: &Person,
        receiver: &Person,
    ) {
        let mut second = EdgeSecond::default();
        self.unseen = sent.is_some_and(|sent| sent.unseen);
        if let Some(sent) = sent {
            self.add_receiver_report(sent, &mut second);
        }
        self.speech = false;
        if let Some(reported) = reported {
            self.add_page(at_ms, reported, sender, &mut second);
            second.delay_ms = mouth_to_ear_ms(reported.received, sender, receiver);
            // A closed microphone's sound is withheld: there is nothing to be in step with.
            let open = sender.presence.microphone_open;
            second.lip_sync_ms = reported
                .received
                .filter(|_| open)
                .and_then(|received| received.lip_sync_ms);
        }
        self.seconds.push(at_ms, second);
    }

    fn add_receiver_report(&mut self, sent: &EdgeMeasured, second: &mut EdgeSecond) {
        self.unreported = self.unreported.saturating_add(sent.sound_forwarded);
        if let Some(share) = sent.sound_lost {
            second.sound_packets = self.unreported as f32;
            second.sound_lost = share * second.sound_packets;
            self.unreported = 0;
        }
    }

    fn add_page(&mut self, at_ms: i64, reported: Reported, sender: &Person, second: &mut EdgeSecond) {
        let Reported {
            reports,
            received,
            large,
        } = reported;
        let time_ms = reports.saturating_mul(1000);
        let frames = received.map_or(0, |received| received.frames);
        // A page that decodes nothing shows a still, whether or not it calls that a freeze; so does one that decodes the
        // same picture again and again.
        let still = received.is_some_and(|received| received.still);
        let frozen_ms = if frames == 0 || still {
            time_ms
        } else {
            received.map_or(0, |r| r.frozen_ms.min(time_ms))
        };
        second.reports = reports;
        second.frames = frames;
        second.frozen_ms = frozen_ms;
        second.freeze_ms = self.standing_ms.saturating_add(frozen_ms);
        if still {
            second.freeze_ms = second.freeze_ms.max(STILL_BEFORE_SAID_MS);
        }
        self.standing_ms = if frames == 0 || still { second.freeze_ms } else { 0 };
        // A larger picture takes as long to start as the first.
        self.large_since = since(self.large_since, large, at_ms);
        second.large = self
            .large_since
            .is_some_and(|since| at_ms.saturating_sub(since) > SETTLES_MS);
        second.chamber = sender.presence.chamber;
        second.area = if frames == 0 {
            0
        } else {
            received.map_or(0, |received| received.area)
        };
        self.black_since = since(self.black_since, received.is_some_and(|received| received.black), at_ms);
        if sender.speaking() {
            self.speech = true;
            let played = received.is_some_and(|received| received.played);
            self.unheard_ms = if played {
                0
            } else {
                self.unheard_ms.saturating_add(time_ms)
            };
            second.speech_samples = received.map_or(0, |received| received.samples);
            second.concealed = received.map_or(0, |received| received.concealed);
        } else {
            self.unheard_ms = 0;
        }
    }

    fn within(&self, span: Span) -> impl Iterator<Item = &EdgeSecond> {
        self.seconds.within(span.at_ms, span.window_s)
    }
}

/// Half of each leg's round trip, the receiver's jitter buffer and the codec. While nothing is played there is no
/// jitter buffer, and the figure is the least the delay can be.
fn mouth_to_ear_ms(received: Option<Received>, sender: &Person, receiver: &Person) -> Option<f32> {
    let legs = (sender.round_trip_ms()? + receiver.round_trip_ms()?) / 2.0;
    let buffer = received.and_then(|received| received.jitter_buffer_ms).unwrap_or(0.0);
    Some(legs + buffer + CODEC_MS)
}

/// The rows.
impl Edge {
    pub(super) fn black_s(&self, span: Span) -> Option<f64> {
        lasted(self.black_since, span)
    }

    pub(super) fn unheard_s(&self, _: Span) -> Option<f64> {
        self.speech.then(|| f64::from(self.unheard_ms) / 1000.0)
    }

    pub(super) fn concealed_percent(&self, span: Span) -> Option<f64> {
        let (mut samples, mut concealed, mut spoken_s) = (0.0, 0.0, 0);
        for second in self.within(span).filter(|second| second.speech_samples > 0) {
            samples += f64::from(second.speech_samples);
            concealed += f64::from(second.concealed);
            spoken_s += second.reports;
        }
        (spoken_s >= LEAST_SPEECH_S).then(|| 100.0 * concealed / samples)
    }

    /// Sound packets that the receiver's reports are about.
    pub(super) fn sound_packets(&self, span: Span) -> f64 {
        self.within(span).map(|second| f64::from(second.sound_packets)).sum()
    }

    pub(super) fn sound_loss_percent(&self, span: Span) -> Option<f64> {
        let packets = self.sound_packets(span);
        let lost: f64 = self.within(span).map(|second| f64::from(second.sound_lost)).sum();
        (packets >= LEAST_PACKETS).then(|| 100.0 * lost / packets)
    }

    pub(super) fn frozen_percent(&self, span: Span) -> Option<f64> {
        let (mut frozen_ms, mut reports) = (0, 0);
        for second in self.within(span) {
            frozen_ms += second.frozen_ms;
            reports += second.reports;
        }
        // The page's clock may fit a report more into the window than it has seconds.
        Some(f64::from(frozen_ms) / (10.0 * f64::from(reports.max(span.window_s))))
    }

    pub(super) fn longest_freeze_s(&self, span: Span) -> Option<f64> {
        let longest = self.within(span).map(|second| second.freeze_ms).max()?;
        Some(f64::from(longest) / 1000.0)
    }

    pub(super) fn frame_rate(&self, span: Span) -> Option<f64> {
        let (frames, reports) = self.frames(span);
        nearly_whole(reports, span).then(|| frames / reports)
    }

    pub(super) fn frame_rate_enlarged(&self, span: Span) -> Option<f64> {
        if self.throughout(span, |second| second.large) {
            self.frame_rate(span)
        } else {
            None
        }
    }

    pub(super) fn size_enlarged(&self, span: Span) -> Option<f64> {
        self.size(span, |second| second.large)
    }

    pub(super) fn size_chamber(&self, span: Span) -> Option<f64> {
        self.size(span, |second| second.chamber)
    }

    fn size(&self, span: Span, counts: fn(&EdgeSecond) -> bool) -> Option<f64> {
        if !self.throughout(span, counts) {
            return None;
        }
        let (_, reports) = self.frames(span);
        // A higher layer needs a key frame before it shows, so the window's best is what counts.
        let best = self.within(span).map(|second| second.area).max()?;
        nearly_whole(reports, span).then(|| f64::from(best))
    }

    pub(super) fn delay_ms(&self, span: Span) -> Option<f64> {
        self.mean(span, |second| second.delay_ms)
    }

    /// How far the sound is ahead of the picture; seconds in which it is behind count as none.
    pub(super) fn sound_ahead_ms(&self, span: Span) -> Option<f64> {
        self.mean(span, |second| second.lip_sync_ms.map(|ahead| ahead.max(0.0)))
    }

    /// How far the sound is behind the picture; seconds in which it is ahead count as none.
    pub(super) fn sound_behind_ms(&self, span: Span) -> Option<f64> {
        self.mean(span, |second| second.lip_sync_ms.map(|ahead| (-ahead).max(0.0)))
    }

    fn mean(&self, span: Span, of: fn(&EdgeSecond) -> Option<f32>) -> Option<f64> {
        let (mut total, mut count) = (0.0, 0);
        for figure in self.within(span).filter_map(of) {
            total += f64::from(figure);
            count += 1;
        }
        (count >= LEAST_DELAYS).then(|| total / f64::from(count))
    }

    fn frames(&self, span: Span) -> (f64, f64) {
        self.within(span).fold((0.0, 0.0), |(frames, reports), second| {
            (frames + f64::from(second.frames), reports + f64::from(second.reports))
        })
    }

    fn throughout(&self, span: Span, counts: fn(&EdgeSecond) -> bool) -> bool {
        self.within(span).filter(|second| second.reports > 0).all(counts)
    }
}
