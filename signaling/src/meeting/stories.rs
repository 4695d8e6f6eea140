//! What happens at a meeting, told as stories.

use super::alerts::MIN_CHANGE_INTERVAL_MS;
use super::floor::{Ending, KEPT_MS};
use super::roster::Entry;
use super::*;
use crate::equal_terms::{Cause, Direction, Level};
use lika_sfu::Audience;
use std::cell::Cell;

pub(super) const CHAIR: ParticipantId = ParticipantId(1);
pub(super) const FIRST_VICE: ParticipantId = ParticipantId(2);
pub(super) const SECOND_VICE: ParticipantId = ParticipantId(3);
pub(super) const SECRETARY: ParticipantId = ParticipantId(4);
pub(super) const MEMBER_5: ParticipantId = ParticipantId(5);
pub(super) const MEMBER_6: ParticipantId = ParticipantId(6);
pub(super) const SUBSTITUTE: ParticipantId = ParticipantId(7);
pub(super) const GUEST: ParticipantId = ParticipantId(8);
pub(super) const CHAMBER: ParticipantId = ParticipantId(9);

pub(super) const ROLES: [Role; 9] = [
    Role::Chair,
    Role::ViceChair,
    Role::ViceChair,
    Role::Secretary,
    Role::Member,
    Role::Member,
    Role::Substitute,
    Role::Guest,
    Role::Chamber,
];

pub(super) fn plan() -> Plan {
    let seat = |mandate, role| Seat {
        mandate,
        party: Some("Parti A".into()),
        order_of_entry: (role == Role::Substitute).then_some(1),
    };
    let entry = |(mandate, &role): (u16, &Role)| Entry {
        role,
        name: NameCommitment::to(&format!("Deltagare {mandate}"), &[7; 32]),
        seat: (!matches!(role, Role::Secretary | Role::Guest | Role::Chamber)).then(|| seat(mandate, role)),
    };
    let roster = (1..).zip(&ROLES).map(entry).collect();
    Plan {
        title: "Sammanträde 1".into(),
        body: "Nämnden".into(),
        roster,
    }
}

/// A meeting with the journal a test keeps of it.
pub(super) struct Told {
    pub(super) meeting: Meeting,
    pub(super) events: Vec<Event>,
    now_ms: Cell<i64>,
}

impl Told {
    /// Created; nobody has come.
    pub(super) fn planned() -> Self {
        let mut told = Self {
            meeting: Meeting::default(),
            events: Vec::new(),
            now_ms: Cell::new(1_000_000),
        };
        told.record(vec![plan().created().unwrap()]);
        told
    }

    /// Everybody is inside and the chair has opened.
    fn open() -> Self {
        let mut told = Self::planned();
        for participant in 1..=9 {
            told.comes(ParticipantId(participant));
        }
        told.does(CHAIR, &Command::AdmitAll {});
        told.does(CHAIR, &Command::Open {});
        told
    }

    fn later(&self, ms: i64) {
        self.now_ms.set(self.now_ms.get() + ms);
    }

    fn asks(&self, actor: ParticipantId, command: &Command) -> Result<Vec<Event>, Refusal> {
        decide(&self.meeting, actor, command, self.now_ms.get())
    }

    #[track_caller]
    fn does(&mut self, actor: ParticipantId, command: &Command) -> Vec<Event> {
        let events = self
            .asks(actor, command)
            .unwrap_or_else(|why| panic!("{actor}: {command:?}: {why:?}"));
        self.record(events)
    }

    #[track_caller]
    fn may_not(&self, actor: ParticipantId, command: &Command, why: Refusal) {
        assert_eq!(self.asks(actor, command), Err(why), "{actor}: {command:?}");
    }

    #[track_caller]
    fn notices(&mut self, observation: Observation) -> Vec<Event> {
        let events = observe(&self.meeting, &observation, self.now_ms.get()).unwrap();
        self.record(events)
    }

    fn comes(&mut self, participant: ParticipantId) -> Vec<Event> {
        self.notices(Observation::Connected {
            participant,
            endpoint: EndpointId(participant.0.into()),
        })
    }

    fn is_cut_off(&mut self, participant: ParticipantId) -> Vec<Event> {
        self.notices(Observation::Disconnected {
            participant,
            endpoint: EndpointId(participant.0.into()),
        })
    }

    pub(super) fn record(&mut self, events: Vec<Event>) -> Vec<Event> {
        events.iter().for_each(|event| self.meeting.apply(event));
        self.events.extend_from_slice(&events);
        events
    }

