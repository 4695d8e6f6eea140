//! Reads a STUN Binding request (RFC 8489) where it lies.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use rtc_stun::attributes::{
    ATTR_FINGERPRINT, ATTR_ICE_CONTROLLED, ATTR_ICE_CONTROLLING, ATTR_MESSAGE_INTEGRITY, ATTR_PRIORITY,
    ATTR_USE_CANDIDATE, ATTR_USERNAME, AttrType,
};
use rtc_stun::fingerprint::fingerprint_value;
use rtc_stun::message::{ATTRIBUTE_HEADER_SIZE, BINDING_REQUEST, MAGIC_COOKIE, MESSAGE_HEADER_SIZE, TransactionId};
use thiserror::Error;

/// Unknown attributes named in one answer; a request with more is hostile.
pub(super) const MAX_UNKNOWN: usize = 8;
const INTEGRITY_SIZE: usize = 20;
const FINGERPRINT_SIZE: usize = 4;

/// Why a connectivity check failed. Where RFC 8489 asks for an error response, it has been written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum StunError {
    /// Not STUN, or broken; no response.
    #[error("not a STUN message, or a broken one")]
    Malformed,
    /// A response, an indication or another method; no response. A lite agent asks nothing, so none is awaited.
    #[error("a STUN message, but no Binding request")]
    NotARequest,
    /// FINGERPRINT does not fit: another protocol that looks like STUN; no response.
    #[error("the STUN fingerprint is wrong")]
    Fingerprint,
    /// USERNAME or MESSAGE-INTEGRITY is missing; 400.
    #[error("the STUN request has no user name or no integrity")]
    Unauthenticated,
    /// USERNAME or MESSAGE-INTEGRITY is wrong; 401.
    #[error("the STUN request has wrong credentials")]
    WrongCredentials,
    /// Attributes that must be understood and are not; 420.
    #[error("the STUN request has an unknown attribute that must be understood")]
    UnknownAttribute,
    /// The peer says ICE-CONTROLLED, which next to a lite agent it cannot be; 487.
    #[error("the peer must be the controlling one next to an ICE-lite agent")]
    RoleConflict,
    /// The response could not be written.
    #[error("the STUN response could not be written; this is a fault in the relay, report it")]
    Response,
}

/// Whether a datagram is STUN (RFC 7983 and the magic cookie).
pub fn is_stun(datagram: &[u8]) -> bool {
    datagram.first().is_some_and(|first| *first < 4) && datagram.get(4..8) == Some(&MAGIC_COOKIE.to_be_bytes())
}

/// Our user name fragment in a Binding request, to find the peer that an unknown address belongs to. Nothing is
/// verified yet.
pub fn local_ufrag(datagram: &[u8]) -> Option<&str> {
    let username = Request::parse(datagram).ok()?.username?;
    let (local, _) = std::str::from_utf8(username).ok()?.split_once(':')?;
    Some(local)
}

/// A Binding request's attributes up to MESSAGE-INTEGRITY; what follows it is not protected and not looked at (RFC 8489
/// section 14.5).
pub(super) struct Request<'a> {
    pub(super) transaction: TransactionId,
    pub(super) username: Option<&'a [u8]>,
    pub(super) use_candidate: bool,
    pub(super) controlled: bool,
    /// Comprehension-required attributes that are not known.
    pub(super) unknown: Unknown,
    message: &'a [u8],
    integrity: Option<Integrity<'a>>,
}

/// The first few unknown attribute types.
#[derive(Default)]
pub(super) struct Unknown {
    types: [u16; MAX_UNKNOWN],
    count: usize,
}

struct Integrity<'a> {
    tag: &'a [u8],
    /// Where the attribute starts.
    at: usize,
}

impl<'a> Request<'a> {
    pub(super) fn parse(datagram: &'a [u8]) -> Result<Self, StunError> {
        if !is_stun(datagram) {
            return Err(StunError::Malformed);
        }
        let (header, attributes) = datagram
            .split_first_chunk::<MESSAGE_HEADER_SIZE>()
            .ok_or(StunError::Malformed)?;
        let [
            type_high,
            type_low,
            length_high,
            length_low,
            _,
            _,
            _,
            _,
            transaction @ ..,
        ] = *header;
        if usize::from(u16::from_be_bytes([length_high, length_low])) != attributes.len() {
            return Err(StunError::Malformed);
        }
        if u16::from_be_bytes([type_high, type_low]) != BINDING_REQUEST.value() {
            return Err(StunError::NotARequest);
        }
        let mut request = Request {
            transaction: TransactionId(transaction),
            username: None,
            use_candidate: false,
            controlled: false,
            unknown: Unknown::default(),
            message: datagram,
            integrity: None,
        };
        request.read(attributes)?;
        Ok(request)
    }

