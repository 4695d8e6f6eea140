//! Alerts: raised at once, cleared slowly, and called unstable when they keep turning red.

use super::rows::ROWS;
use super::{AlertTimes, Cause, Direction, Level};
use crate::meeting::{Observation, ParticipantId, Reading, Subject};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The shortest time between two tellings of an alert whose level and cause stay: a figure moves every second, which the
/// page sees in the quality messages.
pub(super) const RETOLD_MS: i64 = 5_000;

/// What an alert is about: there is at most one at a time for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AlertKey {
    /// About whom; `None`: the relay or its network.
    pub about: Option<ParticipantId>,
    /// Which direction.
    pub direction: Direction,
}

/// What is bad.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// About whom and which direction.
    pub key: AlertKey,
    /// Amber or red.
    pub level: Level,
    /// The row that tipped it.
    pub cause: Cause,
    /// Its figure, in the cause's unit.
    pub figure: f64,
    /// How many others are affected.
    pub affected: u32,
    /// When it began, milliseconds since 1970-01-01 UTC; before the alert, for rows that measure how long something
    /// has lasted.
    pub since_ms: i64,
    /// Since when nothing has come from them, milliseconds since 1970-01-01 UTC; `None`: something comes, also while the
    /// alert about a lost link still stands, or it is about something else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gone_since_ms: Option<i64>,
}

/// A change, for the meeting to journal and to show.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "transition", rename_all = "snake_case")]
pub enum Transition {
    /// There was none about this.
    Raised {
        /// As it is.
        alert: Alert,
    },
    /// Its level is another, or the cause that explains it; or its figure and the number of those affected have moved
    /// much; or the link is back, or gone again.
    Changed {
        /// As it is now; `since_ms` stays.
        alert: Alert,
        /// What it was put down to before.
        before: Cause,
    },
    /// It turned red so often that the profile calls it unstable. The meeting keeps it until acknowledged.
    Unstable {
        /// As it is.
        alert: Alert,
    },
    /// It is over.
    Cleared {
        /// As it was.
        alert: Alert,
    },
}

impl Transition {
    /// The same in the words of the meeting, where another cause is another alert.
    #[must_use]
    pub fn observations(&self) -> Vec<Observation> {
        match self {
            Self::Raised { alert } => vec![alert.observation()],
            Self::Changed { alert, before } if *before == alert.cause => vec![alert.observation()],
            Self::Changed { alert, before } => {
                let before = Observation::AlertOver {
                    subject: alert.subject(*before),
                };
                vec![alert.observation(), before]
            }
            Self::Unstable { alert } => vec![Observation::AlertUnstable {
                subject: alert.subject(alert.cause),
            }],
            Self::Cleared { alert } => vec![Observation::AlertOver {
                subject: alert.subject(alert.cause),
            }],
        }
    }
}

impl Alert {
    fn subject(&self, cause: Cause) -> Subject {
        Subject {
            about: self.key.about,
            direction: self.key.direction,
            cause,
        }
    }

    /// Whether the figure or the number of those affected is another by more than a fifth.
    fn differs_much_from(&self, told: &Self) -> bool {
        let much = |now: f64, then: f64| (now - then).abs() > now.abs().max(then.abs()) / 5.0;
        much(self.figure, told.figure) || much(f64::from(self.affected), f64::from(told.affected))
    }

    fn observation(&self) -> Observation {
        let reading = Reading {
            level: self.level,
            figure: Some(self.figure),
            affected: self.affected,
            gone_since_ms: self.gone_since_ms,
        };
        Observation::Alert {
            subject: self.subject(self.cause),
            reading,
        }
    }
}

/// What a second says of the alerts.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// What is bad.
    pub(super) bad: BTreeMap<AlertKey, Alert>,
    /// What cannot be judged: nothing about it clears.
    pub(super) unknown: BTreeSet<AlertKey>,
    /// Whose rows are suspended: nothing about them is raised or worsened.
    pub(super) suspended: BTreeSet<ParticipantId>,
    /// Who is judged at all: alerts about others are over.
    pub(super) present: BTreeSet<ParticipantId>,
    /// From whom nothing comes just now, for so long that it is red, and since when.
    pub(super) gone: BTreeMap<ParticipantId, i64>,
}

impl Findings {
    /// What is bad about the relay.
    pub(super) fn relay(&self) -> impl Iterator<Item = &Alert> {
        self.bad.values().filter(|found| found.key.about.is_none())
    }

    fn gone_since(&self, key: AlertKey, cause: Cause) -> Option<i64> {
        let about = key.about.filter(|_| cause == Cause::LinkLost)?;
        self.gone.get(&about).copied()
    }

    fn is_suspended(&self, key: AlertKey) -> bool {
        match key.about {
            Some(about) => self.suspended.contains(&about),
            None => self.suspended == self.present,
        }
    }
}

/// The standing alerts and the latest reds: at most one for each direction of everyone present.
#[derive(Clone, Debug)]
pub(super) struct Alerts {
    times: AlertTimes,
    standing: BTreeMap<AlertKey, Standing>,
    /// When each turned red, newest last; no more than decide about instability.
    reds: BTreeMap<AlertKey, VecDeque<i64>>,
}

#[derive(Clone, Debug)]
struct Standing {
    /// As last told.
    alert: Alert,
    /// The last second that was not good.
    bad_ms: i64,
    /// The last second that was red.
    red_ms: i64,
    /// The last second that had the alert's cause.
    cause_ms: i64,
    told_ms: i64,
}

impl Standing {
    fn new(alert: Alert, at_ms: i64) -> Self {
        Self {
            alert,
            bad_ms: at_ms,
            red_ms: at_ms,
            cause_ms: at_ms,
            told_ms: at_ms,
        }
    }