    #[track_caller]
    fn has(&self, participant: ParticipantId, attendance: Attendance) {
        assert_eq!(self.meeting.attendance(participant), Some(attendance), "{participant}");
    }

    fn shown(&self, viewer: ParticipantId) -> Vec<AlertId> {
        view(&self.meeting, &Identities::default(), viewer)
            .alerts
            .iter()
            .map(|alert| alert.id)
            .collect()
    }
}

fn frozen(whom: ParticipantId) -> Subject {
    Subject {
        about: Some(whom),
        direction: Direction::Seen,
        cause: Cause::PictureFrozen,
    }
}

fn reading(level: Level) -> Reading {
    Reading {
        level,
        figure: Some(20.0),
        affected: 8,
    }
}

fn alert(subject: Subject, level: Level) -> Observation {
    Observation::Alert {
        subject,
        reading: reading(level),
    }
}

fn adjourn() -> Command {
    Command::Adjourn {
        reason: " Bild saknas. ".into(),
    }
}

#[test]
fn chair_and_secretary_enter_by_themselves_and_others_wait_to_be_let_in() {
    let mut told = Told::planned();
    told.comes(MEMBER_5);
    told.has(MEMBER_5, Attendance::Lobby);
    told.comes(CHAIR);
    told.comes(SECRETARY);
    told.has(CHAIR, Attendance::Inside);
    told.has(SECRETARY, Attendance::Inside);
    assert!(told.events.contains(&Event::Admitted {
        participant: CHAIR,
        by: CHAIR
    }));

    told.may_not(MEMBER_5, &Command::Admit { participant: MEMBER_5 }, Refusal::NotAllowed);
    told.may_not(CHAIR, &Command::Admit { participant: MEMBER_6 }, Refusal::WrongPlace);
    told.does(SECRETARY, &Command::Admit { participant: MEMBER_5 });
    told.has(MEMBER_5, Attendance::Inside);
    told.may_not(CHAIR, &Command::AdmitAll {}, Refusal::AlreadySo);
}

#[test]
fn somebody_dismissed_comes_back_only_by_name() {
    let mut told = Told::open();
    told.does(SECRETARY, &Command::Dismiss { participant: GUEST });
    told.has(GUEST, Attendance::Dismissed);
    told.is_cut_off(GUEST);
    told.comes(GUEST);
    told.has(GUEST, Attendance::Dismissed);
    told.may_not(CHAIR, &Command::AdmitAll {}, Refusal::AlreadySo);
    told.does(CHAIR, &Command::Admit { participant: GUEST });
    told.has(GUEST, Attendance::Inside);

    told.does(CHAIR, &Command::Dismiss { participant: SECRETARY });
    told.is_cut_off(SECRETARY);
    told.comes(SECRETARY);
    told.has(SECRETARY, Attendance::Dismissed);
}

#[test]
fn nobody_dismisses_the_chair_or_themselves() {
    let mut told = Told::open();
    told.may_not(SECRETARY, &Command::Dismiss { participant: CHAIR }, Refusal::NotAllowed);
    told.may_not(
        SECRETARY,
        &Command::Dismiss { participant: SECRETARY },
        Refusal::NotAllowed,
    );
    told.does(FIRST_VICE, &Command::TakeChair {});
    told.may_not(
        SECRETARY,
        &Command::Dismiss {
            participant: FIRST_VICE,
        },
        Refusal::NotAllowed,
    );
    told.may_not(
        FIRST_VICE,
        &Command::Dismiss { participant: CHAIR },
        Refusal::NotAllowed,
    );
}

#[test]
fn a_lost_connection_costs_seconds_and_not_the_place() {
    let mut told = Told::open();
    told.is_cut_off(MEMBER_5);
    told.has(MEMBER_5, Attendance::Lost);
    assert!(!told.meeting.may_hear_and_see(MEMBER_5));
    told.may_not(MEMBER_5, &Command::RequestFloor {}, Refusal::WrongPlace);
    told.comes(MEMBER_5);
    told.has(MEMBER_5, Attendance::Inside);
}

