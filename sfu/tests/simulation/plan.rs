//! A meeting as a list of steps: what changes, how long it lasts, and what must hold meanwhile.

use super::Simulation;
use super::network::Link;
use lika_sfu::{Audience, Command, Event, Layer, PeerId};
use std::collections::BTreeMap;
use std::time::Duration;

/// The share of a line that its estimate must be at least, and at most, once it has settled.
const ESTIMATE: std::ops::RangeInclusive<f64> = 0.7..=1.1;
/// Of two with equal lines, the one with less gets at least this share of the other's.
const EVEN: f64 = 0.8;
/// Between two sound packets.
const SOUND_EVERY_MS: u128 = 20;

/// One step of a meeting.
#[derive(Clone, Debug)]
pub struct Step {
    pub changes: Vec<Change>,
    /// A change costs a moment: what is measured is what follows.
    pub settles: Duration,
    pub lasts: Duration,
    pub expects: Vec<Expectation>,
}

/// What becomes different.
#[derive(Clone, Copy, Debug)]
pub enum Change {
    /// Somebody's line, up and down.
    Line(PeerId, Link, Link),
    /// Somebody has the floor, and nobody else.
    Floor(PeerId),
    /// One looks at another in the largest picture.
    Enlarges(PeerId, PeerId),
    /// Somebody comes to another network: another address, the same line.
    Moves(PeerId),
}

/// What must hold while a step lasts.
#[derive(Clone, Copy, Debug)]
pub enum Expectation {
    /// At this receiver nobody's picture stands still longer.
    Moving(PeerId, Duration),
    /// At this receiver at most this share of the speaker's sound is missing, beyond what chance took on its line.
    Clear(PeerId, f64),
    /// The estimate of this receiver's line is 70 to 110 % of so many bits a second, as a mean.
    Estimated(PeerId, u64),
    /// These two get about equally much.
    Even(PeerId, PeerId),
    /// Nobody waits for room.
    NobodyWaits,
}

/// A meeting that follows a plan.
pub struct Planned {
    pub meeting: Simulation,
    /// Told with everything that does not hold.
    pub name: String,
    lines: BTreeMap<PeerId, (Link, Link)>,
    floor: Option<PeerId>,
    moves: u8,
}

/// What was so when a step's time began to count.
struct Before {
    sounds: BTreeMap<PeerId, usize>,
    sounds_lost: BTreeMap<PeerId, usize>,
    bytes: BTreeMap<PeerId, usize>,
    events: usize,
}

impl Planned {
    pub fn new(name: String, meeting: Simulation) -> Self {
        Self {
            meeting,
            name,
            lines: BTreeMap::new(),
            floor: None,
            moves: 0,
        }
    }

    pub fn run(&mut self, step: &Step) {
        step.changes.iter().for_each(|change| self.change(*change));
        self.meeting.run(step.settles);
        self.meeting.forget_gaps();
        let before = self.look();
        self.meeting.run(step.lasts);
        for expectation in &step.expects {
            self.check(step, &before, *expectation);
        }
    }

    fn change(&mut self, change: Change) {
        match change {
            Change::Line(who, up, down) => {
                self.lines.insert(who, (up, down));
                self.meeting.link(who, up, down);
            }
            Change::Floor(speaker) => {
                if let Some(before) = self.floor.replace(speaker) {
                    self.speak(before, Audience::LISTENING);
                }
                self.speak(speaker, Audience::SPEAKING);
            }
            Change::Enlarges(receiver, source) => self.meeting.select(receiver, source, Layer::High),
            Change::Moves(who) => {
                self.moves += 1;
                self.meeting
                    .move_to(who, &format!("203.0.113.{}:{}", self.moves, 30_000 + who.0));
                if let Some((up, down)) = self.lines.get(&who) {
                    self.meeting.link(who, *up, *down);
                }
            }
        }
    }

    fn speak(&mut self, peer: PeerId, audience: Audience) {
        self.meeting.command(Command::SetAudience { peer, audience });
    }

    fn sounds(&self, at: PeerId) -> usize {
        let person = &self.meeting.people[&at];
        self.floor.map_or(0, |speaker| person.sounds_of(speaker))
    }

    fn sounds_lost(&self, at: PeerId) -> usize {
        self.meeting.network.sounds_lost(self.meeting.people[&at].address)
    }

    fn look(&self) -> Before {
        let people = self.meeting.people.keys().copied();
        Before {
            sounds: people.clone().map(|who| (who, self.sounds(who))).collect(),
            sounds_lost: people.clone().map(|who| (who, self.sounds_lost(who))).collect(),
            bytes: people.map(|who| (who, self.meeting.people[&who].bytes())).collect(),
            events: self.meeting.events.len(),
        }
    }

    fn check(&self, step: &Step, before: &Before, expectation: Expectation) {
        let name = &self.name;
        match expectation {
            Expectation::Moving(at, longest) => {
                let person = &self.meeting.people[&at];
                for source in self.meeting.people.keys().filter(|source| **source != at) {
                    let gap = person.longest_gap(self.meeting.now, *source);
                    assert!(gap <= longest, "{name}: at {at}, {source} stood still for {gap:?}");
                }
            }
            Expectation::Clear(at, most) => {
                let sent = step.lasts.as_millis() / SOUND_EVERY_MS;
                let heard = self.sounds(at) - before.sounds[&at];
                let heard = heard + self.sounds_lost(at) - before.sounds_lost[&at];
                let lost = 1.0 - heard as f64 / sent as f64;
                assert!(lost <= most, "{name}: at {at}, {:.1} % of the sound lost", lost * 100.0);
            }
            Expectation::Estimated(at, bps) => {
                let share = self.estimate(before, at) / bps as f64;
                assert!(
                    ESTIMATE.contains(&share),
                    "{name}: the line of {at} is taken for {share:.2} of it"
                );
            }
            Expectation::Even(one, other) => {
                let [one_got, other_got] = [one, other].map(|who| {
                    let bytes = self.meeting.people[&who].bytes() - before.bytes[&who];
                    bytes as f64
                });
                let share = one_got.min(other_got) / one_got.max(other_got);
                assert!(
                    share >= EVEN,
                    "{name}: {one} got {one_got}, {other} got {other_got} bytes"
                );
            }
            Expectation::NobodyWaits => {
                let waits = self.meeting.sample().edges.iter().find(|edge| edge.waits_for_room);
                assert!(waits.is_none(), "{name}: {waits:?}");
            }
        }
    }

    /// The mean over the samples of a step.
    fn estimate(&self, before: &Before, at: PeerId) -> f64 {
        let samples = self.meeting.events[before.events..].iter();
        let estimates: Vec<f64> = samples
            .filter_map(|event| match event {
                Event::Sample(sample) => sample.legs.iter().find(|leg| leg.peer == at)?.downlink_bps,
                _ => None,
            })
            .map(|bps| bps as f64)
            .collect();
        assert!(!estimates.is_empty(), "{}: no estimate of the line of {at}", self.name);
        estimates.iter().sum::<f64>() / estimates.len() as f64
    }
}