    fn note(&mut self, at_ms: i64, found: &Alert) {
        self.bad_ms = at_ms;
        if found.level == Level::Red {
            self.red_ms = at_ms;
        }
        if found.cause == self.alert.cause {
            self.cause_ms = at_ms;
        }
    }
}

impl Alerts {
    pub(super) fn new(times: AlertTimes) -> Self {
        Self {
            times,
            standing: BTreeMap::new(),
            reds: BTreeMap::new(),
        }
    }

    pub(super) fn step(&mut self, at_ms: i64, findings: &Findings) -> Vec<Transition> {
        let mut transitions = Vec::new();
        for found in findings.bad.values() {
            let quiet = findings.is_suspended(found.key);
            let gone_since_ms = findings.gone_since(found.key, found.cause);
            let found = Alert {
                gone_since_ms,
                ..*found
            };
            self.meet(at_ms, found, quiet, &mut transitions);
        }
        self.follow_links(findings, &mut transitions);
        for key in &findings.unknown {
            if let Some(standing) = self.standing.get_mut(key) {
                standing.bad_ms = at_ms;
            }
        }
        self.clear(at_ms, &findings.present, &mut transitions);
        self.reds
            .retain(|key, _| key.about.is_none_or(|about| findings.present.contains(&about)));
        transitions
    }

    /// What is found about these people is over, and about the relay: it is checked that everybody is seen and heard. How
    /// often they turned red is remembered: an unstable line is not made stable by a check in between.
    pub(super) fn confirm(&mut self, confirmed: &BTreeSet<ParticipantId>) -> Vec<Transition> {
        let is_over = |key: &AlertKey| key.about.is_none_or(|about| confirmed.contains(&about));
        let over = self.standing.extract_if(.., |key, _| is_over(key));
        over.map(|(_, standing)| Transition::Cleared { alert: standing.alert })
            .collect()
    }

    /// A bad second. `quiet`: nothing is raised or worsened by it, but it keeps what stands from clearing.
    fn meet(&mut self, at_ms: i64, found: Alert, quiet: bool, transitions: &mut Vec<Transition>) {
        let Some(standing) = self.standing.get_mut(&found.key) else {
            if !quiet {
                self.standing.insert(found.key, Standing::new(found, at_ms));
                transitions.push(Transition::Raised { alert: found });
                self.count_red(at_ms, found, transitions);
            }
            return;
        };
        standing.note(at_ms, &found);
        let told = standing.alert;
        let over = |last_ms: i64| at_ms.saturating_sub(last_ms) >= clear_ms(self.times);
        let changes = match found.level.cmp(&told.level) {
            Ordering::Greater => !quiet,
            Ordering::Equal if quiet => false,
            Ordering::Equal if found.cause == told.cause => {
                let due = at_ms.saturating_sub(standing.told_ms) >= RETOLD_MS;
                due && found.differs_much_from(&told)
            }
            Ordering::Equal => explains_more(found.cause, told.cause) || over(standing.cause_ms),
            Ordering::Less => over(standing.red_ms),
        };
        if changes {
            let alert = Alert {
                since_ms: told.since_ms,
                ..found
            };
            *standing = Standing {
                alert,
                cause_ms: at_ms,
                told_ms: at_ms,
                ..standing.clone()
            };
            transitions.push(Transition::Changed {
                alert,
                before: told.cause,
            });
            if found.level > told.level {
                self.count_red(at_ms, alert, transitions);
            }
        }
    }

    /// An alert about a lost link stands for a while after the link is back; that it is back is told at once, and so is
    /// that it is gone again.
    fn follow_links(&mut self, findings: &Findings, transitions: &mut Vec<Transition>) {
        for (key, standing) in &mut self.standing {
            let alert = &mut standing.alert;
            let gone_since_ms = findings.gone_since(*key, alert.cause);
            let again = gone_since_ms.is_some() && findings.is_suspended(*key);
            if again || gone_since_ms.is_some() == alert.gone_since_ms.is_some() {
                continue;
            }
            alert.gone_since_ms = gone_since_ms;
            transitions.push(Transition::Changed {
                alert: *alert,
                before: alert.cause,
            });
        }
    }

    fn count_red(&mut self, at_ms: i64, alert: Alert, transitions: &mut Vec<Transition>) {
        if alert.level != Level::Red {
            return;
        }
        let reds = self.reds.entry(alert.key).or_default();
        reds.push_back(at_ms);
        let within_ms = i64::from(self.times.unstable_within_s) * 1000;
        reds.retain(|red| at_ms.saturating_sub(*red) < within_ms);
        if reds.len() >= self.times.unstable_reds as usize {
            reds.pop_front();
            transitions.push(Transition::Unstable { alert });
        }
    }

    fn clear(&mut self, at_ms: i64, present: &BTreeSet<ParticipantId>, transitions: &mut Vec<Transition>) {
        let clear_ms = clear_ms(self.times);
        self.standing.retain(|key, standing| {
            let gone = key.about.is_some_and(|about| !present.contains(&about));
            let over = gone || at_ms.saturating_sub(standing.bad_ms) >= clear_ms;
            if over {
                transitions.push(Transition::Cleared { alert: standing.alert });
            }
            !over
        });
    }
}

fn clear_ms(times: AlertTimes) -> i64 {
    i64::from(times.clear_s) * 1000
}

/// The order of [`ROWS`], which names the more telling cause first.
fn explains_more(found: Cause, told: Cause) -> bool {
    let rank = |cause| ROWS.iter().position(|row| row.cause == cause);
    rank(found) < rank(told)
}