#[test]
fn a_second_device_keeps_its_person_inside() {
    let mut told = Told::open();
    told.notices(Observation::Connected {
        participant: SECRETARY,
        endpoint: EndpointId(104),
    });
    told.is_cut_off(SECRETARY);
    told.has(SECRETARY, Attendance::Inside);

    told.notices(Observation::Connected {
        participant: SECRETARY,
        endpoint: EndpointId(105),
    });
    let third = told.notices(Observation::Connected {
        participant: SECRETARY,
        endpoint: EndpointId(106),
    });
    assert!(third.contains(&Event::Disconnected {
        participant: SECRETARY,
        endpoint: EndpointId(104)
    }));
}

#[test]
fn the_chair_gives_the_floor_in_the_order_of_requests_or_otherwise() {
    let mut told = Told::open();
    told.does(MEMBER_5, &Command::RequestFloor {});
    told.does(SUBSTITUTE, &Command::RequestFloor {});
    told.does(MEMBER_6, &Command::RequestFloor {});
    told.may_not(MEMBER_5, &Command::RequestFloor {}, Refusal::AlreadySo);
    told.does(MEMBER_6, &Command::WithdrawRequest {});
    assert_eq!(told.meeting.requests(), [MEMBER_5, SUBSTITUTE]);

    told.may_not(
        SECRETARY,
        &Command::GiveFloor { participant: MEMBER_5 },
        Refusal::NotAllowed,
    );
    told.does(
        CHAIR,
        &Command::GiveFloor {
            participant: SUBSTITUTE,
        },
    );
    assert_eq!(told.meeting.floor(), Some(SUBSTITUTE));
    assert_eq!(told.meeting.requests(), [MEMBER_5]);
    let given_on = told.does(CHAIR, &Command::GiveFloor { participant: MEMBER_5 });
    assert_eq!(
        given_on[0],
        Event::FloorEnded {
            participant: SUBSTITUTE,
            why: Ending::GivenOn
        }
    );
    assert!(told.meeting.microphone_open(MEMBER_5) && !told.meeting.microphone_open(SUBSTITUTE));

    told.may_not(SUBSTITUTE, &Command::EndFloor {}, Refusal::NotAllowed);
    let yielded = told.does(MEMBER_5, &Command::EndFloor {});
    assert_eq!(
        yielded,
        [Event::FloorEnded {
            participant: MEMBER_5,
            why: Ending::Yielded
        }]
    );
    told.may_not(CHAIR, &Command::EndFloor {}, Refusal::AlreadySo);
}

#[test]
fn a_speaker_who_is_back_in_time_goes_on_speaking() {
    let mut told = Told::open();
    told.does(CHAIR, &Command::GiveFloor { participant: MEMBER_5 });
    told.is_cut_off(MEMBER_5);
    assert_eq!(told.meeting.floor(), None);
    told.later(KEPT_MS);
    told.comes(MEMBER_5);
    assert_eq!(told.meeting.floor(), Some(MEMBER_5));

    told.is_cut_off(MEMBER_5);
    told.later(KEPT_MS + 1);
    told.comes(MEMBER_5);
    assert_eq!(
        told.meeting.floor(),
        None,
        "no microphone opens by itself after half a minute"
    );
}

#[test]
fn the_floor_is_not_kept_once_the_chair_went_on() {
    let goes_on = [
        Command::GiveFloor { participant: MEMBER_6 },
        Command::EndFloor {},
        adjourn(),
        Command::Dismiss { participant: MEMBER_5 },
    ];
    for command in goes_on {
        let mut told = Told::open();
        told.does(CHAIR, &Command::GiveFloor { participant: MEMBER_5 });
        told.is_cut_off(MEMBER_5);
        told.does(CHAIR, &command);
        told.comes(MEMBER_5);
        assert_ne!(told.meeting.floor(), Some(MEMBER_5), "{command:?}");
    }
}

#[test]
fn a_restart_of_the_server_loses_nobody_s_place_and_no_floor() {
    let mut told = Told::open();
    told.does(CHAIR, &Command::GiveFloor { participant: MEMBER_5 });
    told.does(MEMBER_6, &Command::RequestFloor {});
    told.notices(alert(frozen(MEMBER_6), Level::Red));
    told.does(SUBSTITUTE, &Command::ReportUnequalTerms {});

    told.notices(Observation::ServerRestarted {});
    told.has(CHAIR, Attendance::Lost);
    assert_eq!(
        told.notices(Observation::ServerRestarted {}),
        [],
        "nobody was there to notice the second"
    );
    told.later(4_000);
    for participant in 1..=9 {
        told.comes(ParticipantId(participant));
    }
    told.has(GUEST, Attendance::Inside);
    assert_eq!(told.meeting.floor(), Some(MEMBER_5));
    assert_eq!(told.meeting.requests(), [MEMBER_6]);
    let causes: Vec<_> = told.meeting.alerts().iter().map(|alert| alert.subject.cause).collect();
    assert_eq!(
        causes,
        [Cause::Reported],
        "the report waits for its answer; measurement starts afresh"
    );
}

