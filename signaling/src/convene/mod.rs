//! Convening a meeting: a roster becomes the meeting's first event, the names beside it, and an invitation for each.

pub mod calendar;
pub mod csv;
mod notice;
mod occasion;
mod seats;

pub use notice::{IdentityText, Invitee, Matter, Notice};
pub(crate) use notice::{may_quote_identity, may_tell_identity};
pub use occasion::{OccasionError, TEST_PREFIX, When, invitation_expires_ms};

use crate::conference::Stores;
use crate::data::Data;
use crate::journal::JournalError;
use crate::keeper::NoAnswer;
use crate::meeting::roster::Entry;
use crate::meeting::{Event, ItemId, MeetingId, NameCommitment, ParticipantId, Plan, PlanError, Role, Seat};
use lika_auth::oidc::{IdentityError, IdentityNumber};
use lika_auth::people::Salt;
use lika_auth::{
    Identity, IdentityStore, Invitation, InvitationToken, KeyedIdentity, Occasion, Person, RosterKeys, StoreError,
};
use thiserror::Error;

const HOUR_MS: i64 = 60 * 60 * 1000;

/// A meeting that has been convened.
pub struct Convened {
    /// Its number.
    pub meeting: MeetingId,
    /// The invitations, in the roster's order. They are told here and never again.
    pub invitations: Vec<(ParticipantId, InvitationToken)>,
}

