//! The clocks of a break (requirement R5): how long a member is waited for, and how long an adjournment lasts. They
//! remind the chair and never act.

use super::{Alert, Event, Meeting, Participant, ParticipantId, Phase};
use crate::equal_terms::Cause;
use crate::protocol::{ClockView, Refusal};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

/// What runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(tag = "clock", rename_all = "snake_case", deny_unknown_fields)]
pub enum Clock {
    /// A serving member's connection is lost.
    Reconnect {
        /// Whose.
        participant: ParticipantId,
    },
    /// The meeting is adjourned.
    Adjournment {},
}

/// The longest extension, in minutes: a longer break is another adjournment.
const MAX_EXTENSION_MINUTES: u8 = 60;
const MINUTE_MS: i64 = 60_000;

/// What the chair has given more time, and whether the adjournment is for a break.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Clocks {
    extended: BTreeMap<Clock, i64>,
    /// Equal terms were broken when the meeting was adjourned: a meal has no clock.
    for_break: bool,
}

/// The chair gives a clock that runs more time, from now if it has run out.
pub(super) fn extend(
    meeting: &Meeting,
    actor: ParticipantId,
    clock: Clock,
    minutes: u8,
    now_ms: i64,
) -> Result<Vec<Event>, Refusal> {
    if !(1..=MAX_EXTENSION_MINUTES).contains(&minutes) {
        return Err(Refusal::BadText);
    }
    let running = meeting.clocks().into_iter().find(|running| running.clock == clock);
    let until_ms = running.ok_or(Refusal::AlreadySo)?.until_ms;
    Ok(vec![Event::ClockExtended {
        clock,
        until_ms: until_ms.max(now_ms).saturating_add(i64::from(minutes) * MINUTE_MS),
        by: actor,
    }])
}

impl Clocks {
    pub(super) fn apply(&mut self, event: &Event, broken: bool) {
        match *event {
            Event::ClockExtended { clock, until_ms, .. } => {
                self.extended.insert(clock, until_ms);
            }
            Event::Connected { participant, .. } => {
                self.extended.remove(&Clock::Reconnect { participant });
            }
            Event::Adjourned { .. } => self.for_break = broken,
            Event::Resumed { .. } => {
                self.extended.remove(&Clock::Adjournment {});
            }
            Event::Closed { .. } => *self = Self::default(),
            _ => {}
        }
    }

    fn view(&self, clock: Clock, since_ms: i64, limit_minutes: u8) -> Option<ClockView> {
        let limit_ms = i64::from(limit_minutes) * MINUTE_MS;
        let until_ms = since_ms.saturating_add(limit_ms);
        // An extension of an earlier break may have run out before this one began.
        let extended = self
            .extended
            .get(&clock)
            .copied()
            .filter(|&extended| extended > until_ms);
        (limit_minutes > 0).then(|| ClockView {
            clock,
            since_ms,
            until_ms: extended.unwrap_or(until_ms),
            extended: extended.is_some(),
        })
    }
}

impl Meeting {
    /// The clocks that run: one for each serving member whose link is broken, and that of an adjournment for a break.
    #[must_use]
    pub fn clocks(&self) -> Vec<ClockView> {
        if self.phase == Phase::Closed {
            return Vec::new();
        }
        let serving = self.serving().into_iter();
        let reconnect = serving.filter_map(|participant| {
            let since_ms = self.gone_since_ms(participant)?;
            let clock = Clock::Reconnect { participant };
            self.clocks.view(clock, since_ms, self.rulebook.reconnect_limit_minutes)
        });
        let adjournment = match self.phase {
            Phase::Adjourned { since_ms, .. } if self.clocks.for_break => {
                let limit = self.rulebook.adjournment_limit_minutes;
                self.clocks.view(Clock::Adjournment {}, since_ms, limit)
            }
            _ => None,
        };
        reconnect.chain(adjournment).collect()
    }

    /// Since when nothing has come from somebody: as measured, or as the server gave them up. `None`: something comes, or
    /// they sit in the chamber without a device.
    pub(super) fn gone_since_ms(&self, whom: ParticipantId) -> Option<i64> {
        if self.is_in_chamber(whom) {
            return None;
        }
        let measured = |alert: &Alert| {
            let link = alert.subject.about == Some(whom) && alert.subject.cause == Cause::LinkLost;
            alert.reading.gone_since_ms.filter(|_| link && !alert.settled)
        };
        let measured = self.alerts().iter().find_map(measured);
        let lost = self.roster.find(whom).and_then(Participant::lost_since_ms);
        measured.into_iter().chain(lost).min()
    }
}
