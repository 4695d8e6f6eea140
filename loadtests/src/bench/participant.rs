//! One lean participant: real ICE, DTLS and SRTP of the protocol crates, and packets that carry a stamp in place of
//! pictures and sound.

use super::BenchError;
use super::report::Reports;
use super::sdp::{self, Answer};
use super::stamp::{Kind, Stamp};
use bytes::BytesMut;
use lika_sfu::SrtpProfile;
use lika_sfu::dtls::Fingerprint;
use lika_sfu::ice::Credentials;
use lika_sfu::rtcp::{self, Packet, SenderInfo};
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
const SOUND_CLOCK: u32 = 48_000;
const PICTURE_CLOCK: u32 = 90_000;
/// Between two sender reports.
const SENDER_REPORT_INTERVAL: Duration = Duration::from_secs(1);
/// Seconds from 1900, where NTP time begins, to 1970 (RFC 5905 section 6).
const NTP_EPOCH: u64 = 2_208_988_800;

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

/// What one does in the meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// Its number among all.
    pub(super) source: u16,
    /// Whether it sends.
    pub(super) sends: bool,
    /// How many others it receives.
    pub(super) slots: usize,
    /// Whether it reports arrivals and losses, as browsers do.
    pub(super) reports: bool,
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
    part: Part,
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
    /// The transport-wide number of the next packet.
    transport: u16,
    next_sender_report: Instant,
    reports: Option<Reports>,
    key_frame_due: Instant,
    buffer: Vec<u8>,
}

/// An outgoing stream.
#[derive(Clone, Copy)]
struct Track {
    ssrc: u32,
    payload_type: u8,
    clock_rate: u32,
    sent: u32,
    /// Media time of the newest packet, and when it left.
    newest: Option<(u32, Instant)>,
}

impl Participant {
    /// A participant with its offer; [`Participant::accept`] takes the answer.
    pub(super) fn new(
        part: Part,
        relay: SocketAddr,
        identity: &Identity,
        now: Instant,
    ) -> Result<(Self, String), BenchError> {
        let ice = Credentials::generate();
        let track = |payload_type, clock_rate| Track {
            ssrc: rand::random(),
            payload_type,
            clock_rate,
            sent: 0,
            newest: None,
        };
        let (sound, picture) = (track(sdp::OPUS, SOUND_CLOCK), track(sdp::VP8, PICTURE_CLOCK));
        let own = sdp::Own {
            ice: &ice,
            fingerprint: &identity.fingerprint,
            ssrcs: part.sends.then_some((sound.ssrc, picture.ssrc)),
            reports: part.reports,
        };
        let offer = sdp::offer(&own, part.slots);
        let stagger = Duration::from_millis(u64::from(part.source) * 37 % 1000);
        let participant = Self {
            part,
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
            transport: 0,
            next_sender_report: now + stagger,
            reports: part.reports.then(|| Reports::new(now, stagger)),
            key_frame_due: now,
            buffer: Vec::with_capacity(2048),
        };
        Ok((participant, offer))
    }

    /// Its socket, to be read by the one who drives it.
    pub(super) fn socket(&self) -> Rc<UdpSocket> {
        Rc::clone(&self.socket)
    }

