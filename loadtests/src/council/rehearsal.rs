//! The order of business at a meeting of the product's own state machine, in virtual time.

use super::business::{Business, Done, Press};
use super::hindrance::{Deed, Hindrance};
use super::page::Page;
use lika::equal_terms::{Cause, Direction, Level};
use lika::meeting::{
    Command, EndpointId, Event, Identities, Item, Meeting, NameCommitment, Observation, ParticipantId, Phase, Plan,
    Proof, Reading, Role, Rulebook, Seat, Subject, decide, observe, roster::Entry, view,
};
use lika::protocol::{MeetingView, Refusal};
use lika_auth::Assurance;
use std::time::{Duration, Instant};

const CHAIR: ParticipantId = ParticipantId(1);
const TICK: Duration = Duration::from_millis(200);

struct Rehearsal {
    meeting: Meeting,
    devices: u64,
    now: Instant,
    passed: Duration,
    refused: Vec<(Command, Refusal)>,
    /// Whoever leaves does not come back.
    nobody_returns: bool,
    /// Whose presses do not reach the server.
    unheard: Option<ParticipantId>,
    /// Whether somebody was excused at the end.
    away_at_the_end: bool,
}

impl Rehearsal {
    /// Everybody inside, and opened.
    fn open(people: u32) -> Self {
        let mut rehearsal = Self {
            meeting: Meeting::replay(&[plan(people).created().unwrap()]),
            devices: 0,
            now: Instant::now(),
            passed: Duration::ZERO,
            refused: Vec::new(),
            nobody_returns: false,
            unheard: None,
            away_at_the_end: false,
        };
        (1..=people).for_each(|who| rehearsal.connect(ParticipantId(who)));
        for command in [Command::AdmitAll {}, Command::Open {}] {
            rehearsal.press(CHAIR, &command);
        }
        assert_eq!(rehearsal.seen().phase, Phase::Open, "{:?}", rehearsal.refused);
        rehearsal
    }

    fn now_ms(&self) -> i64 {
        1_700_000_000_000 + i64::try_from(self.passed.as_millis()).unwrap()
    }

    fn apply(&mut self, events: &[Event]) {
        events.iter().for_each(|event| self.meeting.apply(event));
    }

    fn notice(&mut self, observation: Observation) {
        let events = observe(&self.meeting, &observation, self.now_ms()).unwrap();
        self.apply(&events);
    }

    fn connect(&mut self, participant: ParticipantId) {
        self.devices += 1;
        self.notice(Observation::Connected {
            participant,
            endpoint: EndpointId(self.devices * 1000 + u64::from(participant.0)),
            proof: Proof::Invited,
        });
    }

    fn disconnect(&mut self, participant: ParticipantId) {
        let endpoints = self.meeting.roster().find(participant).unwrap().endpoints().to_vec();
        for endpoint in endpoints {
            self.notice(Observation::Disconnected { participant, endpoint });
        }
    }

    fn press(&mut self, who: ParticipantId, command: &Command) -> Option<Refusal> {
        match decide(&self.meeting, who, command, self.now_ms()) {
            Ok(events) => {
                self.apply(&events);
                None
            }
            Err(refusal) => {
                self.refused.push((command.clone(), refusal));
                Some(refusal)
            }
        }
    }

    fn seen(&self) -> MeetingView {
        view(&self.meeting, &Identities::default(), CHAIR)
    }

    /// The business of `total`; `meanwhile` happens at each tick.
    fn hold(&mut self, people: u32, total: Duration, mut meanwhile: impl FnMut(&mut Self)) -> Done {
        let begun = self.now;
        let people: Vec<ParticipantId> = (1..=people).map(ParticipantId).collect();
        let mut business = Business::new(&people, begun, total).unwrap();
        while !business.is_over() {
            assert!(
                self.passed < total + Duration::from_secs(30),
                "it does not end: {business:?}"
            );
            meanwhile(self);
            let page = Page::seeing(self.seen());
            for press in business.next(self.now, &page) {
                match press {
                    Press::Command(who, _) if self.unheard == Some(who) => {}
                    Press::Command(who, command) => {
                        if let Some(refusal) = self.press(who, &command) {
                            business.refused(self.now, refusal);
                        }
                    }
                    Press::Leave(who) => self.disconnect(who),
                    Press::Return(_) if self.nobody_returns => {}
                    Press::Return(who) => self.connect(who),
                }
            }
            self.now += TICK;
            self.passed += TICK;
        }
        self.away_at_the_end = business.away().is_some();
        business.done()
    }

    fn alert(&mut self, about: ParticipantId, level: Option<Level>) {
        let subject = Subject {
            about: Some(about),
            direction: Direction::Heard,
            cause: Cause::SoundLoss,
        };
        self.notice(match level {
            Some(level) => Observation::Alert {
                subject,
                reading: Reading {
                    level,
                    figure: None,
                    affected: 3,
                    gone_since_ms: None,
                },
            },
            None => Observation::AlertOver { subject },
        });
    }
}

fn plan(people: u32) -> Plan {
    let entry = |number: u32| Entry {
        role: if number == 1 { Role::Chair } else { Role::Member },
        name: NameCommitment::to(&format!("Ledamot {number}"), &[7; 32]),
        seat: Some(Seat {
            mandate: u16::try_from(number).unwrap(),
            party: None,
            order_of_entry: None,
        }),
        only_item: None,
    };
    let item = |number| Item {
        title: format!("Ärende {number}"),
        requires: Assurance::Open,
        secret: false,
    };
    Plan {
        title: "Lasttest".into(),
        body: "Lasttest".into(),
        roster: (1..=people).map(entry).collect(),
        requires: Assurance::Open,
        fresh_within_ms: 3_600_000,
        items: (1..=8).map(item).collect(),
        rulebook: Rulebook::default(),
    }
}

