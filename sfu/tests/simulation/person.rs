//! One simulated person: a browser's side of the connection, written with other code than the relay's where there is
//! any (rtc-stun, rtc-dtls, rtc-rtp, rtc-rtcp).

use bytes::{Bytes, BytesMut};
use lika_sfu::PictureCodec;
use lika_sfu::SrtpProfile;
use lika_sfu::allocation::publishing::Publishing;
use lika_sfu::dtls::Fingerprint;
use lika_sfu::feedback::ArrivalTimes;
use lika_sfu::srtp::{KeyingMaterial, Opener, Sealer};
use lika_sfu::{Answer, Audience, Command, JoinError, Layer, PeerId, Reception, RoomId};
use rtc_crypto::RTCCryptoProvider;
use rtc_crypto::providers::AwsLcRsProvider;
use rtc_dtls::config::{ConfigBuilder, ExtendedMasterSecretType};
use rtc_dtls::crypto::Certificate;
use rtc_dtls::endpoint::{Endpoint, EndpointEvent};
use rtc_dtls::extension::extension_use_srtp::SrtpProtectionProfile;
use rtc_rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc_rtcp::receiver_report::ReceiverReport;
use rtc_rtcp::reception_report::ReceptionReport;
use rtc_rtcp::sender_report::SenderReport;
use rtc_rtcp::transport_feedbacks::transport_layer_nack::{TransportLayerNack, nack_pairs_from_sequence_numbers};
use rtc_shared::TransportProtocol;
use rtc_shared::marshal::{Marshal, Unmarshal};
use rtc_stun::attributes::{ATTR_ICE_CONTROLLING, ATTR_PRIORITY, ATTR_USE_CANDIDATE, ATTR_USERNAME};
use rtc_stun::fingerprint::FINGERPRINT;
use rtc_stun::integrity::MessageIntegrity;
use rtc_stun::message::{BINDING_REQUEST, Message, Setter as _, TransactionId};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

const SOUND_EVERY: Duration = Duration::from_millis(20);
const FRAME_EVERY: Duration = Duration::from_millis(66);
const CHECK_EVERY: Duration = Duration::from_secs(1);
const REPORT_EVERY: Duration = Duration::from_millis(500);
const ARRIVALS_EVERY: Duration = Duration::from_millis(50);
/// libwebrtc waits so long for a frame it can decode before it asks for a key frame.
const KEY_FRAME_PATIENCE: Duration = Duration::from_millis(200);
const ASK_AGAIN_AFTER: Duration = Duration::from_millis(50);
/// So many packets back, something may still be asked for again.
const RECENT: u16 = 100;
/// The layer of [`Made`] that is sound.
pub const SOUND: u8 = 9;
const VP8: u8 = 96;
/// Everybody numbers differently, one or the next.
const OPUS: u8 = 110;
const RED: u8 = 62;
const RTX: u8 = 97;
/// Bytes of a payload descriptor without and with a temporal layer (RFC 7741 section 4.2).
const DESCRIPTOR: (usize, usize) = (4, 5);
/// OpenH264's for 640x360.
const SPS: [u8; 16] = [
    0x67, 0x42, 0xc0, 0x16, 0x8c, 0x68, 0x0a, 0x02, 0xf7, 0x97, 0x01, 0x01, 0xe1, 0x10, 0x8d, 0x40,
];
const PPS: [u8; 4] = [0x68, 0xce, 0x3c, 0x80];
const RIDS: [&str; 3] = ["l", "m", "h"];
/// Packets of a frame of each layer.
const PACKETS: [usize; 3] = [1, 3, 6];

/// What a person sends.
#[derive(Clone, Copy, Debug)]
pub struct Publishes {
    pub sound: bool,
    /// Simulcast layers; 0: no camera.
    pub layers: usize,
    /// Whether sound is offered with earlier frames repeated (RFC 2198).
    pub red: bool,
    pub codecs: Codecs,
}

/// What a person's pictures, sent and received, may be encoded with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codecs {
    Vp8,
    Both,
    H264,
}

impl Codecs {
    fn has(self, codec: PictureCodec) -> bool {
        match codec {
            PictureCodec::Vp8 => self != Self::H264,
            PictureCodec::H264 => self != Self::Vp8,
        }
    }
}

impl Publishes {
    pub const ALL: Self = Self {
        sound: true,
        layers: 3,
        red: false,
        codecs: Codecs::Vp8,
    };
    pub const THUMBNAIL: Self = Self {
        sound: true,
        layers: 1,
        red: false,
        codecs: Codecs::Vp8,
    };
    /// Sends and reads redundant sound.
    pub const REDUNDANT: Self = Self {
        red: true,
        ..Self::THUMBNAIL
    };
    pub const NOTHING: Self = Self {
        sound: false,
        layers: 0,
        red: false,
        codecs: Codecs::Vp8,
    };

    pub const fn with(self, codecs: Codecs) -> Self {
        Self { codecs, ..self }
    }
}

/// What came in one slot.
#[derive(Debug, Default)]
struct Slot {
    source: Option<PeerId>,
    sound: Received,
    picture: Received,
    since_key_frame: HashSet<Made>,
    /// Frames come that cannot be decoded, since then or since a key frame was last asked for.
    undecodable: Option<Instant>,
    /// The layer shown and its codec, and the sequence number of the key frame it began with.
    layer: Option<(u8, PictureCodec, u64)>,
}

#[derive(Debug, Default)]
struct Received {
    sequences: BTreeSet<u64>,
    highest: Option<u64>,
    /// Of all that ever came: the first, and how many; and what of it the last report told.
    first: Option<u64>,
    count: u64,
    told: (u64, u64),
    /// Nothing is missing before this.
    whole_to: u64,
    asked: HashMap<u64, Instant>,
    report: Option<(u32, Instant)>,
    pictures: BTreeMap<u64, Picture>,
}

/// What a picture packet says of its place.
#[derive(Clone, Copy, Debug)]
struct Picture {
    timestamp: u32,
    number: Option<u16>,
    stream: (u64, u8, PictureCodec),
    key_frame: bool,
}

/// A picture packet as it was sent.
#[derive(Clone, Debug)]
struct Sent {
    codec: PictureCodec,
    timestamp: u32,
    payload: Vec<u8>,
}

/// One packet as the receiver understands it: who made it, which layer, which number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Made {
    pub source: u64,
    pub layer: u8,
    pub number: u32,
}

