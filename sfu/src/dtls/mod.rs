//! DTLS 1.2 (RFC 6347), server side, for the keys of SRTP (RFC 5764). The handshake itself is `rtc-dtls`; around it
//! stands what that crate leaves to its user:
//!
//! - the choice of SRTP profile, which depends on what this client has (`client_hello`);
//! - the reassembly of fragments, with bounds (`reassembly`);
//! - who the client is: its certificate's fingerprint must be the one in its SDP (`fingerprint`);
//! - a limit on what an unauthenticated peer can make the relay hold and compute (`association`).

mod association;
mod client_hello;
mod fingerprint;
mod identity;
mod reassembly;

#[cfg(test)]
mod tests;

pub use association::{Association, Event, FailureReason, HANDSHAKE_TIMEOUT};
pub use client_hello::best_srtp_profile;
pub use fingerprint::{Fingerprint, FingerprintError};
pub use identity::{Identity, IdentityError};
