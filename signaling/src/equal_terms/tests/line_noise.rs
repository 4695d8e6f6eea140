//! A healthy meeting over home lines, second by second from a seed.
//!
//! Each line has noise that comes in bursts: most seconds are clean, and a bad one takes all that is left of what the
//! line may lose. What may be lost is bounded by half of the row's amber limit, pooled over the shortest time that the row
//! judges (three seconds of sound, the whole window of a freeze). Where a window pools seconds that are not adjacent, or a
//! page's clock fits eleven reports into ten seconds, two bursts may meet in it, and still it stays below amber. Round
//! trips wander between 20 and 80 ms, jitter buffers between 20 and 60 ms, and pages report by their own clocks, which
//! drift and waver, so that a second has no report, one or two. People take turns to speak, murmur at open microphones,
//! and enlarge each other.

use super::*;
use std::collections::VecDeque;

/// A seeded generator (splitmix64): tests need no better one.
#[derive(Clone, Debug)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// One of `low..=high`.
    fn between(&mut self, low: u32, high: u32) -> u32 {
        low + (self.next() % u64::from(high - low + 1)) as u32
    }

    fn one_in(&mut self, chances: u32) -> bool {
        self.next().is_multiple_of(u64::from(chances))
    }
}

/// What comes in bursts, never more than `most` in any `seconds`.
#[derive(Clone, Debug)]
struct Bursts {
    recent: VecDeque<u32>,
    sum: u32,
    seconds: usize,
    most: u32,
    one_in: u32,
}

impl Bursts {
    fn new(seconds: usize, most: u32, one_in: u32) -> Self {
        Self {
            recent: VecDeque::from(vec![0; seconds - 1]),
            sum: 0,
            seconds,
            most,
            one_in,
        }
    }

    /// Of the next second: nothing, or anything from `least` on that is left.
    fn draw(&mut self, dice: &mut Dice, least: u32) -> u32 {
        let left = self.most - self.sum;
        let amount = if left >= least && dice.one_in(self.one_in) {
            dice.between(least, left)
        } else {
            0
        };
        self.recent.push_back(amount);
        self.sum += amount;
        if self.recent.len() >= self.seconds {
            self.sum -= self.recent.pop_front().unwrap_or_default();
        }
        amount
    }
}

/// Somebody's own line, page and manners.
#[derive(Clone, Debug)]
struct Line {
    who: ParticipantId,
    sound_lost: Bursts,
    stills: Bursts,
    round_trip_ms: u32,
    jitter_buffer_ms: u32,
    lip_sync_ms: i32,
    /// When the page reports next, and how fast its clock is, in parts of a million.
    reports_at_us: i64,
    drift: i64,
    open: bool,
    enlarges: Option<ParticipantId>,
}

/// One sender at one receiver.
#[derive(Clone, Debug)]
struct Way {
    sound_lost: Bursts,
    concealed: Bursts,
    frozen: Bursts,
    unreported: (u32, u32),
    /// For how many seconds the receiver has shown the sender large, by choice or because of the floor.
    large_s: u32,
}

/// Packets of sound in a second.
const PACKETS: u32 = 50;
/// Samples of sound in a second.
const SAMPLES: u32 = 48_000;
/// A page's second.
const REPORT_EVERY_US: i64 = 1_000_000;
/// Seconds until a picture that is enlarged has become so.
const ENLARGES_S: u32 = 2;

/// The meeting.
pub(super) struct Meeting {
    dice: Dice,
    lines: Vec<Line>,
    ways: Vec<Way>,
    at_ms: i64,
    /// Who is a device of the chamber, with thirty people before its camera and an open microphone.
    chamber: Option<ParticipantId>,
    floor: ParticipantId,
    floor_s: u32,
    /// Whether the speaker speaks now, and whether they did.
    speaks: (bool, bool),
    /// Whether the chamber applauds, and did.
    applauds: (bool, bool),
}

