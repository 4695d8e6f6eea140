//! What holds at every meeting, whatever is asked and noticed, in whatever order.

use super::stories::{ROLES, Told};
use super::view::apply;
use super::*;
use crate::equal_terms::{Cause, Direction, Level};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::{BTreeMap, BTreeSet};

/// One thing that is asked or noticed, and how long after the one before.
#[derive(Clone, Debug)]
enum Step {
    Asked(ParticipantId, Command),
    Noticed(Observation),
}

/// The roster's nine, and two who are not in it.
fn somebody() -> impl Strategy<Value = ParticipantId> {
    (0..=10_u32).prop_map(ParticipantId)
}

/// The chair often, or most meetings would never open.
fn actor() -> impl Strategy<Value = ParticipantId> {
    prop_oneof![3 => Just(ParticipantId(1)), 1 => Just(ParticipantId(2)), 1 => Just(ParticipantId(4)), 4 => somebody()]
}

fn command() -> impl Strategy<Value = Command> {
    prop_oneof![
        2 => somebody().prop_map(|participant| Command::Admit { participant }),
        3 => Just(Command::AdmitAll {}),
        1 => somebody().prop_map(|participant| Command::Dismiss { participant }),
        4 => Just(Command::Open {}),
        1 => Just(Command::Close {}),
        4 => Just(Command::RequestFloor {}),
        1 => Just(Command::WithdrawRequest {}),
        5 => somebody().prop_map(|participant| Command::GiveFloor { participant }),
        1 => Just(Command::EndFloor {}),
        2 => ".{0,4}".prop_map(|reason| Command::Adjourn { reason }),
        3 => Just(Command::Resume {}),
        2 => (0..6_u32).prop_map(|alert| Command::AcknowledgeAlert { alert: AlertId(alert) }),
        2 => Just(Command::ReportUnequalTerms {}),
        2 => Just(Command::TakeChair {}),
        4 => (0..4_u16).prop_map(|item| Command::BeginItem { item: ItemId(item) }),
        2 => Just(Command::EndItem {}),
        1 => somebody().prop_map(|participant| Command::Vouch { participant }),
        1 => Just(Command::Pause { reason: pause::Reason::Identify }),
        1 => somebody().prop_map(|participant| Command::EndPause { participant }),
        8 => serving(),
        6 => calling(),
        30 => deciding(),
    ]
}

fn reason() -> impl Strategy<Value = Option<String>> {
    proptest::option::of(Just("skäl".to_owned()))
}

fn serving() -> impl Strategy<Value = Command> {
    let two = || (somebody(), somebody(), reason());
    prop_oneof![
        2 => (somebody(), any::<bool>()).prop_map(|(participant, there)| Command::NoteInChamber { participant, there }),
        6 => two().prop_map(|(_, replaces, reason)| Command::StepIn { substitute: ParticipantId(7), replaces, reason }),
        1 => two().prop_map(|(substitute, replaces, reason)| Command::StepIn { substitute, replaces, reason }),
        3 => somebody().prop_map(|participant| Command::NoteAbsent { participant, reason: "skäl".into() }),
        4 => (somebody(), reason()).prop_map(|(participant, reason)| Command::TakeSeat { participant, reason }),
        2 => somebody().prop_map(|participant| Command::Disqualify { participant, reason: "jäv".into() }),
        1 => (somebody(), 0..70_u8).prop_map(|(participant, minutes)| Command::ExtendClock {
            clock: Clock::Reconnect { participant },
            minutes,
        }),
        1 => Just(Command::ExtendClock { clock: Clock::Adjournment {}, minutes: 5 }),
        1 => Just(Command::DeferItem { reason: "skäl".into() }),
    ]
}

fn calling() -> impl Strategy<Value = Command> {
    prop_oneof![
        Just(Command::BeginRollCall {}),
        somebody().prop_map(|participant| Command::Call { participant }),
        Just(Command::AnswerRollCall {
            sees: true,
            hears: true,
            heard: true
        }),
        (somebody(), any::<bool>()).prop_map(|(participant, present)| Command::NoteRollCall { participant, present }),
        Just(Command::EndRollCall {}),
    ]
}

