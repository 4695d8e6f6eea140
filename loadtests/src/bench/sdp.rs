//! The benchmark's offer, and the little it needs of the answer.

use lika_sfu::ice::Credentials;
use lika_sfu::rtp::extension::uri::TRANSPORT_CC;
use std::fmt::Write;

pub(super) const OPUS: u8 = 111;
pub(super) const VP8: u8 = 96;
/// Retransmissions of VP8 (RFC 4588), with which the relay probes a line.
pub(super) const RTX: u8 = 97;
/// The number of the level extension (RFC 6464).
pub(super) const LEVEL: u8 = 1;
/// The number of the transport-wide sequence number's extension.
pub(super) const TRANSPORT: u8 = 3;

/// The own side of an offer.
pub(super) struct Own<'a> {
    pub(super) ice: &'a Credentials,
    /// With its hash function, as in `a=fingerprint`.
    pub(super) fingerprint: &'a str,
    /// SSRCs of sound and picture; `None`: it sends nothing.
    pub(super) ssrcs: Option<(u32, u32)>,
    /// Whether it reports arrivals, and numbers its own packets for that.
    pub(super) reports: bool,
}

/// An offer to send sound and picture and to receive `slots` pairs.
pub(super) fn offer(own: &Own<'_>, slots: usize) -> String {
    let mut sdp = String::from("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE");
    let first = if own.ssrcs.is_some() { 2 } else { 0 };
    for mid in 0..first + 2 * slots {
        push(&mut sdp, format_args!(" {mid}"));
    }
    let (ufrag, pwd) = (own.ice.ufrag(), own.ice.pwd());
    push(&mut sdp, format_args!("\r\na=ice-ufrag:{ufrag}\r\na=ice-pwd:{pwd}\r\n"));
    push(
        &mut sdp,
        format_args!("a=fingerprint:{}\r\na=setup:active\r\n", own.fingerprint),
    );
    if let Some((sound_ssrc, picture_ssrc)) = own.ssrcs {
        sound(&mut sdp, 0, "sendonly", Some(sound_ssrc), own.reports);
        picture(&mut sdp, 1, "sendonly", Some(picture_ssrc), own.reports);
    }
    for slot in 0..slots {
        sound(&mut sdp, first + 2 * slot, "recvonly", None, own.reports);
        picture(&mut sdp, first + 2 * slot + 1, "recvonly", None, own.reports);
    }
    sdp
}

fn sound(sdp: &mut String, mid: usize, direction: &str, ssrc: Option<u32>, reports: bool) {
    section(sdp, "audio", format_args!("{OPUS}"), mid, direction, reports);
    push(sdp, format_args!("a=rtpmap:{OPUS} opus/48000/2\r\n"));
    push(
        sdp,
        format_args!("a=extmap:{LEVEL} urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n"),
    );
    source(sdp, ssrc);
}

fn picture(sdp: &mut String, mid: usize, direction: &str, ssrc: Option<u32>, reports: bool) {
    section(sdp, "video", format_args!("{VP8} {RTX}"), mid, direction, reports);
    push(
        sdp,
        format_args!("a=rtpmap:{VP8} VP8/90000\r\na=rtcp-fb:{VP8} nack pli\r\n"),
    );
    push(
        sdp,
        format_args!("a=rtpmap:{RTX} rtx/90000\r\na=fmtp:{RTX} apt={VP8}\r\n"),
    );
    source(sdp, ssrc);
}

fn section(
    sdp: &mut String,
    kind: &str,
    payload_types: std::fmt::Arguments<'_>,
    mid: usize,
    direction: &str,
    reports: bool,
) {
    push(
        sdp,
        format_args!("m={kind} 9 UDP/TLS/RTP/SAVPF {payload_types}\r\nc=IN IP4 0.0.0.0\r\n"),
    );
    push(sdp, format_args!("a=mid:{mid}\r\na={direction}\r\na=rtcp-mux\r\n"));
    if reports {
        push(sdp, format_args!("a=extmap:{TRANSPORT} {TRANSPORT_CC}\r\n"));
    }
}

fn source(sdp: &mut String, ssrc: Option<u32>) {
    if let Some(ssrc) = ssrc {
        push(sdp, format_args!("a=ssrc:{ssrc} cname:bench\r\n"));
    }
}

fn push(sdp: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = sdp.write_fmt(text);
}

/// What of the answer the benchmark needs.
pub(super) struct Answer<'a> {
    pub(super) ufrag: &'a str,
    pub(super) pwd: &'a str,
    pub(super) fingerprint: &'a str,
}

impl<'a> Answer<'a> {
    /// `None` when the answer lacks something, or does not leave the DTLS client's part to us.
    pub(super) fn parse(sdp: &'a str) -> Option<Self> {
        let value = |key: &str| sdp.lines().find_map(|line| line.strip_prefix(key)).map(str::trim_end);
        (value("a=setup:")? == "passive").then_some(())?;
        Some(Self {
            ufrag: value("a=ice-ufrag:")?,
            pwd: value("a=ice-pwd:")?,
            fingerprint: value("a=fingerprint:")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lika_sfu::sdp::{Codecs, Offer};

    #[test]
    fn the_relay_reads_the_offer() {
        let ice = Credentials::generate();
        let fingerprint = format!("sha-256 {}", ["AB"; 32].join(":"));
        let own = Own {
            ice: &ice,
            fingerprint: &fingerprint,
            ssrcs: Some((7, 8)),
            reports: true,
        };
        let watches = Own {
            ssrcs: None,
            reports: false,
            ..own
        };
        let watching = Offer::parse(&super::offer(&watches, 3)).unwrap();
        assert_eq!(watching.sections.len(), 6);
        assert!(watching.sections.iter().all(|s| s.extensions.transport_cc.is_none()));
        let offer = Offer::parse(&super::offer(&own, 3)).unwrap();
        assert_eq!(offer.sections.len(), 8);
        assert!(
            offer
                .sections
                .iter()
                .all(|s| s.extensions.transport_cc == Some(TRANSPORT))
        );
        let Some(Codecs::Picture(shown)) = offer.sections[3].codecs else {
            panic!("the first slot has a picture")
        };
        assert_eq!(shown.vp8.and_then(|vp8| vp8.rtx), Some(RTX));
        assert_eq!(offer.ice.ufrag(), ice.ufrag());
        assert_eq!(
            (offer.sections[0].ssrcs.as_slice(), offer.sections[1].ssrcs.as_slice()),
            (&[7][..], &[8][..])
        );
        assert_eq!(offer.sections[0].extensions.audio_level, Some(LEVEL));
    }

    #[test]
    fn an_answer_that_lacks_something_is_none() {
        let whole = "v=0\r\na=ice-ufrag:u\r\na=ice-pwd:p\r\na=fingerprint:sha-256 00\r\na=setup:passive\r\n";
        assert_eq!(Answer::parse(whole).unwrap().pwd, "p");
        assert!(Answer::parse(&whole.replace("passive", "active")).is_none());
        assert!(Answer::parse(&whole.replace("ice-pwd", "x")).is_none());
    }
}