impl Meeting {
    pub(super) fn new(seed: u64, people: u32, chamber: Option<ParticipantId>) -> Self {
        let mut dice = Dice::new(seed);
        let line = |number, dice: &mut Dice| Line {
            who: id(number),
            // 2.5 % of three seconds' packets.
            sound_lost: Bursts::new(3, 3 * PACKETS / 40, 5),
            stills: Bursts::new(10, 250, 30),
            round_trip_ms: dice.between(20, 80),
            jitter_buffer_ms: dice.between(20, 60),
            lip_sync_ms: dice.between(0, 24).cast_signed() - 12,
            reports_at_us: i64::from(dice.between(0, 999_999)),
            drift: i64::from(dice.between(0, 1000)) - 500,
            open: false,
            enlarges: None,
        };
        let lines: Vec<Line> = (1..=people).map(|number| line(number, &mut dice)).collect();
        let way = Way {
            sound_lost: Bursts::new(3, 3 * PACKETS / 40, 6),
            // 1.5 % of three seconds' samples in any ten reports: the row may pool three seconds that are not adjacent.
            concealed: Bursts::new(10, 3 * SAMPLES * 3 / 200, 6),
            // 2.5 % of ten seconds.
            frozen: Bursts::new(10, 250, 40),
            unreported: (0, 0),
            large_s: 0,
        };
        Self {
            dice,
            ways: vec![way; lines.len() * lines.len()],
            lines,
            at_ms: 0,
            chamber,
            floor: id(1),
            floor_s: 0,
            speaks: (false, false),
            applauds: (false, false),
        }
    }

    /// The next second.
    pub(super) fn second(&mut self) -> Second {
        self.at_ms += 1000;
        self.live();
        let mut second = Second {
            at_ms: self.at_ms,
            present: self.lines.iter().map(|line| self.presence(line)).collect(),
            floor: Some(self.floor),
            ..Second::default()
        };
        for number in 0..self.lines.len() {
            let leg = self.leg(number);
            second.legs.push(leg);
            self.edges(number, &mut second.edges);
            self.reports(number, &mut second.reports);
        }
        second
    }

    /// People take turns, open and close microphones, enlarge each other.
    fn live(&mut self) {
        self.floor_s += 1;
        self.speaks = (!self.dice.one_in(6), self.speaks.0);
        let applauds = if self.applauds.0 {
            !self.dice.one_in(8)
        } else {
            self.dice.one_in(300)
        };
        self.applauds = (applauds, self.applauds.0);
        if self.floor_s > 20 && self.dice.one_in(60) {
            self.floor = id(self.dice.between(1, self.lines.len() as u32));
            self.floor_s = 0;
            self.speaks = (false, false);
        }
        let people = self.lines.len() as u32;
        for line in &mut self.lines {
            let dice = &mut self.dice;
            line.round_trip_ms = (line.round_trip_ms + dice.between(0, 10))
                .saturating_sub(5)
                .clamp(20, 80);
            line.jitter_buffer_ms = (line.jitter_buffer_ms + dice.between(0, 6))
                .saturating_sub(3)
                .clamp(20, 60);
            if dice.one_in(200) {
                line.open = !line.open;
            }
            if dice.one_in(120) {
                let whom = id(dice.between(1, people));
                line.enlarges = (whom != line.who && dice.one_in(2)).then_some(whom);
            }
        }
    }

    fn presence(&self, line: &Line) -> Presence {
        Presence {
            chamber: self.chamber == Some(line.who),
            microphone_open: self.is_open(line),
            enlarges: line.enlarges,
            ..Presence::person(line.who)
        }
    }

    fn is_open(&self, line: &Line) -> bool {
        line.open || self.floor == line.who || self.chamber == Some(line.who)
    }

    /// What a microphone picks up, in packets marked as voice and loudness: speech, applause, or murmur and silence.
    fn sound(&mut self, who: ParticipantId, open: bool) -> (u32, u8) {
        let dice = &mut self.dice;
        if self.chamber == Some(who) {
            return if self.applauds.0 {
                (dice.between(25, 50), dice.between(15, 30) as u8)
            } else {
                (dice.between(0, 30), dice.between(61, 80) as u8)
            };
        }
        match (self.floor == who && self.speaks.0, open) {
            (true, _) => (dice.between(20, 50), dice.between(20, 45) as u8),
            (false, true) => (dice.between(0, 20), dice.between(61, 90) as u8),
            (false, false) => (0, dice.between(70, 127) as u8),
        }
    }

    fn leg(&mut self, number: usize) -> LegMeasured {
        let (who, open) = (self.lines[number].who, self.is_open(&self.lines[number]));
        let (voiced, loudest) = self.sound(who, open);
        let (line, dice) = (&mut self.lines[number], &mut self.dice);
        let lost = line.sound_lost.draw(dice, 1);
        let still = line.stills.draw(dice, 150);
        LegMeasured {
            participant: who,
            connected: true,
            silent_ms: dice.between(1, 60),
            round_trip_ms: Some(line.round_trip_ms as f32),
            sound: Some(SoundMeasured {
                expected: PACKETS,
                lost,
                voiced,
                loudest,
            }),
            picture: Some(PictureMeasured {
                frames: dice.between(22, 26),
                since_last_frame_ms: still.max(dice.between(0, 60)),
                area: Some(1280 * 720),
            }),
            withheld: 0,
            undecodable: 0,
        }
    }

