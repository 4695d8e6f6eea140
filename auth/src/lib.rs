//! Who somebody is: invitations, sessions, bearer tokens, levels of assurance, and the names of persons.
//!
//! Nothing here knows HTTP, a clock or what a meeting does: time is passed in, in milliseconds since 1970-01-01 UTC,
//! and a meeting and its participants are numbers. Of every token the store has the SHA-256 digest alone.
//!
//! # Where OpenID Connect attaches
//! Today a session begins with an invitation and has [`Assurance::Open`]. A relying party adds a second beginning beside
//! [`IdentityStore::enter`]: the callback of a finished login opens a session for the person whose roster line matches
//! the provider's identity, with the [`Assurance`] its `acr` maps to and the time of that login, and rotates the
//! session token as `enter` does. What asks for a level compares [`Session::assurance`], whose order is the levels' own.

pub mod assurance;
pub mod bearer;
pub mod digest;
pub mod invitation;
pub mod oidc;
pub mod people;
pub mod secret;
pub mod session;
pub mod store;
pub mod test_provider;

pub use assurance::Assurance;
pub use bearer::{Bearer, BearerToken};
pub use digest::Digest;
pub use invitation::{EntryError, Invitation, InvitationToken};
pub use people::{PeopleStore, Person};
pub use secret::Secret;
pub use session::{Session, SessionToken};
pub use store::{IdentityStore, StoreError};

/// One participant of one meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identity {
    /// The meeting's number.
    pub meeting: u64,
    /// The participant's number in its roster, from 1.
    pub participant: u32,
}
