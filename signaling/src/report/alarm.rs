//! The alarms (larm) of a meeting, each with what the chair did while it stood.

use crate::equal_terms::{Cause, Level};
use crate::meeting::{AlertId, Clock, Despite, Event, ParticipantId, Reading, Subject, service};

/// One alarm from beginning to end.
#[derive(Clone, Debug, PartialEq)]
pub struct Alarm {
    /// Its number.
    pub id: AlertId,
    /// What it was about.
    pub subject: Subject,
    /// How bad it was at its worst: its level, and of that the worst figure and the most people that were journaled.
    pub worst: Reading,
    /// How it stood, from when it was raised on.
    pub states: Vec<State>,
    /// Since when, in milliseconds since 1970-01-01 UTC.
    pub since_ms: i64,
    /// Until when; `None`: it stood when the journal ends.
    pub until_ms: Option<i64>,
    /// From when on it may be over, since what happened then is left out; `until_ms` is then `None`.
    pub unseen_from_ms: Option<i64>,
    /// Whether the server's restart ended it, and not that it was over.
    pub cut_off: bool,
    /// Whether it was unstable.
    pub unstable: bool,
    /// What was done while it stood, with the times.
    pub acts: Vec<(i64, Act)>,
}

/// How an alarm stood from a time on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct State {
    /// From when on, in milliseconds since 1970-01-01 UTC.
    pub from_ms: i64,
    /// How bad it was.
    pub reading: Reading,
    /// Whether it was unstable.
    pub unstable: bool,
    /// Whether what it says no longer held: it waited to be acknowledged.
    pub settled: bool,
    /// Whether it may have been over, among what is left out.
    pub unseen: bool,
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
    /// Ended the meeting.
    Closed(ParticipantId),
    /// Gave the adjournment more time.
    AdjournmentExtended(ParticipantId),
    /// Gave whoever it was about more time to come back.
    Awaited(ParticipantId),
    /// Had a substitute step in for whoever it was about.
    Replaced(ParticipantId),
    /// Noted whoever it was about as absent.
    NotedAbsent(ParticipantId),
}

/// The alarms so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Alarms(Vec<Alarm>);

impl Alarms {
    pub(super) fn into_vec(self) -> Vec<Alarm> {
        self.0
    }

    pub(super) fn take(&mut self, event: &Event, at_ms: i64) {
        if let Some(act) = act_of(event) {
            self.during(at_ms, act, whom(event));
        }
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
                states: vec![State {
                    from_ms: since_ms,
                    reading,
                    unstable: false,
                    settled: false,
                    unseen: false,
                }],
                since_ms,
                until_ms: None,
                unseen_from_ms: None,
                cut_off: false,
                unstable: false,
                acts: Vec::new(),
            }),
            Event::AlertChanged { alert, reading, .. } => self.change(alert, |alarm| {
                alarm.worst = worse(alarm.subject.cause, alarm.worst, reading);
                alarm.turn(at_ms, |state| {
                    state.reading = reading;
                    state.settled = false;
                });
            }),
            Event::AlertUnstable { alert } => self.change(alert, |alarm| {
                alarm.unstable = true;
                alarm.turn(at_ms, |state| state.unstable = true);
            }),
            Event::AlertSettled { alert } => {
                self.change(alert, |alarm| alarm.turn(at_ms, |state| state.settled = true));
            }
            Event::AlertAcknowledged { alert, by } => {
                self.change(alert, |alarm| alarm.acts.push((at_ms, Act::Acknowledged(by))));
            }
            Event::AlertCleared { alert } => self.change(alert, |alarm| alarm.until_ms = Some(at_ms)),
            Event::ServerRestarted {} => {
                let measured = |alarm: &Alarm| alarm.subject.cause != Cause::Reported;
                self.cut_off(at_ms, |alarm| {
                    measured(alarm) && (!alarm.unstable || alarm.is_acknowledged())
                });
                let waiting = self.open().filter(|alarm| measured(alarm));
                waiting.for_each(|alarm| alarm.turn(at_ms, |state| state.settled = true));
            }
            Event::Closed { .. } => self.cut_off(at_ms, |_| true),
            _ => {}
        }
    }

    /// Events are left out, from this time on: what stood may have ended among them.
    pub(super) fn lose_sight(&mut self, from_ms: i64) {
        for alarm in self.open() {
            alarm.unseen_from_ms.get_or_insert(from_ms);
        }
    }

    fn open(&mut self) -> impl Iterator<Item = &mut Alarm> {
        self.0.iter_mut().filter(|alarm| alarm.until_ms.is_none())
    }

    /// An alarm that something is told of had not ended before.
    fn change(&mut self, id: AlertId, change: impl FnOnce(&mut Alarm)) {
        if let Some(alarm) = self.open().find(|alarm| alarm.id == id) {
            alarm.unseen_from_ms = None;
            change(alarm);
        }
    }

    fn cut_off(&mut self, at_ms: i64, which: impl Fn(&Alarm) -> bool) {
        for alarm in self
            .open()
            .filter(|alarm| which(alarm) && alarm.unseen_from_ms.is_none())
        {
            alarm.until_ms = Some(at_ms);
            alarm.cut_off = true;
        }
    }

    /// Of what stands, and what the same press ended: a presence check clears before it is journaled. `about`: only
    /// alarms about this person; `None`: every alarm.
    fn during(&mut self, at_ms: i64, act: Act, about: Option<ParticipantId>) {
        let stood = |alarm: &Alarm| {
            let open = alarm.until_ms.is_none_or(|until_ms| until_ms == at_ms);
            open && alarm.worst.level == Level::Red && alarm.unseen_from_ms.is_none()
        };
        let concerned = |alarm: &Alarm| about.is_none() || alarm.subject.about == about;
        for alarm in self.0.iter_mut().filter(|alarm| stood(alarm) && concerned(alarm)) {
            alarm.acts.push((at_ms, act));
        }
    }
}

