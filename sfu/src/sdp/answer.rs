//! Writing the answer.

use super::offer::{Codec, Direction, Kind, Offer, Section};
use crate::dtls::Fingerprint;
use crate::ice::{Candidate, Credentials};
use std::fmt::Write;

/// The relay's side of a connection.
pub struct Local<'a> {
    /// Its ICE credentials for this peer.
    pub ice: &'a Credentials,
    /// Its certificate's fingerprint.
    pub fingerprint: &'a Fingerprint,
    /// Where it is reached, best first.
    pub candidates: &'a [Candidate],
    /// The number in `o=`: grows with each answer of a connection.
    pub version: u64,
}

/// The SSRCs of one receive slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SlotSources {
    /// Sound.
    pub sound: u32,
    /// Picture.
    pub picture: u32,
    /// Retransmission of the picture.
    pub rtx: u32,
}

/// The answer to `offer`. `slot(n)` gives the SSRCs of receive slot n; `None` makes its sections inactive.
pub fn answer(offer: &Offer, local: &Local<'_>, slot: impl Fn(usize) -> Option<SlotSources>) -> String {
    let mut sdp = String::with_capacity(1024 + 600 * offer.sections.len());
    let mids: Vec<&str> = offer
        .sections
        .iter()
        .filter(|s| s.codec.is_some())
        .map(|s| s.mid.as_str())
        .collect();
    line(&mut sdp, format_args!("v=0"));
    line(&mut sdp, format_args!("o=- 1 {} IN IP4 0.0.0.0", local.version));
    line(&mut sdp, format_args!("s=-"));
    line(&mut sdp, format_args!("t=0 0"));
    line(&mut sdp, format_args!("a=ice-lite"));
    line(&mut sdp, format_args!("a=group:BUNDLE {}", mids.join(" ")));
    line(&mut sdp, format_args!("a=msid-semantic: WMS *"));
    let mut slots = SlotCounter::default();
    let mut candidates = local.candidates;
    for section in &offer.sections {
        let Some(codec) = section.codec else {
            rejected(&mut sdp, section);
            continue;
        };
        let place = slots.place(section);
        transport(&mut sdp, section, codec, local, candidates);
        candidates = &[];
        match (section.direction, place.and_then(|n| Some((n, slot(n)?)))) {
            (Direction::Sends, _) => receiving(&mut sdp, section, codec),
            (Direction::Receives, Some((n, sources))) => sending(&mut sdp, section, codec, n, sources),
            _ => line(&mut sdp, format_args!("a=inactive")),
        }
    }
    sdp
}

/// Pairs the n-th recv-only sound section with the n-th recv-only picture section.
#[derive(Default)]
pub(crate) struct SlotCounter {
    sounds: usize,
    pictures: usize,
}

impl SlotCounter {
    /// The slot `section` belongs to, if it is a receiving one. To be called for every section in order.
    pub(crate) fn place(&mut self, section: &Section) -> Option<usize> {
        if section.direction != Direction::Receives || section.codec.is_none() {
            return None;
        }
        let count = match section.kind? {
            Kind::Sound => &mut self.sounds,
            Kind::Picture => &mut self.pictures,
        };
        *count += 1;
        Some(*count - 1)
    }
}

fn line(sdp: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = write!(sdp, "{text}\r\n");
}

fn rejected(sdp: &mut String, section: &Section) {
    line(
        sdp,
        format_args!("m={} 0 {} {}", section.media, section.protocol, section.formats),
    );
    line(sdp, format_args!("c=IN IP4 0.0.0.0"));
    line(sdp, format_args!("a=mid:{}", section.mid));
    line(sdp, format_args!("a=inactive"));
}

fn transport(sdp: &mut String, section: &Section, codec: Codec, local: &Local<'_>, candidates: &[Candidate]) {
    line(
        sdp,
        format_args!("m={} 9 {} {}", section.media, section.protocol, formats(section, codec)),
    );
    line(sdp, format_args!("c=IN IP4 0.0.0.0"));
    line(sdp, format_args!("a=mid:{}", section.mid));
    line(sdp, format_args!("a=ice-ufrag:{}", local.ice.ufrag()));
    line(sdp, format_args!("a=ice-pwd:{}", local.ice.pwd()));
    line(sdp, format_args!("a=fingerprint:{}", local.fingerprint));
    line(sdp, format_args!("a=setup:passive"));
    line(sdp, format_args!("a=rtcp-mux"));
    line(sdp, format_args!("a=rtcp-rsize"));
    for (n, candidate) in candidates.iter().enumerate() {
        line(sdp, format_args!("a=candidate:{}", candidate.attribute(n)));
    }
    if !candidates.is_empty() {
        line(sdp, format_args!("a=end-of-candidates"));
    }
    codec_lines(sdp, section, codec);
}

