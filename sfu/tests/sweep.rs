//! Meetings over lines that change at random, one for each seed: what must hold whatever happens. `make sim SEEDS=200`.

// A module of the test binary: nothing outside reaches it.
#[allow(unreachable_pub, dead_code, clippy::unwrap_used, clippy::expect_used)]
mod simulation;

use lika_sfu::{Audience, Command, Layer, PeerId};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use simulation::Simulation;
use simulation::network::{Bursts, Link};
use simulation::person::Publishes;
use std::collections::BTreeSet;
use std::time::Duration;

const PEOPLE: u64 = 6;
const STEPS: usize = 5;
/// Seeds when none are asked for: enough to notice what is broken always.
const FEW_SEEDS: u64 = 4;

/// A line, and what must hold on it.
#[derive(Clone, Copy, Debug)]
struct Condition {
    name: &'static str,
    up: Link,
    down: Link,
    /// The longest that any picture may stand still for whoever has this line.
    longest_gap: Duration,
    /// The share of the speaker's sound that may be missing.
    sound_lost: f64,
}

/// One step of a meeting: whose line becomes what, who speaks, whom somebody enlarges.
#[derive(Clone, Debug)]
struct Step {
    lines: Vec<(PeerId, Condition)>,
    speaker: PeerId,
    enlarges: (PeerId, PeerId),
    lasts: Duration,
}

fn conditions() -> Vec<Condition> {
    let both = |name, link, gap_ms, sound_lost| Condition {
        name,
        up: Link::GOOD,
        down: link,
        longest_gap: Duration::from_millis(gap_ms),
        sound_lost,
    };
    let bursts = Bursts {
        enter: 0.01,
        leave: 0.3,
    };
    vec![
        both("good", Link::GOOD, 300, 0.0),
        both("two percent lost", Link::losing(0.02), 600, 0.05),
        both("five percent lost", Link::losing(0.05), 800, 0.09),
        both(
            "bursts",
            Link {
                bursts: Some(bursts),
                ..Link::GOOD
            },
            800,
            0.10,
        ),
        both(
            "uneven",
            Link {
                jitter: Duration::from_millis(40),
                duplicate: 0.02,
                ..Link::GOOD
            },
            400,
            0.0,
        ),
        both("wide enough for all small ones", Link::of_rate(700_000), 1500, 0.03),
    ]
}

/// The plan of a seed.
fn plan(seed: u64) -> Vec<Step> {
    let mut random = StdRng::seed_from_u64(seed);
    let conditions = conditions();
    let mut anyone = move || PeerId(random.random_range(1..=PEOPLE));
    let mut chance = StdRng::seed_from_u64(seed ^ 0x5eed);
    (0..STEPS)
        .map(|_| Step {
            lines: (0..2)
                .map(|_| (anyone(), conditions[chance.random_range(0..conditions.len())]))
                .collect(),
            speaker: anyone(),
            enlarges: (anyone(), anyone()),
            lasts: Duration::from_millis(chance.random_range(3000..6000)),
        })
        .collect()
}

/// A meeting under way, with what each line is and who has ever been allowed to speak.
struct Sweep {
    seed: u64,
    meeting: Simulation,
    people: Vec<PeerId>,
    lines: Vec<Condition>,
    spoke: BTreeSet<PeerId>,
    speaker: Option<PeerId>,
}

impl Sweep {
    fn new(seed: u64) -> Self {
        let mut meeting = Simulation::new(seed);
        let people: Vec<PeerId> = (1..=PEOPLE)
            .map(|id| meeting.join(id, PEOPLE as usize, Publishes::ALL, Audience::LISTENING))
            .collect();
        let all = people.clone();
        meeting.run_until("everyone sees everyone", Duration::from_secs(2), |m| {
            m.all_see_all(&all, 3)
        });
        Self {
            seed,
            meeting,
            lines: vec![conditions()[0]; people.len()],
            people,
            spoke: BTreeSet::new(),
            speaker: None,
        }
    }

    fn take(&mut self, step: &Step) {
        for (who, condition) in &step.lines {
            self.lines[who.0 as usize - 1] = *condition;
            self.meeting.link(*who, condition.up, condition.down);
        }
        if let Some(before) = self.speaker.replace(step.speaker) {
            self.speak(before, Audience::LISTENING);
        }
        self.speak(step.speaker, Audience::SPEAKING);
        self.spoke.insert(step.speaker);
        let (receiver, source) = step.enlarges;
        if receiver != source {
            self.meeting.select(receiver, source, Layer::High);
        }
        // A change costs a moment: what is measured is what follows.
        self.meeting.run(Duration::from_secs(2));
        let people = self.people.clone();
        people.iter().for_each(|who| self.meeting.person(*who).forget_gaps());
        let heard: Vec<usize> = people.iter().map(|who| self.heard(*who, step.speaker)).collect();
        self.meeting.run(step.lasts);
        self.check(step, &heard);
    }

    fn speak(&mut self, peer: PeerId, audience: Audience) {
        self.meeting.command(Command::SetAudience { peer, audience });
    }

    fn heard(&self, who: PeerId, speaker: PeerId) -> usize {
        self.meeting.people[&who].sounds_of(speaker)
    }

    fn check(&self, step: &Step, heard_before: &[usize]) {
        let sent = step.lasts.as_millis() as f64 / 20.0;
        for (n, receiver) in self.people.iter().enumerate() {
            let line = self.lines[n];
            let at = format!("seed {}, {receiver} on a line that is {}", self.seed, line.name);
            for source in self.people.iter().filter(|source| *source != receiver) {
                let gap = self.meeting.people[receiver].frames[&source.0].longest_gap;
                assert!(gap <= line.longest_gap, "{at}: {source} stood still for {gap:?}");
                let heard = self.heard(*receiver, *source);
                assert!(
                    heard == 0 || self.spoke.contains(source),
                    "{at}: heard the closed microphone of {source}"
                );
            }
            if *receiver != step.speaker {
                let heard = (self.heard(*receiver, step.speaker) - heard_before[n]) as f64;
                let lost = 1.0 - heard / sent;
                assert!(
                    lost <= line.sound_lost + 0.02,
                    "{at}: {:.1} % of the sound lost",
                    lost * 100.0
                );
            }
        }
    }

    /// When all lines are good again, nobody waits and everybody moves.
    fn ends_well(&mut self) {
        for who in self.people.clone() {
            self.meeting.link(who, Link::GOOD, Link::GOOD);
        }
        let well = |m: &Simulation| {
            let edges = &m.sample().edges;
            edges
                .iter()
                .all(|edge| !edge.waits_for_room && edge.picture_frames >= 14)
        };
        let what = format!("seed {}: everybody moves once all lines are good", self.seed);
        self.meeting.run_until(&what, Duration::from_secs(15), well);
        assert_eq!(self.meeting.relay.counters().not_sealed, 0, "seed {}", self.seed);
    }
}

#[test]
fn whatever_the_lines_do() {
    let seeds = std::env::var("SEEDS").ok().and_then(|seeds| seeds.parse().ok());
    for seed in 1..=seeds.unwrap_or(FEW_SEEDS) {
        let mut sweep = Sweep::new(seed);
        plan(seed).iter().for_each(|step| sweep.take(step));
        sweep.ends_well();
    }
}
