//! One peer's DTLS association.

use super::client_hello::best_srtp_profile;
use super::fingerprint::Fingerprint;
use super::identity::Identity;
use super::reassembly::{Fragment, Message, RECORD_HEADER, Reassembly};
use crate::SrtpProfile;
use crate::srtp::KeyingMaterial;
use bytes::BytesMut;
use rtc_dtls::cipher_suite::CipherSuiteId;
use rtc_dtls::config::{ClientAuthType, ConfigBuilder, ExtendedMasterSecretType, HandshakeConfig};
use rtc_dtls::endpoint::{Endpoint, EndpointEvent};
use rtc_dtls::extension::extension_use_srtp::SrtpProtectionProfile;
use rtc_shared::TransportProtocol;
use rtc_shared::error::Error;
use std::collections::VecDeque;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::sync::Arc;
use std::time::{Duration, Instant};
use thiserror::Error;

/// From the first ClientHello to the keys: seven times the interval of retransmission.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(14);

/// Between two retransmissions of the server's flight. Longer than a client's (50 ms in Chromium, 1 s in RFC 6347),
/// whose repeated ClientHello is answered at once: this is for a client that waits in silence.
const FLIGHT_INTERVAL: Duration = Duration::from_secs(2);

/// Datagrams that an association looks at in its whole life. A handshake takes 4, and 40 on a path that loses half;
/// after it come only a repeated last flight and close_notify. What a peer can make the relay keep and compute ends
/// here.
const MAX_DATAGRAMS: u16 = 200;
/// Records looked at in one datagram; a client's longest flight has five.
const MAX_RECORDS: usize = 16;
/// Longest encrypted record let through: Finished and alerts are under 100 bytes, and nothing else is awaited.
const MAX_ENCRYPTED: usize = 256;

/// `rtc-dtls` names associations by address. The real one may change with the path and belongs to ICE, so each
/// association is alone in its endpoint and has this name.
const PEER: SocketAddr = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::new(192, 0, 2, 1), 9));
const RELAY: SocketAddr = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::new(192, 0, 2, 2), 9));

/// Record content types (RFC 5246 section 6.2.1).
const CHANGE_CIPHER_SPEC: u8 = 20;
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
/// Handshake type (RFC 5246 section 7.4).
const CLIENT_HELLO: u8 = 1;
const FATAL: u8 = 2;
const CLOSE_NOTIFY: u8 = 0;

/// One peer's DTLS, as server (`a=setup:passive`): datagrams and time in; datagrams, events and deadlines out.
pub struct Association {
    identity: Identity,
    expected: Fingerprint,
    phase: Phase,
    reassembly: Reassembly,
    transmits: VecDeque<BytesMut>,
    events: VecDeque<Event>,
    datagrams_left: u16,
}

/// What happened to an association.
#[derive(Debug)]
pub enum Event {
    /// The peer is who its SDP says, and these are the SRTP keys.
    Established {
        /// What was negotiated.
        profile: SrtpProfile,
        /// For one [`crate::srtp::Sealer`] and one [`crate::srtp::Opener`].
        keys: KeyingMaterial,
    },
    /// The peer ended it.
    Closed,
    /// No handshake; the peer must join again.
    Failed(FailureReason),
}

/// Why a handshake failed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FailureReason {
    /// The client offers no SRTP profile that the relay has.
    #[error("the peer offers no SRTP profile that the relay has (AES-GCM or AES128_CM_HMAC_SHA1_80)")]
    NoSrtpProfile,
    /// The certificate is not the one announced in SDP: a middleman, or a broken client.
    #[error("the peer's DTLS certificate is not the one announced in its SDP")]
    WrongFingerprint,
    /// The peer gave up.
    #[error("the peer ended the DTLS handshake with alert {0}")]
    Alert(u8),
    /// [`HANDSHAKE_TIMEOUT`] passed, or all retransmissions were used.
    #[error("the DTLS handshake was not finished in time; the path loses too much")]
    TimedOut,
    /// More datagrams came than a handshake can need.
    #[error("the peer sent more DTLS than a handshake can need")]
    TooMuch,
    /// Something else in the protocol.
    #[error("the DTLS handshake failed: {0}")]
    Protocol(String),
}

enum Phase {
    /// No ClientHello yet.
    Idle,
    Handshaking(Box<Handshaking>),
    Established(Box<Endpoint>),
    Over,
}

