//! Alerts (larm): measured, or reported by a participant; who is shown which, and when they end.

use super::{Event, Meeting, Participant, ParticipantId, Role};
use crate::equal_terms::{Cause, Direction, Level};
use crate::protocol::Refusal;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The largest figure journaled; no unit of the profile comes near it.
const MAX_FIGURE: f64 = 1e9;

/// An alert of one meeting, numbered from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(transparent)]
pub struct AlertId(pub u32);

/// What an alert is about. There is at most one open alert of each subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// About whom; `None`: the relay or its network.
    pub about: Option<ParticipantId>,
    /// Which direction.
    pub direction: Direction,
    /// What was found.
    pub cause: Cause,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// Amber or red.
    pub level: Level,
    /// The figure that tipped it, in the cause's unit (percent, frames/s, ms, s).
    pub figure: Option<f64>,
    /// How many others are affected.
    pub affected: u32,
    /// Since when nothing comes from them, in milliseconds since 1970-01-01 UTC. `None`: something comes, also while the
    /// alert about a lost link still stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gone_since_ms: Option<i64>,
}

/// An alert that is not over.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Alert {
    /// Its number.
    pub id: AlertId,
    /// What it is about.
    pub subject: Subject,
    /// How bad it is, as last journaled.
    pub reading: Reading,
    /// Since when, in milliseconds since 1970-01-01 UTC.
    pub since_ms: i64,
    /// Chair or secretary has seen it as it is: not once it has become red, or unstable, since.
    pub acknowledged: bool,
    /// Three reds in five minutes: stays until acknowledged.
    pub unstable: bool,
    /// Unstable, and what it says no longer holds.
    pub settled: bool,
}

/// The alerts that are not over, oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Alerts {
    open: Vec<Alert>,
    raised: u32,
}

/// Whether the alert is shown to this participant: amber is for the secretary's screen alone; red goes to chair,
/// acting chair, secretary and the person concerned, and to nobody else.
#[must_use]
pub fn is_shown_to(meeting: &Meeting, viewer: &Participant, alert: &Alert) -> bool {
    let red = alert.reading.level == Level::Red;
    meeting.is_inside(viewer.id())
        && match viewer.role() {
            Role::Secretary => true,
            Role::Chair => red,
            _ => red && (meeting.acting_chair == Some(viewer.id()) || alert.subject.about == Some(viewer.id())),
        }
}

/// What a verdict found. Less than amber is nothing found.
pub(super) fn found(meeting: &Meeting, subject: Subject, reading: Reading, now_ms: i64) -> Result<Vec<Event>, Refusal> {
    if let Some(whom) = subject.about {
        meeting.roster.find(whom).ok_or(Refusal::NoSuchParticipant)?;
    }
    if !matches!(reading.level, Level::Amber | Level::Red) {
        return Ok(over(meeting, subject));
    }
    let reading = Reading {
        figure: reading.figure.and_then(journaled_figure),
        ..reading
    };
    Ok(match meeting.alerts.about(subject) {
        None => vec![meeting.alerts.raise(subject, reading, now_ms)],
        Some(alert) if alert.settled || alert.reading != reading => {
            vec![Event::AlertChanged {
                alert: alert.id,
                reading,
                at_ms: now_ms,
            }]
        }
        Some(_) => Vec::new(),
    })
}

pub(super) fn unstable(meeting: &Meeting, subject: Subject) -> Vec<Event> {
    let alert = meeting.alerts.about(subject).filter(|alert| !alert.unstable);
    alert
        .map(|alert| Event::AlertUnstable { alert: alert.id })
        .into_iter()
        .collect()
}

/// A report ends with the chair's answer and not by itself; an unstable alert waits to be seen.
pub(super) fn over(meeting: &Meeting, subject: Subject) -> Vec<Event> {
    match meeting.alerts.about(subject) {
        Some(alert) if alert.subject.cause == Cause::Reported => Vec::new(),
        Some(alert) if alert.unstable && !alert.acknowledged => {
            if alert.settled {
                Vec::new()
            } else {
                vec![Event::AlertSettled { alert: alert.id }]
            }
        }
        Some(alert) => vec![Event::AlertCleared { alert: alert.id }],
        None => Vec::new(),
    }
}

/// A presence check has found these seen and heard, and with them the chamber's devices and the relay: what was measured
/// is over at once, and what was unstable waits to be acknowledged. What somebody reported waits for its answer.
pub(super) fn confirmed(meeting: &Meeting, people: &[ParticipantId]) -> Vec<Event> {
    let is_chamber = |whom| meeting.roster.find(whom).is_some_and(|one| one.role() == Role::Chamber);
    let concerned = |whom: ParticipantId| people.contains(&whom) || is_chamber(whom);
    let theirs = meeting
        .alerts()
        .iter()
        .filter(|alert| alert.subject.about.is_none_or(concerned));
    theirs.flat_map(|alert| over(meeting, alert.subject)).collect()
}

