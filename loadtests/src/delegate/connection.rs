//! One peer connection, as the page makes it: own sound, own picture in up to three layers, and receive slots.

use super::key_frame_requests::KeyFrameRequests;
use super::retransmissions::Retransmissions;
use crate::impair::{ImpairedRuntime, Link, tcp_candidates_only};
use crate::send::Stream;
use bytes::Bytes;
use lika_sfu::Layer;
use rtc::interceptor::{NackGeneratorBuilder, NackResponderBuilder, Registry, Slot};
use rtc::media_stream::MediaStreamTrack;
use rtc::peer_connection::configuration::interceptor_registry::{
    configure_rtcp_reports, configure_simulcast_extension_headers,
};
use rtc::peer_connection::configuration::media_engine::{MIME_TYPE_OPUS, MIME_TYPE_RTX, MIME_TYPE_VP8, MediaEngine};
use rtc::peer_connection::configuration::setting_engine::SettingEngineBuilder;
use rtc::peer_connection::sdp::RTCSessionDescription;
use rtc::rtp_transceiver::rtp_sender::{
    RTCPFeedback, RTCRtpCodec, RTCRtpCodecParameters, RTCRtpCodingParameters, RTCRtpEncodingParameters,
    RTCRtpHeaderExtensionCapability, RtpCodecKind,
};
use rtc::rtp_transceiver::{RTCRtpReceiverId, RTCRtpTransceiverDirection, RTCRtpTransceiverInit};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use webrtc::error::{Error, Result};
use webrtc::media_stream::track_local::TrackLocal;
use webrtc::media_stream::track_local::static_rtp::TrackLocalStaticRTP;
use webrtc::media_stream::track_remote::TrackRemote;
use webrtc::peer_connection::{
    PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler, RTCPeerConnectionState, StatsSelector,
};
use webrtc::rtp_transceiver::{RtpSender, RtpTransceiver};

/// The payload type of sound that is offered.
pub(crate) const OPUS: u8 = 111;
/// The payload type of redundant sound (RED, RFC 2198) that is offered.
pub(crate) const RED: u8 = 63;
/// The payload type of pictures that is offered.
pub(crate) const VP8: u8 = 96;
/// The payload type of retransmissions that is offered.
const RTX: u8 = 97;
const MIME_TYPE_RED: &str = "audio/red";
const SDES_MID: &str = "urn:ietf:params:rtp-hdrext:sdes:mid";
const SDES_RID: &str = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";
const AUDIO_LEVEL: &str = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
/// The transport's check for a dead path; browsers take about as long to say "disconnected".
const ICE_DISCONNECTED: Duration = Duration::from_secs(5);
const ICE_FAILED: Duration = Duration::from_secs(15);
const ICE_KEEPALIVE: Duration = Duration::from_secs(1);
/// How often lost packets are asked for, as in libwebrtc. The library's own 100 ms would freeze pictures that a browser
/// shows without a stop.
const REQUEST_EVERY: Duration = Duration::from_millis(20);
/// So often at most; the picture goes on without the packet by then.
const MAX_REQUESTS: u16 = 25;

/// What happens to a connection.
pub enum Event {
    /// It came up, went down or failed.
    State(RTCPeerConnectionState),
    /// Something is received for the first time in a slot's sound or picture.
    Track(Arc<dyn TrackRemote>),
}

/// A place in a receive slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The slot's sound.
    Sound(u16),
    /// The slot's picture.
    Picture(u16),
}

/// Which receiver belongs to which slot.
#[derive(Clone, Debug)]
pub struct Places(Arc<[(RTCRtpReceiverId, Place)]>);

impl Places {
    /// The place of a receiver.
    #[must_use]
    pub fn of(&self, receiver: RTCRtpReceiverId) -> Option<Place> {
        self.0.iter().find(|(id, _)| *id == receiver).map(|(_, place)| *place)
    }
}

/// How a connection is to be made.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Simulcast layers, lowest first; one means the middle one without simulcast.
    pub layers: Vec<Layer>,
    /// Receive slots.
    pub slots: u16,
    /// Where the sockets are bound.
    pub bind: IpAddr,
    /// The path with its faults.
    pub link: Link,
    /// Whether the pictures are as heavy as the page sends them at most; otherwise as they were recorded, which is lighter.
    pub full_pictures: bool,
}

/// A peer connection and its tracks.
pub struct Connection {
    peer: Arc<dyn PeerConnection>,
    sound: Arc<TrackLocalStaticRTP>,
    picture: Arc<TrackLocalStaticRTP>,
    own_sound: Arc<dyn RtpTransceiver>,
    own_picture: Arc<dyn RtpTransceiver>,
    sound_ssrc: u32,
    layers: Vec<(Layer, u32)>,
    places: Places,
    udp_blocked: bool,
}