impl Act {
    /// Who did it.
    #[must_use]
    pub const fn by(self) -> ParticipantId {
        match self {
            Self::Acknowledged(by)
            | Self::Adjourned(by)
            | Self::PresenceConfirmed(by)
            | Self::WentOn(by, _)
            | Self::Deferred(by)
            | Self::Postponed(by)
            | Self::Closed(by)
            | Self::AdjournmentExtended(by)
            | Self::Awaited(by)
            | Self::Replaced(by)
            | Self::NotedAbsent(by) => by,
        }
    }
}

impl Alarm {
    /// How it stood at this time, in milliseconds since 1970-01-01 UTC; `None`: it did not.
    #[must_use]
    pub fn stood_at(&self, at_ms: i64) -> Option<State> {
        let is_over = self.until_ms.is_some_and(|until_ms| until_ms <= at_ms);
        let mut states = self.states.iter().rev();
        let state = states.find(|state| !is_over && state.from_ms <= at_ms)?;
        Some(State {
            unseen: self.unseen_from_ms.is_some_and(|from_ms| from_ms < at_ms),
            ..*state
        })
    }

    /// Whether chair or secretary said that they had seen it: of a report, the answer.
    #[must_use]
    pub fn is_acknowledged(&self) -> bool {
        self.acts.iter().any(|(_, act)| matches!(act, Act::Acknowledged(_)))
    }

    fn turn(&mut self, from_ms: i64, change: impl FnOnce(&mut State)) {
        if let Some(last) = self.states.last() {
            let mut state = State { from_ms, ..*last };
            change(&mut state);
            self.states.push(state);
        }
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

/// Whom something was done about; `None`: about everybody.
const fn whom(event: &Event) -> Option<ParticipantId> {
    match *event {
        Event::ServiceEnded { participant, .. }
        | Event::ClockExtended {
            clock: Clock::Reconnect { participant },
            ..
        } => Some(participant),
        _ => None,
    }
}

fn act_of(event: &Event) -> Option<Act> {
    match *event {
        Event::Adjourned { by, .. } => Some(Act::Adjourned(by)),
        Event::ItemDeferred { by, .. } => Some(Act::Deferred(by)),
        Event::Postponed { by, .. } => Some(Act::Postponed(by)),
        Event::Closed { by } => Some(Act::Closed(by)),
        Event::ServiceEnded { why, by, .. } => match why {
            service::Ending::Replaced => Some(Act::Replaced(by?)),
            service::Ending::Absent => Some(Act::NotedAbsent(by?)),
            _ => None,
        },
        Event::ClockExtended { clock, by, .. } => Some(match clock {
            Clock::Reconnect { .. } => Act::Awaited(by),
            Clock::Adjournment {} => Act::AdjournmentExtended(by),
        }),
        Event::PresenceConfirmed { by, .. } => Some(Act::PresenceConfirmed(by)),
        Event::VoteOpened { by, despite, .. }
        | Event::VoteResumed { by, despite }
        | Event::Decided { by, despite, .. } => Some(Act::WentOn(by, despite?)),
        _ => None,
    }
}
