//! Datagrams on a stream, each behind its length in two bytes (RFC 4571 section 2), as ICE-TCP uses it (RFC 6544
//! section 3).

use crate::limits::MAX_DATAGRAM;
use thiserror::Error;

/// Bytes of the length before each datagram.
pub const LENGTH: usize = 2;

/// The stream cannot be followed any longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a datagram of {0} bytes is announced, {MAX_DATAGRAM} are allowed")]
pub struct TooLong(pub usize);

/// The length that goes before a datagram; `None`: it is longer than any that the relay sends.
#[must_use]
pub fn length(datagram: &[u8]) -> Option<[u8; LENGTH]> {
    let length = u16::try_from(datagram.len()).ok()?;
    (datagram.len() <= MAX_DATAGRAM).then(|| length.to_be_bytes())
}

/// Finds the datagrams again in what a stream brings, however it is cut.
#[derive(Debug)]
pub struct Deframer {
    /// One whole frame fits.
    buffer: Box<[u8; LENGTH + MAX_DATAGRAM]>,
    filled: usize,
}

impl Default for Deframer {
    fn default() -> Self {
        Self {
            buffer: Box::new([0; LENGTH + MAX_DATAGRAM]),
            filled: 0,
        }
    }
}

impl Deframer {
    /// Takes bytes of the stream; `each` gets every datagram that they complete.
    ///
    /// # Errors
    /// When a datagram is announced that is longer than [`MAX_DATAGRAM`]. Nothing after it can be read.
    pub fn take(&mut self, mut bytes: &[u8], mut each: impl FnMut(&mut [u8])) -> Result<(), TooLong> {
        while !bytes.is_empty() {
            let wanted = self.wanted()?;
            let (now, later) = bytes.split_at(bytes.len().min(wanted - self.filled));
            self.buffer[self.filled..self.filled + now.len()].copy_from_slice(now);
            self.filled += now.len();
            bytes = later;
            if self.filled >= LENGTH && self.filled == self.wanted()? {
                each(&mut self.buffer[LENGTH..self.filled]);
                self.filled = 0;
            }
        }
        Ok(())
    }

    /// How many bytes there must be: first the length, then the frame it announces.
    fn wanted(&self) -> Result<usize, TooLong> {
        if self.filled < LENGTH {
            return Ok(LENGTH);
        }
        let announced = usize::from(u16::from_be_bytes([self.buffer[0], self.buffer[1]]));
        if announced > MAX_DATAGRAM {
            return Err(TooLong(announced));
        }
        Ok(LENGTH + announced)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn taken(deframer: &mut Deframer, bytes: &[u8]) -> Result<Vec<Vec<u8>>, TooLong> {
        let mut datagrams = Vec::new();
        deframer.take(bytes, |datagram| datagrams.push(datagram.to_vec()))?;
        Ok(datagrams)
    }

    #[test]
    fn one_frame_is_one_datagram_and_an_empty_one_is_empty() {
        let mut deframer = Deframer::default();
        let found = taken(&mut deframer, &[0, 3, 7, 8, 9, 0, 0, 0, 1, 5]).unwrap();
        assert_eq!(found, [vec![7, 8, 9], vec![], vec![5]]);
    }

    #[test]
    fn the_longest_datagram_passes_and_a_longer_one_ends_the_stream() {
        let longest = vec![1; MAX_DATAGRAM];
        let framed = [&length(&longest).unwrap()[..], &longest].concat();
        assert_eq!(taken(&mut Deframer::default(), &framed).unwrap(), [longest]);
        assert_eq!(length(&[1; MAX_DATAGRAM + 1]), None);
        assert_eq!(taken(&mut Deframer::default(), &[0xff, 0xff, 1]), Err(TooLong(0xffff)));
    }

    proptest! {
        #[test]
        fn datagrams_come_out_as_they_went_in_however_the_stream_is_cut(
            datagrams in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..MAX_DATAGRAM), 0..12),
            cuts in prop::collection::vec(1usize..3000, 1..40),
        ) {
            let stream: Vec<u8> = datagrams
                .iter()
                .flat_map(|datagram| length(datagram).unwrap().into_iter().chain(datagram.iter().copied()))
                .collect();
            let (mut deframer, mut rest, mut found) = (Deframer::default(), &stream[..], Vec::new());
            for cut in cuts.iter().cycle() {
                let (piece, later) = rest.split_at(rest.len().min(*cut));
                found.extend(taken(&mut deframer, piece).unwrap());
                rest = later;
                if rest.is_empty() {
                    break;
                }
            }
            prop_assert_eq!(found, datagrams);
        }

        #[test]
        fn anything_is_read_without_panic(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..3000), 0..8)) {
            let mut deframer = Deframer::default();
            for piece in &pieces {
                if deframer.take(piece, |datagram| assert!(datagram.len() <= MAX_DATAGRAM)).is_err() {
                    break;
                }
            }
        }
    }
}