pub struct Person {
    pub address: SocketAddr,
    pub outgoing: Vec<Vec<u8>>,
    pub connected: Option<SrtpProfile>,
    pub closed: bool,
    pub profiles: Vec<SrtpProtectionProfile>,
    /// Every media packet ever received, by its maker.
    pub got: HashSet<Made>,
    /// Media packets that came since somebody last looked, repeated ones too.
    pub came: Vec<Made>,
    /// When the newest whole frame of each source came, and the longest time between two.
    pub frames: BTreeMap<u64, Frames>,
    pub key_frames_asked: u32,
    pub ignores_key_frame_requests: bool,
    /// What the relay asks for.
    pub asked: Option<Publishing>,
    /// Whether it sends what is asked for, as a page does; otherwise all it has, in small frames.
    pub obeys: bool,
    /// The time from one frame to the next.
    pub frame_every: Duration,
    /// Whether every second frame is of a second temporal layer (TID 1).
    pub has_temporal_layers: bool,
    /// When each datagram came, and its size.
    pub arrivals: Vec<(Instant, usize)>,
    pub resent: u32,
    /// Sound frames that came as repetitions.
    pub repeated_sounds: u64,
    /// How many connectivity checks still nominate their path (USE-CANDIDATE): browsers differ in whether all do.
    pub nominations: u32,
    id: u64,
    relay: SocketAddr,
    publishes: Publishes,
    slots: Vec<Slot>,
    first_slot_ssrc: BTreeMap<u32, (usize, Kind)>,
    ufrag: String,
    certificate: Certificate,
    remote: Option<(String, String)>,
    dtls: Option<Endpoint>,
    srtp: Option<(Sealer, Opener)>,
    next: Clock,
    numbers: [u32; 4],
    needs_key_frame: [bool; 3],
    sent: HashMap<(usize, u16), Sent>,
    codec: PictureCodec,
    /// Picture frames of each codec that came.
    pub frames_in: HashMap<PictureCodec, u64>,
    rtx_numbers: [u16; 3],
    transport: u16,
    arrival_times: ArrivalTimes,
    started: Option<Instant>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Sound,
    Picture,
    Repair,
}

#[derive(Debug, Default)]
pub struct Frames {
    pub count: u64,
    pub longest_gap: Duration,
    last: Option<Instant>,
    seen: HashSet<(u8, u32)>,
}

#[derive(Debug, Default)]
struct Clock {
    sound: Option<Instant>,
    frame: Option<Instant>,
    check: Option<Instant>,
    report: Option<Instant>,
    arrivals: Option<Instant>,
}

fn due(at: &mut Option<Instant>, now: Instant, every: Duration) -> bool {
    if at.is_some_and(|at| now < at) {
        return false;
    }
    *at = Some(now + every);
    true
}

/// Whether a sealed datagram is a packet of sound: its payload type stands in the clear.
pub fn is_sound(datagram: &[u8]) -> bool {
    let [first, second, ..] = datagram else { return false };
    let is_rtp = (128..=191).contains(first) && !(192..=223).contains(second);
    is_rtp && [OPUS, OPUS + 1, RED, RED + 1].contains(&(second & 0x7f))
}

/// Where the relay's answer to an offer comes.
pub type Answered = mpsc::Receiver<Result<Answer, JoinError>>;

impl Person {
    pub fn new(id: u64, slots: usize, publishes: Publishes, relay: SocketAddr) -> Self {
        let provider = AwsLcRsProvider::new();
        let certificate =
            Certificate::generate_self_signed(vec!["person".to_owned()], provider.crypto()).expect("certificate");
        Self {
            address: SocketAddr::from(([192, 0, 2, id as u8], 40_000)),
            outgoing: Vec::new(),
            connected: None,
            closed: false,
            profiles: vec![
                SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm,
                SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80,
            ],
            got: HashSet::new(),
            came: Vec::new(),
            frames: BTreeMap::new(),
            key_frames_asked: 0,
            ignores_key_frame_requests: false,
            asked: None,
            obeys: false,
            frame_every: FRAME_EVERY,
            has_temporal_layers: false,
            arrivals: Vec::new(),
            resent: 0,
            repeated_sounds: 0,
            nominations: u32::MAX,
            id,
            relay,
            publishes,
            slots: (0..slots).map(|_| Slot::default()).collect(),
            first_slot_ssrc: BTreeMap::new(),
            ufrag: format!("person{id:04}"),
            certificate,
            remote: None,
            dtls: None,
            srtp: None,
            next: Clock::default(),
            // Close below the wrap, so that every run crosses it.
            numbers: [65_000; 4],
            needs_key_frame: [true; 3],
            sent: HashMap::new(),
            codec: if publishes.codecs == Codecs::H264 {
                PictureCodec::H264
            } else {
                PictureCodec::Vp8
            },
            frames_in: HashMap::new(),
            rtx_numbers: [0; 3],
            transport: 65_000,
            arrival_times: ArrivalTimes::default(),
            started: None,
        }
    }

    /// The order by which this person comes, and where its answer will be.
    pub fn join(&self, room: RoomId, audience: Audience, reception: Reception) -> (Command, Answered) {
        let (answers, answered) = mpsc::channel();
        let order = Command::Join {
            room,
            peer: PeerId(self.id),
            offer: self.offer(),
            audience,
            reception,
            reply: Box::new(move |answer| answers.send(answer).expect("waited for")),
        };
        (order, answered)
    }

    pub fn offer(&self) -> String {
        let fingerprint = Fingerprint::of(&self.certificate.certificate[0]);
        let mut sections = Vec::new();
        if self.publishes.sound {
            sections.push(("audio", "sendonly", String::new()));
        }
        if self.publishes.layers > 0 {
            let rids: String = RIDS[..self.publishes.layers]
                .iter()
                .map(|rid| format!("a=rid:{rid} send\r\n"))
                .collect();
            let all = RIDS[..self.publishes.layers].join(";");
            sections.push(("video", "sendonly", format!("{rids}a=simulcast:send {all}\r\n")));
        }
        for _ in &self.slots {
            sections.push(("audio", "recvonly", String::new()));
            sections.push(("video", "recvonly", String::new()));
        }
        let mids: Vec<String> = (0..sections.len()).map(|n| n.to_string()).collect();
        let mut sdp = format!(
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE {}\r\n",
            mids.join(" ")
        );
        for (mid, (media, direction, more)) in sections.iter().enumerate() {
            let codec = if *media == "audio" {
                self.sound_codecs()
            } else {
                self.picture_codecs()
            };
            sdp += &format!(
                "{codec}c=IN IP4 0.0.0.0\r\na=mid:{mid}\r\na={direction}\r\na=rtcp-mux\r\na=ice-ufrag:{}\r\n\
                 a=ice-pwd:0123456789abcdefghijklmn\r\na=fingerprint:{fingerprint}\r\na=setup:actpass\r\n\
                 a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid\r\n\
                 a=extmap:2 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n\
                 a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id\r\n\
                 a=extmap:4 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n\
                 a=extmap:5 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n{more}",
                self.ufrag
            );
        }
        sdp
    }

