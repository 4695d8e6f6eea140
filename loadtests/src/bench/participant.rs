//! One lean participant: real ICE, DTLS and SRTP of the protocol crates, and packets that carry a stamp in place of
//! pictures and sound.

use super::BenchError;
use super::sdp::{self, Answer};
use super::stamp::{Kind, Stamp};
use bytes::BytesMut;
use lika_sfu::SrtpProfile;
use lika_sfu::dtls::Fingerprint;
use lika_sfu::ice::Credentials;
use lika_sfu::rtp::header::{Header, Outgoing};
use lika_sfu::srtp::{KeyingMaterial, Opener, Sealer};
use rtc_crypto::RTCCryptoProvider;
use rtc_crypto::providers::AwsLcRsProvider;
use rtc_dtls::config::ConfigBuilder;
use rtc_dtls::crypto::Certificate;
use rtc_dtls::endpoint::{Endpoint, EndpointEvent};
use rtc_dtls::extension::extension_use_srtp::SrtpProtectionProfile;
use rtc_shared::TransportProtocol;
use rtc_shared::error::Error as RtcError;
use rtc_stun::attributes::{ATTR_ICE_CONTROLLING, ATTR_PRIORITY, ATTR_USE_CANDIDATE, ATTR_USERNAME};
use rtc_stun::fingerprint::FINGERPRINT;
use rtc_stun::integrity::MessageIntegrity;
use rtc_stun::message::{BINDING_REQUEST, BINDING_SUCCESS, Message, Setter, TransactionId};
use std::net::{SocketAddr, UdpSocket};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

const PROFILE: SrtpProfile = SrtpProfile::AeadAes128Gcm;
/// Between two ICE checks until one is answered.
const CHECK_INTERVAL: Duration = Duration::from_millis(50);
/// Between two ICE checks afterwards: consent (RFC 7675).
const CONSENT_INTERVAL: Duration = Duration::from_secs(4);
/// A key frame at least so often, as encoders in meetings do.
const KEY_FRAME_INTERVAL: Duration = Duration::from_secs(3);
/// Sound payload of speech at 24 kbit/s.
const SOUND_BYTES: usize = 60;

/// What is the same for everybody: made once, since making keys is slow.
pub(super) struct Identity {
    certificate: Certificate,
    fingerprint: String,
    crypto: Arc<dyn RTCCryptoProvider>,
}

impl Identity {
    pub(super) fn generate() -> Result<Self, BenchError> {
        let crypto: Arc<dyn RTCCryptoProvider> = Arc::new(AwsLcRsProvider::new());
        let certificate = Certificate::generate_self_signed(vec!["bench".to_owned()], crypto.crypto())?;
        let first = certificate
            .certificate
            .first()
            .ok_or(BenchError::Handshake("no certificate"))?;
        let fingerprint = Fingerprint::of(first).to_string();
        Ok(Self {
            certificate,
            fingerprint,
            crypto,
        })
    }
}

/// What came in one datagram.
pub(super) enum Arrival {
    /// A stamped packet.
    Media(Stamp),
    /// Anything else.
    Other,
}

/// A participant on its socket.
pub(super) struct Participant {
    /// Its number among all.
    pub(super) source: u16,
    socket: Rc<UdpSocket>,
    relay: SocketAddr,
    ice: Credentials,
    remote_ice: Credentials,
    crypto: Arc<dyn RTCCryptoProvider>,
    check: TransactionId,
    next_check: Instant,
    dtls: Endpoint,
    config: Option<Arc<rtc_dtls::config::HandshakeConfig>>,
    media: Option<(Sealer, Opener)>,
    sound: Track,
    picture: Track,
    key_frame_due: Instant,
    buffer: Vec<u8>,
}

/// An outgoing stream.
#[derive(Clone, Copy)]
struct Track {
    ssrc: u32,
    payload_type: u8,
    sent: u32,
}

impl Participant {
    /// A participant with its offer of `slots` receive slots; [`Participant::accept`] takes the answer.
    pub(super) fn new(
        source: u16,
        slots: usize,
        relay: SocketAddr,
        identity: &Identity,
        now: Instant,
    ) -> Result<(Self, String), BenchError> {
        let ice = Credentials::generate();
        let track = |payload_type| Track {
            ssrc: rand::random(),
            payload_type,
            sent: 0,
        };
        let (sound, picture) = (track(sdp::OPUS), track(sdp::VP8));
        let own = sdp::Own {
            ice: &ice,
            fingerprint: &identity.fingerprint,
            sound_ssrc: sound.ssrc,
            picture_ssrc: picture.ssrc,
        };
        let offer = sdp::offer(&own, slots);
        let participant = Self {
            source,
            socket: Rc::new(super::socket::bind().map_err(BenchError::Socket)?),
            relay,
            remote_ice: Credentials::generate(),
            ice,
            crypto: Arc::clone(&identity.crypto),
            check: TransactionId::default(),
            next_check: now,
            dtls: Endpoint::new(relay, TransportProtocol::UDP, None),
            config: None,
            media: None,
            sound,
            picture,
            key_frame_due: now,
            buffer: Vec::with_capacity(2048),
        };
        Ok((participant, offer))
    }