fn deciding() -> impl Strategy<Value = Command> {
    let despite = || {
        proptest::option::of(select(vec![
            Despite::ConfirmedByMember,
            Despite::MeasurementAtFault,
            Despite::Repeated,
            Despite::QuorumException,
        ]))
    };
    let choice = || select(vec![Choice::Yes, Choice::No, Choice::Abstain]);
    prop_oneof![
        4 => Just(Command::CloseDeliberation {}),
        1 => Just(Command::ReopenDeliberation {}),
        4 => Just(Command::ConfirmPresence { participants: (1..=9).map(ParticipantId).collect() }),
        4 => Just(Command::PutQuestion { question: "Ja?".into() }),
        4 => Just(Command::PauseForVote {}),
        1 => Just(Command::LeaveChamber {}),
        1 => Just(Command::RequestVote {}),
        1 => Just(Command::WithdrawVoteRequest {}),
        2 => despite().prop_map(|despite| Command::OpenVote {
            yes: "ja".into(),
            no: "nej".into(),
            abstention: true,
            despite,
        }),
        4 => (choice(), proptest::option::of(somebody()))
            .prop_map(|(choice, participant)| Command::Vote { choice, participant }),
        1 => despite().prop_map(|despite| Command::ResumeVote { despite }),
        1 => proptest::option::of(choice()).prop_map(|casting| Command::CloseVote { casting }),
        1 => Just(Command::BreakOffVote {}),
        4 => despite().prop_map(|despite| Command::Gavel { decision: "bifall".into(), despite }),
        1 => (0..2_000_000_i64).prop_map(|gavel_ms| Command::RecordGavel {
            decision: "bifall".into(),
            gavel_ms,
            item: None,
        }),
        1 => Just(Command::PauseForReservations {}),
        1 => Just(Command::Reserve {}),
        1 => Just(Command::WithdrawReservation {}),
        1 => Just(Command::EndReservations {}),
        1 => (0..200_u64).prop_map(|event| Command::Correct { event, text: "rätt".into() }),
    ]
}

fn subject() -> impl Strategy<Value = Subject> {
    let causes = select(vec![Cause::LinkLost, Cause::PictureFrozen, Cause::Reported]);
    (
        proptest::option::of(somebody()),
        select(vec![Direction::Seen, Direction::Hears]),
        causes,
    )
        .prop_map(|(about, direction, cause)| Subject {
            about,
            direction,
            cause,
        })
}

fn reading() -> impl Strategy<Value = Reading> {
    let levels = select(vec![
        Level::Unknown,
        Level::Suspended,
        Level::Green,
        Level::Amber,
        Level::Red,
    ]);
    (levels, proptest::option::of(any::<f64>()), 0..100_u32).prop_map(|(level, figure, affected)| Reading {
        level,
        figure,
        affected,
        gone_since_ms: (level == Level::Red && affected > 50).then_some(1_000_000),
    })
}

/// A good login often, or no secret item would ever begin.
fn proof() -> impl Strategy<Value = Proof> {
    let at_ms = 900_000..1_100_000_i64;
    let levels = select(vec![Assurance::Loa2, Assurance::Loa3, Assurance::Loa4]);
    prop_oneof![
        3 => Just(Proof::Invited),
        1 => at_ms.clone().prop_map(|at_ms| Proof::Mismatched { at_ms }),
        6 => (levels, at_ms).prop_map(|(assurance, at_ms)| Proof::Proven { assurance, at_ms }),
    ]
}

fn observation() -> impl Strategy<Value = Observation> {
    let connected = (somebody(), 0..4_u64, proof()).prop_map(|(participant, endpoint, proof)| Observation::Connected {
        participant,
        endpoint: EndpointId(endpoint),
        proof,
    });
    let shown = (somebody(), 0..4_u64, proof()).prop_map(|(participant, endpoint, proof)| Observation::IdentityShown {
        participant,
        endpoint: EndpointId(endpoint),
        proof,
    });
    let disconnected = (somebody(), 0..4_u64).prop_map(|(participant, endpoint)| Observation::Disconnected {
        participant,
        endpoint: EndpointId(endpoint),
    });
    prop_oneof![
        9 => connected,
        6 => shown,
        3 => disconnected,
        1 => Just(Observation::ServerRestarted {}),
        3 => (subject(), reading()).prop_map(|(subject, reading)| Observation::Alert { subject, reading }),
        1 => subject().prop_map(|subject| Observation::AlertUnstable { subject }),
        1 => subject().prop_map(|subject| Observation::AlertOver { subject }),
    ]
}

fn step() -> impl Strategy<Value = (Step, i64)> {
    let what = prop_oneof![
        2 => (actor(), command()).prop_map(|(actor, command)| Step::Asked(actor, command)),
        1 => observation().prop_map(Step::Noticed),
    ];
    // Clocks are set back now and then.
    (what, prop_oneof![9 => 0..20_000_i64, 1 => -50_000..50_000_i64])
}

/// Everybody has come, so that the steps soon meet a full room.
fn gathered() -> Told {
    let mut told = Told::planned();
    for id in (1..).take(ROLES.len()) {
        let here = Observation::Connected {
            participant: ParticipantId(id),
            endpoint: EndpointId(0),
            proof: Proof::Invited,
        };
        let events = observe(&told.meeting, &here, 0).unwrap();
        told.record(events);
    }
    told
}

