//! Who is invited and where they are. Seat (mandate), person (identity) and endpoint (device) are kept apart: a seat
//! may be served by another person, and a person may come with another device.

use super::{Attendance, EndpointId, ItemId, Obstacle, ParticipantId, Proof, Role, identity, pause};
use crate::sha256::Sha256;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The most people in one roster: a council of 101, as many substitutes, officials and guests, and some to spare.
pub const MAX_ROSTER: usize = 300;

/// The most devices one person has connected: "the secretary may use two computers" (requirement R32). A third takes
/// the place of the one that has been there longest.
pub const MAX_ENDPOINTS: usize = 2;

/// One line of the roster as it is journaled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// What they are.
    pub role: Role,
    /// The person, or the name of a chamber device.
    pub name: NameCommitment,
    /// The seat they hold or stand in for, if any.
    pub seat: Option<Seat>,
    /// The one item that they are invited to; `None`: the whole meeting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only_item: Option<ItemId>,
}

/// A mandate in the body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seat {
    /// Its number in the body.
    pub mandate: u16,
    /// The party it belongs to.
    pub party: Option<String>,
    /// For a substitute: the place in the order of entry (inträdesordning), from 1.
    pub order_of_entry: Option<u16>,
}

/// Binds a pseudonym to a name without telling it: SHA-256 of a fixed prefix, a salt of 32 random bytes and the name.
/// Salt and name live beside the journal; when they are erased, nothing here tells who it was, and the chain holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NameCommitment(Sha256);

impl NameCommitment {
    /// The commitment to `name` (UTF-8, as shown) with `salt`.
    #[must_use]
    pub fn to(name: &str, salt: &[u8; 32]) -> Self {
        Self(Sha256::of(&[b"lika name v1\0", salt, name.as_bytes()]))
    }
}

/// Everybody who is invited, in the roster's order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roster(Vec<Participant>);

/// One who is invited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Participant {
    id: ParticipantId,
    role: Role,
    seat: Option<Seat>,
    only_item: Option<ItemId>,
    admission: Admission,
    endpoints: Vec<EndpointId>,
    /// What each of `endpoints` has shown, in the same order.
    proofs: Vec<Proof>,
    left_with: Proof,
    vouched_for: Option<ItemId>,
    obstacle: Option<Obstacle>,
    pause: Option<pause::Reason>,
    disqualified_from: BTreeSet<ItemId>,
    lost_since_ms: Option<i64>,
}

/// What chair or secretary has said about somebody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Admission {
    /// Nothing yet.
    #[default]
    Waiting,
    /// May be inside, and comes back by themselves after a lost connection.
    Admitted,
    /// May not, until admitted anew.
    Dismissed,
}

impl Participant {
    /// Their pseudonym.
    #[must_use]
    pub const fn id(&self) -> ParticipantId {
        self.id
    }

    /// What they are.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }

    /// The seat they hold or stand in for.
    #[must_use]
    pub const fn seat(&self) -> Option<&Seat> {
        self.seat.as_ref()
    }

    /// The one item that they are invited to; `None`: the whole meeting.
    #[must_use]
    pub const fn only_item(&self) -> Option<ItemId> {
        self.only_item
    }

    /// The devices connected now, the one that has been there longest first.
    #[must_use]
    pub fn endpoints(&self) -> &[EndpointId] {
        &self.endpoints
    }

    /// Where they are: what has been said about them, and whether they are connected.
    #[must_use]
    pub fn attendance(&self) -> Attendance {
        match (self.admission, self.is_connected()) {
            (Admission::Dismissed, _) => Attendance::Dismissed,
            (Admission::Waiting, false) => Attendance::Away,
            (Admission::Waiting, true) => Attendance::Lobby,
            // Admitted, but not to what is dealt with now.
            (Admission::Admitted, true) if self.obstacle.is_some() => Attendance::Lobby,
            (Admission::Admitted, true) => Attendance::Inside,
            (Admission::Admitted, false) if self.obstacle.is_some() => Attendance::Away,
            (Admission::Admitted, false) => Attendance::Lost,
        }
    }

    /// What the weakest of their devices has shown of who they are; if none is connected, what it was.
    #[must_use]
    pub fn proof(&self) -> Proof {
        self.proofs.iter().min().copied().unwrap_or(self.left_with)
    }

    /// What keeps them out of what is dealt with now.
    #[must_use]
    pub const fn obstacle(&self) -> Option<Obstacle> {
        self.obstacle
    }

    /// The item for which the chair vouches for them.
    #[must_use]
    pub const fn vouched_for(&self) -> Option<ItemId> {
        self.vouched_for
    }

    /// What they are away for, if they have declared a pause.
    #[must_use]
    pub const fn pause(&self) -> Option<pause::Reason> {
        self.pause
    }

    /// Whether they do not take part in this item (jäv).
    #[must_use]
    pub fn is_disqualified_from(&self, item: ItemId) -> bool {
        self.disqualified_from.contains(&item)
    }

    /// When their last device was given up; `None`: they are connected, or the server's own restart parted them.
    #[must_use]
    pub const fn lost_since_ms(&self) -> Option<i64> {
        self.lost_since_ms
    }

    /// As they would be with one more device.
    pub(super) fn with(&self, endpoint: EndpointId, proof: Proof) -> Self {
        let mut after = self.clone();
        after.connect(endpoint, proof);
        after
    }

    fn connect(&mut self, endpoint: EndpointId, proof: Proof) {
        self.endpoints.push(endpoint);
        self.proofs.push(proof);
        self.lost_since_ms = None;
    }

    /// What each of their devices has shown; if none is connected, what it was.
    pub(super) fn proofs(&self) -> &[Proof] {
        if self.proofs.is_empty() {
            std::slice::from_ref(&self.left_with)
        } else {
            &self.proofs
        }
    }

