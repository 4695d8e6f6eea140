//! Between meetings nothing is judged or recorded: what nobody takes part in is on no terms at all, and samples are
//! personal data.

use super::Conference;
use super::measuring::Measuring;
use crate::equal_terms::{Cause, Judge, Second, Verdict};
use crate::meeting::{Meeting, Phase};

impl Conference {
    /// Whether there is anything to judge in this second; if not, the judge rests.
    pub(super) fn judge_is_needed(&mut self, second: &Second) -> bool {
        let nobody = is_nobody_there(&self.meeting, second, self.endpoints.is_empty());
        let last = self.measuring.last.as_ref();
        if nobody && was_said(last, self.endpoints.is_empty()) {
            self.measuring.rest();
            return false;
        }
        self.measuring.wake(second.at_ms);
        true
    }
}

/// Nobody takes part, or nobody is connected and the meeting is not open; and no alarm waits for what is measured.
fn is_nobody_there(meeting: &Meeting, second: &Second, nobody_connected: bool) -> bool {
    let deserted = nobody_connected && *meeting.phase() != Phase::Open;
    let mut alerts = meeting.alerts().iter();
    (second.present.is_empty() || deserted)
        && alerts.all(|alert| alert.settled || alert.subject.cause == Cause::Reported)
}

/// Whether those who are connected have been shown that nobody takes part any more.
fn was_said(last: Option<&Verdict>, nobody_connected: bool) -> bool {
    nobody_connected || last.is_none_or(|verdict| verdict.participants.is_empty())
}

impl Measuring {
    fn rest(&mut self) {
        self.rests = self.rests || self.last.is_some();
        self.last = None;
    }

    /// What the judge knew before is too old: another begins.
    fn wake(&mut self, at_ms: i64) {
        if std::mem::take(&mut self.rests) {
            self.judge = Judge::new(self.judge.profile().clone());
            self.samples.begin(self.judge.profile(), at_ms);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::equal_terms::{Direction, Input, Judged, Level, Presence, Profile};
    use crate::meeting::{AlertId, Event, ParticipantId, Reading, Subject};
    use crate::samples::Samples;

    const CHAIR: ParticipantId = ParticipantId(1);

    fn alarm(cause: Cause) -> Event {
        Event::AlertRaised {
            alert: AlertId(1),
            subject: Subject {
                about: Some(CHAIR),
                direction: Direction::Hears,
                cause,
            },
            reading: Reading {
                level: Level::Red,
                figure: None,
                affected: 0,
                gone_since_ms: None,
            },
            since_ms: 0,
        }
    }

    fn with(people: &[ParticipantId]) -> Second {
        Second {
            present: people.iter().map(|who| Presence::person(*who)).collect(),
            ..Second::default()
        }
    }

    #[test]
    fn a_meeting_that_nobody_is_at_is_not_judged() {
        let planned = Meeting::replay([]);
        assert!(is_nobody_there(&planned, &with(&[]), false));
        assert!(!is_nobody_there(&planned, &with(&[CHAIR]), false));
        assert!(is_nobody_there(&planned, &with(&[CHAIR]), true), "all have gone home");
        let open = Meeting::replay([&Event::Opened { by: CHAIR }]);
        assert!(
            !is_nobody_there(&open, &with(&[CHAIR]), true),
            "all are lost, and that is an alarm"
        );
        let alarming = Meeting::replay([&alarm(Cause::LinkLost)]);
        assert!(
            !is_nobody_there(&alarming, &with(&[]), true),
            "it is to be cleared first"
        );
        let reported = Meeting::replay([&alarm(Cause::Reported)]);
        assert!(
            is_nobody_there(&reported, &with(&[]), true),
            "it waits for the chair alone"
        );
    }

    #[test]
    fn what_was_measured_before_the_rest_is_neither_told_nor_judged_on() {
        let mut measuring = Measuring::new(Judge::new(Profile::likvardig().unwrap()), Samples::none(), 0);
        measuring.rest();
        assert!(!measuring.rests, "nothing was judged yet");
        let Judged::Second(verdict) = measuring.judge.take(&Input::Second(with(&[]))) else {
            panic!("a second is judged")
        };
        measuring.last = Some(verdict);
        assert!(was_said(measuring.last.as_ref(), false));
        measuring.rest();
        assert!(measuring.rests && measuring.last.is_none());
        measuring.wake(1_000);
        assert!(!measuring.rests);
    }
}