/// What must hold after every single event.
fn holds(meeting: &Meeting, admitted: &BTreeSet<ParticipantId>) -> Result<(), TestCaseError> {
    if let Some(speaker) = meeting.floor() {
        prop_assert!(meeting.is_inside(speaker), "the speaker is inside");
        prop_assert_eq!(meeting.phase(), &Phase::Open);
        prop_assert!(!meeting.requests().contains(&speaker));
    }
    for inside in meeting.roster().at(Attendance::Inside) {
        prop_assert!(admitted.contains(&inside.id()), "{} was never admitted", inside.id());
        let secret = meeting.agenda().is_secret_now() && inside.role() != Role::Chamber;
        let item = meeting.agenda().current().map(|current| current.item);
        let shown_enough = inside.proof().assurance() >= Assurance::Loa3 || inside.vouched_for() == item;
        prop_assert!(!secret || shown_enough, "{} is at a secret item", inside.id());
        let mismatched = matches!(inside.proof(), Proof::Mismatched { .. }) && inside.role() != Role::Chamber;
        prop_assert!(
            !mismatched || inside.vouched_for() == item,
            "{} is somebody else",
            inside.id()
        );
    }
    let acting = meeting
        .acting_chair()
        .and_then(|id| meeting.roster().find(id))
        .map(Participant::role);
    prop_assert!(matches!(acting, Some(Role::Chair | Role::ViceChair)));
    for participant in meeting.roster().iter() {
        let id = participant.id();
        let may = meeting.is_inside(id) && *meeting.phase() != Phase::Closed;
        let in_chamber = meeting.is_in_chamber(id);
        prop_assert!(meeting.may_hear_and_see(id) == may || in_chamber);
        prop_assert!(
            (may && !in_chamber) || !meeting.microphone_open(id),
            "only who is inside is heard"
        );
        prop_assert!(participant.endpoints().len() <= roster::MAX_ENDPOINTS + 1);
    }
    let subjects: Vec<_> = meeting.alerts().iter().map(|alert| alert.subject).collect();
    prop_assert!(
        subjects
            .iter()
            .enumerate()
            .all(|(index, one)| !subjects[..index].contains(one))
    );
    prop_assert!(meeting.alerts().is_sorted_by_key(|alert| alert.id));
    Ok(())
}

/// What has been so far, by the events alone.
#[derive(Default)]
struct Served {
    item: Option<ItemId>,
    disqualified: BTreeSet<(ParticipantId, ItemId)>,
    /// Those whose service of a mandate ended and who have not served since.
    left: BTreeMap<ParticipantId, u16>,
    /// Those who serve for somebody disqualified at the item.
    standing_in: BTreeSet<ParticipantId>,
    /// Those whose mandate a substitute has served since they left it, otherwise than at an item that they are
    /// disqualified from: they never serve again (växeltjänstgöring).
    replaced: BTreeSet<ParticipantId>,
}

impl Served {
    fn is_disqualified(&self, whom: ParticipantId) -> bool {
        self.item.is_some_and(|item| self.disqualified.contains(&(whom, item)))
    }

    fn ended(&mut self, whom: ParticipantId, mandate: u16, why: service::Ending) {
        let stood_in = self.standing_in.remove(&whom);
        let sent_home = match why {
            service::Ending::MemberCame | service::Ending::DisqualificationOver => true,
            service::Ending::Disqualified => stood_in,
            _ => false,
        };
        if !sent_home {
            self.left.insert(whom, mandate);
        }
    }

    fn steps_in(&mut self, substitute: ParticipantId, mandate: u16) {
        let others: Vec<_> = self.left.iter().filter(|&(_, &of)| of == mandate).collect();
        let (aside, gone): (Vec<ParticipantId>, _) = others
            .into_iter()
            .map(|(&who, _)| who)
            .filter(|&who| who != substitute)
            .partition(|&who| self.is_disqualified(who));
        if !aside.is_empty() {
            self.standing_in.insert(substitute);
        }
        self.replaced.extend(gone);
    }
}

