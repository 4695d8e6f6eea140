//! Who somebody is: invitations, sessions, bearer tokens, levels of assurance, and the names of persons.
//!
//! Nothing here knows HTTP, a clock or what a meeting does: time is passed in, in milliseconds since 1970-01-01 UTC,
//! and a meeting and its participants are numbers. Of every token the store has the SHA-256 digest alone.
//!
//! A session begins with an invitation ([`IdentityStore::enter`]) and has [`Assurance::Open`], or with a login at an
//! OpenID Connect provider ([`IdentityStore::sign_in`]), whose identity is the roster line's or is not.

pub mod admin;
pub mod api_token;
pub mod assurance;
pub mod bearer;
pub mod copies;
pub mod digest;
pub mod html;
pub mod invitation;
pub mod occasion;
pub mod oidc;
pub mod people;
pub mod roster_match;
pub mod secret;
pub mod session;
pub mod store;
pub mod test_provider;

pub use admin::{AdminToken, Administrators};
pub use api_token::{ApiGrant, ApiGrantError, ApiToken, Scope, Scopes};
pub use assurance::Assurance;
pub use bearer::{Bearer, BearerId, BearerToken};
pub use digest::Digest;
pub use invitation::{EntryError, Invitation, InvitationToken};
pub use occasion::{Known, Occasion, RequestKey};
pub use people::{PeopleStore, Person};
pub use roster_match::{KeyError, KeyedIdentity, RosterKeys};
pub use secret::Secret;
pub use session::{Login, Session, SessionId, SessionToken};
pub use store::{IdentityStore, StoreError};

/// One participant of one meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identity {
    /// The meeting's number.
    pub meeting: u64,
    /// The participant's number in its roster, from 1.
    pub participant: u32,
}
