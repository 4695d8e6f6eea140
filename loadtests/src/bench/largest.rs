//! The largest meeting of all to all that the relay carries on one core.

use super::figures::{Client, LatencyFigures};
use super::load::Load;
use super::{BenchError, Run, TAIL, run};
use serde::Serialize;
use std::fmt;
use std::time::Duration;

/// A meeting counts as carried below this loss.
const MAX_LOSS: f64 = 0.005;
/// And below this latency of all but one packet in a hundred.
const MAX_P99_MS: f64 = 50.0;
/// The search grows in these steps, and then looks between the last two.
const STEP: usize = 20;
/// So many take part at most: a place for each other one in an offer.
const MOST: usize = 128;

/// What the search found.
#[derive(Clone, Debug, Serialize)]
pub struct Largest {
    /// Participants of the largest meeting that was carried.
    pub largest: usize,
    /// What was in the way of a larger one.
    pub limited_by: Limit,
    /// Every meeting that was tried, in order.
    pub trials: Vec<Trial>,
}

/// What was in the way of a larger meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// The relay.
    Relay,
    /// The benchmark's own participants, on the other core: the relay may carry more.
    Participants,
    /// The benchmark has no more places.
    Places,
}

/// One meeting.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Trial {
    /// How many took part.
    pub participants: usize,
    /// Packets that reached a receiver, a second.
    pub forwarded_per_s: f64,
    /// Share of the packets that did not.
    pub loss: f64,
    /// From a participant's send call to the kernel's receive stamp at another.
    pub latency_ms: LatencyFigures,
    /// Share of its core that the relay used.
    pub relay_busy: f64,
    /// How the participants' side did.
    pub client: Client,
}

impl Trial {
    fn is_carried(&self) -> bool {
        self.loss < MAX_LOSS && self.latency_ms.p99 < MAX_P99_MS
    }
}

/// Searches upwards from the load's participants.
pub(super) fn largest(load: Load, seconds: u64) -> Result<Largest, BenchError> {
    let mut trials = Vec::new();
    let mut attempt = |participants: usize| -> Result<bool, BenchError> {
        let trial = hold(Load { participants, ..load }, seconds)?;
        trials.push(trial);
        Ok(trial.is_carried())
    };
    let largest = search(load.participants.min(MOST), &mut attempt)?;
    Ok(Largest {
        largest,
        limited_by: limit(largest, &trials),
        trials,
    })
}

/// The largest number that is carried: in steps upwards, then halving what is left. 0: not even `first`.
fn search<E>(first: usize, mut is_carried: impl FnMut(usize) -> Result<bool, E>) -> Result<usize, E> {
    let (mut carried, mut next) = (0, first);
    while is_carried(next)? {
        carried = next;
        if next == MOST {
            return Ok(carried);
        }
        next = (next + STEP).min(MOST);
    }
    let mut too_many = next;
    while carried > 0 && too_many - carried > 1 {
        let middle = usize::midpoint(carried, too_many);
        if is_carried(middle)? {
            carried = middle;
        } else {
            too_many = middle;
        }
    }
    Ok(carried)
}

fn limit(largest: usize, trials: &[Trial]) -> Limit {
    let refused = trials.iter().filter(|trial| trial.participants > largest);
    match refused.min_by_key(|trial| trial.participants) {
        None => Limit::Places,
        Some(trial) if trial.client.was_the_bottleneck => Limit::Participants,
        Some(_) => Limit::Relay,
    }
}

/// Holds one meeting.
fn hold(load: Load, seconds: u64) -> Result<Trial, BenchError> {
    let Run {
        mut window, relay_cpu, ..
    } = run(load)?.measure(Duration::from_secs(seconds), TAIL)?;
    Ok(Trial {
        participants: load.participants,
        forwarded_per_s: window.received as f64 / seconds as f64,
        loss: window.loss(),
        latency_ms: LatencyFigures::of(&mut window.latencies),
        relay_busy: relay_cpu.as_secs_f64() / seconds as f64,
        client: Client::of(&mut window),
    })
}

impl fmt::Display for Largest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "participants  packets/s   lost %   p50 ms   p99 ms  relay busy")?;
        for trial in &self.trials {
            writeln!(
                f,
                "{:>12} {:>10.0} {:>8.3} {:>8.2} {:>8.2} {:>10.0} %{}",
                trial.participants,
                trial.forwarded_per_s,
                trial.loss * 100.0,
                trial.latency_ms.p50,
                trial.latency_ms.p99,
                trial.relay_busy * 100.0,
                if trial.client.was_the_bottleneck {
                    "  (the participants could not keep up)"
                } else {
                    ""
                },
            )?;
        }
        let why = match self.limited_by {
            Limit::Relay => "more is too much for the relay",
            Limit::Participants => "more is too much for the benchmark's participants: the relay may carry more",
            Limit::Places => "the benchmark has no more places: the relay may carry more",
        };
        write!(f, "largest meeting: {} ({why})", self.largest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_search_ends_at_the_last_that_is_carried() {
        let up_to = |limit: usize| {
            let mut tried = Vec::new();
            let found = search(40, |participants| {
                tried.push(participants);
                Ok::<_, ()>(participants <= limit)
            });
            (found.unwrap(), tried)
        };
        assert_eq!(up_to(73).0, 73);
        assert_eq!(up_to(40).0, 40);
        assert_eq!(up_to(39), (0, vec![40]), "not even the first");
        assert_eq!(up_to(500), (MOST, vec![40, 60, 80, 100, 120, 128]));
        assert!(up_to(99).1.len() <= 10);
    }
}