/// The own streams as negotiated.
pub struct OwnStreams {
    /// The sound.
    pub sound: Stream,
    /// The sound is redundant (RED), and this is the number of what it repeats.
    pub sound_repeats: Option<u8>,
    /// The number of the level extension, if the answer has it.
    pub level_extension: Option<u8>,
    /// The picture's layers.
    pub layers: Vec<(Layer, Stream)>,
}

struct Handler(mpsc::Sender<Event>);

#[async_trait::async_trait]
impl PeerConnectionEventHandler for Handler {
    async fn on_connection_state_change(&self, state: RTCPeerConnectionState) {
        let _ = self.0.send(Event::State(state)).await;
    }

    async fn on_track(&self, track: Arc<dyn TrackRemote>) {
        let _ = self.0.send(Event::Track(track)).await;
    }
}

impl Connection {
    /// Makes the connection and its offer. What happens to it comes to `events`.
    ///
    /// # Errors
    /// When no socket can be bound, or `webrtc` refuses the configuration.
    pub async fn offer(plan: &Plan, events: mpsc::Sender<Event>) -> Result<(Self, String)> {
        let peer = build(plan, events).await?;
        let sound_ssrc = rand::random();
        let sound = track("sound", RtpCodecKind::Audio, vec![encoding(opus(), sound_ssrc, "")]);
        let layers: Vec<(Layer, u32)> = plan.layers.iter().map(|&layer| (layer, rand::random())).collect();
        let rid = |layer| if layers.len() > 1 { rid(layer) } else { "" };
        let encodings: Vec<_> = layers
            .iter()
            .map(|&(layer, ssrc)| encoding(vp8(), ssrc, rid(layer)))
            .collect();
        let picture = track("picture", RtpCodecKind::Video, encodings.clone());
        let send = || init(RTCRtpTransceiverDirection::Sendonly);
        let own_sound = peer
            .add_transceiver_from_track(Arc::clone(&sound) as _, Some(send()))
            .await?;
        // Said again, since otherwise each is given a source for RTX, see `media_engine`.
        let without_rtx = RTCRtpTransceiverInit {
            send_encodings: encodings,
            ..send()
        };
        let own_picture = peer
            .add_transceiver_from_track(Arc::clone(&picture) as _, Some(without_rtx))
            .await?;
        let places = add_slots(&*peer, plan.slots).await?;
        let offer = peer.create_offer(None).await?;
        let sdp = offer.sdp.clone();
        peer.set_local_description(offer).await?;
        Ok((
            Self {
                peer,
                sound,
                picture,
                own_sound,
                own_picture,
                sound_ssrc,
                layers,
                places,
                udp_blocked: plan.link.is_udp_blocked(),
            },
            sdp,
        ))
    }

    /// Takes the answer.
    ///
    /// # Errors
    /// When it does not fit the offer, or no UDP comes through and the server offers no TCP.
    pub async fn accept(&self, mut sdp: String) -> Result<()> {
        if self.udp_blocked {
            let no_way = || Error::Other("UDP is blocked, and the server offers no TCP (media.tcp)".into());
            sdp = tcp_candidates_only(&sdp).ok_or_else(no_way)?;
        }
        self.peer
            .set_remote_description(RTCSessionDescription::answer(sdp)?)
            .await
    }

    /// The own streams, after the answer.
    ///
    /// # Errors
    /// When the connection is gone.
    pub async fn own_streams(&self) -> Result<OwnStreams> {
        let sound = Negotiated::of(&*self.own_sound).await?;
        let picture = Negotiated::of(&*self.own_picture).await?;
        let opus = sound.payload_type(MIME_TYPE_OPUS).unwrap_or(OPUS);
        let red = sound.payload_type(MIME_TYPE_RED);
        let vp8 = picture.payload_type(MIME_TYPE_VP8).unwrap_or(VP8);
        let simulcast = self.layers.len() > 1;
        let layers = self.layers.iter().map(|&(layer, ssrc)| {
            let rid = simulcast.then(|| rid(layer));
            (layer, Stream::new(ssrc, vp8, picture.extensions(rid)))
        });
        Ok(OwnStreams {
            sound: Stream::new(self.sound_ssrc, red.unwrap_or(opus), sound.extensions(None)),
            sound_repeats: red.map(|_| opus),
            level_extension: sound.extension(AUDIO_LEVEL),
            layers: layers.collect(),
        })
    }