    /// Whether another of their devices has shown more than this one.
    pub(super) fn is_weaker_elsewhere(&self, proof: Proof, endpoint: EndpointId) -> bool {
        let mut devices = self.endpoints.iter().zip(&self.proofs);
        devices.any(|(&one, shown)| one != endpoint && shown.rank() > proof.rank())
    }

    /// Their devices that have shown less than this, but for one.
    pub(super) fn weaker_than(&self, proof: Proof, but: EndpointId) -> impl Iterator<Item = EndpointId> {
        let devices = self.endpoints.iter().zip(&self.proofs);
        devices.filter_map(move |(&one, shown)| (one != but && shown.rank() < proof.rank()).then_some(one))
    }

    /// What one of their devices has shown; `None`: it is not connected.
    #[must_use]
    pub fn proof_of(&self, endpoint: EndpointId) -> Option<Proof> {
        let at = self.endpoints.iter().position(|&one| one == endpoint)?;
        self.proofs.get(at).copied()
    }

    pub(super) const fn admission(&self) -> Admission {
        self.admission
    }

    pub(super) const fn is_connected(&self) -> bool {
        !self.endpoints.is_empty()
    }
}

impl Roster {
    pub(super) fn of(entries: &[Entry]) -> Self {
        let participant = |(id, entry): (u32, &Entry)| Participant {
            id: ParticipantId(id),
            role: entry.role,
            seat: entry.seat.clone(),
            only_item: entry.only_item,
            admission: Admission::default(),
            endpoints: Vec::new(),
            proofs: Vec::new(),
            left_with: Proof::default(),
            vouched_for: None,
            obstacle: None,
            pause: None,
            disqualified_from: BTreeSet::new(),
            lost_since_ms: None,
        };
        Self((1..).zip(entries).map(participant).collect())
    }

    /// Everybody, in the roster's order.
    pub fn iter(&self) -> impl Iterator<Item = &Participant> {
        self.0.iter()
    }

    /// One of them.
    #[must_use]
    pub fn find(&self, id: ParticipantId) -> Option<&Participant> {
        self.0.get(usize::try_from(id.0.checked_sub(1)?).ok()?)
    }

    /// The first with this role.
    #[must_use]
    pub fn first(&self, role: Role) -> Option<ParticipantId> {
        self.iter()
            .find(|participant| participant.role == role)
            .map(Participant::id)
    }

    /// Those who are in the given place.
    pub fn at(&self, place: Attendance) -> impl Iterator<Item = &Participant> {
        self.iter().filter(move |participant| participant.attendance() == place)
    }

    pub(super) fn connect(&mut self, id: ParticipantId, endpoint: EndpointId, proof: Proof) {
        if let Some(participant) = self.find_mut(id) {
            participant.connect(endpoint, proof);
            // The chair has vouched for who was at the other device.
            participant.vouched_for = None;
        }
    }

    pub(super) fn disconnect(&mut self, id: ParticipantId, endpoint: EndpointId, at_ms: i64) {
        if let Some(participant) = self.find_mut(id) {
            participant.left_with = participant.proof();
            while let Some(at) = participant.endpoints.iter().position(|&one| one == endpoint) {
                participant.endpoints.remove(at);
                participant.proofs.remove(at);
                // Events before version 3 do not tell.
                participant.lost_since_ms = (participant.endpoints.is_empty() && at_ms > 0).then_some(at_ms);
            }
        }
    }

    pub(super) fn disconnect_all(&mut self) {
        for participant in &mut self.0 {
            participant.left_with = participant.proof();
            participant.endpoints.clear();
            participant.proofs.clear();
        }
    }

    pub(super) fn show(&mut self, id: ParticipantId, endpoint: EndpointId, proof: Proof) {
        if let Some(participant) = self.find_mut(id)
            && let Some(at) = participant.endpoints.iter().position(|&one| one == endpoint)
        {
            participant.proofs[at] = proof;
            if matches!(proof, Proof::Mismatched { .. }) {
                participant.vouched_for = None;
            }
        }
    }

    pub(super) fn vouch(&mut self, id: ParticipantId, item: ItemId) {
        if let Some(participant) = self.find_mut(id) {
            participant.vouched_for = Some(item);
        }
    }

    /// The item for which the chair has vouched for some is over.
    pub(super) fn forget_vouching(&mut self) {
        self.0.iter_mut().for_each(|participant| participant.vouched_for = None);
    }

    pub(super) fn disqualify(&mut self, id: ParticipantId, item: ItemId) {
        if let Some(participant) = self.find_mut(id) {
            participant.disqualified_from.insert(item);
        }
    }

    pub(super) fn pause(&mut self, id: ParticipantId, reason: Option<pause::Reason>) {
        if let Some(participant) = self.find_mut(id) {
            participant.pause = reason;
        }
    }

    /// Finds anew what keeps each out, which any event may have changed.
    pub(super) fn find_obstacles(&mut self, place: &identity::Place) {
        for participant in &mut self.0 {
            participant.obstacle = place.obstacle(participant);
        }
    }

    pub(super) fn admit(&mut self, id: ParticipantId) {
        if let Some(participant) = self.find_mut(id) {
            participant.admission = Admission::Admitted;
        }
    }

    pub(super) fn dismiss(&mut self, id: ParticipantId) {
        if let Some(participant) = self.find_mut(id) {
            participant.admission = Admission::Dismissed;
            participant.pause = None;
        }
    }

    fn find_mut(&mut self, id: ParticipantId) -> Option<&mut Participant> {
        self.0.get_mut(usize::try_from(id.0.checked_sub(1)?).ok()?)
    }
}