#[test]
fn ten_minutes_of_forty_have_everything_that_a_council_does() {
    let mut rehearsal = Rehearsal::open(40);
    let done = rehearsal.hold(40, Duration::from_secs(600), |_| {});
    assert_eq!(
        (done.answers, done.returns, done.hindered.len()),
        (40, 1, 0),
        "{done:?}"
    );
    assert!(done.speeches >= 3 && done.votes >= 1 && done.decisions >= 2, "{done:?}");
    assert_eq!(done.gavel_waited_s, 0.0);
    assert_eq!(rehearsal.seen().phase, Phase::Closed);
    assert!(rehearsal.refused.is_empty(), "{:?}", rehearsal.refused);
}

#[test]
fn an_hour_runs_out_of_items_and_goes_on_with_the_debate() {
    let mut rehearsal = Rehearsal::open(6);
    let done = rehearsal.hold(6, Duration::from_secs(3600), |_| {});
    assert!(done.decisions == 8 && done.hindered.is_empty(), "{done:?}");
    assert!(rehearsal.passed >= Duration::from_secs(3600));
}

#[test]
fn half_a_minute_is_enough_to_begin() {
    let mut rehearsal = Rehearsal::open(6);
    let done = rehearsal.hold(6, Duration::from_secs(30), |_| {});
    assert!(
        done.answers == 6 && done.speeches >= 1 && done.hindered.is_empty(),
        "{done:?}"
    );
}

#[test]
fn the_gavel_waits_while_somebody_is_red_and_falls_when_it_is_over() {
    let mut rehearsal = Rehearsal::open(6);
    let mut red_since = None;
    let done = rehearsal.hold(6, Duration::from_secs(300), |now| {
        let step = now.seen().procedure.step;
        match red_since {
            None if step == lika::meeting::Step::VotePause => {
                now.alert(ParticipantId(3), Some(Level::Red));
                red_since = Some(now.passed);
            }
            Some(since) if now.passed == since + Duration::from_secs(12) => now.alert(ParticipantId(3), None),
            _ => {}
        }
    });
    assert!((8.0..13.0).contains(&done.gavel_waited_s), "{done:?}");
    assert!(done.decisions >= 1 && done.hindered.is_empty(), "{done:?}");
}

const fn late(deed: Deed) -> Hindrance {
    Hindrance { deed, refusal: None }
}

#[test]
fn whoever_does_not_come_back_is_told_of_and_excused_no_longer() {
    let mut rehearsal = Rehearsal::open(6);
    rehearsal.nobody_returns = true;
    let done = rehearsal.hold(6, Duration::from_secs(300), |_| {});
    assert!(done.hindered.contains(&late(Deed::Return)), "{done:?}");
    assert_eq!((done.returns, rehearsal.away_at_the_end), (0, false), "{done:?}");
}

#[test]
fn where_there_is_no_time_to_come_back_nobody_leaves() {
    let mut rehearsal = Rehearsal::open(6);
    let done = rehearsal.hold(6, Duration::from_secs(25), |_| {});
    assert!(done.hindered.is_empty() && done.speeches >= 1, "{done:?}");
    assert_eq!((done.returns, rehearsal.away_at_the_end), (0, false), "{done:?}");
}

#[test]
fn a_roll_call_that_the_time_cuts_short_is_told() {
    let mut rehearsal = Rehearsal::open(6);
    rehearsal.unheard = Some(ParticipantId(4));
    let done = rehearsal.hold(6, Duration::from_secs(25), |_| {});
    assert_eq!(done.hindered, [late(Deed::RollCall)], "{done:?}");
    assert_eq!(done.answers, 3);
}

#[test]
fn a_decision_that_waits_for_equal_terms_to_the_end_is_told() {
    let mut rehearsal = Rehearsal::open(6);
    let mut is_red = false;
    let done = rehearsal.hold(6, Duration::from_secs(120), |now| {
        if !is_red && now.seen().procedure.step == lika::meeting::Step::VotePause {
            now.alert(ParticipantId(3), Some(Level::Red));
            is_red = true;
        }
    });
    assert_eq!((done.decisions, done.hindered.len()), (0, 1), "{done:?}");
    assert_eq!(done.hindered[0].refusal, Some(Refusal::EqualTermsBroken));
}

/// A meeting of three whose chair's page is empty but open.
fn begun() -> (Business, Instant) {
    let now = Instant::now();
    let people = [1, 2, 3].map(ParticipantId);
    (Business::new(&people, now, Duration::from_secs(600)).unwrap(), now)
}

#[test]
fn what_is_so_already_hinders_nobody() {
    let (mut business, now) = begun();
    business.refused(now, Refusal::AlreadySo);
    assert_eq!(business.done().hindered, []);
}

#[test]
fn what_was_refused_is_told_once_and_so_is_what_follows_from_it() {
    let (mut business, now) = begun();
    let page = Page::seeing(MeetingView::default());
    business.next(now, &page);
    business.refused(now, Refusal::OutOfStep);
    business.refused(now, Refusal::OutOfStep);
    let refused = Hindrance {
        deed: Deed::RollCall,
        refusal: Some(Refusal::OutOfStep),
    };
    assert_eq!(business.done().hindered, [refused]);
    // The time for it passes as well, and what comes after it is refused for want of it.
    let later = now + Duration::from_secs(31);
    business.next(later, &page);
    business.refused(later, Refusal::OutOfStep);
    assert_eq!(business.done().hindered, [refused]);
}
