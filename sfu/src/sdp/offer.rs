//! Reading an offer: everything the relay needs of it, and nothing else.

use super::attributes::{has, value, values};
use super::codec::{Codecs, PictureCodecs};
use crate::dtls::Fingerprint;
use crate::ice::Credentials;
use crate::limits::{MAX_MEDIA_SECTIONS, MAX_SDP_BYTES};
use crate::rtp::extension::uri;
use rtc_sdp::MediaDescription;
use rtc_sdp::description::common::Attribute;
use rtc_sdp::description::session::SessionDescription;
use std::io::Cursor;
use thiserror::Error;

/// Layers of one picture; more rids are ignored.
const MAX_LAYERS: usize = 3;

/// What a peer offers.
#[derive(Clone, Debug)]
pub struct Offer {
    /// Its ICE credentials.
    pub ice: Credentials,
    /// Its DTLS certificate's fingerprint.
    pub fingerprint: Fingerprint,
    /// Its media sections, in order; the answer repeats the order.
    pub sections: Vec<Section>,
}

/// One media section (`m=`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// `a=mid`.
    pub mid: String,
    /// Sound or picture; `None`: something the relay rejects (data channel, other transport).
    pub kind: Option<Kind>,
    /// The `m=` line's media word, repeated in the answer.
    pub media: String,
    /// The `m=` line's transport, repeated in the answer.
    pub protocol: String,
    /// The `m=` line's formats, repeated when the section is rejected.
    pub formats: String,
    /// What the peer wants to do in it.
    pub direction: Direction,
    /// The codecs in common; `None`: the section is rejected.
    pub codecs: Option<Codecs>,
    /// Header extensions in common.
    pub extensions: Extensions,
    /// Simulcast rids, in the peer's order: lowest layer first.
    pub rids: Vec<String>,
    /// SSRCs announced by `a=ssrc`, for peers without the mid extension: the media's, then its retransmission's.
    pub ssrcs: Vec<u32>,
}

/// The kind of a media section.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `m=audio`
    Sound,
    /// `m=video`
    Picture,
}

/// The direction attribute, as the peer means it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The peer sends (`sendonly`, `sendrecv`).
    Sends,
    /// The peer receives (`recvonly`).
    Receives,
    /// Neither.
    Inactive,
}

/// Ids of the header extensions the relay uses, as the peer numbered them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extensions {
    /// See [`uri::MID`].
    pub mid: Option<u8>,
    /// See [`uri::RID`].
    pub rid: Option<u8>,
    /// See [`uri::REPAIRED_RID`].
    pub repaired_rid: Option<u8>,
    /// See [`uri::AUDIO_LEVEL`].
    pub audio_level: Option<u8>,
    /// See [`uri::TRANSPORT_CC`].
    pub transport_cc: Option<u8>,
}

impl Extensions {
    /// Uri and id of each one in use.
    pub(super) fn named(&self) -> impl Iterator<Item = (&'static str, u8)> {
        [
            (uri::MID, self.mid),
            (uri::RID, self.rid),
            (uri::REPAIRED_RID, self.repaired_rid),
            (uri::AUDIO_LEVEL, self.audio_level),
            (uri::TRANSPORT_CC, self.transport_cc),
        ]
        .into_iter()
        .filter_map(|(uri, id)| Some((uri, id?)))
    }
}

/// Why an offer cannot be answered.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OfferError {
    /// Over [`MAX_SDP_BYTES`].
    #[error("the SDP is longer than {MAX_SDP_BYTES} bytes")]
    TooLong,
    /// Over [`MAX_MEDIA_SECTIONS`].
    #[error("the SDP has more than {MAX_MEDIA_SECTIONS} media sections")]
    TooManySections,
    /// Not SDP (RFC 8866).
    #[error("the SDP cannot be read: {0}")]
    Syntax(String),
    /// Something WebRTC requires is missing.
    #[error("the SDP has no {0}")]
    Missing(&'static str),
    /// The peer insists on being the DTLS server; the relay only answers.
    #[error("a=setup must be actpass or active")]
    Setup,
    /// Not all sections are in one BUNDLE group.
    #[error("all media must be in one BUNDLE group with rtcp-mux")]
    NotBundled,
}

