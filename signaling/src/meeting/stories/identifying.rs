//! Who must show who they are, and who is moved out.

use super::*;

const OPEN_ITEM: ItemId = ItemId(1);
const SECRET_ITEM: ItemId = ItemId(2);
const BEGIN_SECRET: Command = Command::BeginItem { item: SECRET_ITEM };

/// Open, and the chair, the secretary and member 5 have logged in.
fn ready() -> Told {
    let mut told = Told::open();
    for who in [CHAIR, SECRETARY, MEMBER_5] {
        told.proves(who, Assurance::Loa3);
    }
    told
}

#[test]
fn a_secret_item_moves_out_who_has_not_shown_who_they_are_and_takes_them_back() {
    let mut told = ready();
    let begun = told.does(CHAIR, &BEGIN_SECRET);
    let moved_out = vec![FIRST_VICE, SECOND_VICE, MEMBER_6, SUBSTITUTE, GUEST];
    let now_ms = told.now_ms.get();
    assert_eq!(
        begun,
        [
            Event::ItemBegun {
                item: SECRET_ITEM,
                by: CHAIR,
                since_ms: now_ms,
                moved_out: moved_out.clone()
            },
            Event::QuorumLost { there: 2, needed: 3 },
        ]
    );
    for who in &moved_out {
        told.has(*who, Attendance::Lobby);
        assert_eq!(
            audience::audience(&told.meeting, *who),
            lika_sfu::Audience::LOBBY,
            "{who}"
        );
        let seen = view(&told.meeting, &Identities::default(), *who);
        assert_eq!(
            (seen.participants.len(), seen.item, seen.items.len()),
            (1, None, 0),
            "{who}"
        );
    }
    for who in [CHAIR, SECRETARY, MEMBER_5, CHAMBER] {
        told.has(who, Attendance::Inside);
    }
    told.does(CHAIR, &Command::EndItem {});
    for who in moved_out {
        told.has(who, Attendance::Inside);
    }
}

#[test]
fn those_who_watch_the_programme_get_nothing_of_a_secret_item() {
    let mut told = ready();
    let shown = |told: &Told| audience::programme(&told.meeting).sees != lika_sfu::Circles::NONE;
    told.does(CHAIR, &Command::BeginItem { item: OPEN_ITEM });
    assert!(shown(&told));
    told.does(CHAIR, &Command::EndItem {});
    told.does(CHAIR, &BEGIN_SECRET);
    assert!(!shown(&told));
    assert_eq!(audience::programme(&told.meeting), lika_sfu::Audience::LOBBY);
    told.does(CHAIR, &Command::EndItem {});
    assert!(shown(&told));
    assert!(
        [OPEN_ITEM, SECRET_ITEM]
            .iter()
            .all(|&item| told.meeting.agenda().is_dealt(item))
    );
}

#[test]
fn a_login_brings_a_member_into_the_secret_item() {
    let mut told = ready();
    told.does(CHAIR, &BEGIN_SECRET);
    told.proves(MEMBER_6, Assurance::Loa2);
    told.has(MEMBER_6, Attendance::Lobby);
    told.proves(MEMBER_6, Assurance::Loa3);
    told.has(MEMBER_6, Attendance::Inside);
}

#[test]
fn chair_or_secretary_admits_nobody_past_the_level() {
    let mut told = ready();
    told.does(CHAIR, &BEGIN_SECRET);
    let admit = Command::Admit { participant: MEMBER_6 };
    told.may_not(CHAIR, &admit, Refusal::IdentityNeeded);
    told.may_not(CHAIR, &Command::AdmitAll {}, Refusal::AlreadySo);
}

#[test]
fn the_chair_does_not_lead_what_she_may_not_hear() {
    let mut told = Told::open();
    told.may_not(CHAIR, &BEGIN_SECRET, Refusal::IdentityNeeded);
    told.proves(CHAIR, Assurance::Loa2);
    told.may_not(CHAIR, &BEGIN_SECRET, Refusal::IdentityNeeded);
    told.proves(CHAIR, Assurance::Loa4);
    told.does(CHAIR, &BEGIN_SECRET);
}