    fn edges(&mut self, receiver: usize, edges: &mut Vec<EdgeMeasured>) {
        let count = self.lines.len();
        for sender in (0..count).filter(|sender| *sender != receiver) {
            let open = self.is_open(&self.lines[sender]);
            let from = self.lines[sender].who;
            let large = self.floor == from || self.lines[receiver].enlarges == Some(from);
            let (way, dice) = (&mut self.ways[sender * count + receiver], &mut self.dice);
            way.large_s = if large { way.large_s + 1 } else { 0 };
            let sound_forwarded = if open { PACKETS } else { 0 };
            if open {
                way.unreported.0 += PACKETS;
                way.unreported.1 += way.sound_lost.draw(dice, 1);
            }
            // Some receiver reports get lost themselves.
            let acknowledged = !dice.one_in(20);
            let (sent, lost) = way.unreported;
            let tells = acknowledged && sent > 0;
            if tells {
                way.unreported = (0, 0);
            }
            edges.push(EdgeMeasured {
                sender: self.lines[sender].who,
                receiver: self.lines[receiver].who,
                sound_forwarded,
                sound_lost: tells.then(|| lost as f32 / sent as f32),
                picture_forwarded: 30,
                acknowledged,
                unseen: false,
            });
        }
    }

    fn reports(&mut self, receiver: usize, reports: &mut Vec<PageReport>) {
        while self.lines[receiver].reports_at_us <= self.at_ms * 1000 {
            let late_us = i64::from(self.dice.between(0, 80_000)) - 40_000;
            let line = &mut self.lines[receiver];
            // Late by itself, not later and later: only the drift adds up.
            let slot = line.reports_at_us.div_euclid(REPORT_EVERY_US) + 1;
            line.reports_at_us = slot * REPORT_EVERY_US + line.reports_at_us.rem_euclid(REPORT_EVERY_US) + line.drift;
            let phase_us = line.reports_at_us.rem_euclid(REPORT_EVERY_US);
            if phase_us > 100_000 && phase_us < 900_000 {
                line.reports_at_us += late_us / 20;
            }
            let (who, round_trip_ms) = (line.who, line.round_trip_ms + 5);
            let received = self.received(receiver);
            reports.push(PageReport {
                participant: who,
                camera: CameraState::On,
                covered_since_ms: None,
                microphone: MicrophoneState::On,
                dead_since_ms: None,
                round_trip_ms: Some(round_trip_ms as f32),
                received,
            });
        }
    }

    fn received(&mut self, receiver: usize) -> Vec<Received> {
        let count = self.lines.len();
        let mut received = Vec::with_capacity(count);
        for sender in (0..count).filter(|sender| *sender != receiver) {
            let (from, to) = (&self.lines[sender], &self.lines[receiver]);
            let is_chamber = self.chamber == Some(from.who);
            let large = is_chamber || self.ways[sender * count + receiver].large_s > ENLARGES_S;
            // A report is about up to a second earlier.
            let speaks = self.floor == from.who && (self.speaks.0 || self.speaks.1);
            let applauds = is_chamber && (self.applauds.0 || self.applauds.1);
            let open = self.is_open(from);
            let (lip_sync_ms, jitter_buffer_ms) = (from.lip_sync_ms, to.jitter_buffer_ms);
            let sender_id = from.who;
            let (way, dice) = (&mut self.ways[sender * count + receiver], &mut self.dice);
            let wobble_ms = dice.between(0, 20).cast_signed() - 10;
            received.push(Received {
                sender: sender_id,
                frames: if large {
                    dice.between(22, 26)
                } else {
                    dice.between(12, 16)
                },
                frozen_ms: way.frozen.draw(dice, 190),
                black: false,
                still: false,
                area: if large { 1280 * 720 } else { 320 * 180 },
                samples: SAMPLES,
                concealed: if speaks || applauds {
                    way.concealed.draw(dice, 1)
                } else {
                    0
                },
                played: speaks || applauds,
                jitter_buffer_ms: Some(jitter_buffer_ms as f32),
                lip_sync_ms: open.then(|| (lip_sync_ms + wobble_ms) as f32),
            });
        }
        received
    }
}