impl Offer {
    /// Reads an SDP offer.
    ///
    /// # Errors
    /// When it is not one the relay can answer; the text tells the peer's author what to change.
    pub fn parse(sdp: &str) -> Result<Self, OfferError> {
        if sdp.len() > MAX_SDP_BYTES {
            return Err(OfferError::TooLong);
        }
        let session = SessionDescription::unmarshal(&mut Cursor::new(sdp.as_bytes()))
            .map_err(|error| OfferError::Syntax(error.to_string()))?;
        if session.media_descriptions.len() > MAX_MEDIA_SECTIONS {
            return Err(OfferError::TooManySections);
        }
        let bundle = bundle_group(&session.attributes).ok_or(OfferError::NotBundled)?;
        let sections: Vec<Section> = session
            .media_descriptions
            .iter()
            .map(Section::read)
            .collect::<Result<_, OfferError>>()?;
        if sections
            .iter()
            .any(|section| section.codecs.is_some() && !bundle.contains(&section.mid.as_str()))
        {
            return Err(OfferError::NotBundled);
        }
        let transport = Transport {
            session: &session.attributes,
            media: &session.media_descriptions,
        };
        if !matches!(transport.value("setup"), Some("actpass" | "active")) {
            return Err(OfferError::Setup);
        }
        Ok(Self {
            ice: transport.credentials()?,
            fingerprint: transport.fingerprint()?,
            sections,
        })
    }

    /// Takes H.264 out of what is in common.
    pub fn leave_out_h264(&mut self) {
        for section in &mut self.sections {
            if let Some(Codecs::Picture(codecs)) = section.codecs {
                let vp8_alone = PictureCodecs { h264: None, ..codecs };
                section.codecs = vp8_alone.if_any().map(Codecs::Picture);
            }
        }
    }

    /// What the pictures that the peer sends may be encoded with.
    #[must_use]
    pub fn picture_sent(&self) -> Option<PictureCodecs> {
        self.sections.iter().find_map(|section| match section.codecs? {
            Codecs::Picture(codecs) if section.direction == Direction::Sends => Some(codecs),
            _ => None,
        })
    }
}

/// Transport attributes stand at session level or in the bundle's first section that has them.
struct Transport<'a> {
    session: &'a [Attribute],
    media: &'a [MediaDescription],
}

impl<'a> Transport<'a> {
    fn value(&self, key: &str) -> Option<&'a str> {
        self.media
            .iter()
            .find_map(|media| value(&media.attributes, key))
            .or_else(|| value(self.session, key))
    }

    fn credentials(&self) -> Result<Credentials, OfferError> {
        let ufrag = self.value("ice-ufrag").ok_or(OfferError::Missing("a=ice-ufrag"))?;
        let pwd = self.value("ice-pwd").ok_or(OfferError::Missing("a=ice-pwd"))?;
        Credentials::new(ufrag, pwd).map_err(|error| OfferError::Syntax(error.to_string()))
    }

    fn fingerprint(&self) -> Result<Fingerprint, OfferError> {
        let text = self.value("fingerprint").ok_or(OfferError::Missing("a=fingerprint"))?;
        text.parse()
            .map_err(|_| OfferError::Missing("a=fingerprint that can be read (sha-256)"))
    }
}

impl Section {
    fn read(media: &MediaDescription) -> Result<Self, OfferError> {
        let attributes = &media.attributes[..];
        let kind = match media.media_name.media.as_str() {
            "audio" => Some(Kind::Sound),
            "video" => Some(Kind::Picture),
            _ => None,
        };
        let protocol = media.media_name.protos.join("/");
        // Port 0 takes a section out of use, except where it goes with the bundle alone (RFC 9143 section 7.2.1), as
        // Firefox offers every section but the first.
        let in_use = media.media_name.port.value != 0 || has(attributes, "bundle-only");
        let usable = in_use && protocol.ends_with("RTP/SAVPF") && has(attributes, "rtcp-mux");
        let codecs = kind.filter(|_| usable).and_then(|kind| Codecs::read(attributes, kind));
        Ok(Self {
            mid: value(attributes, "mid").ok_or(OfferError::Missing("a=mid"))?.to_owned(),
            kind,
            media: media.media_name.media.clone(),
            protocol,
            formats: media.media_name.formats.join(" "),
            direction: direction(attributes),
            codecs,
            extensions: extensions(attributes),
            rids: rids(attributes),
            ssrcs: ssrcs(attributes),
        })
    }
}

fn bundle_group(attributes: &[Attribute]) -> Option<std::collections::HashSet<&str>> {
    values(attributes, "group")
        .find_map(|group| group.strip_prefix("BUNDLE"))
        .map(|mids| mids.split(' ').collect())
}

fn direction(attributes: &[Attribute]) -> Direction {
    if has(attributes, "recvonly") {
        Direction::Receives
    } else if has(attributes, "inactive") {
        Direction::Inactive
    } else {
        Direction::Sends
    }
}