/// The payload types in use, in the offer's order: what the peer prefers to send comes first (RFC 3264 section 6.1).
fn formats(section: &Section, codec: Codec) -> String {
    let in_use = [Some(codec.payload_type), codec.rtx, codec.red].map(|number| number.map(|number| number.to_string()));
    let offered = section.formats.split(' ');
    let chosen: Vec<&str> = offered
        .filter(|format| in_use.iter().flatten().any(|number| number == format))
        .collect();
    chosen.join(" ")
}

fn codec_lines(sdp: &mut String, section: &Section, codec: Codec) {
    let payload_type = codec.payload_type;
    match section.kind {
        Some(Kind::Sound) => {
            line(sdp, format_args!("a=rtpmap:{payload_type} opus/48000/2"));
            line(sdp, format_args!("a=fmtp:{payload_type} minptime=10;useinbandfec=1"));
            line(sdp, format_args!("a=rtcp-fb:{payload_type} transport-cc"));
            if let Some(red) = codec.red {
                line(sdp, format_args!("a=rtpmap:{red} red/48000/2"));
                line(sdp, format_args!("a=fmtp:{red} {payload_type}/{payload_type}"));
            }
        }
        _ => {
            line(sdp, format_args!("a=rtpmap:{payload_type} VP8/90000"));
            line(sdp, format_args!("a=rtcp-fb:{payload_type} transport-cc"));
            line(sdp, format_args!("a=rtcp-fb:{payload_type} nack"));
            line(sdp, format_args!("a=rtcp-fb:{payload_type} nack pli"));
            if let Some(rtx) = codec.rtx {
                line(sdp, format_args!("a=rtpmap:{rtx} rtx/90000"));
                line(sdp, format_args!("a=fmtp:{rtx} apt={payload_type}"));
            }
        }
    }
    for (uri, id) in section.extensions.named() {
        line(sdp, format_args!("a=extmap:{id} {uri}"));
    }
}

fn receiving(sdp: &mut String, section: &Section, _codec: Codec) {
    line(sdp, format_args!("a=recvonly"));
    if section.rids.is_empty() {
        return;
    }
    for rid in &section.rids {
        line(sdp, format_args!("a=rid:{rid} recv"));
    }
    line(sdp, format_args!("a=simulcast:recv {}", section.rids.join(";")));
}

