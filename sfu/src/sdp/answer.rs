//! Writing the answer.

use super::codec::{Codecs, Opus, PictureCodecs, Repairable};
use super::offer::{Direction, Kind, Offer, Section};
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
        .filter(|s| s.codecs.is_some())
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
        let Some(codecs) = section.codecs else {
            rejected(&mut sdp, section);
            continue;
        };
        let place = slots.place(section);
        transport(&mut sdp, section, codecs, local, candidates);
        candidates = &[];
        match (section.direction, place.and_then(|n| Some((n, slot(n)?)))) {
            (Direction::Sends, _) => receiving(&mut sdp, section),
            (Direction::Receives, Some((n, sources))) => sending(&mut sdp, codecs, n, sources),
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
        if section.direction != Direction::Receives || section.codecs.is_none() {
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

fn transport(sdp: &mut String, section: &Section, codecs: Codecs, local: &Local<'_>, candidates: &[Candidate]) {
    line(
        sdp,
        format_args!(
            "m={} 9 {} {}",
            section.media,
            section.protocol,
            formats(section, codecs)
        ),
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
    match codecs {
        Codecs::Sound(opus) => opus_lines(sdp, opus),
        Codecs::Picture(codecs) => picture_lines(sdp, codecs),
    }
    for (uri, id) in section.extensions.named() {
        line(sdp, format_args!("a=extmap:{id} {uri}"));
    }
}

/// The payload types in use. What comes first is what the peer sends (RFC 3264 section 6.1): of sound what it prefers
/// itself, of picture VP8, which everybody decodes.
fn formats(section: &Section, codecs: Codecs) -> String {
    let numbers: Vec<u8> = match codecs {
        Codecs::Sound(_) => {
            let offered = section.formats.split(' ').filter_map(|format| format.parse().ok());
            offered.filter(|number| codecs.has(*number)).collect()
        }
        Codecs::Picture(codecs) => codecs
            .named()
            .flat_map(|(_, numbers)| [Some(numbers.payload_type), numbers.rtx])
            .flatten()
            .collect(),
    };
    let formats: Vec<String> = numbers.iter().map(u8::to_string).collect();
    formats.join(" ")
}

fn opus_lines(sdp: &mut String, Opus { payload_type, red }: Opus) {
    line(sdp, format_args!("a=rtpmap:{payload_type} opus/48000/2"));
    line(sdp, format_args!("a=fmtp:{payload_type} minptime=10;useinbandfec=1"));
    line(sdp, format_args!("a=rtcp-fb:{payload_type} transport-cc"));
    if let Some(red) = red {
        line(sdp, format_args!("a=rtpmap:{red} red/48000/2"));
        line(sdp, format_args!("a=fmtp:{red} {payload_type}/{payload_type}"));
    }
}

fn picture_lines(sdp: &mut String, codecs: PictureCodecs) {
    if let Some(vp8) = codecs.vp8 {
        repairable_lines(sdp, "VP8", vp8);
    }
    if let Some(h264) = codecs.h264 {
        repairable_lines(sdp, "H264", h264.numbers);
        let (payload_type, profile) = (h264.numbers.payload_type, h264.profile_level_id);
        line(
            sdp,
            format_args!(
                "a=fmtp:{payload_type} level-asymmetry-allowed=1;packetization-mode=1;profile-level-id={profile:06x}"
            ),
        );
    }
}

fn repairable_lines(sdp: &mut String, name: &str, Repairable { payload_type, rtx }: Repairable) {
    line(sdp, format_args!("a=rtpmap:{payload_type} {name}/90000"));
    line(sdp, format_args!("a=rtcp-fb:{payload_type} transport-cc"));
    line(sdp, format_args!("a=rtcp-fb:{payload_type} nack"));
    line(sdp, format_args!("a=rtcp-fb:{payload_type} nack pli"));
    if let Some(rtx) = rtx {
        line(sdp, format_args!("a=rtpmap:{rtx} rtx/90000"));
        line(sdp, format_args!("a=fmtp:{rtx} apt={payload_type}"));
    }
}

fn receiving(sdp: &mut String, section: &Section) {
    line(sdp, format_args!("a=recvonly"));
    if section.rids.is_empty() {
        return;
    }
    for rid in &section.rids {
        line(sdp, format_args!("a=rid:{rid} recv"));
    }
    line(sdp, format_args!("a=simulcast:recv {}", section.rids.join(";")));
}

fn sending(sdp: &mut String, codecs: Codecs, slot: usize, sources: SlotSources) {
    line(sdp, format_args!("a=sendonly"));
    // Sound and picture of a slot share the stream id, or the browser does not keep their lips in step.
    let (track, ssrcs): (&str, &[u32]) = match codecs {
        Codecs::Sound(_) => ("sound", &[sources.sound]),
        Codecs::Picture(codecs) if codecs.named().any(|(_, numbers)| numbers.rtx.is_some()) => {
            ("picture", &[sources.picture, sources.rtx])
        }
        Codecs::Picture(_) => ("picture", &[sources.picture]),
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

    #[test]
    fn vp8_is_answered_before_h264_whatever_was_preferred() {
        let offer = |vp8: &str| {
            let text = format!(
                "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\na=ice-ufrag:abcd\r\n\
                 a=ice-pwd:0123456789abcdefghijkl\r\na=fingerprint:{}\r\n\
                 m=video 9 UDP/TLS/RTP/SAVPF 109 110 96 97\r\nc=IN IP4 0.0.0.0\r\na=rtcp-mux\r\na=setup:actpass\r\n\
                 a=mid:0\r\na=sendonly\r\na=rtpmap:109 H264/90000\r\n\
                 a=fmtp:109 packetization-mode=1;profile-level-id=42e01f\r\na=rtpmap:110 rtx/90000\r\n\
                 a=fmtp:110 apt=109\r\na=rtpmap:96 {vp8}/90000\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n",
                Fingerprint::of(b"certificate")
            );
            Offer::parse(&text).unwrap()
        };
        let answered = |offer: &Offer| {
            let (ice, fingerprint) = (Credentials::generate(), Fingerprint::of(b"relay"));
            answer(offer, &local(&ice, &fingerprint), |_| None)
        };
        let both = answered(&offer("VP8"));
        assert!(both.contains("m=video 9 UDP/TLS/RTP/SAVPF 96 97 109 110\r\n"));
        assert!(both.contains("a=rtpmap:109 H264/90000\r\n") && both.contains("a=fmtp:110 apt=109\r\n"));
        assert!(both.contains("a=fmtp:109 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\n"));
        assert!(answered(&offer("VP9")).contains("m=video 9 UDP/TLS/RTP/SAVPF 109 110\r\n"));
        let mut switched_off = offer("VP8");
        switched_off.leave_out_h264();
        assert!(answered(&switched_off).contains("m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\n"));
        let mut nothing_left = offer("VP9");
        nothing_left.leave_out_h264();
        assert!(answered(&nothing_left).contains("m=video 0 "), "rejected");
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