fn extensions(attributes: &[Attribute]) -> Extensions {
    let mut found = Extensions::default();
    for map in values(attributes, "extmap") {
        let Some((id, name)) = map.split_once(' ') else {
            continue;
        };
        // A direction may follow the id: "3/recvonly".
        let Some(id) = id
            .split('/')
            .next()
            .and_then(|id| id.parse().ok())
            .filter(|id| (1..=14).contains(id))
        else {
            continue;
        };
        let place = match name.split(' ').next().unwrap_or_default() {
            uri::MID => &mut found.mid,
            uri::RID => &mut found.rid,
            uri::REPAIRED_RID => &mut found.repaired_rid,
            uri::AUDIO_LEVEL => &mut found.audio_level,
            uri::TRANSPORT_CC => &mut found.transport_cc,
            _ => continue,
        };
        *place = Some(id);
    }
    found
}

/// `a=simulcast:send l;m;h` (RFC 8853): alternatives after a comma and the pause mark `~` are passed over.
fn rids(attributes: &[Attribute]) -> Vec<String> {
    let Some(sent) = value(attributes, "simulcast").and_then(|text| {
        let mut words = text.split(' ');
        words.by_ref().find(|word| *word == "send")?;
        words.next()
    }) else {
        return Vec::new();
    };
    sent.split(';')
        .filter_map(|alternatives| alternatives.split(',').next())
        .map(|rid| rid.trim_start_matches('~').to_owned())
        .filter(|rid| !rid.is_empty() && rid.len() <= 16 && rid.bytes().all(|b| b.is_ascii_alphanumeric()))
        .take(MAX_LAYERS)
        .collect()
}

