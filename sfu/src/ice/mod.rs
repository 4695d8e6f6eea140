//! ICE-lite (RFC 8445 section 2.5, RFC 8839): the relay has known addresses, answers the connectivity checks of its
//! peers, and sends none itself.
//!
//! A request is read here without copying (it comes from anyone); responses are written with `rtc-stun`.

mod agent;
mod credentials;
mod request;
mod response;
mod transport_address;

#[cfg(test)]
mod tests;

pub use agent::{Agent, Check};
pub use credentials::{Credentials, CredentialsError, worker_of};
pub use request::{StunError, is_stun, local_ufrag};
pub use transport_address::{Candidate, Transport, TransportAddress};