fn sending(sdp: &mut String, section: &Section, codec: Codec, slot: usize, sources: SlotSources) {
    line(sdp, format_args!("a=sendonly"));
    // Sound and picture of a slot share the stream id, or the browser does not keep their lips in step.
    let (track, ssrcs): (&str, &[u32]) = match section.kind {
        Some(Kind::Sound) => ("sound", &[sources.sound]),
        _ if codec.rtx.is_some() => ("picture", &[sources.picture, sources.rtx]),
        _ => ("picture", &[sources.picture]),
    };
    line(sdp, format_args!("a=msid:slot-{slot} {track}-{slot}"));
    if let [media, repair] = ssrcs {
        line(sdp, format_args!("a=ssrc-group:FID {media} {repair}"));
    }
    for ssrc in ssrcs {
        line(sdp, format_args!("a=ssrc:{ssrc} cname:slot-{slot}"));
        line(sdp, format_args!("a=ssrc:{ssrc} msid:slot-{slot} {track}-{slot}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rtc_sdp::description::session::SessionDescription;
    use std::net::SocketAddr;

    fn local<'a>(ice: &'a Credentials, fingerprint: &'a Fingerprint) -> Local<'a> {
        Local {
            ice,
            fingerprint,
            candidates: &[],
            version: 1,
        }
    }

    #[test]
    fn red_is_answered_in_the_order_offered() {
        let transport = "c=IN IP4 0.0.0.0\r\na=rtcp-mux\r\na=setup:actpass\r\n";
        let answered = |formats: &str| {
            let offer = Offer::parse(&format!(
                "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\na=ice-ufrag:abcd\r\n\
                 a=ice-pwd:0123456789abcdefghijkl\r\na=fingerprint:{}\r\n\
                 m=audio 9 UDP/TLS/RTP/SAVPF {formats}\r\n{transport}a=mid:0\r\na=sendonly\r\n\
                 a=rtpmap:111 opus/48000/2\r\na=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\na=rtpmap:0 PCMU/8000\r\n",
                Fingerprint::of(b"certificate")
            ));
            let (ice, fingerprint) = (Credentials::generate(), Fingerprint::of(b"relay"));
            answer(&offer.unwrap(), &local(&ice, &fingerprint), |_| None)
        };
        let red_first = answered("63 111 0");
        assert!(red_first.contains("m=audio 9 UDP/TLS/RTP/SAVPF 63 111\r\n"));
        assert!(red_first.contains("a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\n"));
        assert!(answered("0 111 63").contains("m=audio 9 UDP/TLS/RTP/SAVPF 111 63\r\n"));
        assert!(answered("111 0").contains("m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"));
    }

    fn offered() -> Offer {
        let transport = "c=IN IP4 0.0.0.0\r\na=rtcp-mux\r\na=setup:actpass\r\n";
        let section = |mid: usize, media: &str, codec: &str, direction: &str| {
            format!(
                "m={media} 9 UDP/TLS/RTP/SAVPF 96\r\n{transport}a=mid:{mid}\r\na=rtpmap:96 {codec}\r\na={direction}\r\n"
            )
        };
        let sections = [
            section(0, "audio", "opus/48000/2", "sendonly"),
            section(1, "video", "VP8/90000", "recvonly"),
            section(2, "audio", "opus/48000/2", "recvonly"),
            section(3, "audio", "PCMU/8000", "recvonly"),
            section(4, "audio", "opus/48000/2", "recvonly"),
        ];
        let fingerprint = Fingerprint::of(b"certificate");
        Offer::parse(&format!(
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1 2 3 4\r\na=ice-ufrag:abcd\r\n\
             a=ice-pwd:0123456789abcdefghijkl\r\na=fingerprint:{fingerprint}\r\n{}",
            sections.concat()
        ))
        .unwrap()
    }

    #[test]
    fn sections_keep_their_order_and_slots_pair_sound_with_picture() {
        let fingerprint = Fingerprint::of(b"relay");
        let candidates = [
            Candidate::Udp(SocketAddr::from(([192, 0, 2, 1], 7))),
            Candidate::TcpPassive("[2001:db8::1]:7".parse().unwrap()),
        ];
        let ice = Credentials::generate();
        let local = Local {
            ice: &ice,
            fingerprint: &fingerprint,
            candidates: &candidates,
            version: 3,
        };
        let slot = |n: usize| {
            let first = 100 * (n as u32 + 1);
            (n == 0).then_some(SlotSources {
                sound: first,
                picture: first + 1,
                rtx: first + 2,
            })
        };
        let text = answer(&offered(), &local, slot);
        let read = SessionDescription::unmarshal(&mut std::io::Cursor::new(text.as_bytes())).unwrap();
        let directions: Vec<&str> = read
            .media_descriptions
            .iter()
            .map(|media| {
                ["sendonly", "recvonly", "inactive"]
                    .into_iter()
                    .find(|d| media.has_attribute(d))
                    .unwrap()
            })
            .collect();
        assert_eq!(directions, ["recvonly", "sendonly", "sendonly", "inactive", "inactive"]);
        assert_eq!(
            read.media_descriptions[3].media_name.port.value, 0,
            "no codec in common: rejected"
        );
        assert_eq!(read.attribute("group").map(String::as_str), Some("BUNDLE 0 1 2 4"));
        assert!(text.contains("a=msid:slot-0 picture-0\r\na=ssrc:101 "));
        assert!(text.contains("a=msid:slot-0 sound-0\r\na=ssrc:100 "));
        assert_eq!(
            text.matches("a=candidate:").count(),
            2,
            "in the bundle's first section alone"
        );
    }
}