    /// Takes up what the relay asks for; another codec begins with a key frame.
    pub fn ask(&mut self, publishing: Publishing) {
        self.asked = Some(publishing);
        assert!(
            self.publishes.codecs.has(publishing.codec),
            "asked to send what was not offered"
        );
        if self.codec != publishing.codec {
            self.codec = publishing.codec;
            self.needs_key_frame = [true; 3];
        }
    }

    pub fn take_answer(&mut self, now: Instant, sdp: &str) {
        self.remote = Some((value(sdp, "a=ice-ufrag:"), value(sdp, "a=ice-pwd:")));
        let relay: Fingerprint = value(sdp, "a=fingerprint:").parse().expect("a fingerprint");
        self.read_slots(sdp);
        let config = ConfigBuilder::default()
            .with_crypto_provider(Arc::new(AwsLcRsProvider::new()))
            .with_certificates(vec![self.certificate.clone()])
            .with_srtp_protection_profiles(self.profiles.clone())
            .with_extended_master_secret(ExtendedMasterSecretType::Require)
            .with_insecure_skip_verify(true)
            .with_verify_peer_certificate(Some(Arc::new(move |chain, _| {
                assert!(relay.matches(&chain[0]), "the relay's certificate is the answer's");
                Ok(())
            })))
            .build(true, Some(self.relay))
            .expect("a configuration");
        let mut endpoint = Endpoint::new(self.address, TransportProtocol::UDP, None);
        endpoint
            .connect(now, self.relay, Arc::new(config), None)
            .expect("a ClientHello");
        self.dtls = Some(endpoint);
    }

    /// ICE restart: the next offer has new credentials.
    pub fn restart_ice(&mut self) {
        self.ufrag = format!("again{}", self.ufrag);
    }

    /// The answer to an offer after the first: DTLS and the SSRCs of the slots stay.
    pub fn take_further_answer(&mut self, sdp: &str) {
        let before = std::mem::take(&mut self.first_slot_ssrc);
        self.read_slots(sdp);
        let stays = |(ssrc, place)| self.first_slot_ssrc.get(ssrc) == Some(place);
        assert!(before.iter().all(stays), "an SSRC has changed");
        self.remote = Some((value(sdp, "a=ice-ufrag:"), value(sdp, "a=ice-pwd:")));
        self.next.check = None;
    }

    fn read_slots(&mut self, sdp: &str) {
        for line in sdp.lines() {
            let Some((ssrc, rest)) = line.strip_prefix("a=ssrc:").and_then(|line| line.split_once(' ')) else {
                continue;
            };
            let ssrc: u32 = ssrc.parse().expect("a number");
            let Some((slot, track)) = rest.strip_prefix("msid:slot-").and_then(|rest| rest.split_once(' ')) else {
                continue;
            };
            let slot: usize = slot.parse().expect("a number");
            let first_picture = !self
                .first_slot_ssrc
                .values()
                .any(|known| *known == (slot, Kind::Picture));
            let kind = match (track.starts_with("sound"), first_picture) {
                (true, _) => Kind::Sound,
                (false, true) => Kind::Picture,
                (false, false) => Kind::Repair,
            };
            self.first_slot_ssrc.insert(ssrc, (slot, kind));
        }
    }

    pub fn assign(&mut self, slot: usize, source: Option<PeerId>) {
        if let Some(slot) = self.slots.get_mut(slot) {
            slot.source = source;
        }
    }

    pub fn shown(&self) -> Vec<PeerId> {
        self.slots.iter().filter_map(|slot| slot.source).collect()
    }

    pub fn frames_of(&self, source: PeerId) -> u64 {
        self.frames.get(&source.0).map_or(0, |frames| frames.count)
    }

    /// The longest time between two frames of `source`, and since the last one.
    pub fn longest_gap(&self, now: Instant, source: PeerId) -> Duration {
        let frames = &self.frames[&source.0];
        let since = frames.last.map_or(Duration::MAX, |last| now - last);
        frames.longest_gap.max(since)
    }

    pub fn sounds_of(&self, source: PeerId) -> usize {
        self.got
            .iter()
            .filter(|made| made.source == source.0 && made.layer == SOUND)
            .count()
    }

    /// What each picture on the screen is encoded with.
    pub fn codecs_shown(&self) -> impl Iterator<Item = PictureCodec> {
        let shown = self.slots.iter().filter(|slot| slot.source.is_some());
        shown.filter_map(|slot| slot.layer.map(|(_, codec, _)| codec))
    }

    /// Which of its layers is shown of `source`.
    pub fn layer_of(&self, source: PeerId) -> Option<Layer> {
        let slot = self.slots.iter().find(|slot| slot.source == Some(source))?;
        let (layer, _, _) = slot.layer?;
        [Layer::Low, Layer::Mid, Layer::High].get(usize::from(layer)).copied()
    }

    /// Picture packets that never came, among how many that should have.
    pub fn lost_pictures(&self) -> (u64, u64) {
        Self::lost(self.slots.iter().map(|slot| &slot.picture))
    }

    /// The same for sound.
    pub fn lost_sounds(&self) -> (u64, u64) {
        Self::lost(self.slots.iter().map(|slot| &slot.sound))
    }

