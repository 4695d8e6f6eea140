//! Header extension elements, one-byte and two-byte forms (RFC 8285), and the ones the relay reads.

/// `a=extmap` names of the extensions the relay negotiates.
pub mod uri {
    /// Media identification (RFC 9143).
    pub const MID: &str = "urn:ietf:params:rtp-hdrext:sdes:mid";
    /// Restriction identifier of a simulcast layer (RFC 8852).
    pub const RID: &str = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";
    /// The layer a retransmission repairs (RFC 8852).
    pub const REPAIRED_RID: &str = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id";
    /// Client-to-mixer audio level (RFC 6464).
    pub const AUDIO_LEVEL: &str = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
    /// Transport-wide sequence number (draft-holmer-rmcat-transport-wide-cc-extensions-01).
    pub const TRANSPORT_CC: &str = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
}

const ONE_BYTE: u16 = 0xbede;
const TWO_BYTE: u16 = 0x1000;

/// The elements of one header extension, in order.
#[derive(Clone, Debug)]
pub struct Elements<'a> {
    form: Form,
    rest: &'a [u8],
}

#[derive(Clone, Copy, Debug)]
enum Form {
    OneByte,
    TwoByte,
}

impl<'a> Elements<'a> {
    pub(crate) const fn none() -> Self {
        Self {
            form: Form::OneByte,
            rest: &[],
        }
    }

    pub(crate) fn new(profile: u16, bytes: &'a [u8]) -> Self {
        match profile {
            ONE_BYTE => Self {
                form: Form::OneByte,
                rest: bytes,
            },
            _ if profile & 0xfff0 == TWO_BYTE => Self {
                form: Form::TwoByte,
                rest: bytes,
            },
            _ => Self::none(),
        }
    }

    /// The value of the first element with this id.
    #[must_use]
    pub fn find(mut self, id: u8) -> Option<&'a [u8]> {
        self.find_map(|(found, value)| (found == id).then_some(value))
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (&first, rest) = self.rest.split_first()?;
            if first == 0 {
                self.rest = rest;
                continue;
            }
            let (id, len, rest) = match self.form {
                // Id 15 ends the list (RFC 8285 section 4.2).
                Form::OneByte if first >> 4 == 15 => {
                    self.rest = &[];
                    return None;
                }
                Form::OneByte => (first >> 4, usize::from(first & 0x0f) + 1, rest),
                Form::TwoByte => {
                    let (&len, rest) = rest.split_first()?;
                    (first, usize::from(len), rest)
                }
            };
            let Some((value, rest)) = rest.split_at_checked(len) else {
                self.rest = &[];
                return None;
            };
            self.rest = rest;
            return Some((id, value));
        }
    }
}

/// The audio level element (RFC 6464): loudness in -dBov (0 loudest, 127 silence) and the sender's voice flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AudioLevel {
    /// -dBov.
    pub level: u8,
    /// Whether the sender takes it for speech.
    pub voice: bool,
}

impl From<u8> for AudioLevel {
    fn from(byte: u8) -> Self {
        Self {
            level: byte & 0x7f,
            voice: byte & 0x80 != 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_byte_elements_with_padding_between() {
        let bytes = [0x10, 0xaa, 0, 0x31, 1, 2, 0, 0xf0, 0x20, 9];
        let found: Vec<_> = Elements::new(ONE_BYTE, &bytes).collect();
        assert_eq!(found, vec![(1, &[0xaa][..]), (3, &[1, 2][..])]);
    }

    #[test]
    fn two_byte_elements() {
        let bytes = [16, 0, 17, 3, 1, 2, 3, 0, 18, 9, 1];
        let found: Vec<_> = Elements::new(TWO_BYTE | 5, &bytes).collect();
        assert_eq!(
            found,
            vec![(16, &[][..]), (17, &[1, 2, 3][..])],
            "the truncated third is left out"
        );
    }

    #[test]
    fn other_profiles_have_no_elements() {
        assert_eq!(Elements::new(0xabcd, &[0x10, 1]).count(), 0);
    }
}
