//! What speaks against approving a test. Only what was measured, from beginning to end, can be approved. Pure.

use super::findings::Findings;
use super::hindrance::departure;
use super::session::Held;
use super::tally::{Unmeasured, Worst};
use super::words;
use crate::language::Language;
use lika::equal_terms::Level;
use serde::Serialize;

/// The chair's page must have heard of this share of the seconds.
const HEARD_SHARE: f64 = 0.95;
/// The first and the last second are cut by the beginning and the end.
const EDGES_S: f64 = 2.0;

/// One of them; in the order in which they are told.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "objection", rename_all = "snake_case")]
pub enum Objection {
    /// The meeting did not get going.
    NotBegun {
        /// Why, for people.
        reason: String,
    },
    /// A machine that ran delegates went away.
    MachineLost {
        /// Which.
        machine: String,
        /// Why.
        reason: String,
    },
    /// A delegate went away without being asked.
    DroppedOut {
        /// Which, from 1.
        number: usize,
        /// Why.
        reason: String,
    },
    /// An alert about the server or its network was red.
    ServerRed {
        /// For how long.
        seconds: u32,
    },
    /// Participants were red.
    Red {
        /// How many.
        participants: usize,
    },
    /// It was ended before its time.
    Interrupted,
    /// The chair's page did not hear of every second.
    NotHeard {
        /// Seconds it heard of.
        heard: usize,
        /// Seconds that passed.
        of: u64,
    },
    /// Something of the order of business did not happen.
    Hindered,
    /// Not everybody answered at the roll call, or nobody spoke.
    TooLittleDone {
        /// Answers at the roll call.
        answers: usize,
        /// Speeches.
        speeches: usize,
    },
    /// The meeting was not closed when its time was over.
    NotClosed,
    /// Too little is known of somebody.
    Unmeasured(Unmeasured),
}

impl Objection {
    /// Whether it is about how the meeting was for those in it. Otherwise it was not held as it should have been.
    pub(crate) const fn is_about_terms(&self) -> bool {
        matches!(
            self,
            Self::ServerRed { .. } | Self::Red { .. } | Self::NotHeard { .. } | Self::Unmeasured(_)
        )
    }
}

/// All that speaks against a test of `people`.
pub(super) fn objections(held: &Held, people: usize) -> Vec<Objection> {
    if let Some(reason) = &held.stuck {
        let reason = reason.clone();
        return vec![Objection::NotBegun { reason }];
    }
    let mut found = Vec::new();
    found.extend(
        held.machines_lost
            .iter()
            .map(|(machine, reason)| Objection::MachineLost {
                machine: machine.clone(),
                reason: reason.clone(),
            }),
    );
    found.extend(held.gone.iter().map(|(number, reason)| Objection::DroppedOut {
        number: *number,
        reason: reason.clone(),
    }));
    let tally = &held.tally;
    if tally.relay_red > 0 {
        let seconds = tally.relay_red;
        found.push(Objection::ServerRed { seconds });
    }
    if tally.red() > 0 {
        let participants = tally.red();
        found.push(Objection::Red { participants });
    }
    if held.interrupted {
        found.push(Objection::Interrupted);
    } else {
        found.extend(unfinished(held, people));
    }
    let begun_anew = held.done.presence_checks + held.done.returns;
    found.extend(tally.unmeasured(begun_anew).into_iter().map(Objection::Unmeasured));
    found
}

/// What speaks against a test that had its time.
fn unfinished(held: &Held, people: usize) -> Vec<Objection> {
    let mut found = Vec::new();
    let (heard, passed) = (held.tally.heard(), held.counted_for.as_secs_f64());
    if heard == 0 || heard as f64 + EDGES_S < HEARD_SHARE * passed {
        let of = held.counted_for.as_secs();
        found.push(Objection::NotHeard { heard, of });
    }
    let done = &held.done;
    if !done.hindered.is_empty() {
        found.push(Objection::Hindered);
    } else if done.answers < people || done.speeches == 0 {
        let (answers, speeches) = (done.answers, done.speeches);
        found.push(Objection::TooLittleDone { answers, speeches });
    }
    if !held.closed {
        found.push(Objection::NotClosed);
    }
    found
}

/// The first of them in a sentence, without its full stop.
pub(super) fn told(language: Language, findings: &Findings, objection: &Objection) -> String {
    let of = |swedish, english| language.of(swedish, english);
    match objection {
        Objection::NotBegun { reason } => reason.trim_end_matches('.').to_owned(),
        Objection::MachineLost { machine, reason } => {
            let lost = of("lastmaskinen föll bort", "the load machine dropped out");
            format!("{lost}: {machine}, {reason}")
        }
        Objection::DroppedOut { number, reason } => {
            let who = words::who(language, *number);
            format!(
                "{who} {}: {}",
                of("föll bort", "dropped out"),
                departure(language, reason)
            )
        }
        Objection::ServerRed { seconds } => {
            let stood = of(
                "larm om servern eller dess nät",
                "an alarm about the server or its network stood",
            );
            format!("{stood} ({seconds} s)")
        }
        Objection::Red { participants } => red(language, findings.worst.as_ref(), *participants),
        Objection::Interrupted => {
            let ended = of("avbrutet i förtid", "ended before its time");
            format!("{ended} ({})", words::measured(language, findings))
        }
        Objection::NotHeard { heard: 0, .. } => of("inget hann mätas", "nothing was measured").to_owned(),
        Objection::NotHeard { heard, of } => match language {
            Language::Sv => format!("bara {heard} av {of} s kunde mätas"),
            Language::En => format!("only {heard} of {of} s could be measured"),
        },
        Objection::Hindered => {
            let hindered = of("ärendegången hindrades", "the order of business was hindered");
            let told = findings.procedure.hindered.iter().map(|one| one.told(language));
            format!("{hindered}: {}", told.collect::<Vec<_>>().join(", "))
        }
        Objection::TooLittleDone { answers, speeches } => match language {
            Language::Sv => format!(
                "sammanträdet hann för lite: {answers} av {} svarade vid uppropet, anföranden {speeches}",
                findings.delegates
            ),
            Language::En => format!(
                "too little was done: {answers} of {} answered at the roll call, speeches {speeches}",
                findings.delegates
            ),
        },
        Objection::NotClosed => of(
            "sammanträdet kunde inte avslutas i tid",
            "the meeting could not be closed in time",
        )
        .to_owned(),
        Objection::Unmeasured(one) => unmeasured(language, one),
    }
}

fn red(language: Language, worst: Option<&Worst>, participants: usize) -> String {
    let worst = worst.filter(|worst| worst.level == Level::Red);
    let worst = worst.map_or_else(String::new, |worst| words::worst(language, worst));
    if participants < 2 {
        return worst;
    }
    let others = participants - 1;
    match language {
        Language::Sv => format!("{worst} och ytterligare {others} deltagare med rött"),
        Language::En => format!("{worst} and {others} more with red"),
    }
}

fn unmeasured(language: Language, one: &Unmeasured) -> String {
    let who = words::who(language, one.number);
    let direction = words::direction(language, one.direction);
    let share = language.percent(one.share);
    match language {
        Language::Sv => format!(
            "{who}, {direction}, kunde inte mätas {share} av tiden (som mest {} s i rad)",
            one.longest_s
        ),
        Language::En => format!(
            "{who}, {direction}, could not be measured for {share} of the time (at most {} s in a row)",
            one.longest_s
        ),
    }
}