    /// Which receiver belongs to which slot.
    #[must_use]
    pub fn places(&self) -> Places {
        self.places.clone()
    }

    /// Sends a packet of the own sound.
    ///
    /// # Errors
    /// When the connection is gone.
    pub async fn send_sound(&self, packet: rtc::rtp::Packet) -> Result<()> {
        self.sound.write_rtp(packet).await
    }

    /// Sends a packet of the own picture.
    ///
    /// # Errors
    /// When the connection is gone.
    pub async fn send_picture(&self, packet: rtc::rtp::Packet) -> Result<()> {
        self.picture.write_rtp(packet).await
    }

    /// The own picture's track, for the requests that come about it.
    #[must_use]
    pub fn picture(&self) -> Arc<TrackLocalStaticRTP> {
        Arc::clone(&self.picture)
    }

    /// The round trip that ICE measured, in milliseconds.
    pub async fn round_trip_ms(&self) -> Option<f64> {
        let stats = self.peer.get_stats(Instant::now(), StatsSelector::None).await;
        stats
            .candidate_pairs()
            .map(|pair| pair.current_round_trip_time * 1e3)
            .find(|&ms| ms > 0.0)
    }

    /// Ends it (DTLS close_notify).
    pub async fn close(&self) {
        if let Err(error) = self.peer.close().await {
            tracing::debug!(%error, "closing the connection");
        }
    }
}

/// Header extensions and payload types of one transceiver after the answer.
struct Negotiated {
    parameters: rtc::rtp_transceiver::rtp_sender::RTCRtpParameters,
    mid: String,
}

impl Negotiated {
    async fn of(transceiver: &dyn RtpTransceiver) -> Result<Self> {
        let sender: Arc<dyn RtpSender> = transceiver.sender().await?.ok_or(Error::ErrRTPSenderNotExisted)?;
        let parameters = sender.get_parameters().await?.rtp_parameters;
        Ok(Self {
            parameters,
            mid: transceiver.mid().await?.unwrap_or_default(),
        })
    }

    fn payload_type(&self, mime: &str) -> Option<u8> {
        let codec = self
            .parameters
            .codecs
            .iter()
            .find(|codec| codec.rtp_codec.mime_type.eq_ignore_ascii_case(mime));
        codec.map(|codec| codec.payload_type)
    }

    fn extension(&self, uri: &str) -> Option<u8> {
        let extension = self
            .parameters
            .header_extensions
            .iter()
            .find(|extension| extension.uri == uri)?;
        u8::try_from(extension.id).ok()
    }

    /// What every packet carries so that the relay knows whose it is (RFC 8843, RFC 8852).
    fn extensions(&self, rid: Option<&'static str>) -> Vec<(u8, Bytes)> {
        let mid = self.extension(SDES_MID).map(|id| (id, Bytes::from(self.mid.clone())));
        let rid = self
            .extension(SDES_RID)
            .zip(rid)
            .map(|(id, rid)| (id, Bytes::from_static(rid.as_bytes())));
        mid.into_iter().chain(rid).collect()
    }
}

async fn build(plan: &Plan, events: mpsc::Sender<Event>) -> Result<Arc<dyn PeerConnection>> {
    let mut engine = media_engine()?;
    let registry = configure_rtcp_reports(repairs(Registry::new()));
    configure_simulcast_extension_headers(&mut engine)?;
    // Last on the way in, so that every other interceptor has seen the feedback first.
    let registry = registry.with(Slot::from(KeyFrameRequests::SLOT), KeyFrameRequests::default());
    let setting = SettingEngineBuilder::new()
        .with_include_loopback_candidate(true)
        .with_ice_timeouts(Some(ICE_DISCONNECTED), Some(ICE_FAILED), Some(ICE_KEEPALIVE))
        .with_host_acceptance_min_wait(Some(Duration::ZERO))
        .build();
    let peer = PeerConnectionBuilder::new()
        .with_media_engine(engine)
        .with_setting_engine(setting)
        .with_interceptor_registry(registry)
        .with_handler(Arc::new(Handler(events)))
        .with_runtime(Arc::new(ImpairedRuntime::new(plan.link.clone())))
        .with_udp_addrs(vec![SocketAddr::new(plan.bind, 0)])
        .build()
        .await?;
    Ok(Arc::new(peer))
}

/// Lost packets are asked for again, and sent again, as a browser does it.
fn repairs(registry: Registry) -> Registry {
    let requests = NackGeneratorBuilder::new()
        .with_interval(REQUEST_EVERY)
        .with_max_nacks_per_packet(MAX_REQUESTS);
    registry
        .with(Slot::NackResponder, NackResponderBuilder::new().build())
        .with(Slot::from(Retransmissions::SLOT), Retransmissions::default())
        .with(Slot::NackGenerator, requests.build())
}