struct Handshaking {
    endpoint: Endpoint,
    profile: SrtpProfile,
    deadline: Instant,
    /// The server's flight from ServerHello to ServerHelloDone, once sent.
    hello_flight: Vec<BytesMut>,
}

impl Association {
    /// `expected` is the fingerprint in the peer's SDP.
    pub fn new(identity: Identity, expected: Fingerprint) -> Self {
        Self {
            identity,
            expected,
            phase: Phase::Idle,
            reassembly: Reassembly::default(),
            transmits: VecDeque::new(),
            events: VecDeque::new(),
            datagrams_left: MAX_DATAGRAMS,
        }
    }

    /// Takes a datagram of the peer. What is broken or out of place is dropped silently (RFC 6347 section 4.1.2.7).
    pub fn handle(&mut self, now: Instant, datagram: &[u8]) {
        if matches!(self.phase, Phase::Over) {
            return;
        }
        let Some(left) = self.datagrams_left.checked_sub(1) else {
            if !matches!(self.phase, Phase::Established(_)) {
                self.fail(FailureReason::TooMuch);
            }
            return;
        };
        self.datagrams_left = left;
        let mut accepted = BytesMut::new();
        let mut rest = datagram;
        for _ in 0..MAX_RECORDS {
            let Some((record, after)) = Record::split(rest) else {
                break;
            };
            rest = after;
            self.filter(now, &record, &mut accepted);
        }
        if !accepted.is_empty() {
            self.read(now, accepted);
        }
    }

    /// The next datagram to send to the peer.
    pub fn poll_transmit(&mut self) -> Option<BytesMut> {
        self.transmits.pop_front()
    }

    /// The next thing that happened.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// When [`Association::handle_timeout`] is wanted.
    pub fn deadline(&self) -> Option<Instant> {
        let Phase::Handshaking(handshaking) = &self.phase else {
            return None;
        };
        let retransmission = handshaking.endpoint.poll_timeout(&PEER).unwrap_or(handshaking.deadline);
        Some(retransmission.min(handshaking.deadline))
    }

    /// Sends the last flight again, or gives up.
    pub fn handle_timeout(&mut self, now: Instant) {
        let Phase::Handshaking(handshaking) = &mut self.phase else {
            return;
        };
        let given_up = handshaking.endpoint.handle_timeout(PEER, now).is_err();
        drain(&mut handshaking.endpoint, &mut self.transmits);
        if given_up || now >= handshaking.deadline {
            self.fail(FailureReason::TimedOut);
        }
    }

    /// Ends the association with close_notify.
    pub fn close(&mut self, now: Instant) {
        if let Phase::Established(endpoint) = &mut self.phase {
            // Fails only for the application data it would drop; there is none.
            let _ = endpoint.close(now);
            drain(endpoint, &mut self.transmits);
        }
        self.phase = Phase::Over;
    }

    /// Appends to `accepted` what of a record may reach `rtc-dtls` in this phase.
    fn filter(&mut self, now: Instant, record: &Record<'_>, accepted: &mut BytesMut) {
        let handshaking = matches!(self.phase, Phase::Handshaking(_));
        match (record.epoch, record.kind) {
            (0, HANDSHAKE) => {
                let messages = self.messages(now, record.content);
                if !messages.is_empty() {
                    record.write_with(&messages, accepted);
                }
            }
            (0, ALERT) if handshaking => match record.content {
                [FATAL, code] | [_, code @ CLOSE_NOTIFY] => self.fail(FailureReason::Alert(*code)),
                _ => {}
            },
            (0, CHANGE_CIPHER_SPEC) if handshaking && record.content == [1] => {
                record.write_with(record.content, accepted);
            }
            (1, HANDSHAKE | ALERT) if record.content.len() <= MAX_ENCRYPTED => {
                record.write_with(record.content, accepted);
            }
            _ => {}
        }
    }

    /// The whole handshake messages that a record's content gives, one after the other.
    fn messages(&mut self, now: Instant, mut content: &[u8]) -> Vec<u8> {
        let mut messages = Vec::new();
        while let Some((fragment, rest)) = Fragment::split(content) {
            content = rest;
            let kind = fragment.kind;
            if let Some(message) = self.reassembly.push(fragment)
                && self.is_wanted(now, kind, &message)
            {
                messages.extend_from_slice(&message);
            }
        }
        messages
    }