#[test]
fn an_old_login_is_not_enough_for_a_secret_item_and_none_grows_old_in_it() {
    let mut told = ready();
    told.later(identity::FRESH_WITHIN_MS + 1);
    told.may_not(CHAIR, &BEGIN_SECRET, Refusal::IdentityNeeded);
    told.proves(CHAIR, Assurance::Loa3);
    told.does(CHAIR, &BEGIN_SECRET);
    let obstacle = told.meeting.roster().find(MEMBER_5).unwrap().obstacle();
    let needs = Assurance::Loa3;
    assert_eq!(obstacle, Some(Obstacle::Stale { needs }));
    told.later(2 * identity::FRESH_WITHIN_MS);
    told.does(CHAIR, &Command::RequestFloor {});
    told.has(CHAIR, Attendance::Inside);
}

#[test]
fn another_persons_identity_moves_out_and_takes_the_floor_away() {
    let mut told = Told::open();
    told.does(CHAIR, &Command::GiveFloor { participant: MEMBER_5 });
    let events = told.shows(MEMBER_5, Proof::Mismatched { at_ms: 5 });
    assert!(matches!(
        events[..],
        [Event::FloorEnded { .. }, Event::IdentityShown { .. }]
    ));
    told.has(MEMBER_5, Attendance::Lobby);
    told.may_not(
        CHAIR,
        &Command::Admit { participant: MEMBER_5 },
        Refusal::IdentityNeeded,
    );
    let as_seen_by = |viewer| {
        let seen = view(&told.meeting, &Identities::default(), viewer);
        seen.participants
            .into_iter()
            .find(|one| one.id == MEMBER_5)
            .unwrap()
            .identity
    };
    for viewer in [CHAIR, SECRETARY, MEMBER_5] {
        assert_eq!(as_seen_by(viewer).unwrap().obstacle, Some(Obstacle::Mismatched {}));
    }
    assert_eq!(as_seen_by(MEMBER_6), None, "the others are not told");
    told.proves(MEMBER_5, Assurance::Loa2);
    told.has(MEMBER_5, Attendance::Inside);
}

#[test]
fn the_chair_vouches_for_one_item() {
    let mut told = ready();
    let vouch = Command::Vouch { participant: MEMBER_6 };
    told.may_not(CHAIR, &vouch, Refusal::NoSuchItem);
    told.does(CHAIR, &BEGIN_SECRET);
    told.may_not(SECRETARY, &vouch, Refusal::NotAllowed);
    told.does(CHAIR, &vouch);
    told.has(MEMBER_6, Attendance::Inside);
    told.may_not(CHAIR, &vouch, Refusal::AlreadySo);
    told.may_not(CHAIR, &Command::Vouch { participant: CHAIR }, Refusal::NotAllowed);
    told.does(CHAIR, &Command::EndItem {});
    told.does(CHAIR, &BEGIN_SECRET);
    told.has(MEMBER_6, Attendance::Lobby);
}

#[test]
fn the_chair_vouches_for_who_is_at_that_device_and_for_nobody_who_has_shown_to_be_somebody_else() {
    let mut told = ready();
    told.does(CHAIR, &BEGIN_SECRET);
    told.does(CHAIR, &Command::Vouch { participant: MEMBER_6 });
    told.notices(Observation::Connected {
        participant: MEMBER_6,
        endpoint: EndpointId(60),
        proof: Proof::Invited,
    });
    told.has(MEMBER_6, Attendance::Lobby);
    told.does(CHAIR, &Command::Vouch { participant: MEMBER_6 });
    told.shows(MEMBER_6, Proof::Mismatched { at_ms: 5 });
    told.has(MEMBER_6, Attendance::Lobby);
    told.shows(GUEST, Proof::Mismatched { at_ms: 5 });
    told.may_not(CHAIR, &Command::Vouch { participant: GUEST }, Refusal::IdentityNeeded);
}

#[test]
fn what_is_kept_of_a_secret_item_is_for_no_circle_that_others_are_in() {
    let mut told = ready();
    let before = audience::audience(&told.meeting, MEMBER_6);
    told.does(CHAIR, &BEGIN_SECRET);
    let (chair, member) = (
        audience::audience(&told.meeting, CHAIR),
        audience::audience(&told.meeting, MEMBER_5),
    );
    assert!(!chair.picture_to.meets(before.sees) && !chair.sound_to.meets(before.hears));
    assert!(chair.picture_to.meets(member.sees) && chair.sound_to.meets(member.hears));
    assert!(member.picture_to.meets(chair.sees));
    told.does(CHAIR, &Command::EndItem {});
    let after = audience::audience(&told.meeting, CHAIR);
    assert_ne!(after.picture_to, chair.picture_to, "the relay forgets what it kept");
}

