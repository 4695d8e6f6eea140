//! The items of the agenda (ärenden): which one is dealt with, and who may be there.

use super::phase::{MAX_REASON_CHARS, plain_text};
use super::{Attendance, Event, Meeting, Participant, ParticipantId, floor, identity, lobby, vote};
use crate::protocol::Refusal;
use lika_auth::Assurance;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The most items of one meeting: the longest council agendas have about a hundred.
pub const MAX_ITEMS: usize = 300;
/// What a secret item requires unless the notice says otherwise (requirement R28).
pub const SECRET_REQUIRES: Assurance = Assurance::Loa3;

/// An item of one meeting, numbered from 1 in the order of the agenda.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(transparent)]
pub struct ItemId(pub u16);

/// One line of the agenda as it is journaled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Its title, one line.
    pub title: String,
    /// The level of assurance of everybody who is there.
    pub requires: Assurance,
    /// Dealt with in secrecy (sekretess): not in the programme for the public.
    pub secret: bool,
}

/// The item being dealt with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Current {
    /// Which.
    pub item: ItemId,
    /// Since when, in milliseconds since 1970-01-01 UTC.
    pub since_ms: i64,
}

/// The agenda (föredragningslista), and where the meeting is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agenda {
    items: Vec<Item>,
    current: Option<Current>,
    /// When which was dealt with; an item may be taken up again.
    past: Vec<Past>,
}

/// From when to when an item was dealt with, in milliseconds since 1970-01-01 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Past {
    item: ItemId,
    since_ms: i64,
    until_ms: i64,
}

/// The chair begins an item. It starts only when everybody inside may be there: the others are moved out by it, into
/// the lobby, and come back when it ends. The chair cannot lead what they may not hear.
pub(super) fn begin(meeting: &Meeting, actor: ParticipantId, item: ItemId, now_ms: i64) -> Result<Vec<Event>, Refusal> {
    let found = meeting.agenda.find(item).ok_or(Refusal::NoSuchItem)?;
    if meeting.agenda.current.is_some() {
        return Err(Refusal::AlreadySo);
    }
    refuse_while_somebody_identifies(meeting)?;
    if meeting
        .roster
        .find(actor)
        .is_some_and(|one| one.is_disqualified_from(item))
    {
        return Err(Refusal::Disqualified);
    }
    let place = identity::Place::of_item(meeting, item, found, now_ms);
    let inside = meeting.roster.at(Attendance::Inside);
    let moved_out: Vec<ParticipantId> = inside
        .filter(|one| place.obstacle(one).is_some())
        .map(Participant::id)
        .collect();
    if moved_out.contains(&actor) {
        return Err(Refusal::IdentityNeeded);
    }
    let mut events = meeting.floor.ended(floor::Ending::Item);
    events.extend(moved_out.iter().flat_map(|&one| lobby::alerts_cleared(meeting, one)));
    events.push(Event::ItemBegun {
        item,
        by: actor,
        since_ms: now_ms,
        moved_out,
    });
    Ok(events)
}

/// The chair ends the item. Whoever was vouched for goes, whoever was moved out comes back.
pub(super) fn end(meeting: &Meeting, actor: ParticipantId, now_ms: i64) -> Result<Vec<Event>, Refusal> {
    let Current { item, .. } = meeting.agenda.current.ok_or(Refusal::AlreadySo)?;
    refuse_while_somebody_identifies(meeting)?;
    Ok(ending(meeting, actor, item, now_ms))
}

/// The chair defers the item (bordläggning): a way out of a breach, so that nothing holds it up (requirement R6).
pub(super) fn defer(meeting: &Meeting, actor: ParticipantId, reason: &str, now_ms: i64) -> Result<Vec<Event>, Refusal> {
    let Current { item, .. } = meeting.agenda.current.ok_or(Refusal::NoSuchItem)?;
    let reason = plain_text(reason, MAX_REASON_CHARS).ok_or(Refusal::BadText)?.to_owned();
    let deferred = Event::ItemDeferred {
        item,
        by: actor,
        reason,
    };
    Ok([vec![deferred], ending(meeting, actor, item, now_ms)].concat())
}

fn ending(meeting: &Meeting, actor: ParticipantId, item: ItemId, now_ms: i64) -> Vec<Event> {
    let place = identity::Place::of_meeting(meeting);
    let goes = |one: &&Participant| place.obstacle(one).is_some();
    let mut events = vote::broken_off(meeting, None);
    events.extend(meeting.floor.ended(floor::Ending::Item));
    let inside = meeting.roster.at(Attendance::Inside);
    events.extend(
        inside
            .filter(goes)
            .flat_map(|one| lobby::alerts_cleared(meeting, one.id())),
    );
    events.push(Event::ItemEnded {
        item,
        by: actor,
        at_ms: now_ms,
    });
    // R15: whoever was invited to this item alone does not come back.
    let guests = meeting.roster.iter().filter(|one| one.only_item() == Some(item));
    events.extend(
        guests
            .filter(|one| one.attendance() != Attendance::Dismissed)
            .map(|one| Event::Dismissed {
                participant: one.id(),
                by: actor,
            }),
    );
    events
}

/// Somebody who proves who they are in another tab misses nothing that is decided.
fn refuse_while_somebody_identifies(meeting: &Meeting) -> Result<(), Refusal> {
    if meeting.somebody_identifies() {
        Err(Refusal::SomebodyIdentifies)
    } else {
        Ok(())
    }
}

impl Agenda {
    pub(super) fn of(items: &[Item]) -> Self {
        Self {
            items: items.to_vec(),
            ..Self::default()
        }
    }

    /// Every item with its number, in order.
    pub fn iter(&self) -> impl Iterator<Item = (ItemId, &Item)> {
        (1..).map(ItemId).zip(&self.items)
    }

    /// One of them.
    #[must_use]
    pub fn find(&self, ItemId(number): ItemId) -> Option<&Item> {
        self.items.get(usize::from(number.checked_sub(1)?))
    }

    /// The one being dealt with.
    #[must_use]
    pub const fn current(&self) -> Option<Current> {
        self.current
    }

    /// Whether an item has been dealt with.
    #[must_use]
    pub fn is_dealt(&self, item: ItemId) -> bool {
        self.past.iter().any(|past| past.item == item)
    }

    /// The one that was dealt with at a time, milliseconds since 1970-01-01 UTC.
    #[must_use]
    pub fn at(&self, at_ms: i64) -> Option<ItemId> {
        let current = self.current.filter(|current| current.since_ms <= at_ms);
        let then = |past: &&Past| (past.since_ms..past.until_ms).contains(&at_ms);
        let past = || self.past.iter().rfind(then).map(|past| past.item);
        current.map(|current| current.item).or_else(past)
    }

    /// Whether an item is dealt with in secrecy.
    #[must_use]
    pub fn is_secret(&self, item: ItemId) -> bool {
        self.find(item).is_some_and(|item| item.secret)
    }

    /// Whether a secret item is being dealt with.
    #[must_use]
    pub fn is_secret_now(&self) -> bool {
        self.current.is_some_and(|current| self.is_secret(current.item))
    }

    pub(super) const fn begin(&mut self, item: ItemId, since_ms: i64) {
        self.current = Some(Current { item, since_ms });
    }

    /// `until_ms`: 0 if it is not known.
    pub(super) fn end(&mut self, until_ms: i64) {
        let ended = self.current.take();
        self.past.extend(ended.map(|Current { item, since_ms }| Past {
            item,
            since_ms,
            until_ms,
        }));
    }
}

// Their numbers are `u16`.
const _: () = assert!(MAX_ITEMS < u16::MAX as usize);