fn ssrcs(attributes: &[Attribute]) -> Vec<u32> {
    if let Some(group) = values(attributes, "ssrc-group").find_map(|group| group.strip_prefix("FID ")) {
        return group.split(' ').filter_map(|ssrc| ssrc.parse().ok()).take(2).collect();
    }
    values(attributes, "ssrc")
        .find_map(|line| line.split(' ').next()?.parse().ok())
        .into_iter()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sdp::codec::{Opus, Repairable};
    use proptest::prelude::*;

    const HEAD: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n";
    const TRANSPORT: &str = "c=IN IP4 0.0.0.0\r\na=rtcp-mux\r\na=ice-ufrag:abcd\r\na=ice-pwd:0123456789abcdefghijkl\r\n\
        a=setup:actpass\r\na=fingerprint:sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:\
        66:77:88:99:AA:BB:CC:DD:EE:FF\r\n";

    fn camera() -> String {
        format!(
            "m=video 9 UDP/TLS/RTP/SAVPF 96 97 98\r\n{TRANSPORT}a=mid:1\r\na=sendonly\r\na=rtpmap:98 H264/90000\r\n\
             a=rtpmap:96 VP8/90000\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\na=rid:l send\r\na=rid:h send\r\n\
             a=simulcast:send l;~h\r\na=extmap:4/sendonly {}\r\n",
            uri::RID
        )
    }

    fn microphone() -> String {
        format!(
            "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n{TRANSPORT}a=mid:0\r\na=rtpmap:111 opus/48000/2\r\n\
             a=ssrc:77 cname:x\r\n"
        )
    }

    fn data_channel() -> String {
        format!("m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n{TRANSPORT}a=mid:2\r\na=sctp-port:5000\r\n")
    }

    fn offer(sections: &[String]) -> String {
        format!("{HEAD}a=group:BUNDLE 0 1 2\r\n{}", sections.concat())
    }

    #[test]
    fn a_browsers_offer_is_read_in_its_own_numbers() {
        let offer = Offer::parse(&offer(&[microphone(), camera(), data_channel()])).unwrap();
        let [microphone, camera, data] = &offer.sections[..] else {
            panic!("three sections")
        };
        let opus = Opus {
            payload_type: 111,
            red: None,
        };
        assert_eq!(microphone.codecs, Some(Codecs::Sound(opus)));
        assert_eq!(
            (microphone.direction, &microphone.ssrcs[..]),
            (Direction::Sends, &[77][..])
        );
        let vp8 = Repairable {
            payload_type: 96,
            rtx: Some(97),
        };
        let codecs = PictureCodecs {
            vp8: Some(vp8),
            h264: None,
        };
        assert_eq!(camera.codecs, Some(Codecs::Picture(codecs)));
        assert_eq!(camera.rids, ["l", "h"]);
        assert_eq!(camera.extensions.rid, Some(4));
        assert_eq!((data.kind, data.codecs), (None, None));
    }

    #[test]
    fn red_is_read_when_all_its_blocks_are_opus() {
        let red = |parameters: &str| {
            let lines = format!("a=rtpmap:63 red/48000/2\r\na=fmtp:63 {parameters}\r\na=ssrc:77");
            let offer = Offer::parse(&offer(&[microphone().replace("a=ssrc:77", &lines)])).unwrap();
            let Some(Codecs::Sound(opus)) = offer.sections[0].codecs else {
                panic!("sound")
            };
            opus.red
        };
        assert_eq!(red("111/111"), Some(63));
        assert_eq!(red("111/111/111"), Some(63));
        assert_eq!(red("111/13"), None, "comfort noise among them");
        assert_eq!(red("x"), None);
    }

    #[test]
    fn of_h264_the_constrained_baseline_cut_into_fragments_is_read() {
        let h264 = |formats: &[(u8, &str)]| {
            let lines = formats.iter().fold(String::new(), |lines, (number, parameters)| {
                let rtx = number + 1;
                format!(
                    "{lines}a=rtpmap:{number} H264/90000\r\na=fmtp:{number} level-asymmetry-allowed=1;{parameters}\r\n\
                     a=rtpmap:{rtx} rtx/90000\r\na=fmtp:{rtx} apt={number}\r\n"
                )
            });
            let camera = camera().replace("a=rtpmap:98 H264/90000\r\n", &lines);
            let offer = Offer::parse(&offer(&[microphone(), camera])).unwrap();
            let Some(Codecs::Picture(codecs)) = offer.sections[1].codecs else {
                panic!("a picture")
            };
            assert_eq!(codecs.vp8.map(|vp8| (vp8.payload_type, vp8.rtx)), Some((96, Some(97))));
            codecs
                .h264
                .map(|h264| (h264.numbers.payload_type, h264.numbers.rtx, h264.profile_level_id))
        };
        // Chromium's, of which one suits; a hardware encoder's, plain baseline; main and high alone.
        let chromium = [
            (103, "packetization-mode=1;profile-level-id=42001f"),
            (107, "packetization-mode=0;profile-level-id=42e01f"),
            (109, "packetization-mode=1;profile-level-id=42e01f"),
            (115, "packetization-mode=1;profile-level-id=4d001f"),
        ];
        assert_eq!(h264(&chromium), Some((109, Some(110), 0x42_e01f)));
        assert_eq!(h264(&chromium[..2]), Some((103, Some(104), 0x42_001f)));
        assert_eq!(h264(&chromium[1..2]), None);
        assert_eq!(h264(&chromium[3..]), None);
        for unreadable in ["packetization-mode=1", "packetization-mode=1;profile-level-id=+42e01"] {
            assert_eq!(h264(&[(103, unreadable)]), None);
        }
    }

    #[test]
    fn what_cannot_be_answered_is_refused_with_what_to_do() {
        let refused = |sdp: &str| Offer::parse(sdp).expect_err("refused");
        assert_eq!(refused(&"x".repeat(MAX_SDP_BYTES + 1)), OfferError::TooLong);
        assert!(matches!(refused("hello"), OfferError::Syntax(_)));
        assert_eq!(refused(&format!("{HEAD}{}", camera())), OfferError::NotBundled);
        let without = |line: &str| offer(&[camera().replace(line, "a=x\r\n")]);
        assert_eq!(
            refused(&without("a=ice-ufrag:abcd\r\n")),
            OfferError::Missing("a=ice-ufrag")
        );
        assert_eq!(refused(&without("a=setup:actpass\r\n")), OfferError::Setup);
        let many: Vec<String> = std::iter::repeat_with(camera).take(MAX_MEDIA_SECTIONS + 1).collect();
        assert_eq!(refused(&offer(&many)), OfferError::TooManySections);
    }

    #[test]
    fn a_section_without_a_codec_in_common_is_rejected_alone() {
        let others = camera().replace("VP8", "VP9");
        let offer = Offer::parse(&offer(&[microphone(), others])).unwrap();
        assert!(offer.sections[0].codecs.is_some() && offer.sections[1].codecs.is_none());
    }

    #[test]
    fn a_section_that_goes_with_the_bundle_alone_is_in_use_although_its_port_is_0() {
        let without_port = camera().replacen("m=video 9 ", "m=video 0 ", 1);
        let bundled = without_port.replace("a=rtcp-mux\r\n", "a=rtcp-mux\r\na=bundle-only\r\n");
        let read = |camera: String| Offer::parse(&offer(&[microphone(), camera])).unwrap();
        assert!(read(bundled).sections[1].codecs.is_some());
        assert!(read(without_port).sections[1].codecs.is_none(), "out of use");
    }

    proptest! {
        #[test]
        fn changed_offers_never_panic(at in 0usize..1500, with in "[ -~\r\n]{0,8}", cut in 0usize..12) {
            let mut sdp = offer(&[microphone(), camera(), data_channel()]);
            let at = at.min(sdp.len());
            let end = (at + cut).min(sdp.len());
            sdp.replace_range(at..end, &with);
            let _ = Offer::parse(&sdp);
        }
    }
}
