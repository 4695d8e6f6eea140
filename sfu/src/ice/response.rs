//! Writes STUN Binding responses.

use super::request::{MAX_UNKNOWN, StunError};
use rtc_crypto::RTCCryptoProvider as _;
use rtc_crypto::providers::AwsLcRsProvider;
use rtc_stun::attributes::ATTR_UNKNOWN_ATTRIBUTES;
use rtc_stun::error_code::ErrorCode;
use rtc_stun::fingerprint::FINGERPRINT;
use rtc_stun::integrity::MessageIntegrity;
use rtc_stun::message::{BINDING_ERROR, BINDING_SUCCESS, Message, Setter as _, TransactionId};
use rtc_stun::xoraddr::XorMappedAddress;
use std::net::SocketAddr;

/// A success response: where the request came from, signed with `pwd`.
pub(super) fn success(
    transaction: TransactionId,
    from: SocketAddr,
    pwd: &str,
    out: &mut Vec<u8>,
) -> Result<(), StunError> {
    let mut message = Message::new();
    message.set_type(BINDING_SUCCESS);
    message.transaction_id = transaction;
    message.write_header();
    // A dual-stack socket shows an IPv4 peer as a mapped IPv6 address; the peer must get its own back.
    let mapped = XorMappedAddress {
        ip: from.ip().to_canonical(),
        port: from.port(),
    };
    mapped.add_to(&mut message).map_err(|_| StunError::Response)?;
    finish(message, Some(pwd), out)
}

/// An error response; signed if the request was authentic.
pub(super) fn error(
    transaction: TransactionId,
    code: ErrorCode,
    unknown: &[u16],
    pwd: Option<&str>,
    out: &mut Vec<u8>,
) -> Result<(), StunError> {
    let mut message = Message::new();
    message.set_type(BINDING_ERROR);
    message.transaction_id = transaction;
    message.write_header();
    code.add_to(&mut message).map_err(|_| StunError::Response)?;
    if !unknown.is_empty() {
        let types: Vec<u8> = unknown
            .iter()
            .take(MAX_UNKNOWN)
            .flat_map(|kind| kind.to_be_bytes())
            .collect();
        message.add(ATTR_UNKNOWN_ATTRIBUTES, &types);
    }
    finish(message, pwd, out)
}

fn finish(mut message: Message, pwd: Option<&str>, out: &mut Vec<u8>) -> Result<(), StunError> {
    if let Some(pwd) = pwd {
        let provider = AwsLcRsProvider::new();
        MessageIntegrity::new_short_term_integrity_with_provider(pwd.to_owned(), provider.crypto())
            .add_to(&mut message)
            .map_err(|_| StunError::Response)?;
    }
    FINGERPRINT.add_to(&mut message).map_err(|_| StunError::Response)?;
    out.extend_from_slice(&message.raw);
    Ok(())
}
