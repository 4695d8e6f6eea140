//! The meeting: people who take turns to speak, and the judge.

use super::page::{Page, participant};
use super::simulation::Simulation;
use super::simulation::network::Link;
use super::simulation::person::Publishes;
use lika::equal_terms::{Input, Judge, Level, Matrix, Presence, Profile, Second, Transition};
use lika_sfu::{Audience, Command, Event, Layer, PeerId, Priority};
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// How long each has the floor.
const TURN_SECONDS: u64 = 45;
/// Until everybody has come, every window is full, and the relay knows what each line carries.
const SETTLE_SECONDS: u64 = 30;
const FRAME_EVERY: Duration = Duration::from_millis(40);

/// Seconds in which somebody was amber, and red; an edge of the matrix counts too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) amber: u64,
    pub(super) red: u64,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} amber and {} red seconds", self.amber, self.red)
    }
}

pub(super) struct Council {
    simulation: Simulation,
    people: Vec<PeerId>,
    pages: BTreeMap<PeerId, Page>,
    judge: Judge,
    speaker: PeerId,
    at_ms: i64,
    /// Seconds that have been judged since everything had settled.
    pub(super) judged: u64,
    /// Every edge that was amber or red, by the second.
    pub(super) bad_edges: Vec<String>,
    /// Every change of an alert, and whom it is about.
    pub(super) transitions: Vec<(Transition, Option<u32>)>,
}

impl Council {
    /// Everybody is there, each on such a line.
    pub(super) fn convened(people: u64, line: Link) -> Self {
        let mut simulation = Simulation::new(1);
        let publishes = Publishes {
            red: true,
            ..Publishes::ALL
        };
        let slots = usize::try_from(people - 1).expect("a small number");
        let people: Vec<PeerId> = (1..=people).map(PeerId).collect();
        for who in &people {
            simulation.join(who.0, slots, publishes, Audience::LISTENING);
            simulation.link(*who, line, line);
            let person = simulation.person(*who);
            (person.obeys, person.frame_every) = (true, FRAME_EVERY);
        }
        let profile = Profile::likvardig().expect("the profile as shipped");
        let mut council = Self {
            simulation,
            pages: people.iter().map(|who| (*who, Page::default())).collect(),
            speaker: people[0],
            people,
            judge: Judge::new(profile),
            at_ms: 0,
            judged: 0,
            bad_edges: Vec::new(),
            transitions: Vec::new(),
        };
        council.give_floor(council.speaker);
        for _ in 0..SETTLE_SECONDS {
            let second = council.second();
            council.judge.take(&Input::Second(second));
        }
        council
    }

    /// Somebody's line becomes another.
    pub(super) fn line(&mut self, who: u64, up: Link, down: Link) {
        self.simulation.link(PeerId(who), up, down);
    }

    /// Lets so many seconds pass.
    pub(super) fn pass(&mut self, seconds: u64) -> Found {
        let mut found = Found::default();
        for _ in 0..seconds {
            if self.judged.is_multiple_of(TURN_SECONDS) {
                let turn = (self.judged / TURN_SECONDS) as usize;
                self.give_floor(self.people[turn % self.people.len()]);
            }
            let second = self.second();
            let judged = self.judge.take(&Input::Second(second));
            let verdict = judged.verdict().expect("a second has a verdict");
            let edges = bad_edges(&verdict.matrix);
            let levels = || {
                verdict
                    .participants
                    .iter()
                    .flat_map(|one| &one.directions)
                    .map(|one| one.level)
            };
            found.amber +=
                u64::from(edges.iter().any(|edge| edge.ends_with('a')) || levels().any(|level| level == Level::Amber));
            found.red +=
                u64::from(edges.iter().any(|edge| edge.ends_with('r')) || levels().any(|level| level == Level::Red));
            let transitions = verdict.transitions.iter().map(|one| (*one, about(one)));
            self.transitions.extend(transitions);
            let second = self.judged;
            self.bad_edges
                .extend(edges.into_iter().map(|edge| format!("second {second}: {edge}")));
            self.judged += 1;
        }
        found
    }

    /// As the conference orders it: the speaker's microphone is open, and everybody shows them large.
    fn give_floor(&mut self, who: PeerId) {
        let before = std::mem::replace(&mut self.speaker, who);
        for (peer, audience) in [(before, Audience::LISTENING), (who, Audience::SPEAKING)] {
            self.simulation.command(Command::SetAudience { peer, audience });
        }
        for receiver in self.people.clone() {
            for (source, layer, priority) in [
                (before, Layer::Low, Priority::Rest),
                (who, Layer::Mid, Priority::Speaker),
            ] {
                if receiver != source {
                    self.simulation.command(Command::SelectLayer {
                        receiver,
                        source,
                        layer,
                        priority,
                    });
                }
            }
        }
    }

    /// The next second, as the relay and the pages tell it.
    fn second(&mut self) -> Second {
        self.simulation.events.clear();
        self.simulation.run(Duration::from_secs(1));
        self.at_ms += 1000;
        let mut second = Second {
            at_ms: self.at_ms,
            floor: Some(participant(self.speaker)),
            ..Second::default()
        };
        second.present = self
            .people
            .iter()
            .map(|who| Presence {
                microphone_open: *who == self.speaker,
                ..Presence::person(participant(*who))
            })
            .collect();
        for event in &self.simulation.events {
            if let Event::Sample(sample) = event {
                second.add_sample(sample, |peer| Some(participant(peer)));
            }
        }
        for (who, page) in &mut self.pages {
            let person = self.simulation.person(*who);
            second
                .reports
                .push(page.report(person, *who, &self.people, self.speaker));
        }
        second
    }
}

/// Each with its level: `sound 3 to 7: a`.
fn bad_edges(matrix: &Matrix) -> Vec<String> {
    let mut bad = Vec::new();
    for (what, rows) in [("sound", &matrix.sound), ("picture", &matrix.picture)] {
        for (from, row) in matrix.people.iter().zip(rows) {
            let edges = matrix.people.iter().zip(row.chars());
            let found = edges.filter(|(_, level)| matches!(level, 'a' | 'r'));
            bad.extend(found.map(|(to, level)| format!("{what} {} to {}: {level}", from.0, to.0)));
        }
    }
    bad
}

fn about(transition: &Transition) -> Option<u32> {
    let (Transition::Raised { alert }
    | Transition::Changed { alert, .. }
    | Transition::Unstable { alert }
    | Transition::Cleared { alert }) = transition;
    alert.key.about.map(|about| about.0)
}