    fn lost<'a>(received: impl Iterator<Item = &'a Received>) -> (u64, u64) {
        let (mut lost, mut expected) = (0, 0);
        for received in received {
            let (Some(first), Some(highest)) = (received.sequences.first(), received.highest) else {
                continue;
            };
            expected += highest - first + 1;
            lost += highest - first + 1 - received.sequences.len() as u64;
        }
        (lost, expected)
    }

    /// The most bytes that came within any `window`.
    pub fn most_bytes_within(&self, window: Duration) -> usize {
        let mut first = 0;
        let mut within = 0;
        let mut most = 0;
        for (at, bytes) in &self.arrivals {
            within += bytes;
            while *at - self.arrivals[first].0 >= window {
                within -= self.arrivals[first].1;
                first += 1;
            }
            most = most.max(within);
        }
        most
    }

    /// Bytes that ever came.
    pub fn bytes(&self) -> usize {
        self.arrivals.iter().map(|(_, bytes)| bytes).sum()
    }

    /// The number its maker gave the oldest packet of `source` that came.
    pub fn oldest_of(&self, source: PeerId) -> Option<u32> {
        let of_it = self
            .got
            .iter()
            .filter(|made| made.source == source.0 && made.layer < SOUND);
        of_it.map(|made| made.number).min()
    }

    /// How many packets of its lowest layer this person has made.
    pub const fn made(&self) -> u32 {
        self.numbers[0]
    }

    /// The numbers of the sound frames of `source` that came.
    pub fn heard(&self, source: PeerId) -> BTreeSet<u32> {
        let of_it = self
            .got
            .iter()
            .filter(|made| made.source == source.0 && made.layer == SOUND);
        of_it.map(|made| made.number).collect()
    }

    /// How many sound frames this person has made.
    pub const fn sounds_made(&self) -> u32 {
        self.numbers[3]
    }

    /// Forgets all that came, but for what is needed to go on.
    pub fn forget_past(&mut self) {
        self.frames = BTreeMap::new();
        self.forget_packets();
    }

    /// Forgets packets; how many frames came, and when, stays.
    pub fn forget_packets(&mut self) {
        self.got = HashSet::new();
        for frames in self.frames.values_mut() {
            frames.seen = HashSet::new();
        }
        self.arrivals = Vec::new();
        self.came = Vec::new();
        let newest = self.numbers;
        let is_recent = |(layer, number): &(usize, u16)| (newest[*layer] as u16).wrapping_sub(*number) < RECENT;
        let sent = std::mem::take(&mut self.sent);
        self.sent = sent.into_iter().filter(|(key, _)| is_recent(key)).collect();
        for slot in &mut self.slots {
            slot.since_key_frame = HashSet::new();
            slot.sound.forget_past();
            slot.picture.forget_past();
        }
    }

    pub fn forget_gaps(&mut self) {
        for frames in self.frames.values_mut() {
            frames.longest_gap = Duration::ZERO;
        }
    }

    pub fn act(&mut self, now: Instant) {
        if self.closed {
            return;
        }
        self.check(now);
        self.drive_dtls(now);
        if self.srtp.is_none() {
            return;
        }
        self.started.get_or_insert(now);
        if self.publishes.sound && due(&mut self.next.sound, now, SOUND_EVERY) {
            self.send_sound();
        }
        if self.publishes.layers > 0 && due(&mut self.next.frame, now, self.frame_every) {
            for layer in 0..self.publishes.layers.min(self.layers_asked()) {
                self.send_frame(layer);
            }
        }
        self.ask_for_lost(now);
        self.ask_for_key_frames(now);
        if due(&mut self.next.report, now, REPORT_EVERY) {
            self.send_reports(now);
        }
        if due(&mut self.next.arrivals, now, ARRIVALS_EVERY) {
            self.send_arrival_times();
        }
    }

    fn check(&mut self, now: Instant) {
        let Some((ufrag, pwd)) = self.remote.clone() else {
            return;
        };
        if !due(&mut self.next.check, now, CHECK_EVERY) {
            return;
        }
        let mut message = Message::new();
        message.set_type(BINDING_REQUEST);
        message.transaction_id = TransactionId::new();
        message.write_header();
        message.add(ATTR_USERNAME, format!("{ufrag}:{}", self.ufrag).as_bytes());
        message.add(ATTR_PRIORITY, &[1, 2, 3, 4]);
        message.add(ATTR_ICE_CONTROLLING, &[7; 8]);
        if self.nominations > 0 {
            self.nominations -= 1;
            message.add(ATTR_USE_CANDIDATE, &[]);
        }
        let provider = AwsLcRsProvider::new();
        MessageIntegrity::new_short_term_integrity_with_provider(pwd, provider.crypto())
            .add_to(&mut message)
            .expect("integrity");
        FINGERPRINT.add_to(&mut message).expect("fingerprint");
        self.outgoing.push(message.raw);
    }

    fn drive_dtls(&mut self, now: Instant) {
        let Some(endpoint) = &mut self.dtls else { return };
        if endpoint.poll_timeout(&self.relay).is_some_and(|at| now >= at) {
            let _ = endpoint.handle_timeout(self.relay, now);
        }
        while let Some(transmit) = endpoint.poll_transmit() {
            self.outgoing.push(transmit.message.to_vec());
        }
    }

    pub fn receive(&mut self, now: Instant, datagram: &mut [u8]) {
        self.arrivals.push((now, datagram.len()));
        match datagram.first() {
            Some(20..=63) => self.receive_dtls(now, datagram),
            Some(128..=191) if (192..=223).contains(&datagram[1]) => self.receive_rtcp(now, datagram),
            Some(128..=191) => self.receive_rtp(now, datagram),
            _ => {}
        }
    }

    fn receive_dtls(&mut self, now: Instant, datagram: &[u8]) {
        let Some(endpoint) = &mut self.dtls else { return };
        let events = endpoint
            .read(now, self.relay, None, BytesMut::from(datagram))
            .unwrap_or_default();
        for event in events {
            match event {
                EndpointEvent::HandshakeComplete => {
                    let state = endpoint.get_connection_state(self.relay).expect("a connection");
                    let profile = match state.srtp_protection_profile() {
                        SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm => SrtpProfile::AeadAes128Gcm,
                        SrtpProtectionProfile::Srtp_Aead_Aes_256_Gcm => SrtpProfile::AeadAes256Gcm,
                        _ => SrtpProfile::Aes128CmHmacSha1_80,
                    };
                    let exported = state
                        .export_keying_material("EXTRACTOR-dtls_srtp", &[], KeyingMaterial::exported_len(profile))
                        .expect("keys");
                    let keys = KeyingMaterial::from_exporter(profile, exported.as_ref())
                        .expect("keys")
                        .reversed();
                    let ends = (Sealer::new(profile, &keys.local), Opener::new(profile, &keys.remote));
                    self.srtp = Some((ends.0.expect("sealer"), ends.1.expect("opener")));
                    self.connected = Some(profile);
                }
                EndpointEvent::PeerClosed => self.closed = true,
                _ => {}
            }
        }
    }

    fn seal(&mut self, mut packet: Vec<u8>, header_len: usize) {
        let Some((sealer, _)) = &mut self.srtp else { return };
        sealer.seal_rtp(&mut packet, 0, header_len).expect("sealed");
        self.outgoing.push(packet);
    }

    fn send_rtcp(&mut self, packet: &dyn rtc_rtcp::packet::Packet) {
        let Some((sealer, _)) = &mut self.srtp else { return };
        let mut bytes = packet.marshal().expect("RTCP").to_vec();
        sealer.seal_rtcp(&mut bytes, 0).expect("sealed");
        self.outgoing.push(bytes);
    }

    fn send_arrival_times(&mut self) {
        let mut feedback = Vec::new();
        if self.arrival_times.write(1, 1, &mut feedback)
            && let Some((sealer, _)) = &mut self.srtp
        {
            sealer.seal_rtcp(&mut feedback, 0).expect("sealed");
            self.outgoing.push(feedback);
        }
    }

    fn header(&mut self, payload_type: u8, ssrc: u32, sequence: u16, timestamp: u32) -> rtc_rtp::Header {
        let mut header = rtc_rtp::Header {
            version: 2,
            payload_type,
            sequence_number: sequence,
            timestamp,
            ssrc,
            ..Default::default()
        };
        self.transport = self.transport.wrapping_add(1);
        header
            .set_extension(5, Bytes::copy_from_slice(&self.transport.to_be_bytes()))
            .expect("extension");
        header
    }

    fn ssrc(&self, stream: usize) -> u32 {
        self.id as u32 * 100 + stream as u32
    }

    fn sections_mid(&self, picture: bool) -> Bytes {
        Bytes::copy_from_slice(if picture && self.publishes.sound { b"1" } else { b"0" })
    }

    /// Neighbours use different numbers, so that the relay has to rewrite them.
    const fn opus(&self) -> u8 {
        OPUS + (self.id % 2) as u8
    }

    const fn red(&self) -> u8 {
        RED + (self.id % 2) as u8
    }

    fn sound_codecs(&self) -> String {
        let (opus, red) = (self.opus(), self.red());
        if !self.publishes.red {
            return format!("m=audio 9 UDP/TLS/RTP/SAVPF {opus}\r\na=rtpmap:{opus} opus/48000/2\r\n");
        }
        format!(
            "m=audio 9 UDP/TLS/RTP/SAVPF {red} {opus}\r\na=rtpmap:{red} red/48000/2\r\n\
             a=fmtp:{red} {opus}/{opus}\r\na=rtpmap:{opus} opus/48000/2\r\n"
        )
    }

    const fn h264(&self) -> u8 {
        102 + (self.id % 2) as u8
    }

    const fn h264_rtx(&self) -> u8 {
        104 + (self.id % 2) as u8
    }

    fn picture_codecs(&self) -> String {
        let (h264, h264_rtx, codecs) = (self.h264(), self.h264_rtx(), self.publishes.codecs);
        let (mut formats, mut lines) = (String::new(), String::new());
        if codecs.has(PictureCodec::H264) {
            formats += &format!(" {h264} {h264_rtx}");
            lines += &format!(
                "a=rtpmap:{h264} H264/90000\r\n\
                 a=fmtp:{h264} level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\n\
                 a=rtpmap:{h264_rtx} rtx/90000\r\na=fmtp:{h264_rtx} apt={h264}\r\n"
            );
        }
        if codecs.has(PictureCodec::Vp8) {
            formats += &format!(" {VP8} {RTX}");
            lines += &format!("a=rtpmap:{VP8} VP8/90000\r\na=rtpmap:{RTX} rtx/90000\r\na=fmtp:{RTX} apt={VP8}\r\n");
        }
        format!("m=video 9 UDP/TLS/RTP/SAVPF{formats}\r\n{lines}")
    }

    const fn payload_types(&self, codec: PictureCodec) -> (u8, u8) {
        match codec {
            PictureCodec::Vp8 => (VP8, RTX),
            PictureCodec::H264 => (self.h264(), self.h264_rtx()),
        }
    }

    /// What a picture packet or a retransmission is encoded with, by its payload type.
    fn codec_of(&self, payload_type: u8) -> PictureCodec {
        let offered = [PictureCodec::Vp8, PictureCodec::H264]
            .into_iter()
            .filter(|codec| self.publishes.codecs.has(*codec));
        let is_it = |codec: &PictureCodec| <[u8; 2]>::from(self.payload_types(*codec)).contains(&payload_type);
        offered
            .into_iter()
            .find(is_it)
            .unwrap_or_else(|| panic!("{payload_type} was not offered"))
    }

    /// The frames of a sound packet, the newest last.
    fn read_sound<'a>(&self, payload_type: u8, payload: &'a [u8]) -> Vec<&'a [u8]> {
        if payload_type == self.opus() {
            return vec![payload];
        }
        assert!(
            self.publishes.red && payload_type == self.red(),
            "{payload_type} was not offered"
        );
        let mut lengths = Vec::new();
        let mut rest = payload;
        while rest[0] & 0x80 != 0 {
            assert_eq!(rest[0] & 0x7f, self.opus());
            lengths.push(usize::from(u16::from_be_bytes([rest[2], rest[3]]) & 0x3ff));
            rest = &rest[4..];
        }
        assert_eq!(rest[0], self.opus());
        rest = &rest[1..];
        let mut frames = Vec::new();
        for length in lengths {
            let (frame, after) = rest.split_at(length);
            frames.push(frame);
            rest = after;
        }
        frames.push(rest);
        frames
    }

    fn send_sound(&mut self) {
        let number = self.numbers[3];
        self.numbers[3] += 1;
        let payload_type = if self.publishes.red { self.red() } else { self.opus() };
        let mut header = self.header(payload_type, self.ssrc(9), number as u16, number.wrapping_mul(960));
        header.set_extension(1, self.sections_mid(false)).expect("extension");
        header
            .set_extension(4, Bytes::from_static(&[0x80 | 30]))
            .expect("extension");
        let frame = |number| {
            made(Made {
                source: self.id,
                layer: SOUND,
                number,
            })
        };
        let (before, newest) = (frame(number - 1), frame(number));
        let payload = if self.publishes.red {
            let offset_and_length = (960u32 << 10 | before.len() as u32).to_be_bytes();
            let repeated = [
                0x80 | self.opus(),
                offset_and_length[1],
                offset_and_length[2],
                offset_and_length[3],
            ];
            [&repeated[..], &[self.opus()], &before, &newest].concat()
        } else {
            newest
        };
        self.send_packet(header, &payload);
    }

    fn layers_asked(&self) -> usize {
        let asked = self.asked.filter(|_| self.obeys);
        asked.map_or(3, |asked| asked.highest.index() + 1)
    }

    /// Payload bytes of a packet.
    fn payload_bytes(&self, layer: usize) -> usize {
        if !self.obeys {
            return 200 + 40 * layer;
        }
        if layer > 0 {
            return 900;
        }
        let bps = self.asked.unwrap_or_default().lowest_bps;
        (f64::from(bps) / 8.0 * self.frame_every.as_secs_f64()) as usize
    }

    /// Of the 90 kHz clock, from one frame to the next.
    const fn frame_ticks(&self) -> u32 {
        self.frame_every.as_millis() as u32 * 90
    }

    fn send_frame(&mut self, layer: usize) {
        let key_frame = std::mem::take(&mut self.needs_key_frame[layer]);
        let frame = self.numbers[layer] / PACKETS[layer] as u32;
        for n in 0..PACKETS[layer] {
            let number = self.numbers[layer];
            self.numbers[layer] += 1;
            let timestamp = frame.wrapping_mul(self.frame_ticks());
            let (payload_type, _) = self.payload_types(self.codec);
            let mut header = self.header(payload_type, self.ssrc(layer), number as u16, timestamp);
            header.marker = n + 1 == PACKETS[layer];
            header.set_extension(1, self.sections_mid(true)).expect("extension");
            header
                .set_extension(2, Bytes::from_static(RIDS[layer].as_bytes()))
                .expect("extension");
            let made = made(Made {
                source: self.id,
                layer: layer as u8,
                number,
            });
            let mut payload = match self.codec {
                PictureCodec::Vp8 => {
                    let upper = self.has_temporal_layers.then_some(frame % 2 == 1 && !key_frame);
                    vp8(frame, upper, n == 0, n == 0 && key_frame, &made)
                }
                PictureCodec::H264 => h264(n, PACKETS[layer], key_frame, &made),
            };
            payload.resize(self.payload_bytes(layer), 0);
            let sent = Sent {
                codec: self.codec,
                timestamp,
                payload,
            };
            self.send_packet(header, &sent.payload);
            self.sent.insert((layer, number as u16), sent);
        }
    }

    fn send_packet(&mut self, header: rtc_rtp::Header, payload: &[u8]) {
        let packet = rtc_rtp::Packet {
            header,
            payload: Bytes::copy_from_slice(payload),
        };
        let bytes = packet.marshal().expect("RTP").to_vec();
        let header_len = bytes.len() - payload.len();
        self.seal(bytes, header_len);
    }

    fn send_repair(&mut self, layer: usize, sequence: u16) {
        let Some(kept) = self.sent.get(&(layer, sequence)).cloned() else {
            return;
        };
        self.rtx_numbers[layer] = self.rtx_numbers[layer].wrapping_add(1);
        let (_, rtx) = self.payload_types(kept.codec);
        let mut header = self.header(rtx, self.ssrc(20 + layer), self.rtx_numbers[layer], kept.timestamp);
        header.set_extension(1, self.sections_mid(true)).expect("extension");
        header
            .set_extension(3, Bytes::from_static(RIDS[layer].as_bytes()))
            .expect("extension");
        let payload = [&sequence.to_be_bytes()[..], &kept.payload].concat();
        self.resent += 1;
        self.send_packet(header, &payload);
    }

    fn receive_rtp(&mut self, now: Instant, datagram: &mut [u8]) {
        let Some((_, opener)) = &mut self.srtp else { return };
        let header = rtc_rtp::Header::unmarshal(&mut &datagram[..]).expect("RTP");
        let header_len = rtc_shared::marshal::MarshalSize::marshal_size(&header);
        let Ok(len) = opener.open_rtp(datagram, header_len) else {
            return;
        };
        if let Some(number) = header.get_extension(5) {
            self.arrival_times
                .arrived(now, u16::from_be_bytes([number[0], number[1]]));
        }
        let payload = &datagram[header_len..len];
        let Some(&(slot, kind)) = self.first_slot_ssrc.get(&header.ssrc) else {
            panic!("an SSRC of no slot")
        };
        match kind {
            Kind::Sound => {
                self.slots[slot].sound.came(header.sequence_number);
                let frames = self.read_sound(header.payload_type, payload);
                self.repeated_sounds += frames.len() as u64 - 1;
                let frames: Vec<Made> = frames.into_iter().map(read_made).collect();
                self.came.extend(&frames);
                self.got.extend(frames);
            }
            Kind::Picture => {
                let codec = self.codec_of(header.payload_type);
                self.take_picture(now, slot, header.sequence_number, header.timestamp, codec, payload);
            }
            Kind::Repair => {
                let (codec, original) = (
                    self.codec_of(header.payload_type),
                    u16::from_be_bytes([payload[0], payload[1]]),
                );
                self.take_picture(now, slot, original, header.timestamp, codec, &payload[2..]);
            }
        }
    }

    fn take_picture(
        &mut self,
        now: Instant,
        slot: usize,
        sequence: u16,
        timestamp: u32,
        codec: PictureCodec,
        payload: &[u8],
    ) {
        if payload.len() <= DESCRIPTOR.1 {
            // Nothing but a descriptor: a frame that was left out, whose place in the numbers is kept.
            self.slots[slot].picture.came(sequence);
            return;
        }
        let Read {
            starts,
            key_frame,
            number,
            made,
        } = match codec {
            PictureCodec::Vp8 => read_vp8(payload),
            PictureCodec::H264 => read_h264(payload),
        };
        self.came.push(made);
        if !self.slots[slot].picture.came(sequence) {
            return;
        }
        let shown = &mut self.slots[slot];
        let sequence = shown.picture.extended(sequence);
        if key_frame && shown.layer.is_none_or(|(_, _, began)| began < sequence) {
            shown.layer = Some((made.layer, codec, sequence));
        }
        let can_decode = shown
            .layer
            .is_some_and(|(layer, decoder, _)| (layer, decoder) == (made.layer, codec));
        if can_decode {
            shown.undecodable = None;
        } else if starts {
            shown.undecodable.get_or_insert(now);
        }
        shown.picture.pictures.insert(
            sequence,
            Picture {
                timestamp,
                number,
                stream: (made.source, made.layer, codec),
                key_frame,
            },
        );
        shown.picture.assert_unbroken(sequence);
        self.got.insert(made);
        if key_frame {
            self.slots[slot].since_key_frame.clear();
        }
        let is_new = self.slots[slot].since_key_frame.insert(made);
        assert!(is_new, "the same packet under two numbers: {made:?}");
        if starts && can_decode {
            *self.frames_in.entry(codec).or_default() += 1;
            let frames = self.frames.entry(made.source).or_default();
            frames.seen.insert((made.layer, made.number));
            frames.count += 1;
            if let Some(last) = frames.last {
                frames.longest_gap = frames.longest_gap.max(now - last);
            }
            frames.last = Some(now);
        }
    }

    fn ask_for_lost(&mut self, now: Instant) {
        for slot in 0..self.slots.len() {
            let missing = self.slots[slot].picture.missing(now);
            if !missing.is_empty() {
                let nacks = nack_pairs_from_sequence_numbers(&missing);
                self.send_rtcp(&TransportLayerNack {
                    sender_ssrc: 1,
                    media_ssrc: self.picture_ssrc(slot),
                    nacks,
                });
            }
        }
    }

    /// As browsers do when what came cannot be decoded and nothing repairs it.
    fn ask_for_key_frames(&mut self, now: Instant) {
        for n in 0..self.slots.len() {
            if self.slots[n]
                .undecodable
                .is_some_and(|since| now - since > KEY_FRAME_PATIENCE)
            {
                self.slots[n].undecodable = Some(now);
                self.ask_for_key_frame(n);
            }
        }
    }

    fn picture_ssrc(&self, slot: usize) -> u32 {
        let mut known = self.first_slot_ssrc.iter();
        let found = known.find(|(_, place)| **place == (slot, Kind::Picture));
        *found.expect("a slot").0
    }

    /// Asks for a key frame of whoever is in `slot`.
    pub fn ask_for_key_frame(&mut self, slot: usize) {
        self.send_rtcp(&PictureLossIndication {
            sender_ssrc: 1,
            media_ssrc: self.picture_ssrc(slot),
        });
    }

    fn send_reports(&mut self, now: Instant) {
        let started = self.started.unwrap_or(now);
        let ntp_time = (((now - started).as_secs_f64() + 1000.0) * 4_294_967_296.0) as u64;
        if self.publishes.sound {
            let rtp_time = self.numbers[3].wrapping_mul(960);
            self.send_rtcp(&SenderReport {
                ssrc: self.ssrc(9),
                ntp_time,
                rtp_time,
                ..Default::default()
            });
        }
        for (layer, packets) in PACKETS.iter().enumerate().take(self.publishes.layers) {
            let rtp_time = (self.numbers[layer] / *packets as u32).wrapping_mul(self.frame_ticks());
            self.send_rtcp(&SenderReport {
                ssrc: self.ssrc(layer),
                ntp_time,
                rtp_time,
                ..Default::default()
            });
        }
        let reports: Vec<ReceptionReport> = self
            .first_slot_ssrc
            .iter()
            .filter_map(|(ssrc, (slot, kind))| {
                let received = match kind {
                    Kind::Sound => &mut self.slots[*slot].sound,
                    Kind::Picture => &mut self.slots[*slot].picture,
                    Kind::Repair => return None,
                };
                let (last_sender_report, at) = received.report?;
                let (fraction_lost, total_lost) = received.report_lost();
                let delay = ((now - at).as_secs_f64() * 65536.0) as u32;
                Some(ReceptionReport {
                    ssrc: *ssrc,
                    last_sequence_number: received.highest.unwrap_or(0) as u32,
                    last_sender_report,
                    delay,
                    fraction_lost,
                    total_lost,
                    ..Default::default()
                })
            })
            .collect();
        // A report has room for 31 streams.
        for reports in reports.chunks(31) {
            self.send_rtcp(&ReceiverReport {
                ssrc: 1,
                reports: reports.to_vec(),
                ..Default::default()
            });
        }
    }

    fn receive_rtcp(&mut self, now: Instant, datagram: &mut [u8]) {
        let Some((_, opener)) = &mut self.srtp else { return };
        let Ok(len) = opener.open_rtcp(datagram) else { return };
        let packets = rtc_rtcp::packet::unmarshal(&mut &datagram[..len]).expect("the relay's RTCP can be read");
        for packet in packets {
            let packet = packet.as_any();
            if let Some(pli) = packet.downcast_ref::<PictureLossIndication>() {
                self.key_frames_asked += 1;
                let layer = (0..3).find(|layer| self.ssrc(*layer) == pli.media_ssrc);
                if let Some(layer) = layer.filter(|_| !self.ignores_key_frame_requests) {
                    self.needs_key_frame[layer] = true;
                }
            } else if let Some(nack) = packet.downcast_ref::<TransportLayerNack>() {
                let Some(layer) = (0..3).find(|layer| self.ssrc(*layer) == nack.media_ssrc) else {
                    continue;
                };
                for sequence in nack.nacks.iter().flat_map(|pair| pair.packet_list()) {
                    self.send_repair(layer, sequence);
                }
            } else if let Some(report) = packet.downcast_ref::<SenderReport>() {
                let Some((slot, kind)) = self.first_slot_ssrc.get(&report.ssrc).copied() else {
                    continue;
                };
                let slot = &mut self.slots[slot];
                let received = if kind == Kind::Sound {
                    &mut slot.sound
                } else {
                    &mut slot.picture
                };
                received.report = Some(((report.ntp_time >> 16) as u32, now));
            }
        }
    }
}

