//! Which meetings there are, and who is invited to them.

use super::Refused;
use super::reading::beside;
use crate::http::Doors;
use crate::journal::Reader;
use crate::meeting::{Item, ItemId, Meeting, MeetingId, Participant, ParticipantId, Phase, Role, Seat};
use lika_auth::{Assurance, IdentityStore, Occasion, StoreError};

/// Meetings listed at once.
pub(in crate::http) const MAX_LISTED: usize = 100;

/// Which meetings are listed: from the newest on.
#[derive(Clone, Copy, Debug)]
pub(in crate::http) struct Page {
    /// At most so many.
    pub(in crate::http) limit: usize,
    /// Those before this one.
    pub(in crate::http) before: Option<MeetingId>,
    /// Test meetings alone.
    pub(in crate::http) tests: bool,
}

/// A line of the list.
#[derive(Clone, Debug)]
pub(in crate::http) struct Summary {
    pub(in crate::http) meeting: MeetingId,
    pub(in crate::http) title: String,
    pub(in crate::http) body: String,
    pub(in crate::http) phase: Phase,
    pub(in crate::http) events: u64,
    pub(in crate::http) occasion: Occasion,
}

/// A meeting with its agenda and roster.
#[derive(Clone, Debug)]
pub(in crate::http) struct Full {
    pub(in crate::http) summary: Summary,
    pub(in crate::http) requires: Assurance,
    pub(in crate::http) items: Vec<Item>,
    pub(in crate::http) participants: Vec<Line>,
}

/// Somebody in the roster.
#[derive(Clone, Debug)]
pub(in crate::http) struct Line {
    pub(in crate::http) participant: ParticipantId,
    pub(in crate::http) role: Role,
    /// `None`: erased.
    pub(in crate::http) name: Option<String>,
    pub(in crate::http) seat: Option<Seat>,
    pub(in crate::http) only_item: Option<ItemId>,
}

impl Doors {
    /// The meetings of a page, newest first, and where the next one goes on.
    pub(in crate::http) async fn meetings(&self, page: Page) -> Result<(Vec<Summary>, Option<MeetingId>), Refused> {
        let limit = page.limit.clamp(1, MAX_LISTED);
        let ids = beside(self, move |_, journal| {
            let all = journal.meetings()?.into_iter().rev().map(|(id, _)| id);
            Ok(all
                .filter(|id| page.before.is_none_or(|before| *id < before))
                .collect::<Vec<_>>())
        });
        let ids = ids.await?;
        let choosing = move |store: &mut IdentityStore| one_more_than(limit, page.tests, store, ids);
        let mut chosen = self.identities.ask(choosing).await??;
        let more = chosen.len() > limit;
        chosen.truncate(limit);
        let next = chosen.last().map(|(id, _)| *id).filter(|_| more);
        let mut summaries = Vec::with_capacity(chosen.len());
        // One by one: whoever hangs up ends it, and others come in between.
        for (id, occasion) in chosen {
            let summary = beside(self, move |_, journal| Ok(summary(id, &replay(journal, id)?, occasion)));
            summaries.push(summary.await?);
        }
        Ok((summaries, next))
    }

    /// When and where a meeting is, as far as it is known.
    pub(in crate::http) async fn occasion(&self, meeting: MeetingId) -> Result<Occasion, Refused> {
        Ok(self.identities.ask(move |store| store.occasion(meeting.0)).await??)
    }

    /// One meeting.
    pub(in crate::http) async fn meeting(&self, id: MeetingId) -> Result<Full, Refused> {
        let now = beside(self, move |_, journal| replay(journal, id)).await?;
        let people = self.stores.people.ask(move |people| people.of(id.0)).await??;
        let name = |participant: ParticipantId| {
            let mut people = people.iter();
            let found = people.find(|person| person.whom.participant == participant.0);
            found.map(|person| person.name.clone())
        };
        let line = |one: &Participant| Line {
            participant: one.id(),
            role: one.role(),
            name: name(one.id()),
            seat: one.seat().cloned(),
            only_item: one.only_item(),
        };
        Ok(Full {
            summary: summary(id, &now, self.occasion(id).await?),
            requires: now.requires(),
            items: now.agenda().iter().map(|(_, item)| item.clone()).collect(),
            participants: now.roster().iter().map(line).collect(),
        })
    }
}

/// The first of these meetings with their occasions, and one more if there is one.
fn one_more_than(
    limit: usize,
    tests: bool,
    store: &IdentityStore,
    ids: Vec<MeetingId>,
) -> Result<Vec<(MeetingId, Occasion)>, StoreError> {
    let mut chosen = Vec::new();
    for id in ids {
        let occasion = store.occasion(id.0)?;
        if occasion.test || !tests {
            chosen.push((id, occasion));
        }
        if chosen.len() > limit {
            break;
        }
    }
    Ok(chosen)
}

fn replay(journal: &Reader, id: MeetingId) -> Result<Meeting, Refused> {
    let events = journal.read(id)?;
    Ok(Meeting::replay(events.iter().map(|stored| &stored.event)))
}

fn summary(id: MeetingId, meeting: &Meeting, occasion: Occasion) -> Summary {
    Summary {
        meeting: id,
        title: meeting.title().to_owned(),
        body: meeting.body().to_owned(),
        phase: meeting.phase().clone(),
        events: meeting.events(),
        occasion,
    }
}