#[test]
fn the_chair_adjourns_with_a_reason_and_resumes() {
    let mut told = Told::open();
    told.does(CHAIR, &Command::GiveFloor { participant: MEMBER_5 });
    told.does(MEMBER_6, &Command::RequestFloor {});
    for bad in ["", "  \n", "\u{7}", &"å".repeat(501)] {
        told.may_not(CHAIR, &Command::Adjourn { reason: bad.into() }, Refusal::BadText);
    }
    told.may_not(SECRETARY, &adjourn(), Refusal::NotAllowed);
    told.does(CHAIR, &adjourn());
    assert_eq!(
        *told.meeting.phase(),
        Phase::Adjourned {
            reason: "Bild saknas.".into(),
            since_ms: 1_000_000
        }
    );
    assert_eq!(told.meeting.floor(), None);
    assert_eq!(told.meeting.requests(), [MEMBER_6]);
    told.may_not(MEMBER_5, &Command::RequestFloor {}, Refusal::WrongPhase);
    told.does(CHAIR, &Command::Resume {});
    told.does(
        CHAIR,
        &Command::Adjourn {
            reason: "å".repeat(500),
        },
    );
}

#[test]
fn closed_is_final() {
    let mut told = Told::open();
    told.does(CHAIR, &Command::Close {});
    told.may_not(CHAIR, &Command::Open {}, Refusal::MeetingOver);
    told.may_not(MEMBER_5, &Command::ReportUnequalTerms {}, Refusal::MeetingOver);
    let late = Observation::Connected {
        participant: GUEST,
        endpoint: EndpointId(1),
    };
    assert_eq!(observe(&told.meeting, &late, 0), Err(Refusal::MeetingOver));
}

#[test]
fn vice_chairs_take_over_in_order_and_the_chair_takes_back() {
    let mut told = Told::open();
    told.may_not(MEMBER_5, &Command::TakeChair {}, Refusal::NotAllowed);
    told.may_not(SECOND_VICE, &Command::TakeChair {}, Refusal::NotAllowed);
    told.is_cut_off(CHAIR);
    told.does(FIRST_VICE, &Command::TakeChair {});
    assert_eq!(told.meeting.acting_chair(), Some(FIRST_VICE));
    told.does(FIRST_VICE, &adjourn());
    told.is_cut_off(FIRST_VICE);
    told.does(SECOND_VICE, &Command::TakeChair {});
    told.does(SECOND_VICE, &Command::Resume {});
    told.comes(CHAIR);
    told.may_not(CHAIR, &adjourn(), Refusal::NotAllowed);
    told.does(CHAIR, &Command::TakeChair {});
    told.may_not(SECOND_VICE, &adjourn(), Refusal::NotAllowed);
    told.does(CHAIR, &adjourn());
}

#[test]
fn a_vice_chair_in_the_lobby_opens_the_door_only_when_nobody_else_can() {
    let mut told = Told::planned();
    told.comes(SECRETARY);
    told.comes(FIRST_VICE);
    told.may_not(FIRST_VICE, &Command::TakeChair {}, Refusal::WrongPlace);
    told.is_cut_off(SECRETARY);
    told.does(FIRST_VICE, &Command::TakeChair {});
    told.has(FIRST_VICE, Attendance::Inside);
    told.does(FIRST_VICE, &Command::Open {});
}