/// Why a meeting cannot be convened.
#[derive(Debug, Error)]
pub enum ConveneError {
    /// The file is not a roster. The line itself is not told: it may have somebody's identity.
    #[error("the roster cannot be read: line {line}: {problem}")]
    Roster {
        /// Where, from 1.
        line: usize,
        /// What is wrong.
        problem: String,
    },
    /// Somebody has no name.
    #[error("participant {0} of the roster has no name")]
    Nameless(u32),
    /// Somebody's identity cannot be one.
    #[error("the identity of participant {participant} of the roster cannot be used: {source}")]
    Identity {
        /// Whose, by the place in the roster.
        participant: u32,
        /// Why.
        source: IdentityError,
    },
    /// No number of a mandate is left for somebody who has a party or a place in the order of entry.
    #[error("participant {0} of the roster has no mandate and no number is left for one: number the mandates from 1")]
    NoMandateLeft(u32),
    /// See [`OccasionError`].
    #[error(transparent)]
    Occasion(#[from] OccasionError),
    /// See [`PlanError`].
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// See [`JournalError`].
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
    /// See [`NoAnswer`].
    #[error(transparent)]
    NoAnswer(#[from] NoAnswer),
}

impl Notice {
    /// Convenes the meeting. Should it fail half-way, there is a meeting that nobody can enter; convene another.
    ///
    /// # Errors
    /// [`ConveneError`].
    pub fn convene(
        &self,
        data: &mut Data,
        keys: &RosterKeys,
        now_ms: i64,
        expires_ms: i64,
    ) -> Result<Convened, ConveneError> {
        let call = self.call(keys, now_ms)?;
        let (meeting, _) = data.journal.create(&call.first, now_ms)?;
        data.people.add(&call.people(meeting))?;
        let invitations = call.invite(&mut data.identities, meeting, expires_ms)?;
        Ok(Convened { meeting, invitations })
    }

    /// The same in a running server.
    ///
    /// # Errors
    /// [`ConveneError`].
    pub async fn convene_in(
        &self,
        stores: &Stores,
        keys: &RosterKeys,
        now_ms: i64,
        expires_ms: i64,
    ) -> Result<Convened, ConveneError> {
        let call = self.call(keys, now_ms)?;
        let first = call.first.clone();
        let created = stores
            .journal
            .ask(move |journal| journal.create(&first, now_ms))
            .await?;
        let (meeting, _) = created?;
        let people = call.people(meeting);
        stores.people.ask(move |store| store.add(&people)).await??;
        let inviting = move |store: &mut IdentityStore| call.invite(store, meeting, expires_ms);
        let invitations = stores.identities.ask(inviting).await??;
        Ok(Convened { meeting, invitations })
    }

    fn call(&self, keys: &RosterKeys, now_ms: i64) -> Result<Call, ConveneError> {
        let occasion = occasion::checked(&self.occasion(), now_ms)?;
        let identities = self.identities()?;
        let hashed = identities
            .iter()
            .map(|(participant, one)| (*participant, keys.hash(one.as_str())));
        let salts = self
            .participants
            .iter()
            .map(|_| Salt::random())
            .collect::<Result<Vec<_>, _>>();
        let salts = salts.map_err(StoreError::from)?;
        let mut participants = self.participants.clone();
        seats::number(&mut participants).map_err(ConveneError::NoMandateLeft)?;
        let first = self.plan(&participants, &salts)?.created()?;
        let names = self.participants.iter().map(|one| one.name.trim().to_owned());
        Ok(Call {
            first,
            identities: hashed.collect(),
            devices: self.participants.iter().map(|one| devices(one.role)).collect(),
            names: names.zip(salts).collect(),
            occasion,
        })
    }

    /// Whose identity is known, by the place in the roster.
    fn identities(&self) -> Result<Vec<(u32, IdentityNumber)>, ConveneError> {
        let known = (1..)
            .zip(&self.participants)
            .filter_map(|(at, one)| Some((at, one.identity.as_ref()?)));
        known
            .map(|(at, identity)| match identity.read() {
                Ok(identity) => Ok((at, identity)),
                Err(source) => Err(ConveneError::Identity {
                    participant: at,
                    source,
                }),
            })
            .collect()
    }

    fn plan(&self, participants: &[Invitee], salts: &[Salt]) -> Result<Plan, ConveneError> {
        let entry = |((number, one), salt): ((u32, &Invitee), &Salt)| {
            let name = one.name.trim();
            if name.is_empty() {
                return Err(ConveneError::Nameless(number));
            }
            let party = one.party.clone();
            let seat = one.mandate.map(|mandate| Seat {
                mandate,
                party,
                order_of_entry: one.order_of_entry,
            });
            let only_item = one.item.map(ItemId);
            Ok(Entry {
                role: one.role,
                name: NameCommitment::to(name, salt.expose()),
                seat,
                only_item,
            })
        };
        let roster = (1..)
            .zip(participants)
            .zip(salts)
            .map(entry)
            .collect::<Result<_, _>>()?;
        Ok(Plan {
            title: self.full_title(),
            body: self.body.clone(),
            roster,
            requires: self.requires,
            fresh_within_ms: i64::from(self.fresh_within_hours) * HOUR_MS,
            items: self.items.iter().map(Matter::item).collect(),
            rulebook: self.rulebook,
        })
    }
}

/// A meeting about to be convened, checked. By the place in the roster: names with their salts, keyed identities, and how
/// many devices each may sign in with.
struct Call {
    first: Event,
    names: Vec<(String, Salt)>,
    identities: Vec<(u32, KeyedIdentity)>,
    devices: Vec<u8>,
    occasion: Occasion,
}

impl Call {
    fn people(&self, meeting: MeetingId) -> Vec<Person> {
        let person = |(participant, (name, salt)): (u32, &(String, Salt))| Person {
            whom: whom(meeting, participant),
            name: name.clone(),
            salt: salt.clone(),
        };
        (1..).zip(&self.names).map(person).collect()
    }

    fn invite(
        &self,
        store: &mut IdentityStore,
        meeting: MeetingId,
        expires_ms: i64,
    ) -> Result<Vec<(ParticipantId, InvitationToken)>, StoreError> {
        let everybody = (1..).map(ParticipantId).zip(self.devices.iter().copied());
        let invitations = invitations(meeting, everybody, expires_ms);
        let tokens = store.convene(meeting.0, &self.occasion, &self.identities, &invitations)?;
        Ok(told(&invitations, tokens))
    }
}

const fn whom(MeetingId(meeting): MeetingId, participant: u32) -> Identity {
    Identity { meeting, participant }
}

/// Invites participants of a meeting, each for so many devices.
///
/// # Errors
/// When the store does not work.
pub fn invite(
    store: &mut IdentityStore,
    meeting: MeetingId,
    participants: impl IntoIterator<Item = (ParticipantId, u8)>,
    expires_ms: i64,
) -> Result<Vec<(ParticipantId, InvitationToken)>, StoreError> {
    let invitations = invitations(meeting, participants, expires_ms);
    let tokens = store.invite_all(&invitations)?;
    Ok(told(&invitations, tokens))
}

fn invitations(
    meeting: MeetingId,
    participants: impl IntoIterator<Item = (ParticipantId, u8)>,
    expires_ms: i64,
) -> Vec<Invitation> {
    let invitation = |(participant, uses): (ParticipantId, u8)| Invitation {
        whom: whom(meeting, participant.0),
        uses,
        expires_ms,
    };
    participants.into_iter().map(invitation).collect()
}

fn told(invitations: &[Invitation], tokens: Vec<InvitationToken>) -> Vec<(ParticipantId, InvitationToken)> {
    let participants = invitations.iter().map(|one| ParticipantId(one.whom.participant));
    participants.zip(tokens).collect()
}

/// An invitation link.
#[must_use]
pub fn link(public_url: &str, token: &InvitationToken) -> String {
    format!("{public_url}/i/{}", token.reveal().as_str())
}

/// With how many devices somebody may sign in: the secretary may use two computers (requirement R32).
#[must_use]
pub const fn devices(role: Role) -> u8 {
    match role {
        Role::Secretary => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::{ConveneError, Notice};
    use crate::data::Data;
    use crate::meeting::{Meeting, MeetingId, Role};
    use lika_auth::RosterKeys;

    const ROSTER: &str = "
        title = 'Sammanträde 1'
        body = 'Kommunfullmäktige'
        [[participant]]
        role = 'chair'
        name = 'Ordförande'
        mandate = 1
        party = 'Parti A'
        [[participant]]
        role = 'secretary'
        name = 'Sekreterare'
    ";

    #[test]
    fn a_roster_becomes_a_meeting_names_and_invitations() {
        let directory = tempfile::tempdir().unwrap();
        let mut data = Data::open(directory.path()).unwrap();
        let keys = RosterKeys::open(&directory.path().join("roster.key")).unwrap();
        let convened = Notice::parse(ROSTER)
            .unwrap()
            .convene(&mut data, &keys, 0, 1000)
            .unwrap();
        assert_eq!(convened.meeting, MeetingId(1));
        let events = data.journal.read(convened.meeting).unwrap();
        let meeting = Meeting::replay(events.iter().map(|stored| &stored.event));
        assert_eq!(meeting.roster().first(Role::Secretary), Some(convened.invitations[1].0));
        assert_eq!(data.people.of(1).unwrap()[0].name, "Ordförande");
        let (_, session) = data.identities.enter(&convened.invitations[1].1, None, 0).unwrap();
        assert_eq!(session.whom.participant, 2);
        let journal = std::fs::read(directory.path().join("journal.sqlite")).unwrap();
        let wal = std::fs::read(directory.path().join("journal.sqlite-wal")).unwrap_or_default();
        let name = "Sekreterare".as_bytes();
        assert!(
            ![journal, wal].concat().windows(name.len()).any(|bytes| bytes == name),
            "names stay out of the journal"
        );
    }

    #[test]
    fn a_party_or_a_place_in_the_order_of_entry_without_a_mandate_is_kept() {
        let directory = tempfile::tempdir().unwrap();
        let mut data = Data::open(directory.path()).unwrap();
        let keys = RosterKeys::open(&directory.path().join("roster.key")).unwrap();
        let substitutes = "
            [[participant]]
            role = 'substitute'
            name = 'Ersättare 1'
            party = 'Parti A'
            order_of_entry = 2
            [[participant]]
            role = 'substitute'
            name = 'Ersättare 2'
            party = 'Parti A'
            order_of_entry = 1
        ";
        let roster = ROSTER.to_owned() + substitutes;
        let convened = Notice::parse(&roster)
            .unwrap()
            .convene(&mut data, &keys, 0, 1000)
            .unwrap();
        let events = data.journal.read(convened.meeting).unwrap();
        let meeting = Meeting::replay(events.iter().map(|stored| &stored.event));
        let seats: Vec<_> = meeting.roster().iter().filter_map(|one| one.seat()).collect();
        let told = |at: usize| (seats[at].mandate, seats[at].party.as_deref(), seats[at].order_of_entry);
        assert_eq!(told(1), (2, Some("Parti A"), Some(2)));
        assert_eq!(told(2), (3, Some("Parti A"), Some(1)));
        let full = roster.replace("mandate = 1", "mandate = 65535");
        let refused = Notice::parse(&full).unwrap().convene(&mut data, &keys, 0, 1000);
        assert!(matches!(refused, Err(ConveneError::NoMandateLeft(3))));
    }

    #[test]
    fn a_number_in_the_wrong_place_is_not_told_again() {
        let wrong = ROSTER.replace("role = 'secretary'", "role = 199001011234");
        let error = Notice::parse(&wrong).unwrap_err().to_string();
        assert!(error.contains("line 10") && !error.contains("1990"), "{error}");
    }

    #[test]
    fn the_notice_says_when_and_where_and_a_test_that_it_is_one() {
        let directory = tempfile::tempdir().unwrap();
        let mut data = Data::open(directory.path()).unwrap();
        let keys = RosterKeys::open(&directory.path().join("roster.key")).unwrap();
        let said = "starts = '2027-03-01 18:00'\nplace = 'Sessionssalen'\ntest = true\n";
        let notice = Notice::parse(&(said.to_owned() + ROSTER)).unwrap();
        let convened = notice.convene(&mut data, &keys, 1_790_000_000_000, 0).unwrap();
        let occasion = data.identities.occasion(convened.meeting.0).unwrap();
        assert_eq!(occasion, notice.occasion());
        assert_eq!(occasion.starts_ms, Some(1_803_920_400_000));
        let events = data.journal.read(convened.meeting).unwrap();
        let meeting = Meeting::replay(events.iter().map(|stored| &stored.event));
        assert_eq!(meeting.title(), "Prov: Sammanträde 1");
        let evening = Notice::parse(&("starts = 'kl 18'\n".to_owned() + ROSTER)).unwrap_err();
        assert!(evening.to_string().contains("2027-03-01 18:00"), "{evening}");
    }

    #[test]
    fn a_misspelt_key_is_named() {
        let error = Notice::parse(&ROSTER.replace("party", "parti"))
            .unwrap_err()
            .to_string();
        assert!(error.contains("parti") && error.contains("party"), "{error}");
    }
}