    fn read(&mut self, mut attributes: &'a [u8]) -> Result<(), StunError> {
        while !attributes.is_empty() {
            let at = self.message.len() - attributes.len();
            let (kind, value, rest) = split_attribute(attributes).ok_or(StunError::Malformed)?;
            attributes = rest;
            if kind == ATTR_FINGERPRINT {
                return self.check_fingerprint(at, value, rest);
            }
            if self.integrity.is_none() {
                self.note(kind, value, at)?;
            }
        }
        Ok(())
    }

    /// FINGERPRINT is the last attribute and covers all before it (RFC 8489 section 14.7).
    fn check_fingerprint(&self, at: usize, value: &[u8], rest: &[u8]) -> Result<(), StunError> {
        let value: [u8; FINGERPRINT_SIZE] = value.try_into().map_err(|_| StunError::Malformed)?;
        let covered = self.message.get(..at).ok_or(StunError::Malformed)?;
        if !rest.is_empty() || u32::from_be_bytes(value) != fingerprint_value(covered) {
            return Err(StunError::Fingerprint);
        }
        Ok(())
    }

    fn note(&mut self, kind: AttrType, value: &'a [u8], at: usize) -> Result<(), StunError> {
        match kind {
            ATTR_USERNAME if self.username.is_none() => self.username = Some(value),
            ATTR_USE_CANDIDATE => self.use_candidate = true,
            ATTR_ICE_CONTROLLED => self.controlled = true,
            ATTR_MESSAGE_INTEGRITY if value.len() == INTEGRITY_SIZE => {
                self.integrity = Some(Integrity { tag: value, at });
            }
            ATTR_MESSAGE_INTEGRITY => return Err(StunError::Malformed),
            ATTR_USERNAME | ATTR_PRIORITY | ATTR_ICE_CONTROLLING => {}
            unknown if unknown.required() => self.unknown.note(unknown),
            _ => {}
        }
        Ok(())
    }

    /// Whether USERNAME and MESSAGE-INTEGRITY are there to be verified.
    pub(super) fn is_signed(&self) -> bool {
        self.username.is_some() && self.integrity.is_some()
    }

    /// Whether MESSAGE-INTEGRITY was made with `key` (RFC 8489 section 14.5), in constant time.
    pub(super) fn is_signed_with(&self, key: &hmac::Key) -> bool {
        let Some(Integrity { tag, at }) = self.integrity else {
            return false;
        };
        let Some((header, attributes)) = self
            .message
            .get(..at)
            .and_then(|covered| covered.split_first_chunk::<MESSAGE_HEADER_SIZE>())
        else {
            return false;
        };
        // The length is signed as if the message ended with this attribute.
        let length = attributes.len() + ATTRIBUTE_HEADER_SIZE + INTEGRITY_SIZE;
        let Ok(length) = u16::try_from(length) else {
            return false;
        };
        let mut header = *header;
        header[2..4].copy_from_slice(&length.to_be_bytes());
        let mut context = hmac::Context::with_key(key);
        context.update(&header);
        context.update(attributes);
        verify_slices_are_equal(context.sign().as_ref(), tag).is_ok()
    }
}

impl Unknown {
    fn note(&mut self, kind: AttrType) {
        if let Some(place) = self.types.get_mut(self.count) {
            *place = kind.value();
            self.count += 1;
        }
    }

    pub(super) fn types(&self) -> &[u16] {
        self.types.get(..self.count).unwrap_or_default()
    }
}

/// The first attribute's type and value, and the bytes after its padding.
fn split_attribute(attributes: &[u8]) -> Option<(AttrType, &[u8], &[u8])> {
    let (header, rest) = attributes.split_first_chunk::<ATTRIBUTE_HEADER_SIZE>()?;
    let kind = AttrType(u16::from_be_bytes([header[0], header[1]]));
    let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
    let value = rest.get(..length)?;
    Some((kind, value, rest.get(length.next_multiple_of(4)..)?))
}