#[test]
fn red_goes_to_the_chair_and_the_person_and_amber_to_the_secretary_alone() {
    let mut told = Told::open();
    told.notices(alert(frozen(MEMBER_5), Level::Amber));
    assert_eq!([SECRETARY, CHAIR, MEMBER_5].map(|one| told.shown(one).len()), [1, 0, 0]);
    told.may_not(
        CHAIR,
        &Command::AcknowledgeAlert { alert: AlertId(1) },
        Refusal::NoSuchAlert,
    );
    told.notices(alert(frozen(MEMBER_5), Level::Red));
    assert_eq!([SECRETARY, CHAIR, MEMBER_5].map(|one| told.shown(one).len()), [1, 1, 1]);
    assert_eq!(
        [FIRST_VICE, MEMBER_6, GUEST, CHAMBER].map(|one| told.shown(one).len()),
        [0; 4]
    );
    told.does(FIRST_VICE, &Command::TakeChair {});
    assert_eq!([CHAIR, FIRST_VICE].map(|one| told.shown(one).len()), [1, 1]);

    told.does(FIRST_VICE, &Command::AcknowledgeAlert { alert: AlertId(1) });
    told.may_not(
        SECRETARY,
        &Command::AcknowledgeAlert { alert: AlertId(1) },
        Refusal::AlreadySo,
    );
    told.may_not(
        MEMBER_5,
        &Command::AcknowledgeAlert { alert: AlertId(1) },
        Refusal::NotAllowed,
    );
    told.notices(Observation::AlertOver {
        subject: frozen(MEMBER_5),
    });
    assert_eq!(told.meeting.alerts(), []);
}

#[test]
fn an_alert_is_one_and_its_figure_is_not_journaled_every_second() {
    let mut told = Told::open();
    told.notices(alert(frozen(MEMBER_5), Level::Red));
    let worse = Observation::Alert {
        subject: frozen(MEMBER_5),
        reading: Reading {
            figure: Some(1.0 / 3.0),
            ..reading(Level::Red)
        },
    };
    told.later(1_000);
    assert_eq!(told.notices(worse), []);
    told.later(MIN_CHANGE_INTERVAL_MS);
    told.notices(worse);
    assert_eq!(told.meeting.alerts()[0].reading.figure, Some(0.333));
    assert_eq!(told.meeting.alerts().len(), 1);
    let nonsense = Reading {
        figure: Some(f64::NAN),
        ..reading(Level::Red)
    };
    told.notices(Observation::Alert {
        subject: frozen(MEMBER_6),
        reading: nonsense,
    });
    assert_eq!(told.meeting.alerts()[1].reading.figure, None);
}

#[test]
fn an_unstable_alert_stays_until_it_is_acknowledged() {
    let mut told = Told::open();
    told.notices(alert(frozen(MEMBER_5), Level::Red));
    told.notices(Observation::AlertUnstable {
        subject: frozen(MEMBER_5),
    });
    let over = Observation::AlertOver {
        subject: frozen(MEMBER_5),
    };
    assert_eq!(told.notices(over), [Event::AlertSettled { alert: AlertId(1) }]);
    assert_eq!(told.notices(over), []);
    assert_eq!(told.shown(CHAIR), [AlertId(1)]);
    told.does(CHAIR, &Command::AcknowledgeAlert { alert: AlertId(1) });
    assert_eq!(told.shown(CHAIR), []);
}

#[test]
fn a_member_s_report_reaches_the_chair_at_once_and_ends_with_the_answer() {
    let mut told = Told::open();
    told.does(MEMBER_5, &Command::ReportUnequalTerms {});
    told.may_not(MEMBER_5, &Command::ReportUnequalTerms {}, Refusal::AlreadySo);
    assert_eq!(told.shown(CHAIR), [AlertId(1)]);
    told.does(CHAIR, &Command::AcknowledgeAlert { alert: AlertId(1) });
    assert_eq!(told.shown(MEMBER_5), []);
    told.does(MEMBER_5, &Command::ReportUnequalTerms {});
    assert_eq!(told.shown(CHAIR), [AlertId(2)], "a number is never used twice");
}

#[test]
fn who_is_heard_and_seen_in_each_phase() {
    let mut told = Told::planned();
    for participant in [CHAIR, MEMBER_5, MEMBER_6, CHAMBER] {
        told.comes(participant);
    }
    let is = |told: &Told, expected: [Audience; 4]| {
        let found = [CHAIR, MEMBER_5, MEMBER_6, CHAMBER].map(|one| audience::audience(&told.meeting, one));
        assert_eq!(found, expected, "{:?}", told.meeting.phase());
    };
    use Audience as A;
    is(&told, [A::SPEAKING, A::LOBBY, A::LOBBY, A::LOBBY]);
    told.does(CHAIR, &Command::AdmitAll {});
    is(&told, [A::SPEAKING, A::LISTENING, A::LISTENING, A::SPEAKING]);
    told.does(CHAIR, &Command::Open {});
    told.does(CHAIR, &Command::GiveFloor { participant: MEMBER_5 });
    is(&told, [A::SPEAKING, A::SPEAKING, A::LISTENING, A::SPEAKING]);
    told.is_cut_off(MEMBER_5);
    is(&told, [A::SPEAKING, A::LOBBY, A::LISTENING, A::SPEAKING]);
    told.comes(MEMBER_5);
    told.does(CHAIR, &adjourn());
    is(&told, [A::SPEAKING, A::LISTENING, A::LISTENING, A::LISTENING]);
    told.does(CHAIR, &Command::Close {});
    is(&told, [A::LOBBY; 4]);
}