impl Received {
    fn extended(&self, sequence: u16) -> u64 {
        match self.highest {
            None => (1 << 20) + u64::from(sequence),
            Some(highest) => {
                highest.wrapping_add_signed(i64::from(sequence.wrapping_sub(highest as u16).cast_signed()))
            }
        }
    }

    /// Notes a sequence number; whether it is new.
    fn came(&mut self, sequence: u16) -> bool {
        let extended = self.extended(sequence);
        self.highest = self.highest.max(Some(extended));
        self.first.get_or_insert(extended);
        let is_new = self.sequences.insert(extended);
        self.count += u64::from(is_new);
        is_new
    }

    /// Of 256 packets since the last report, how many are missing; and how many in all (RFC 3550 section 6.4.1).
    fn report_lost(&mut self) -> (u8, u32) {
        let expected = self
            .highest
            .zip(self.first)
            .map_or(0, |(highest, first)| highest + 1 - first);
        let (expected_now, came_now) = (expected - self.told.0, self.count - self.told.1);
        self.told = (expected, self.count);
        let lost_now = expected_now.saturating_sub(came_now);
        let fraction = (lost_now * 256).checked_div(expected_now).unwrap_or(0).min(255);
        (fraction as u8, expected.saturating_sub(self.count) as u32)
    }

