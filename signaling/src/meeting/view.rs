//! The meeting as one participant may see it, and what changes in that.

use super::{Attendance, Item, ItemId, Meeting, Participant, ParticipantId, Phase, Role, alerts, service};
use crate::protocol::{
    AlertView, Change, DecisionView, IdentityView, ItemView, MeetingView, ParticipantView, ProposalView,
};
use std::collections::BTreeMap;

/// What the meeting itself does not know about its people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identities {
    /// The names shown. Somebody without one (erased) has an empty name, which the page words.
    pub names: BTreeMap<ParticipantId, String>,
    /// Whether they are for tests only.
    pub for_tests: bool,
}

/// What `viewer` may see. Who is not inside sees the phase and themselves alone; who is not in the roster, the phase.
#[must_use]
pub fn view(meeting: &Meeting, identities: &Identities, viewer: ParticipantId) -> MeetingView {
    let outside = MeetingView {
        title: meeting.title.clone(),
        body: meeting.body.clone(),
        phase: phase_outside(meeting),
        test_identities: identities.for_tests,
        requires: meeting.requires,
        ..MeetingView::default()
    };
    let Some(viewer) = meeting.roster.find(viewer) else {
        return outside;
    };
    if viewer.attendance() != Attendance::Inside {
        return MeetingView {
            participants: vec![participant_view(meeting, identities, viewer, viewer)],
            ..outside
        };
    }
    let shown = meeting
        .alerts()
        .iter()
        .filter(|alert| alerts::is_shown_to(meeting, viewer, alert));
    let leads = leads(meeting, viewer);
    MeetingView {
        phase: meeting.phase.clone(),
        acting_chair: meeting.acting_chair,
        floor: meeting.floor(),
        requests: meeting.requests().to_vec(),
        participants: meeting
            .roster
            .iter()
            .map(|one| participant_view(meeting, identities, one, viewer))
            .collect(),
        items: meeting.agenda.iter().map(|item| item_view(meeting, item)).collect(),
        item: meeting.agenda.current().map(|current| current.item),
        alerts: shown.map(alert_view).collect(),
        shown: meeting.shown(),
        quorum: meeting.quorum(),
        clocks: meeting.clocks(),
        proposals: if leads { proposals(meeting) } else { Vec::new() },
        procedure: meeting
            .procedure
            .view(viewer.id(), if leads { meeting.breaches() } else { Vec::new() }),
        roll_call: meeting.roll_call.view(leads),
        decisions: decisions(meeting, leads),
        ..outside
    }
}

/// Chair and secretary, and whoever has the chair's rights.
fn leads(meeting: &Meeting, viewer: &Participant) -> bool {
    meeting.acting_chair == Some(viewer.id()) || matches!(viewer.role(), Role::Chair | Role::Secretary)
}

fn proposals(meeting: &Meeting) -> Vec<ProposalView> {
    let party = |whom| meeting.roster.find(whom)?.seat()?.party.as_deref();
    let proposal = |(replaces, substitute): (ParticipantId, Option<ParticipantId>)| ProposalView {
        replaces,
        substitute,
        other_party: substitute.is_some_and(|substitute| party(substitute) != party(replaces)),
    };
    meeting.vacancies().into_iter().map(proposal).collect()
}

/// What was decided or corrected in secrecy is for those who were there: after the item, for chair and secretary alone.
fn decisions(meeting: &Meeting, leads: bool) -> Vec<DecisionView> {
    let current = meeting.agenda.current().map(|current| current.item);
    let is_secret = |item| meeting.agenda.is_secret(item);
    let open = |item: Option<ItemId>| leads || item == current || !item.is_some_and(is_secret);
    let corrections = |decision: &DecisionView| {
        let of = meeting.corrections().filter(|one| one.event == decision.event);
        of.filter(|one| open(one.at)).map(|one| one.text.clone()).collect()
    };
    let decisions = meeting.decisions().iter().filter(|decision| open(decision.item));
    decisions
        .map(|decision| DecisionView {
            corrections: corrections(decision),
            ..decision.clone()
        })
        .collect()
}

/// Why a secret item was adjourned is for those who are at it.
fn phase_outside(meeting: &Meeting) -> Phase {
    match &meeting.phase {
        Phase::Adjourned { since_ms, .. } if meeting.agenda.is_secret_now() => Phase::Adjourned {
            reason: String::new(),
            since_ms: *since_ms,
        },
        phase => phase.clone(),
    }
}

fn item_view(meeting: &Meeting, (id, item): (ItemId, &Item)) -> ItemView {
    ItemView {
        id,
        title: item.title.clone(),
        requires: item.requires,
        secret: item.secret,
        dealt: meeting.agenda.is_dealt(id),
    }
}

fn participant_view(
    meeting: &Meeting,
    identities: &Identities,
    participant: &Participant,
    viewer: &Participant,
) -> ParticipantView {
    let told = viewer.id() == participant.id() || leads(meeting, viewer);
    ParticipantView {
        id: participant.id(),
        name: identities.names.get(&participant.id()).cloned().unwrap_or_default(),
        party: participant.seat().and_then(|seat| seat.party.clone()),
        role: participant.role(),
        attendance: participant.attendance(),
        microphone_open: meeting.microphone_open(participant.id()),
        pause: participant.pause(),
        identity: told.then(|| identity_view(meeting, participant)),
        serves: meeting.serves(participant.id()),
        served_out: meeting.is_served_out(participant.id()),
        may_take_seat: leads(meeting, viewer) && service::may_take_seat(meeting, participant.id()),
        in_chamber: meeting.is_in_chamber(participant.id()),
        disqualified: meeting.is_disqualified(participant.id()),
    }
}

