//! Sealed packets of one receiver, waiting for the end of the wake-up: contiguous, so that the kernel can cut them
//! apart again (generic segmentation offload).

/// Packets in one wake-up; more are dropped, and whoever made them counts it. A hundred sources with ten packets each.
const MAX_SEGMENTS: usize = 1024;

/// Datagrams for one address, back to back.
#[derive(Debug, Default)]
pub struct Outbox {
    bytes: Vec<u8>,
    ends: Vec<u32>,
}

impl Outbox {
    /// Appends what `write` puts at the end of the buffer as one datagram; nothing if it fails. Returns whether there
    /// was room for it.
    ///
    /// # Errors
    /// What `write` says.
    pub fn push<E>(&mut self, write: impl FnOnce(&mut Vec<u8>, usize) -> Result<(), E>) -> Result<bool, E> {
        if self.ends.len() >= MAX_SEGMENTS {
            return Ok(false);
        }
        let start = self.bytes.len();
        let written = write(&mut self.bytes, start);
        if written.is_err() {
            self.bytes.truncate(start);
        } else {
            self.ends.push(self.bytes.len() as u32);
        }
        written.map(|()| true)
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// How many bytes wait.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// How many datagrams wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Runs of datagrams of one size (the last of a run may be shorter): bytes and segment size.
    pub fn runs(&self) -> impl Iterator<Item = Run<'_>> {
        let mut next = 0;
        std::iter::from_fn(move || {
            let run = self.run(next)?;
            next += run.segments;
            Some(run)
        })
    }

    fn start(&self, segment: usize) -> usize {
        segment.checked_sub(1).map_or(0, |before| self.ends[before] as usize)
    }

    fn run(&self, first: usize) -> Option<Run<'_>> {
        let start = self.start(first);
        let size = *self.ends.get(first)? as usize - start;
        let mut segments = 1;
        while segments < MAX_RUN {
            let Some(&end) = self.ends.get(first + segments) else {
                break;
            };
            let next = end as usize - self.start(first + segments);
            if next > size || end as usize - start > MAX_RUN_BYTES {
                break;
            }
            segments += 1;
            if next < size {
                break;
            }
        }
        Some(Run {
            bytes: &self.bytes[start..self.ends[first + segments - 1] as usize],
            size,
            segments,
        })
    }

    /// Forgets everything and keeps the memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }
}

/// Segments in one run: the kernel's `UDP_MAX_SEGMENTS` is 64 on older kernels.
const MAX_RUN: usize = 64;
/// Bytes in one run: an IPv4 packet's length is 16 bits.
const MAX_RUN_BYTES: usize = 65_000;

/// Datagrams that one system call entry can send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run<'a> {
    /// All of them, back to back.
    pub bytes: &'a [u8],
    /// Size of each; the last may be shorter.
    pub size: usize,
    /// How many.
    pub segments: usize,
}

impl<'a> Run<'a> {
    /// A single datagram.
    #[must_use]
    pub const fn one(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            size: bytes.len(),
            segments: 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn runs_give_back_every_datagram_in_order(sizes in prop::collection::vec(1usize..1300, 0..300)) {
            let mut outbox = Outbox::default();
            let mut sent = Vec::new();
            for (n, size) in sizes.iter().enumerate() {
                let datagram = vec![n as u8; *size];
                outbox.push(|bytes, _| { bytes.extend_from_slice(&datagram); Ok::<(), ()>(()) }).unwrap();
                sent.push(datagram);
            }
            let mut got = Vec::new();
            for run in outbox.runs() {
                prop_assert!(run.segments <= MAX_RUN && run.bytes.len() <= MAX_RUN_BYTES);
                let pieces: Vec<_> = run.bytes.chunks(run.size).map(<[u8]>::to_vec).collect();
                prop_assert_eq!(pieces.len(), run.segments);
                got.extend(pieces);
            }
            prop_assert_eq!(got, sent);
        }
    }

    #[test]
    fn a_failed_write_leaves_nothing_and_a_full_box_says_so() {
        let mut outbox = Outbox::default();
        assert_eq!(
            outbox.push(|bytes, _| {
                bytes.push(1);
                Err("no")
            }),
            Err("no")
        );
        assert!(outbox.is_empty() && outbox.bytes.is_empty());
        let mut push = || {
            outbox.push(|bytes, _| {
                bytes.push(1);
                Ok::<(), ()>(())
            })
        };
        assert!((0..MAX_SEGMENTS).all(|_| push() == Ok(true)));
        assert_eq!(push(), Ok(false));
        assert_eq!((outbox.len(), outbox.bytes()), (MAX_SEGMENTS, MAX_SEGMENTS));
    }
}