#[test]
fn why_a_secret_item_is_adjourned_is_told_to_those_who_are_at_it() {
    let mut told = ready();
    told.does(CHAIR, &BEGIN_SECRET);
    told.does(CHAIR, &adjourn());
    let reason = |viewer| match view(&told.meeting, &Identities::default(), viewer).phase {
        Phase::Adjourned { reason, .. } => reason,
        other => panic!("{other:?}"),
    };
    assert_eq!((&*reason(MEMBER_5), &*reason(MEMBER_6)), ("Bild saknas.", ""));
}

#[test]
fn a_meeting_of_its_own_level_lets_nobody_in_by_name_alone() {
    let mut told = Told::planned_for(Assurance::Loa3);
    told.comes(CHAIR);
    told.has(CHAIR, Attendance::Lobby);
    told.proves(CHAIR, Assurance::Loa3);
    told.has(CHAIR, Attendance::Inside);
    told.comes(MEMBER_5);
    told.may_not(
        CHAIR,
        &Command::Admit { participant: MEMBER_5 },
        Refusal::IdentityNeeded,
    );
    told.proves(MEMBER_5, Assurance::Loa3);
    told.does(CHAIR, &Command::Admit { participant: MEMBER_5 });
    told.has(MEMBER_5, Attendance::Inside);
    told.comes(FIRST_VICE);
    told.is_cut_off(CHAIR);
    told.may_not(FIRST_VICE, &Command::TakeChair {}, Refusal::IdentityNeeded);
}

#[test]
fn what_one_device_has_proved_another_has_not() {
    let mut told = ready();
    let second = Observation::Connected {
        participant: SECRETARY,
        endpoint: EndpointId(40),
        proof: Proof::Invited,
    };
    let refused = observe(&told.meeting, &second, 0);
    assert_eq!(refused, Err(Refusal::IdentityNeeded), "a stolen link beside her");
    told.is_cut_off(SECRETARY);
    told.notices(second);
    told.does(CHAIR, &BEGIN_SECRET);
    told.has(SECRETARY, Attendance::Lobby);
}

#[test]
fn a_device_that_has_shown_less_goes_as_its_person_logs_in_on_another() {
    let mut told = Told::open();
    let thief = EndpointId(40);
    told.notices(Observation::Connected {
        participant: SECRETARY,
        endpoint: thief,
        proof: Proof::Invited,
    });
    let events = told.proves(SECRETARY, Assurance::Loa3);
    let gone = Event::Disconnected {
        participant: SECRETARY,
        endpoint: thief,
        at_ms: told.now_ms.get(),
    };
    assert!(events.contains(&gone), "{events:?}");
    told.notices(Observation::Connected {
        participant: CHAIR,
        endpoint: thief,
        proof: Proof::Invited,
    });
    let shown = told.notices(Observation::IdentityShown {
        participant: CHAIR,
        endpoint: thief,
        proof: Proof::Mismatched { at_ms: 5 },
    });
    assert!(shown.iter().any(|event| matches!(event, Event::Disconnected { .. })));
    told.has(CHAIR, Attendance::Inside);
}

#[test]
fn of_two_devices_each_must_have_shown_enough_and_lately() {
    let mut told = ready();
    told.proves(SECRETARY, Assurance::Loa4);
    told.later(identity::FRESH_WITHIN_MS + 1);
    told.proves(CHAIR, Assurance::Loa3);
    let now_ms = told.now_ms.get();
    told.notices(Observation::Connected {
        participant: SECRETARY,
        endpoint: EndpointId(40),
        proof: Proof::Proven {
            assurance: Assurance::Loa4,
            at_ms: now_ms,
        },
    });
    told.does(CHAIR, &BEGIN_SECRET);
    told.has(SECRETARY, Attendance::Lobby);
}