    /// Its socket, to be read by the one who drives it.
    pub(super) fn socket(&self) -> Rc<UdpSocket> {
        Rc::clone(&self.socket)
    }

    /// How many packets of sound and of picture were sent.
    pub(super) fn sent(&self) -> (u32, u32) {
        (self.sound.sent, self.picture.sent)
    }

    /// Whether media can flow.
    pub(super) fn is_up(&self) -> bool {
        self.media.is_some()
    }

    /// Takes the relay's answer and starts the ICE checks.
    pub(super) fn accept(&mut self, answer: &str, identity: &Identity, now: Instant) -> Result<(), BenchError> {
        let answer = Answer::parse(answer).ok_or(BenchError::Handshake("the answer lacks something"))?;
        self.remote_ice = Credentials::new(answer.ufrag, answer.pwd)
            .map_err(|_| BenchError::Handshake("the answer's ICE credentials are bad"))?;
        let relay: Fingerprint = answer
            .fingerprint
            .parse()
            .map_err(|_| BenchError::Handshake("the answer's fingerprint is bad"))?;
        let config = ConfigBuilder::default()
            .with_crypto_provider(Arc::clone(&identity.crypto))
            .with_certificates(vec![identity.certificate.clone()])
            .with_srtp_protection_profiles(vec![SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm])
            .with_insecure_skip_verify(true)
            .with_verify_peer_certificate(Some(Arc::new(move |chain, _| match chain.first() {
                Some(first) if relay.matches(first) => Ok(()),
                _ => Err(RtcError::Other(
                    "the relay's certificate is not that of its answer".into(),
                )),
            })))
            .build(true, Some(self.relay))?;
        self.config = Some(Arc::new(config));
        self.check(now)
    }

    /// Repeats what was not answered.
    pub(super) fn tick(&mut self, now: Instant) -> Result<(), BenchError> {
        if now >= self.next_check {
            self.check(now)?;
        }
        if !self.is_up() && self.dtls.poll_timeout(&self.relay).is_some_and(|due| now >= due) {
            self.dtls.handle_timeout(self.relay, now)?;
            self.flush_dtls()?;
        }
        Ok(())
    }

    /// Takes a datagram (RFC 7983: the first byte tells what it is).
    pub(super) fn receive(&mut self, now: Instant, datagram: &mut [u8]) -> Result<Arrival, BenchError> {
        match datagram.first() {
            Some(0..=3) => self.receive_stun(now, datagram)?,
            Some(20..=63) => self.receive_dtls(now, datagram)?,
            Some(128..=191) => return Ok(self.receive_media(now, datagram)),
            _ => {}
        }
        Ok(Arrival::Other)
    }

    /// Sends one packet of sound.
    pub(super) fn send_sound(&mut self) -> Result<(), BenchError> {
        self.send(Kind::Sound, SOUND_BYTES)
    }

    /// Sends one picture of one packet with about `bytes` of payload.
    pub(super) fn send_picture(&mut self, now: Instant, bytes: usize) -> Result<(), BenchError> {
        let key_frame = now >= self.key_frame_due;
        if key_frame {
            self.key_frame_due = now + KEY_FRAME_INTERVAL;
        }
        self.send(Kind::Picture { key_frame }, bytes)
    }

    fn send(&mut self, kind: Kind, bytes: usize) -> Result<(), BenchError> {
        let Some((sealer, _)) = &mut self.media else {
            return Ok(());
        };
        let (track, step, audio_level) = match kind {
            Kind::Sound => (&mut self.sound, 960, Some((sdp::LEVEL, 0x80 | 30))),
            Kind::Picture { .. } => (&mut self.picture, 4500, None),
        };
        let header = Outgoing {
            marker: matches!(kind, Kind::Picture { .. }),
            payload_type: track.payload_type,
            sequence: (track.sent & 0xffff) as u16,
            timestamp: track.sent.wrapping_mul(step),
            ssrc: track.ssrc,
            audio_level,
            transport_number: None,
        };
        self.buffer.clear();
        let header_length = header.write(&mut self.buffer);
        let stamp = Stamp {
            source: self.source,
            kind,
            counter: track.sent,
            sent: super::machine::wall(),
        };
        stamp.write(&mut self.buffer, bytes);
        sealer
            .seal_rtp(&mut self.buffer, 0, header_length)
            .map_err(|_| BenchError::Handshake("sealing failed"))?;
        track.sent += 1;
        transmit(&self.socket, self.relay, &self.buffer)
    }