fn identity_view(meeting: &Meeting, participant: &Participant) -> IdentityView {
    let item = meeting.agenda.current().map(|current| current.item);
    IdentityView {
        assurance: participant.proof().assurance(),
        obstacle: participant.obstacle(),
        vouched: item.is_some() && participant.vouched_for() == item,
    }
}

fn alert_view(alert: &alerts::Alert) -> AlertView {
    AlertView {
        id: alert.id,
        about: alert.subject.about,
        direction: alert.subject.direction,
        level: alert.reading.level,
        cause: alert.subject.cause,
        figure: alert.reading.figure,
        affected: alert.reading.affected,
        since_ms: alert.since_ms,
        acknowledged: alert.acknowledged,
        unstable: alert.unstable,
    }
}

/// What turns `old` into `new`, two views of one meeting by one participant. (Title, body and the kind of identities
/// never change during a meeting.)
#[must_use]
pub fn changes(old: &MeetingView, new: &MeetingView) -> Vec<Change> {
    let mut changes = Vec::new();
    if old.phase != new.phase {
        changes.push(Change::Phase {
            phase: new.phase.clone(),
        });
    }
    if (old.item, &old.items) != (new.item, &new.items) {
        changes.push(Change::Item {
            item: new.item,
            items: new.items.clone(),
        });
    }
    changes.extend(
        gone(&old.participants, &new.participants, |one| one.id)
            .map(|participant| Change::ParticipantGone { participant }),
    );
    changes.extend(
        fresh(&old.participants, &new.participants, |one| one.id)
            .map(|participant| Change::Participant { participant }),
    );
    if (old.floor, &old.requests, old.acting_chair) != (new.floor, &new.requests, new.acting_chair) {
        changes.push(Change::Floor {
            floor: new.floor,
            requests: new.requests.clone(),
            acting_chair: new.acting_chair,
        });
    }
    if (old.quorum, &old.clocks, &old.proposals) != (new.quorum, &new.clocks, &new.proposals) {
        changes.push(Change::Service {
            quorum: new.quorum,
            clocks: new.clocks.clone(),
            proposals: new.proposals.clone(),
        });
    }
    if (&old.procedure, &old.decisions) != (&new.procedure, &new.decisions) {
        changes.push(Change::Procedure {
            procedure: Box::new(new.procedure.clone()),
            decisions: new.decisions.clone(),
        });
    }
    if (&old.roll_call, old.shown) != (&new.roll_call, new.shown) {
        changes.push(Change::RollCall {
            roll_call: new.roll_call.clone(),
            shown: new.shown,
        });
    }
    changes.extend(gone(&old.alerts, &new.alerts, |one| one.id).map(|alert| Change::AlertCleared { alert }));
    changes.extend(fresh(&old.alerts, &new.alerts, |one| one.id).map(|alert| Change::Alert { alert }));
    changes
}

/// The ids that are in `old` only. Both are in the order of ids.
fn gone<T, Id: Ord>(old: &[T], new: &[T], id: impl Fn(&T) -> Id + Copy) -> impl Iterator<Item = Id> {
    old.iter().map(id).filter(move |one| find(new, one, id).is_none())
}

/// What is in `new` and not the same in `old`. Both are in the order of ids.
fn fresh<T: Clone + PartialEq, Id: Ord>(old: &[T], new: &[T], id: impl Fn(&T) -> Id + Copy) -> impl Iterator<Item = T> {
    new.iter()
        .filter(move |one| find(old, &id(one), id) != Some(one))
        .cloned()
}

fn find<'a, T, Id: Ord>(list: &'a [T], wanted: &Id, id: impl Fn(&T) -> Id) -> Option<&'a T> {
    list.binary_search_by_key(wanted, id)
        .ok()
        .and_then(|index| list.get(index))
}

/// Carries out one change, as a page does.
pub fn apply(view: &mut MeetingView, change: &Change) {
    match change {
        Change::Phase { phase } => view.phase = phase.clone(),
        Change::Item { item, items } => {
            view.item = *item;
            view.items.clone_from(items);
        }
        Change::Participant { participant } => put(&mut view.participants, participant, |one| one.id),
        Change::ParticipantGone { participant } => view.participants.retain(|one| one.id != *participant),
        Change::Floor {
            floor,
            requests,
            acting_chair,
        } => {
            view.floor = *floor;
            view.requests.clone_from(requests);
            view.acting_chair = *acting_chair;
        }
        Change::Alert { alert } => put(&mut view.alerts, alert, |one| one.id),
        Change::AlertCleared { alert } => view.alerts.retain(|one| one.id != *alert),
        Change::Service {
            quorum,
            clocks,
            proposals,
        } => {
            view.quorum = *quorum;
            view.clocks.clone_from(clocks);
            view.proposals.clone_from(proposals);
        }
        Change::Procedure { procedure, decisions } => {
            view.procedure.clone_from(procedure);
            view.decisions.clone_from(decisions);
        }
        Change::RollCall { roll_call, shown } => {
            view.roll_call.clone_from(roll_call);
            view.shown = *shown;
        }
    }
}

/// Replaces by id, or inserts in the order of ids.
fn put<T: Clone, Id: Ord>(list: &mut Vec<T>, item: &T, id: impl Fn(&T) -> Id) {
    match list.binary_search_by_key(&id(item), id) {
        Ok(index) => list[index] = item.clone(),
        Err(index) => list.insert(index, item.clone()),
    }
}