#[test]
fn who_proves_who_they_are_is_on_a_pause_and_nothing_is_decided_meanwhile() {
    let mut told = ready();
    let reason = pause::Reason::Identify;
    told.does(MEMBER_6, &Command::Pause { reason });
    told.may_not(MEMBER_6, &Command::Pause { reason }, Refusal::AlreadySo);
    told.may_not(CHAIR, &BEGIN_SECRET, Refusal::SomebodyIdentifies);
    told.may_not(
        MEMBER_5,
        &Command::EndPause { participant: MEMBER_6 },
        Refusal::NotAllowed,
    );
    let events = told.proves(MEMBER_6, Assurance::Loa3);
    assert!(matches!(
        events[..],
        [Event::IdentityShown { .. }, Event::PauseEnded { .. }]
    ));
    told.does(CHAIR, &BEGIN_SECRET);
    told.has(MEMBER_6, Attendance::Inside);
}

#[test]
fn the_chair_ends_a_pause_that_holds_the_meeting_up() {
    let mut told = ready();
    told.does(
        MEMBER_6,
        &Command::Pause {
            reason: pause::Reason::Identify,
        },
    );
    told.does(CHAIR, &Command::EndPause { participant: MEMBER_6 });
    told.does(CHAIR, &BEGIN_SECRET);
}

#[test]
fn a_speaker_who_declares_a_pause_gives_the_floor_back() {
    let mut told = ready();
    told.does(CHAIR, &Command::GiveFloor { participant: MEMBER_5 });
    told.does(
        MEMBER_5,
        &Command::Pause {
            reason: pause::Reason::Short,
        },
    );
    assert_eq!(told.meeting.floor(), None);
    told.has(MEMBER_5, Attendance::Inside);
}

#[test]
fn a_guest_of_one_item_is_there_for_it_and_does_not_come_back() {
    let mut told = Told::planned();
    let mut with_guest = plan();
    with_guest.roster[7].only_item = Some(OPEN_ITEM);
    told.meeting = Meeting::default();
    told.record(vec![with_guest.created().unwrap()]);
    for participant in 1..=9 {
        told.comes(ParticipantId(participant));
    }
    told.does(CHAIR, &Command::AdmitAll {});
    told.has(GUEST, Attendance::Lobby);
    told.does(CHAIR, &Command::Open {});
    told.does(CHAIR, &Command::BeginItem { item: OPEN_ITEM });
    told.does(SECRETARY, &Command::Admit { participant: GUEST });
    told.has(GUEST, Attendance::Inside);
    told.does(CHAIR, &Command::EndItem {});
    told.has(GUEST, Attendance::Dismissed);
}

#[test]
fn an_agenda_is_checked_when_the_meeting_is_convened() {
    let mut wrong = plan();
    wrong.roster[7].only_item = Some(ItemId(3));
    let no_such = PlanError::NoSuchItem {
        participant: 8,
        item: 3,
    };
    assert_eq!(wrong.created(), Err(no_such));
    wrong.roster[7].only_item = None;
    wrong.roster[4].only_item = Some(ItemId(1));
    assert_eq!(wrong.created(), Err(PlanError::OnlyGuests(5)));
    wrong.roster[4].only_item = None;
    wrong.fresh_within_ms = 0;
    assert_eq!(wrong.created(), Err(PlanError::Freshness));
    wrong.fresh_within_ms = identity::FRESH_WITHIN_MS;
    wrong.items[1].requires = Assurance::Open;
    assert_eq!(wrong.created(), Err(PlanError::OpenSecret(2)));
    wrong.items[1].requires = Assurance::Loa3;
    wrong.items[0].title = " ".into();
    assert!(matches!(wrong.created(), Err(PlanError::Text(_))));
}

#[test]
fn events_of_the_first_version_are_read_as_they_were() {
    let created = r#"{"v":1,"event":{"type":"created","title":"S","body":"B","roster":[]}}"#;
    let Event::Created { requires, items, .. } = Event::decode(created).unwrap() else {
        panic!("another event")
    };
    assert_eq!((requires, items.len()), (Assurance::Open, 0));
    let connected = r#"{"v":1,"event":{"type":"connected","participant":2,"endpoint":1}}"#;
    assert!(matches!(
        Event::decode(connected).unwrap(),
        Event::Connected {
            proof: Proof::Invited,
            ..
        }
    ));
    let newer = r#"{"v":5,"event":{"type":"created","title":"S","body":"B","roster":[]}}"#;
    assert!(Event::decode(newer).is_err());
}