    fn forget_past(&mut self) {
        let recent = self.highest.unwrap_or(0).saturating_sub(RECENT.into());
        self.sequences = self.sequences.split_off(&recent);
        self.pictures = self.pictures.split_off(&recent);
        let asked = std::mem::take(&mut self.asked);
        self.asked = asked.into_iter().filter(|(number, _)| *number >= recent).collect();
    }

    /// Packets whose sequence numbers follow one another are of one frame, or of two that follow one another; another
    /// layer or source begins with a key frame.
    fn assert_unbroken(&self, at: u64) {
        for first in [at - 1, at] {
            let (Some(before), Some(after)) = (self.pictures.get(&first), self.pictures.get(&(first + 1))) else {
                continue;
            };
            let same_frame = (before.timestamp, before.number) == (after.timestamp, after.number);
            let later = after.timestamp.wrapping_sub(before.timestamp).cast_signed() > 0;
            let numbers = before.number.zip(after.number);
            let next = later && numbers.is_none_or(|(before, after)| after == (before + 1) & 0x7fff);
            let decodable = after.key_frame || after.stream == before.stream;
            assert!((same_frame || next) && decodable, "after {before:?} came {after:?}");
        }
    }

    fn missing(&mut self, now: Instant) -> Vec<u16> {
        let (Some(first), Some(highest)) = (self.sequences.first().copied(), self.highest) else {
            return Vec::new();
        };
        let mut from = first.max(highest.saturating_sub(60)).max(self.whole_to);
        while from < highest && self.sequences.contains(&from) {
            from += 1;
        }
        self.whole_to = from;
        (from..highest)
            .filter(|n| !self.sequences.contains(n))
            .filter(|n| {
                let again = self.asked.get(n).is_none_or(|at| now - *at > ASK_AGAIN_AFTER);
                if again {
                    self.asked.insert(*n, now);
                }
                again
            })
            .map(|n| n as u16)
            .collect()
    }
}