#[test]
fn in_the_lobby_one_sees_oneself_alone() {
    let mut told = Told::open();
    told.does(CHAIR, &Command::Dismiss { participant: GUEST });
    told.does(CHAIR, &Command::GiveFloor { participant: MEMBER_5 });
    let names = (1..=9)
        .map(|id| (ParticipantId(id), format!("Deltagare {id}")))
        .collect();
    let identities = Identities { names, for_tests: true };
    let outside = view(&told.meeting, &identities, GUEST);
    assert_eq!(
        outside
            .participants
            .iter()
            .map(|one| one.name.as_str())
            .collect::<Vec<_>>(),
        ["Deltagare 8"]
    );
    assert_eq!(
        (outside.floor, outside.acting_chair, outside.phase),
        (None, None, Phase::Open)
    );
    let inside = view(&told.meeting, &identities, MEMBER_6);
    assert_eq!((inside.participants.len(), inside.floor), (9, Some(MEMBER_5)));
    assert!(inside.participants[4].microphone_open && !inside.participants[5].microphone_open);
}

#[test]
fn a_meeting_has_one_chair_and_texts_of_one_line() {
    let good = plan();
    assert_eq!(
        Plan {
            title: "två\nrader".into(),
            ..good.clone()
        }
        .created(),
        Err(PlanError::Text("title"))
    );
    assert_eq!(
        Plan {
            body: String::new(),
            ..good.clone()
        }
        .created(),
        Err(PlanError::Text("name of the body"))
    );
    let twice = [good.roster.as_slice(), good.roster.as_slice()].concat();
    assert_eq!(
        Plan {
            roster: twice,
            ..good.clone()
        }
        .created(),
        Err(PlanError::Chairs(2))
    );
    let crowd = vec![good.roster[4].clone(); 301];
    assert_eq!(Plan { roster: crowd, ..good }.created(), Err(PlanError::TooMany(301)));
}

#[test]
fn the_journal_has_no_names_and_says_when_an_event_is_too_new() {
    let text = plan().created().unwrap().encode().unwrap();
    assert!(!text.contains("Deltagare"), "{text}");
    assert_ne!(
        NameCommitment::to("Deltagare 1", &[1; 32]),
        NameCommitment::to("Deltagare 1", &[2; 32])
    );

    let newer = r#"{"v":2,"event":{"type":"levitated","by":1}}"#;
    assert!(matches!(Event::decode(newer), Err(event::EventError::Newer(2))));
    let unknown = r#"{"v":1,"event":{"type":"levitated","by":1}}"#;
    assert!(matches!(Event::decode(unknown), Err(event::EventError::Malformed(_))));
}

/// The texts of version 1 are in journals for ever: this test fails when a change to an event changes its text.
#[test]
fn events_of_version_1_are_written_so() {
    let written = [
        (
            Event::Opened { by: CHAIR },
            r#"{"v":1,"event":{"type":"opened","by":1}}"#,
        ),
        (
            Event::Adjourned {
                by: CHAIR,
                reason: "Ljud".into(),
                since_ms: 5,
            },
            r#"{"v":1,"event":{"type":"adjourned","by":1,"reason":"Ljud","since_ms":5}}"#,
        ),
        (
            Event::FloorEnded {
                participant: MEMBER_5,
                why: Ending::GivenOn,
            },
            r#"{"v":1,"event":{"type":"floor_ended","participant":5,"why":"given_on"}}"#,
        ),
        (
            Event::AlertRaised {
                alert: AlertId(1),
                subject: frozen(MEMBER_5),
                reading: reading(Level::Red),
                since_ms: 9,
            },
            r#"{"v":1,"event":{"type":"alert_raised","alert":1,"subject":{"about":5,"direction":"seen","cause":"picture_frozen"},"reading":{"level":"red","figure":20.0,"affected":8},"since_ms":9}}"#,
        ),
    ];
    for (event, text) in written {
        assert_eq!(event.encode().unwrap(), text);
        assert_eq!(Event::decode(text).unwrap(), event);
    }
}
