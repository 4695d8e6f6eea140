//! Convening a meeting: a roster becomes the meeting's first event, the names beside it, and an invitation for each.

use crate::conference::Stores;
use crate::data::Data;
use crate::journal::JournalError;
use crate::keeper::NoAnswer;
use crate::meeting::identity::FRESH_WITHIN_MS;
use crate::meeting::item::SECRET_REQUIRES;
use crate::meeting::roster::Entry;
use crate::meeting::{
    Event, Item, ItemId, MeetingId, NameCommitment, ParticipantId, Plan, PlanError, Role, Rulebook, Seat,
};
use lika_auth::oidc::{IdentityError, IdentityNumber};
use lika_auth::people::Salt;
use lika_auth::{
    Assurance, Identity, IdentityStore, Invitation, InvitationToken, KeyedIdentity, Person, RosterKeys, StoreError,
};
use serde::Deserialize;
use std::fmt;
use thiserror::Error;
use zeroize::Zeroizing;

/// A meeting as the secretary writes it down (TOML).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// Its title.
    pub title: String,
    /// The body that meets.
    pub body: String,
    /// The level of assurance of everybody inside; left out: the invitation is enough.
    #[serde(default)]
    pub requires: Assurance,
    /// How many hours old a login may be at an item of its own level.
    #[serde(default = "fresh_within_hours")]
    pub fresh_within_hours: u16,
    /// What differs between municipalities.
    #[serde(default)]
    pub rulebook: Rulebook,
    /// Who is invited, in the roster's order.
    #[serde(rename = "participant")]
    pub participants: Vec<Invitee>,
    /// The agenda, in its order.
    #[serde(default, rename = "item")]
    pub items: Vec<Matter>,
}

/// An item of the agenda.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Matter {
    /// Its title.
    pub title: String,
    /// Whether it is dealt with in secrecy.
    #[serde(default)]
    pub secret: bool,
    /// The level of assurance of everybody who is there; left out: `loa3` for a secret item, otherwise the meeting's.
    pub requires: Option<Assurance>,
}

/// One who is invited.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Invitee {
    /// What they are.
    pub role: Role,
    /// The name shown.
    pub name: String,
    /// The number of their mandate in the body.
    pub mandate: Option<u16>,
    /// The mandate's party.
    pub party: Option<String>,
    /// For a substitute: the place in the order of entry (inträdesordning), from 1.
    pub order_of_entry: Option<u16>,
    /// For a guest: the one item they are invited to, by its place in the agenda.
    pub item: Option<u16>,
    /// The personal identity number (personnummer, 12 digits), or what the provider's identity claim is to say: whoever
    /// logs in as this participant must have it. It is hashed here and not kept.
    pub identity: Option<IdentityText>,
}

/// What a roster says of somebody's identity; does not print.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "Written")]
pub struct IdentityText(Zeroizing<String>);

/// A number is easily written without quotes; an error about it would tell it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Text(String),
    Number(u64),
}

impl From<Written> for IdentityText {
    fn from(written: Written) -> Self {
        match written {
            Written::Text(text) => text.into(),
            Written::Number(number) => number.to_string().into(),
        }
    }
}

impl fmt::Debug for IdentityText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdentityText(..)")
    }
}

impl IdentityText {
    /// Digits are a personal identity number and must be a right one; anything else is what a provider calls the person.
    fn read(&self) -> Result<IdentityNumber, IdentityError> {
        if self.0.chars().all(|c| c.is_ascii_digit() || "-+ ".contains(c)) {
            IdentityNumber::swedish(&self.0)
        } else {
            IdentityNumber::text(&self.0)
        }
    }
}

impl From<String> for IdentityText {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

const fn fresh_within_hours() -> u16 {
    (FRESH_WITHIN_MS / HOUR_MS) as u16
}

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
    /// Reads a roster file.
    ///
    /// # Errors
    /// With the line and what is wrong in it.
    pub fn parse(text: &str) -> Result<Self, ConveneError> {
        toml::from_str(text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            ConveneError::Roster {
                line: 1 + before.matches('\n').count(),
                problem: error.message().to_owned(),
            }
        })
    }

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
        let call = self.call(keys)?;
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
        let call = self.call(keys)?;
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

    fn call(&self, keys: &RosterKeys) -> Result<Call, ConveneError> {
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
        let first = self.plan(&salts)?.created()?;
        let names = self.participants.iter().map(|one| one.name.trim().to_owned());
        Ok(Call {
            first,
            identities: hashed.collect(),
            devices: self.participants.iter().map(|one| devices(one.role)).collect(),
            names: names.zip(salts).collect(),
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

    fn plan(&self, salts: &[Salt]) -> Result<Plan, ConveneError> {
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
            .zip(&self.participants)
            .zip(salts)
            .map(entry)
            .collect::<Result<_, _>>()?;
        Ok(Plan {
            title: self.title.clone(),
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
        for (participant, identity) in &self.identities {
            store.expect_identity(whom(meeting, *participant), identity)?;
        }
        let everybody = (1..).map(ParticipantId).zip(self.devices.iter().copied());
        invite(store, meeting, everybody, expires_ms)
    }
}

const fn whom(MeetingId(meeting): MeetingId, participant: u32) -> Identity {
    Identity { meeting, participant }
}

impl Matter {
    fn item(&self) -> Item {
        let usual = if self.secret { SECRET_REQUIRES } else { Assurance::Open };
        Item {
            title: self.title.clone(),
            requires: self.requires.unwrap_or(usual),
            secret: self.secret,
        }
    }
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
    let invite = |(participant, uses): (ParticipantId, u8)| {
        let whom = whom(meeting, participant.0);
        Ok((participant, store.invite(&Invitation { whom, uses, expires_ms })?))
    };
    participants.into_iter().map(invite).collect()
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
    use super::Notice;
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
    fn a_misspelt_key_is_named() {
        let error = Notice::parse(&ROSTER.replace("party", "parti"))
            .unwrap_err()
            .to_string();
        assert!(error.contains("parti") && error.contains("party"), "{error}");
    }
}
