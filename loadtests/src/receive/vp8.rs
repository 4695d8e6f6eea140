//! What the clear head of a VP8 payload says (RFC 7741 section 4.2, RFC 6386 section 9.1).

/// The head of one RTP payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Whether a frame begins here.
    pub starts_frame: bool,
    /// The picture size, if this begins a key frame.
    pub key_frame: Option<(u16, u16)>,
}

impl Head {
    /// Reads the payload descriptor and what follows; `None` if it is cut short.
    #[must_use]
    pub fn parse(payload: &[u8]) -> Option<Self> {
        let first = *payload.first()?;
        let frame = payload.get(descriptor_length(payload)?..)?;
        let starts_frame = first & 0x10 != 0 && first & 0x07 == 0;
        Some(Self {
            starts_frame,
            key_frame: if starts_frame { key_frame_size(frame) } else { None },
        })
    }
}

fn descriptor_length(payload: &[u8]) -> Option<usize> {
    let mut length = 1;
    if payload.first()? & 0x80 != 0 {
        let extensions = *payload.get(1)?;
        length += 1;
        if extensions & 0x80 != 0 {
            length += if payload.get(length)? & 0x80 != 0 { 2 } else { 1 };
        }
        length += usize::from(extensions & 0x40 != 0) + usize::from(extensions & 0x30 != 0);
    }
    Some(length)
}

fn key_frame_size(frame: &[u8]) -> Option<(u16, u16)> {
    let head = frame.get(..10)?;
    let is_key = head[0] & 1 == 0 && head[3..6] == [0x9d, 0x01, 0x2a];
    let size = |low: u8, high: u8| u16::from_le_bytes([low, high]) & 0x3fff;
    is_key.then(|| (size(head[6], head[7]), size(head[8], head[9])))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KEY: [u8; 10] = [0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xb4, 0x40];

    #[test]
    fn reads_through_every_descriptor() {
        for descriptor in [
            &[0x10][..],
            &[0x90, 0x80, 0x05],
            &[0x90, 0x80, 0x85, 0],
            &[0x90, 0xf0, 0x85, 0, 1, 2],
        ] {
            let head = Head::parse(&[descriptor, &KEY].concat()).unwrap();
            assert_eq!(
                head,
                Head {
                    starts_frame: true,
                    key_frame: Some((320, 180))
                }
            );
        }
    }

    #[test]
    fn inner_packets_and_inter_frames_are_no_key_frames() {
        let continued = Head::parse(&[&[0x00][..], &KEY].concat()).unwrap();
        assert_eq!(
            continued,
            Head {
                starts_frame: false,
                key_frame: None
            }
        );
        let inter = Head::parse(&[0x10, 0x11, 0, 0]).unwrap();
        assert_eq!(
            inter,
            Head {
                starts_frame: true,
                key_frame: None
            }
        );
        assert_eq!(Head::parse(&[]), None);
    }

    proptest! {
        #[test]
        fn noise_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..20)) {
            let _ = Head::parse(&bytes);
        }
    }
}