fn value(sdp: &str, key: &str) -> String {
    let line = sdp.lines().find_map(|line| line.strip_prefix(key));
    line.expect("in the answer").to_owned()
}

fn made(made: Made) -> Vec<u8> {
    [
        &made.source.to_be_bytes()[..],
        &[made.layer],
        &made.number.to_be_bytes(),
    ]
    .concat()
}

/// `upper`: whether the frame is of the upper temporal layer, if there are two.
fn vp8(frame: u32, upper: Option<bool>, starts: bool, key_frame: bool, made: &[u8]) -> Vec<u8> {
    let mut descriptor = vec![
        if starts { 0x90 } else { 0x80 },
        if upper.is_some() { 0xa0 } else { 0x80 },
        0x80 | (frame >> 8) as u8,
        frame as u8,
    ];
    // TID, and Y: it needs the base layer alone.
    descriptor.extend(upper.map(|upper| u8::from(upper) << 6 | 0x20));
    let start: &[u8] = if key_frame {
        &[0x10, 0, 0, 0x9d, 1, 0x2a, 0x40, 1, 0xb4, 0]
    } else {
        &[0x11]
    };
    [&descriptor[..], start, made].concat()
}

/// The `n`th of `packets` of a frame, as browsers cut it: the parameter sets in an aggregate, with the whole picture or
/// before its fragments.
fn h264(n: usize, packets: usize, key_frame: bool, made: &[u8]) -> Vec<u8> {
    let unit = |header: &[u8]| [header, made].concat();
    let slice = if key_frame { 0x65 } else { 0x41 };
    match n {
        0 if key_frame => {
            let sei_or_picture = unit(if packets == 1 { &[0x65, 0x88] } else { &[0x06, 0x05] });
            let mut aggregate = vec![0x78];
            for unit in [&SPS[..], &PPS, &sei_or_picture] {
                aggregate.extend_from_slice(&(unit.len() as u16).to_be_bytes());
                aggregate.extend_from_slice(unit);
            }
            aggregate
        }
        0 if packets == 1 => unit(&[slice, 0x9a]),
        _ => {
            let is_first = n == usize::from(key_frame);
            unit(&[
                0x7c,
                slice & 0x1f | if is_first { 0x80 } else { 0 },
                if is_first { 0x88 } else { 0 },
            ])
        }
    }
}