fn media_engine() -> Result<MediaEngine> {
    // RTX (RFC 4588) is for what is received. Of the own picture a lost packet is sent again as it was, since no encoding
    // has a source for RTX: `rtc` cannot name the layer that such a packet belongs to (RFC 8852's repaired-rid).
    let mut engine = MediaEngine::default();
    let codec = |rtp_codec, payload_type| RTCRtpCodecParameters {
        rtp_codec,
        payload_type,
    };
    // The first is what is sent and what is asked for.
    engine.register_codec(codec(red(), RED), RtpCodecKind::Audio)?;
    engine.register_codec(codec(opus(), OPUS), RtpCodecKind::Audio)?;
    engine.register_codec(codec(vp8(), VP8), RtpCodecKind::Video)?;
    engine.register_codec(codec(rtx(), RTX), RtpCodecKind::Video)?;
    let level = RTCRtpHeaderExtensionCapability {
        uri: AUDIO_LEVEL.into(),
    };
    engine.register_header_extension(level, RtpCodecKind::Audio, None)?;
    let mid = RTCRtpHeaderExtensionCapability { uri: SDES_MID.into() };
    engine.register_header_extension(mid, RtpCodecKind::Audio, None)?;
    Ok(engine)
}

/// The n-th slot is the n-th recv-only sound with the n-th recv-only picture.
async fn add_slots(peer: &dyn PeerConnection, slots: u16) -> Result<Places> {
    let mut places = Vec::new();
    for slot in 0..slots {
        for (kind, place) in [
            (RtpCodecKind::Audio, Place::Sound(slot)),
            (RtpCodecKind::Video, Place::Picture(slot)),
        ] {
            let init = init(RTCRtpTransceiverDirection::Recvonly);
            let transceiver = peer.add_transceiver_from_kind(kind, Some(init)).await?;
            places.push((transceiver.id().into(), place));
        }
    }
    Ok(Places(places.into()))
}

fn init(direction: RTCRtpTransceiverDirection) -> RTCRtpTransceiverInit {
    RTCRtpTransceiverInit {
        direction,
        ..RTCRtpTransceiverInit::default()
    }
}

fn track(name: &str, kind: RtpCodecKind, encodings: Vec<RTCRtpEncodingParameters>) -> Arc<TrackLocalStaticRTP> {
    // Sound and picture share the stream, so that a browser keeps their lips in step.
    let track = MediaStreamTrack::new("delegate".into(), name.into(), name.into(), kind, encodings);
    Arc::new(TrackLocalStaticRTP::new(track))
}

fn encoding(codec: RTCRtpCodec, ssrc: u32, rid: &str) -> RTCRtpEncodingParameters {
    RTCRtpEncodingParameters {
        rtp_coding_parameters: RTCRtpCodingParameters {
            ssrc: Some(ssrc),
            rid: rid.into(),
            ..RTCRtpCodingParameters::default()
        },
        codec,
        ..RTCRtpEncodingParameters::default()
    }
}

fn rid(layer: Layer) -> &'static str {
    match layer {
        Layer::Low => "l",
        Layer::Mid => "m",
        Layer::High => "h",
    }
}

fn opus() -> RTCRtpCodec {
    RTCRtpCodec {
        mime_type: MIME_TYPE_OPUS.into(),
        clock_rate: 48_000,
        channels: 2,
        sdp_fmtp_line: "minptime=10;useinbandfec=1".into(),
        rtcp_feedback: Vec::new(),
    }
}

fn red() -> RTCRtpCodec {
    RTCRtpCodec {
        mime_type: MIME_TYPE_RED.into(),
        sdp_fmtp_line: format!("{OPUS}/{OPUS}"),
        ..opus()
    }
}

fn vp8() -> RTCRtpCodec {
    let feedback = |typ: &str, parameter: &str| RTCPFeedback {
        typ: typ.into(),
        parameter: parameter.into(),
    };
    RTCRtpCodec {
        mime_type: MIME_TYPE_VP8.into(),
        clock_rate: 90_000,
        channels: 0,
        sdp_fmtp_line: String::new(),
        rtcp_feedback: vec![feedback("nack", ""), feedback("nack", "pli"), feedback("ccm", "fir")],
    }
}

fn rtx() -> RTCRtpCodec {
    RTCRtpCodec {
        mime_type: MIME_TYPE_RTX.into(),
        clock_rate: 90_000,
        channels: 0,
        sdp_fmtp_line: format!("apt={VP8}"),
        rtcp_feedback: Vec::new(),
    }
}
