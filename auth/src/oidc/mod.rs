//! The OpenID Connect relying party: logging in with BankID, Freja or SITHS by way of a broker or a federation.
//!
//! No two providers speak alike; what differs between them is data in [`profile`]. A login is a [`Transaction`] that
//! [`RelyingParty::begin`] makes, [`Transactions`] keeps bound to one browser, and [`RelyingParty::finish`] uses up. Tokens
//! are not kept: what remains is an [`Authenticated`].
//!
//! Every check is a plain function of what came and of the time; [`http`] is the shell around them.

pub mod authenticated;
pub mod callback;
mod diagnosis;
pub mod discovery;
pub mod error;
pub mod finding;
pub mod http;
mod id_token;
pub mod identity_number;
pub mod keys;
pub mod logout_token;
pub mod profile;
mod pushed_request;
pub mod relying_party;
pub mod request;
pub mod settings;
mod signer;
pub mod transaction;
pub mod transactions;
mod user_info;

pub use authenticated::Authenticated;
pub use callback::Callback;
pub use error::{CallbackError, LevelError, OidcError, ProviderError, TokenError};
pub use finding::{Finding, Outcome, Step, Text};
pub use identity_number::{IdentityError, IdentityNumber};
pub use logout_token::LogoutToken;
pub use profile::{Asking, Family, IdentityKind, Profile, UserMessage};
pub use relying_party::RelyingParty;
pub use settings::{
    AssertionAudience, ClientAuthentication, ProviderSettings, SecretText, SettingsError, SigningAlgorithm,
};
pub use transaction::{Transaction, Wanted};
pub use transactions::{TransactionError, Transactions};