/// What a picture packet says.
struct Read {
    starts: bool,
    key_frame: bool,
    number: Option<u16>,
    made: Made,
}

fn read_vp8(payload: &[u8]) -> Read {
    let starts = payload[0] & 0x10 != 0;
    let start = if payload[1] & 0x20 == 0 {
        DESCRIPTOR.0
    } else {
        DESCRIPTOR.1
    };
    let key_frame = starts && payload[start] & 1 == 0;
    Read {
        starts,
        key_frame,
        number: Some(u16::from_be_bytes([payload[2] & 0x7f, payload[3]])),
        made: read_made(&payload[start + if key_frame { 10 } else { 1 }..]),
    }
}

fn read_h264(payload: &[u8]) -> Read {
    let key_frame = payload[0] == 0x78;
    let (starts, at) = match payload[0] {
        0x78 => (true, 1 + 2 + SPS.len() + 2 + PPS.len() + 2 + 2),
        0x41 => (true, 2),
        0x7c => (payload[1] == 0x81, 3),
        other => panic!("{other:x} was never sent"),
    };
    Read {
        starts,
        key_frame,
        number: None,
        made: read_made(&payload[at..]),
    }
}

fn read_made(bytes: &[u8]) -> Made {
    Made {
        source: u64::from_be_bytes(bytes[..8].try_into().expect("long enough")),
        layer: bytes[8],
        number: u32::from_be_bytes(bytes[9..13].try_into().expect("long enough")),
    }
}
