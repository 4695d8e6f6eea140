//! The alarms (larm) of a meeting, each with what the chair did while it stood.

use crate::equal_terms::{Cause, Level};
use crate::meeting::{AlertId, Despite, Event, ParticipantId, Reading, Subject};

/// One alarm from beginning to end.
#[derive(Clone, Debug, PartialEq)]
pub struct Alarm {
    /// Its number.
    pub id: AlertId,
    /// What it was about.
    pub subject: Subject,
    /// How bad it was at its worst: its level, and of that the worst figure and the most people that were journaled.
    pub worst: Reading,
    /// Since when, in milliseconds since 1970-01-01 UTC.
    pub since_ms: i64,
    /// Until when; `None`: it stood when the journal ends.
    pub until_ms: Option<i64>,
    /// Whether what ended it is left out; `until_ms` is then `None`.
    pub end_withheld: bool,
    /// Whether the server's restart ended it, and not that it was over.
    pub cut_off: bool,
    /// Whether it was unstable.
    pub unstable: bool,
    /// What was done while it stood, with the times.
    pub acts: Vec<(i64, Act)>,
}

/// What the chair or secretary did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Said that they had seen it.
    Acknowledged(ParticipantId),
    /// Adjourned.
    Adjourned(ParticipantId),
    /// Confirmed that everybody who serves is seen and heard.
    PresenceConfirmed(ParticipantId),
    /// Went on, for a reason.
    WentOn(ParticipantId, Despite),
    /// Deferred the item.
    Deferred(ParticipantId),
    /// Postponed the meeting.
    Postponed(ParticipantId),
}

/// The alarms so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Alarms(Vec<Alarm>);

impl Alarms {
    pub(super) fn into_vec(self) -> Vec<Alarm> {
        self.0
    }

    pub(super) fn take(&mut self, event: &Event, at_ms: i64) {
        match *event {
            Event::AlertRaised {
                alert,
                subject,
                reading,
                since_ms,
            } => self.0.push(Alarm {
                id: alert,
                subject,
                worst: reading,
                since_ms,
                until_ms: None,
                end_withheld: false,
                cut_off: false,
                unstable: false,
                acts: Vec::new(),
            }),
            Event::AlertChanged { alert, reading, .. } => self.change(alert, |alarm| {
                alarm.worst = worse(alarm.subject.cause, alarm.worst, reading);
            }),
            Event::AlertUnstable { alert } => self.change(alert, |alarm| alarm.unstable = true),
            Event::AlertAcknowledged { alert, by } => {
                self.change(alert, |alarm| alarm.acts.push((at_ms, Act::Acknowledged(by))));
            }
            Event::AlertCleared { alert } => self.change(alert, |alarm| {
                alarm.until_ms = Some(at_ms);
                alarm.end_withheld = false;
            }),
            Event::ServerRestarted {} => self.cut_off(at_ms, |alarm| {
                let waits = alarm.unstable && !alarm.acts.iter().any(|(_, act)| matches!(act, Act::Acknowledged(_)));
                alarm.subject.cause != Cause::Reported && !waits
            }),
            Event::Closed { .. } => self.cut_off(at_ms, |_| true),
            ref other => {
                if let Some(act) = act_of(other) {
                    self.during(at_ms, act);
                }
            }
        }
    }

    /// Events are left out: what stood may have ended among them.
    pub(super) fn lose_sight(&mut self) {
        self.open().for_each(|alarm| alarm.end_withheld = true);
    }

    fn open(&mut self) -> impl Iterator<Item = &mut Alarm> {
        self.0.iter_mut().filter(|alarm| alarm.until_ms.is_none())
    }

    fn change(&mut self, id: AlertId, change: impl FnOnce(&mut Alarm)) {
        if let Some(alarm) = self.open().find(|alarm| alarm.id == id) {
            change(alarm);
        }
    }

    fn cut_off(&mut self, at_ms: i64, which: impl Fn(&Alarm) -> bool) {
        for alarm in self.open().filter(|alarm| which(alarm) && !alarm.end_withheld) {
            alarm.until_ms = Some(at_ms);
            alarm.cut_off = true;
        }
    }

    fn during(&mut self, at_ms: i64, act: Act) {
        let stands = |alarm: &&mut Alarm| alarm.worst.level == Level::Red && !alarm.end_withheld;
        for alarm in self.open().filter(stands) {
            alarm.acts.push((at_ms, act));
        }
    }
}

impl Alarm {
    /// Whether it stood at this time, in milliseconds since 1970-01-01 UTC.
    #[must_use]
    pub fn stood_at(&self, at_ms: i64) -> bool {
        self.since_ms <= at_ms && self.until_ms.is_none_or(|until_ms| until_ms > at_ms)
    }
}

/// The worse of two readings: the higher level; at the same level, the worse figure and the more people.
fn worse(cause: Cause, one: Reading, other: Reading) -> Reading {
    if one.level != other.level {
        return if other.level > one.level { other } else { one };
    }
    let fewer_is_worse = matches!(cause, Cause::FrameRate | Cause::PictureSize);
    let is_worse = |than: &f64, figure: &f64| (figure > than) != fewer_is_worse;
    let figure = match (one.figure, other.figure) {
        (Some(first), Some(second)) => Some(if is_worse(&first, &second) { second } else { first }),
        (first, second) => first.or(second),
    };
    Reading {
        level: one.level,
        figure,
        affected: one.affected.max(other.affected),
        gone_since_ms: one.gone_since_ms.or(other.gone_since_ms),
    }
}

fn act_of(event: &Event) -> Option<Act> {
    match *event {
        Event::Adjourned { by, .. } => Some(Act::Adjourned(by)),
        Event::ItemDeferred { by, .. } => Some(Act::Deferred(by)),
        Event::Postponed { by, .. } => Some(Act::Postponed(by)),
        Event::PresenceConfirmed { by, .. } => Some(Act::PresenceConfirmed(by)),
        Event::VoteOpened { by, despite, .. }
        | Event::VoteResumed { by, despite }
        | Event::Decided { by, despite, .. } => Some(Act::WentOn(by, despite?)),
        _ => None,
    }
}
