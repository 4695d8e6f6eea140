//! Redundant sound (RED, RFC 2198) as browsers send it: the frame before stands once more in front of the newest.

use bytes::{BufMut, Bytes, BytesMut};

/// The offset has 14 bits, the length 10 (RFC 2198 section 3).
const MAX_OFFSET: u32 = (1 << 14) - 1;
const MAX_LENGTH: usize = (1 << 10) - 1;
/// "Another block follows", in the word before a repeated block.
const FOLLOWED: u32 = 1 << 31;

/// Repeats frames.
#[derive(Debug)]
pub(super) struct Redundancy {
    codec: u8,
    before: Option<(Bytes, u32)>,
}

impl Redundancy {
    /// `codec`: the negotiated number of what is repeated.
    pub(super) const fn of(codec: u8) -> Self {
        Self { codec, before: None }
    }

    /// The payload that says `frame`, `elapsed` ticks after the first, and the frame before it.
    pub(super) fn payload(&mut self, frame: &Bytes, elapsed: u32) -> Bytes {
        let before = self.before.replace((frame.clone(), elapsed));
        let repeated = before.and_then(|(frame, then)| {
            let offset = elapsed.wrapping_sub(then);
            (offset <= MAX_OFFSET && frame.len() <= MAX_LENGTH).then_some((frame, offset))
        });
        let mut payload = BytesMut::new();
        if let Some((frame, offset)) = &repeated {
            payload.put_u32(FOLLOWED | u32::from(self.codec) << 24 | offset << 10 | frame.len() as u32);
        }
        payload.put_u8(self.codec);
        if let Some((frame, _)) = &repeated {
            payload.extend_from_slice(frame);
        }
        payload.extend_from_slice(frame);
        payload.freeze()
    }

    /// What comes next has nothing before it.
    pub(super) fn forget(&mut self) {
        self.before = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lika_sfu::rtp::red::Red;

    const OPUS: u8 = 111;

    #[test]
    fn the_relay_reads_the_newest_frame_and_how_far_the_other_reaches_back() {
        let mut redundancy = Redundancy::of(OPUS);
        let mut payload = |frame: &'static [u8], elapsed| redundancy.payload(&Bytes::from_static(frame), elapsed);
        let read = |payload: &Bytes| Red::parse(payload, OPUS).map(|red| (red.primary().to_vec(), red.reach()));
        assert_eq!(read(&payload(b"one", 0)), Some((b"one".to_vec(), 0)));
        let second = payload(b"two", 960);
        assert_eq!(read(&second), Some((b"two".to_vec(), 960)));
        assert_eq!(second[5..], *b"onetwo");
        assert_eq!(
            read(&payload(b"late", 30_000)),
            Some((b"late".to_vec(), 0)),
            "too far back"
        );
    }

    #[test]
    fn nothing_is_repeated_of_what_was_forgotten() {
        let mut redundancy = Redundancy::of(OPUS);
        redundancy.payload(&Bytes::from_static(b"one"), 0);
        redundancy.forget();
        assert_eq!(redundancy.payload(&Bytes::from_static(b"two"), 960)[..], *b"\x6ftwo");
    }
}