    /// The relay's ICE credentials and its own.
    pub(super) const fn credentials(&self) -> (&Credentials, &Credentials) {
        (&self.remote_ice, &self.ice)
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

    /// Repeats what was not answered, and reports.
    pub(super) fn tick(&mut self, now: Instant) -> Result<(), BenchError> {
        if now >= self.next_check {
            self.check(now)?;
        }
        self.report(now)?;
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

    fn report(&mut self, now: Instant) -> Result<(), BenchError> {
        let (Some((sealer, _)), Some(reports)) = (&mut self.media, &mut self.reports) else {
            return Ok(());
        };
        let mut compounds: Vec<Vec<u8>> = Vec::new();
        reports.due(now, self.sound.ssrc, |compound| compounds.push(compound.to_vec()));
        if now >= self.next_sender_report {
            self.next_sender_report = now + SENDER_REPORT_INTERVAL;
            compounds.extend([self.sound, self.picture].iter().filter_map(|track| track.report(now)));
        }
        for mut compound in compounds {
            sealer
                .seal_rtcp(&mut compound, 0)
                .map_err(|_| BenchError::Handshake("sealing failed"))?;
            transmit(&self.socket, self.relay, &compound)?;
        }
        Ok(())
    }

    /// Sends one packet of sound.
    pub(super) fn send_sound(&mut self, now: Instant) -> Result<(), BenchError> {
        self.send(now, Kind::Sound, SOUND_BYTES)
    }

    /// Sends one picture of one packet with about `bytes` of payload.
    pub(super) fn send_picture(&mut self, now: Instant, bytes: usize) -> Result<(), BenchError> {
        let key_frame = now >= self.key_frame_due;
        if key_frame {
            self.key_frame_due = now + KEY_FRAME_INTERVAL;
        }
        self.send(now, Kind::Picture { key_frame }, bytes)
    }

    fn send(&mut self, now: Instant, kind: Kind, bytes: usize) -> Result<(), BenchError> {
        let Some((sealer, _)) = &mut self.media else {
            return Ok(());
        };
        let (track, step, audio_level) = match kind {
            Kind::Sound => (&mut self.sound, 960, Some((sdp::LEVEL, 0x80 | 30))),
            Kind::Picture { .. } => (&mut self.picture, 4500, None),
        };
        let timestamp = track.sent.wrapping_mul(step);
        track.newest = Some((timestamp, now));
        self.transport = self.transport.wrapping_add(1);
        let header = Outgoing {
            marker: matches!(kind, Kind::Picture { .. }),
            payload_type: track.payload_type,
            sequence: (track.sent & 0xffff) as u16,
            timestamp,
            ssrc: track.ssrc,
            audio_level,
            transport_number: self.part.reports.then_some((sdp::TRANSPORT, self.transport)),
        };
        self.buffer.clear();
        let header_length = header.write(&mut self.buffer);
        let stamp = Stamp {
            source: self.part.source,
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
            if let Ok(length) = opener.open_rtcp(datagram) {
                self.take_rtcp(now, datagram.get(..length).unwrap_or_default());
            }
            return Arrival::Other;
        }
        let Ok(header) = Header::parse(datagram) else {
            return Arrival::Other;
        };
        let Ok(length) = opener.open_rtp(datagram, header.len) else {
            return Arrival::Other;
        };
        if let Some(reports) = &mut self.reports {
            let number = header.extensions(datagram).find(sdp::TRANSPORT);
            if let Some(&[high, low]) = number.and_then(<[u8]>::first_chunk) {
                reports.arrived(now, u16::from_be_bytes([high, low]));
            }
            match header.payload_type {
                sdp::OPUS => reports.media(now, &header, SOUND_CLOCK, length),
                sdp::VP8 => reports.media(now, &header, PICTURE_CLOCK, length),
                _ => {}
            }
        }
        if header.payload_type == sdp::RTX {
            return Arrival::Other;
        }
        let payload = datagram.get(header.len..length).unwrap_or_default();
        Stamp::read(payload, header.payload_type == sdp::OPUS).map_or(Arrival::Other, Arrival::Media)
    }

    fn take_rtcp(&mut self, now: Instant, compound: &[u8]) {
        for packet in rtcp::packets(compound).flatten() {
            match packet {
                Packet::PictureLoss(_) | Packet::FullIntra(_) => self.key_frame_due = now,
                Packet::SenderReport(info, _) => {
                    if let Some(reports) = &mut self.reports {
                        reports.sender_report(now, &info);
                    }
                }
                _ => {}
            }
        }
    }

    fn flush_dtls(&mut self) -> Result<(), BenchError> {
        while let Some(datagram) = self.dtls.poll_transmit() {
            transmit(&self.socket, self.relay, &datagram.message)?;
        }
        Ok(())
    }
}

impl Track {
    /// A sender report (RFC 3550 section 6.4.1); none before the first packet.
    fn report(&self, now: Instant) -> Option<Vec<u8>> {
        let (timestamp, left) = self.newest?;
        let wall = super::machine::wall();
        let fraction = (u64::from(wall.subsec_nanos()) << 32) / 1_000_000_000;
        let ntp = ((wall.as_secs() + NTP_EPOCH) << 32) | fraction;
        let since = now.duration_since(left).as_secs_f64() * f64::from(self.clock_rate);
        let info = SenderInfo {
            ssrc: self.ssrc,
            ntp,
            rtp: timestamp.wrapping_add(since as u32),
            packets: self.sent,
            octets: 0,
        };
        let mut report = Vec::new();
        rtcp::sender_report(&info, &mut report);
        Some(report)
    }
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
    fn a_sender_report_tells_the_media_time_of_now() {
        use rtc_rtcp::sender_report::SenderReport;
        let left = Instant::now();
        let mut track = Track {
            ssrc: 5,
            payload_type: sdp::VP8,
            clock_rate: PICTURE_CLOCK,
            sent: 3,
            newest: None,
        };
        assert!(track.report(left).is_none());
        track.newest = Some((9000, left));
        let report = track.report(left + Duration::from_millis(100)).unwrap();
        let read = rtc_rtcp::packet::unmarshal(&mut &report[..]).unwrap();
        let read = read[0].as_any().downcast_ref::<SenderReport>().unwrap();
        assert_eq!((read.ssrc, read.rtp_time, read.packet_count), (5, 18_000, 3));
        assert!(read.ntp_time >> 32 > NTP_EPOCH);
    }
}