/// The gavel never falls during a breach without a reason that is recorded, nobody who was replaced serves again (all are
/// of one party here, so that there is no exception), and who serves is one for each mandate.
fn procedure_holds(before: &Meeting, event: &Event, served: &mut Served) -> Result<(), TestCaseError> {
    match event {
        Event::Decided {
            despite,
            afterwards: false,
            ..
        }
        | Event::VoteOpened { despite, .. } => {
            prop_assert!(despite.is_some() || before.breaches().is_empty());
            prop_assert!(!before.somebody_identifies());
            let opens_vote = matches!(event, Event::VoteOpened { .. });
            prop_assert!(opens_vote || !before.procedure.waits_for_a_vote());
            let quorum = before.quorum();
            prop_assert!(quorum.there >= quorum.needed || *despite == Some(Despite::QuorumException));
        }
        Event::VoteResumed { despite, .. } => prop_assert!(despite.is_some() || before.breaches().is_empty()),
        Event::Voted { participant, .. } => {
            let open = before.procedure.vote().map(|vote| vote.view(*participant).state);
            prop_assert_eq!(open, Some(VoteState::Open));
        }
        Event::ServiceEnded {
            participant,
            mandate,
            why,
            ..
        } => {
            prop_assert_eq!(before.serves(*participant), Some(*mandate));
            served.ended(*participant, *mandate, *why);
        }
        Event::ServiceBegan {
            participant,
            mandate,
            why,
            ..
        } => {
            prop_assert!(!served.replaced.contains(participant), "{} was replaced", participant);
            prop_assert_eq!(before.serves(*participant), None);
            prop_assert!(!served.is_disqualified(*participant), "{} is disqualified", participant);
            // Who was disqualified serves again after the item, and if they are not there that is for the chair to see.
            prop_assert!(before.is_there(*participant) || *why == service::Beginning::Returns);
            if *why == service::Beginning::StepsIn {
                served.steps_in(*participant, *mandate);
            }
            served.left.remove(participant);
        }
        Event::ItemBegun { item, .. } => served.item = Some(*item),
        Event::ItemEnded { .. } => served.item = None,
        Event::Disqualified { participant, item, .. } => {
            served.disqualified.insert((*participant, *item));
        }
        Event::Dismissed { participant, .. } => {
            prop_assert_eq!(before.serves(*participant), None);
        }
        _ => {}
    }
    let holders = before.serving();
    prop_assert!(holders.iter().all(|&one| before.serves(one).is_some()));
    Ok(())
}

/// Admitted now, by the events alone.
fn note_admission(admitted: &mut BTreeSet<ParticipantId>, event: &Event) {
    match event {
        Event::Admitted { participant, .. } => admitted.insert(*participant),
        Event::Dismissed { participant, .. } => admitted.remove(participant),
        _ => false,
    };
}

fn views(meeting: &Meeting) -> Vec<crate::protocol::MeetingView> {
    (0..=10)
        .map(|viewer| view(meeting, &Identities::default(), ParticipantId(viewer)))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn a_meeting_holds_together(steps in vec(step(), 0..120)) {
        let mut told = gathered();
        let mut admitted = BTreeSet::new();
        told.events.iter().for_each(|event| note_admission(&mut admitted, event));
        let mut served = Served::default();
        let mut now_ms = 1_000_000;
        for (step, passed_ms) in steps {
            now_ms += passed_ms;
            let before = told.meeting.clone();
            let views_before = views(&before);
            let decided = match step {
                Step::Asked(actor, command) => decide(&told.meeting, actor, &command, now_ms),
                Step::Noticed(observation) => observe(&told.meeting, &observation, now_ms),
            };
            let Ok(events) = decided else {
                prop_assert_eq!(&told.meeting, &before);
                continue;
            };
            prop_assert!(before.phase() != &Phase::Closed, "closed is final");
            for event in events {
                note_admission(&mut admitted, &event);
                procedure_holds(&told.meeting, &event, &mut served)?;
                told.record(vec![event]);
                holds(&told.meeting, &admitted)?;
            }
            for (mut page, now) in views_before.into_iter().zip(views(&told.meeting)) {
                for change in changes(&page.clone(), &now) {
                    apply(&mut page, &change);
                }
                prop_assert_eq!(page, now);
            }
        }
        let texts = told.events.iter().map(|event| event.encode().unwrap());
        let read: Vec<_> = texts.map(|text| Event::decode(&text).unwrap()).collect();
        prop_assert_eq!(&read, &told.events);
        prop_assert_eq!(&Meeting::replay(&read), &told.meeting);
        prop_assert_eq!(told.meeting.events(), told.events.len() as u64);
    }

    /// A damaged or foreign order of events may make a strange meeting, but never a panic.
    #[test]
    fn applying_is_total(order in vec(0..1000_usize, 0..60), steps in vec(step(), 40)) {
        let mut told = gathered();
        for (step, _) in steps {
            let decided = match step {
                Step::Asked(actor, command) => decide(&told.meeting, actor, &command, 0),
                Step::Noticed(observation) => observe(&told.meeting, &observation, 0),
            };
            told.record(decided.unwrap_or_default());
        }
        let shuffled = order.iter().map(|index| &told.events[index % told.events.len()]);
        views(&Meeting::replay(shuffled));
    }
}