    /// Begins the handshake with the first ClientHello; drops what does not belong to a handshake under way.
    fn is_wanted(&mut self, now: Instant, kind: u8, message: &Message) -> bool {
        if kind != CLIENT_HELLO {
            return matches!(self.phase, Phase::Handshaking(_));
        }
        let best = best_srtp_profile(message.get(super::reassembly::HANDSHAKE_HEADER..).unwrap_or_default());
        match &mut self.phase {
            Phase::Idle => match best {
                Some(profile) => self.begin(now, profile),
                None => self.fail(FailureReason::NoSrtpProfile),
            },
            // Our flight was lost. Its bytes again are new to a peer that missed them, and replays to one that did
            // not. `rtc-dtls` would stop its timer here.
            Phase::Handshaking(handshaking) if !handshaking.hello_flight.is_empty() => {
                self.transmits.extend(handshaking.hello_flight.iter().cloned());
                return false;
            }
            // The first ClientHello is not part of the signed transcript; the second must ask for the same.
            Phase::Handshaking(handshaking) => return best == Some(handshaking.profile),
            _ => {}
        }
        matches!(self.phase, Phase::Handshaking(_))
    }

    fn begin(&mut self, now: Instant, profile: SrtpProfile) {
        match handshake_config(&self.identity, &self.expected, profile) {
            Ok(config) => {
                let endpoint = Endpoint::new(RELAY, TransportProtocol::UDP, Some(Arc::new(config)));
                let deadline = now + HANDSHAKE_TIMEOUT;
                let handshaking = Handshaking {
                    endpoint,
                    profile,
                    deadline,
                    hello_flight: Vec::new(),
                };
                self.phase = Phase::Handshaking(Box::new(handshaking));
            }
            Err(error) => self.fail(FailureReason::Protocol(error.to_string())),
        }
    }

    fn read(&mut self, now: Instant, records: BytesMut) {
        match &mut self.phase {
            Phase::Handshaking(handshaking) => {
                let result = handshaking.endpoint.read(now, PEER, None, records);
                let sent = self.transmits.len();
                drain(&mut handshaking.endpoint, &mut self.transmits);
                handshaking.note_hello_flight(self.transmits.iter().skip(sent));
                match result {
                    Ok(events)
                        if events
                            .iter()
                            .any(|event| matches!(event, EndpointEvent::HandshakeComplete)) =>
                    {
                        self.establish();
                    }
                    Ok(events) if closed(&events) => self.fail(FailureReason::Alert(CLOSE_NOTIFY)),
                    Ok(_) => {}
                    Err(Error::ErrInvalidCertificate) => self.fail(FailureReason::WrongFingerprint),
                    Err(error) => self.fail(FailureReason::Protocol(error.to_string())),
                }
            }
            Phase::Established(endpoint) => {
                let result = endpoint.read(now, PEER, None, records);
                drain(endpoint, &mut self.transmits);
                let ended = match result {
                    Ok(events) => closed(&events),
                    Err(error) => error == Error::ErrAlertFatalOrClose,
                };
                if ended {
                    self.events.push_back(Event::Closed);
                    self.phase = Phase::Over;
                }
            }
            Phase::Idle | Phase::Over => {}
        }
    }

    fn establish(&mut self) {
        let Phase::Handshaking(handshaking) = std::mem::replace(&mut self.phase, Phase::Over) else {
            return;
        };
        match handshaking.agreed_keys(&self.expected) {
            Ok(keys) => {
                self.events.push_back(Event::Established {
                    profile: handshaking.profile,
                    keys,
                });
                self.phase = Phase::Established(Box::new(handshaking.endpoint));
            }
            Err(reason) => self.fail(reason),
        }
    }

    fn fail(&mut self, reason: FailureReason) {
        self.phase = Phase::Over;
        self.events.push_back(Event::Failed(reason));
    }
}

impl Handshaking {
    /// Keeps the flight that answers the second ClientHello: the first one is answered with HelloVerifyRequest alone.
    fn note_hello_flight<'a>(&mut self, sent: impl Iterator<Item = &'a BytesMut>) {
        const SERVER_HELLO: u8 = 2;
        let sent: Vec<BytesMut> = sent.cloned().collect();
        if sent
            .first()
            .is_some_and(|datagram| datagram.get(RECORD_HEADER) == Some(&SERVER_HELLO))
        {
            self.hello_flight = sent;
        }
    }

    /// The SRTP keys, after a last look at what was agreed on and with whom.
    fn agreed_keys(&self, expected: &Fingerprint) -> Result<KeyingMaterial, FailureReason> {
        let fault = |what: &str| FailureReason::Protocol(what.to_owned());
        let state = self
            .endpoint
            .get_connection_state(PEER)
            .ok_or_else(|| fault("no connection"))?;
        if state.srtp_protection_profile() != protection_profile(self.profile) {
            return Err(FailureReason::NoSrtpProfile);
        }
        if !state
            .peer_certificates
            .first()
            .is_some_and(|certificate| expected.matches(certificate))
        {
            return Err(FailureReason::WrongFingerprint);
        }
        let exported = state
            .export_keying_material("EXTRACTOR-dtls_srtp", &[], KeyingMaterial::exported_len(self.profile))
            .map_err(|error| fault(&error.to_string()))?;
        KeyingMaterial::from_exporter(self.profile, exported.as_ref()).map_err(|error| fault(&error.to_string()))
    }
}

