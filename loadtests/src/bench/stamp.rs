//! What a benchmark packet carries: who sent it, which one it is, and when it left.

use std::time::Duration;

const MAGIC: [u8; 4] = *b"Lika";
/// Bytes of a stamp.
pub(super) const LEN: usize = 4 + 2 + 1 + 4 + 8;
/// Before the stamp in a sound: the byte that tells an Opus packet of 20 ms (RFC 6716 section 3.1).
const OPUS_HEAD: [u8; 1] = [0x78];
/// Before the stamp in a picture: descriptor with a picture number of 15 bits, and the head of a frame.
const VP8_HEAD: usize = 4 + 10;

/// Sound or picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Sound,
    Picture { key_frame: bool },
}

/// One packet's stamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) source: u16,
    pub(super) kind: Kind,
    /// Counts the source's packets of that kind.
    pub(super) counter: u32,
    /// Wall clock, as the kernel stamps what it receives.
    pub(super) sent: Duration,
}

impl Stamp {
    /// Appends a payload of at least `length` bytes to `packet`.
    pub(super) fn write(&self, packet: &mut Vec<u8>, length: usize) {
        let start = packet.len();
        match self.kind {
            Kind::Sound => packet.extend_from_slice(&OPUS_HEAD),
            Kind::Picture { key_frame } => packet.extend_from_slice(&vp8_head(key_frame, self.counter)),
        }
        packet.extend_from_slice(&MAGIC);
        packet.extend_from_slice(&self.source.to_be_bytes());
        packet.push(match self.kind {
            Kind::Sound => 0,
            Kind::Picture { key_frame } => 1 + u8::from(key_frame),
        });
        packet.extend_from_slice(&self.counter.to_be_bytes());
        packet.extend_from_slice(&u64::try_from(self.sent.as_nanos()).unwrap_or(0).to_be_bytes());
        packet.resize(packet.len().max(start + length), 0x5a);
    }

    /// Reads the stamp of a payload; `None` for anything else.
    pub(super) fn read(payload: &[u8], is_sound: bool) -> Option<Self> {
        let at = if is_sound { OPUS_HEAD.len() } else { VP8_HEAD };
        let stamp: &[u8; LEN] = payload.get(at..)?.first_chunk()?;
        let [m0, m1, m2, m3, s0, s1, kind, c0, c1, c2, c3, time @ ..] = *stamp;
        if [m0, m1, m2, m3] != MAGIC {
            return None;
        }
        let kind = match kind {
            0 => Kind::Sound,
            1 => Kind::Picture { key_frame: false },
            2 => Kind::Picture { key_frame: true },
            _ => return None,
        };
        Some(Self {
            source: u16::from_be_bytes([s0, s1]),
            kind,
            counter: u32::from_be_bytes([c0, c1, c2, c3]),
            sent: Duration::from_nanos(u64::from_be_bytes(time)),
        })
    }
}

/// RFC 7741 section 4.2 and RFC 6386 section 9.1: a frame of one packet, 320x180.
fn vp8_head(key_frame: bool, number: u32) -> [u8; VP8_HEAD] {
    let [.., high, low] = number.to_be_bytes();
    let tag = if key_frame { 0x10 } else { 0x11 };
    [
        0x90,
        0x80,
        0x80 | high,
        low,
        tag,
        0,
        0,
        0x9d,
        0x01,
        0x2a,
        0x40,
        0x01,
        0xb4,
        0x00,
    ]
}

#[cfg(test)]
impl Stamp {
    /// Of a packet sent ten milliseconds after the clock began.
    pub(super) const fn early(source: u16, kind: Kind, counter: u32) -> Self {
        Self {
            source,
            kind,
            counter,
            sent: Duration::from_millis(10),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(source: u16, counter: u32, nanoseconds: u64, key_frame: bool, length in 0usize..1200) {
            for kind in [Kind::Sound, Kind::Picture { key_frame }] {
                let stamp = Stamp { source, kind, counter, sent: Duration::from_nanos(nanoseconds) };
                let mut packet = vec![1, 2, 3];
                stamp.write(&mut packet, length);
                prop_assert!(packet.len() >= 3 + length);
                prop_assert_eq!(Stamp::read(&packet[3..], kind == Kind::Sound), Some(stamp));
            }
        }

        #[test]
        fn noise_is_no_stamp(bytes in proptest::collection::vec(any::<u8>(), 0..60), is_sound: bool) {
            prop_assert_eq!(Stamp::read(&bytes, is_sound), None);
        }
    }

    #[test]
    fn the_relay_sees_frames_and_key_frames() {
        for key_frame in [true, false] {
            let kind = Kind::Picture { key_frame };
            let mut payload = Vec::new();
            Stamp {
                source: 1,
                kind,
                counter: 5,
                sent: Duration::ZERO,
            }
            .write(&mut payload, 100);
            let seen = lika_sfu::rtp::vp8::parse(&payload).unwrap();
            assert!(seen.starts_frame && seen.key_frame == key_frame);
        }
    }
}