    fn check(&mut self, now: Instant) -> Result<(), BenchError> {
        self.next_check = now + if self.is_up() { CONSENT_INTERVAL } else { CHECK_INTERVAL };
        self.check = TransactionId::new();
        let mut message = Message::new();
        message.set_type(BINDING_REQUEST);
        message.transaction_id = self.check;
        message.write_header();
        let username = format!("{}:{}", self.remote_ice.ufrag(), self.ice.ufrag());
        message.add(ATTR_USERNAME, username.as_bytes());
        message.add(ATTR_PRIORITY, &(110u32 << 24 | 0xffff << 8 | 255).to_be_bytes());
        message.add(ATTR_ICE_CONTROLLING, &[1; 8]);
        message.add(ATTR_USE_CANDIDATE, &[]);
        let pwd = self.remote_ice.pwd().to_owned();
        MessageIntegrity::new_short_term_integrity_with_provider(pwd, self.crypto.crypto()).add_to(&mut message)?;
        FINGERPRINT.add_to(&mut message)?;
        transmit(&self.socket, self.relay, &message.raw)
    }

    fn receive_stun(&mut self, now: Instant, datagram: &[u8]) -> Result<(), BenchError> {
        let mut message = Message::new();
        message.raw = datagram.to_vec();
        if message.decode().is_err() || message.typ != BINDING_SUCCESS || message.transaction_id != self.check {
            return Ok(());
        }
        MessageIntegrity::check(&mut message, self.remote_ice.pwd().as_bytes(), self.crypto.crypto())?;
        // The path works; DTLS starts once.
        if let Some(config) = self.config.take() {
            self.next_check = now + CONSENT_INTERVAL;
            self.dtls.connect(now, self.relay, config, None)?;
            self.flush_dtls()?;
        }
        Ok(())
    }

    fn receive_dtls(&mut self, now: Instant, datagram: &[u8]) -> Result<(), BenchError> {
        for event in self.dtls.read(now, self.relay, None, BytesMut::from(datagram))? {
            if matches!(event, EndpointEvent::HandshakeComplete) {
                self.media = Some(self.keys()?);
                self.key_frame_due = now;
            }
        }
        self.flush_dtls()
    }

    fn keys(&self) -> Result<(Sealer, Opener), BenchError> {
        let state = self
            .dtls
            .get_connection_state(self.relay)
            .ok_or(BenchError::Handshake("DTLS lost its state"))?;
        let length = KeyingMaterial::exported_len(PROFILE);
        let exported = state
            .export_keying_material("EXTRACTOR-dtls_srtp", &[], length)
            .map_err(|_| BenchError::Handshake("DTLS exports no keys"))?;
        let wrong = |_| BenchError::Handshake("the exported keys do not fit");
        let keys = KeyingMaterial::from_exporter(PROFILE, exported.as_ref())
            .map_err(wrong)?
            .reversed();
        let sealer = Sealer::new(PROFILE, &keys.local).map_err(wrong)?;
        Ok((sealer, Opener::new(PROFILE, &keys.remote).map_err(wrong)?))
    }

    fn receive_media(&mut self, now: Instant, datagram: &mut [u8]) -> Arrival {
        let Some((_, opener)) = &mut self.media else {
            return Arrival::Other;
        };
        // RFC 5761 section 4: RTCP by its packet type.
        if matches!(datagram.get(1), Some(192..=223)) {
            if let Ok(length) = opener.open_rtcp(datagram)
                && datagram.get(..length).is_some_and(asks_for_key_frame)
            {
                self.key_frame_due = now;
            }
            return Arrival::Other;
        }
        let Ok(header) = Header::parse(datagram) else {
            return Arrival::Other;
        };
        let Ok(length) = opener.open_rtp(datagram, header.len) else {
            return Arrival::Other;
        };
        let payload = datagram.get(header.len..length).unwrap_or_default();
        Stamp::read(payload, header.payload_type == sdp::OPUS).map_or(Arrival::Other, Arrival::Media)
    }

    fn flush_dtls(&mut self) -> Result<(), BenchError> {
        while let Some(datagram) = self.dtls.poll_transmit() {
            transmit(&self.socket, self.relay, &datagram.message)?;
        }
        Ok(())
    }
}

/// Whether a compound has PLI (RFC 4585 section 6.3.1): payload-specific feedback, format 1.
fn asks_for_key_frame(mut compound: &[u8]) -> bool {
    while let Some(&[first, kind, high, low]) = compound.first_chunk() {
        if kind == 206 && first & 0x1f == 1 {
            return true;
        }
        let length = 4 * (usize::from(u16::from_be_bytes([high, low])) + 1);
        compound = compound.get(length..).unwrap_or_default();
    }
    false
}

fn transmit(socket: &UdpSocket, to: SocketAddr, datagram: &[u8]) -> Result<(), BenchError> {
    match socket.send_to(datagram, to) {
        Ok(_) => Ok(()),
        // Lost before the relay, and counted as loss: the figure must not look better than it is.
        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => Ok(()),
        Err(error) => Err(BenchError::Socket(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_for_a_key_frame_is_found_anywhere_in_a_compound() {
        let report = [0x80, 201, 0, 1, 0, 0, 0, 9];
        let request = [0x81, 206, 0, 2, 0, 0, 0, 9, 0, 0, 0, 7];
        assert!(asks_for_key_frame(&[&report[..], &request].concat()));
        assert!(!asks_for_key_frame(&report));
        assert!(!asks_for_key_frame(&[0x81, 205, 0, 0]));
        assert!(!asks_for_key_frame(&[]));
    }
}