/// One DTLS record as it came.
struct Record<'a> {
    kind: u8,
    epoch: u16,
    header: [u8; RECORD_HEADER],
    content: &'a [u8],
}

impl<'a> Record<'a> {
    /// The first record of a datagram, and what follows it. `None`: no more, or broken.
    fn split(datagram: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (header, rest) = datagram.split_first_chunk::<RECORD_HEADER>()?;
        let length = u16::from_be_bytes([header[11], header[12]]);
        let (content, rest) = rest.split_at_checked(length.into())?;
        let epoch = u16::from_be_bytes([header[3], header[4]]);
        Some((
            Self {
                kind: header[0],
                epoch,
                header: *header,
                content,
            },
            rest,
        ))
    }

    /// The record with other content of the same kind.
    fn write_with(&self, content: &[u8], out: &mut BytesMut) {
        let Ok(length) = u16::try_from(content.len()) else {
            return;
        };
        let mut header = self.header;
        header[11..].copy_from_slice(&length.to_be_bytes());
        out.extend_from_slice(&header);
        out.extend_from_slice(content);
    }
}

fn handshake_config(
    identity: &Identity,
    expected: &Fingerprint,
    profile: SrtpProfile,
) -> Result<HandshakeConfig, Error> {
    let expected = expected.clone();
    ConfigBuilder::default()
        .with_crypto_provider(identity.provider.clone())
        .with_certificates(vec![identity.certificate.clone()])
        .with_cipher_suites(vec![
            CipherSuiteId::Tls_Ecdhe_Ecdsa_With_Aes_128_Gcm_Sha256,
            CipherSuiteId::Tls_Ecdhe_Ecdsa_With_ChaCha20_Poly1305_Sha256,
        ])
        .with_srtp_protection_profiles(vec![protection_profile(profile)])
        // `rtc-dtls` does not compare the client's Finished. With the extended master secret (RFC 7627) the keys
        // themselves depend on the whole transcript, so a Finished that can be decrypted proves the same.
        .with_extended_master_secret(ExtendedMasterSecretType::Require)
        .with_flight_interval(FLIGHT_INTERVAL)
        // No certification authority stands behind WebRTC's certificates: the fingerprint is the check.
        .with_insecure_skip_verify(true)
        .with_client_auth(ClientAuthType::RequireAnyClientCert)
        .with_verify_peer_certificate(Some(Arc::new(move |chain, _| match chain.first() {
            Some(certificate) if expected.matches(certificate) => Ok(()),
            _ => Err(Error::ErrInvalidCertificate),
        })))
        .build(false, None)
}

fn protection_profile(profile: SrtpProfile) -> SrtpProtectionProfile {
    match profile {
        SrtpProfile::AeadAes128Gcm => SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm,
        SrtpProfile::AeadAes256Gcm => SrtpProtectionProfile::Srtp_Aead_Aes_256_Gcm,
        SrtpProfile::Aes128CmHmacSha1_80 => SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80,
    }
}

fn drain(endpoint: &mut Endpoint, transmits: &mut VecDeque<BytesMut>) {
    while let Some(transmit) = endpoint.poll_transmit() {
        transmits.push_back(transmit.message);
    }
}

fn closed(events: &[EndpointEvent]) -> bool {
    events.iter().any(|event| matches!(event, EndpointEvent::PeerClosed))
}

impl fmt::Debug for Association {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let phase = match self.phase {
            Phase::Idle => "idle",
            Phase::Handshaking(_) => "handshaking",
            Phase::Established(_) => "established",
            Phase::Over => "over",
        };
        f.debug_struct("Association")
            .field("phase", &phase)
            .finish_non_exhaustive()
    }
}