/// "I am not taking part on equal terms" (requirement R4): red at once, since it must reach the chair. Of the
/// directions, what somebody can tell for themselves is how the others reach them.
pub(super) fn report(meeting: &Meeting, actor: ParticipantId, now_ms: i64) -> Result<Vec<Event>, Refusal> {
    let subject = Subject {
        about: Some(actor),
        direction: Direction::Hears,
        cause: Cause::Reported,
    };
    if meeting.alerts.about(subject).is_some() {
        return Err(Refusal::AlreadySo);
    }
    let reading = Reading {
        level: Level::Red,
        figure: None,
        affected: 0,
        gone_since_ms: None,
    };
    Ok(vec![meeting.alerts.raise(subject, reading, now_ms)])
}

/// Acknowledging is the answer to a report, and lets a settled alert go.
pub(super) fn acknowledge(meeting: &Meeting, actor: ParticipantId, id: AlertId) -> Result<Vec<Event>, Refusal> {
    let viewer = meeting.roster.find(actor).ok_or(Refusal::NoSuchParticipant)?;
    let alert = meeting.alerts.open.iter().find(|alert| alert.id == id);
    let alert = alert
        .filter(|alert| is_shown_to(meeting, viewer, alert))
        .ok_or(Refusal::NoSuchAlert)?;
    if alert.acknowledged {
        return Err(Refusal::AlreadySo);
    }
    let mut events = vec![Event::AlertAcknowledged { alert: id, by: actor }];
    if alert.settled || alert.subject.cause == Cause::Reported {
        events.push(Event::AlertCleared { alert: id });
    }
    Ok(events)
}

/// Whole thousandths: enough for every unit, and short enough that the journal's text and the number are exactly the
/// same. What is not a number is no figure.
fn journaled_figure(figure: f64) -> Option<f64> {
    figure
        .is_finite()
        .then(|| (figure.clamp(-MAX_FIGURE, MAX_FIGURE) * 1000.0).round() / 1000.0)
}

impl Alert {
    const fn is_measured(&self) -> bool {
        !matches!(self.subject.cause, Cause::Reported)
    }
}

impl Alerts {
    pub(super) fn open(&self) -> &[Alert] {
        &self.open
    }

    /// Whether anything stands as measured.
    pub(super) fn any_measured(&self) -> bool {
        self.open.iter().any(|alert| alert.is_measured() && !alert.settled)
    }

    /// Whether somebody says that they do not take part on equal terms, and that stands.
    pub(super) fn somebody_reports(&self) -> bool {
        self.open.iter().any(|alert| !alert.is_measured())
    }

    /// Measurement starts afresh: what was measured no longer stands, and is raised anew if it still holds. What waits
    /// for somebody's answer still waits.
    pub(super) fn forget_measured(&mut self) {
        self.open
            .retain(|alert| !alert.is_measured() || (alert.unstable && !alert.acknowledged));
        let kept = self.open.iter_mut().filter(|alert| alert.is_measured());
        kept.for_each(|alert| alert.settled = true);
    }

    pub(super) fn forget_all(&mut self) {
        self.open.clear();
    }

    pub(super) fn apply(&mut self, event: &Event) {
        match *event {
            Event::AlertRaised {
                alert: id,
                subject,
                reading,
                since_ms,
            } => {
                self.raised = id.0;
                self.open.push(Alert {
                    id,
                    subject,
                    reading,
                    since_ms,
                    acknowledged: false,
                    unstable: false,
                    settled: false,
                });
            }
            Event::AlertChanged { alert, reading, .. } => self.change(alert, |alert| {
                alert.acknowledged &= reading.level <= alert.reading.level;
                alert.reading = reading;
                alert.settled = false;
            }),
            Event::AlertUnstable { alert } => self.change(alert, |alert| {
                alert.unstable = true;
                alert.acknowledged = false;
            }),
            Event::AlertSettled { alert } => self.change(alert, |alert| alert.settled = true),
            Event::AlertAcknowledged { alert, .. } => self.change(alert, |alert| alert.acknowledged = true),
            Event::AlertCleared { alert } => self.open.retain(|one| one.id != alert),
            _ => {}
        }
    }

    fn about(&self, subject: Subject) -> Option<&Alert> {
        self.open.iter().find(|alert| alert.subject == subject)
    }

    fn raise(&self, subject: Subject, reading: Reading, since_ms: i64) -> Event {
        Event::AlertRaised {
            alert: AlertId(self.raised.saturating_add(1)),
            subject,
            reading,
            since_ms,
        }
    }

    fn change(&mut self, id: AlertId, change: impl FnOnce(&mut Alert)) {
        if let Some(alert) = self.open.iter_mut().find(|alert| alert.id == id) {
            change(alert);
        }
    }
}
