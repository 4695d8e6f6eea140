//! Puts the fragments of clear handshake messages together (RFC 6347 section 4.2.3).

/// The handshake record layer's header (RFC 6347 section 4.1).
pub(super) const RECORD_HEADER: usize = 13;
/// Type, length, message sequence, fragment offset and fragment length (RFC 6347 section 4.2.2).
pub(super) const HANDSHAKE_HEADER: usize = 12;

/// Longest handshake message put together: an RSA-4096 certificate chain is 6 KB; a ClientHello with a post-quantum key
/// share is 2 KB. Fits one DTLS record, as it must.
pub(super) const MAX_MESSAGE: usize = 16 * 1024 - HANDSHAKE_HEADER;
/// Highest message sequence number of a client: two ClientHellos, Certificate, ClientKeyExchange, CertificateVerify,
/// Finished, and as many again.
const MAX_SEQUENCE: u16 = 11;
/// Messages put together at the same time: the client's longest flight is three.
const MAX_OPEN: usize = 3;
/// Separate ranges of one message held; in the ordinary case they meet at once.
const MAX_RANGES: usize = 16;

/// A whole handshake message: its header with a single fragment, and its body.
pub(super) type Message = Vec<u8>;

/// Handshake messages of which some fragments have come.
#[derive(Default)]
pub(super) struct Reassembly {
    open: Vec<Partial>,
}

/// One fragment as it came.
#[derive(Clone, Copy)]
pub(super) struct Fragment<'a> {
    pub(super) kind: u8,
    pub(super) length: usize,
    pub(super) sequence: u16,
    offset: usize,
    body: &'a [u8],
}

struct Partial {
    kind: u8,
    sequence: u16,
    body: Vec<u8>,
    /// Half-open ranges of `body` that have come; they do not touch.
    have: Vec<(usize, usize)>,
}

impl<'a> Fragment<'a> {
    /// The first fragment in a handshake record's content, and the content after it. `None`: broken.
    pub(super) fn split(content: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (header, rest) = content.split_first_chunk::<HANDSHAKE_HEADER>()?;
        let number = |at: usize| {
            header[at..at + 3]
                .iter()
                .fold(0, |number, byte| number << 8 | usize::from(*byte))
        };
        let (length, offset) = (number(1), number(6));
        let (body, rest) = rest.split_at_checked(number(9))?;
        let fragment = Self {
            kind: header[0],
            length,
            sequence: u16::from_be_bytes([header[4], header[5]]),
            offset,
            body,
        };
        fragment.is_allowed().then_some((fragment, rest))
    }

    fn is_allowed(&self) -> bool {
        let fits = self.length <= MAX_MESSAGE && self.offset + self.body.len() <= self.length;
        fits && self.sequence <= MAX_SEQUENCE
    }

    fn is_whole(&self) -> bool {
        self.body.len() == self.length
    }
}

impl Reassembly {
    /// Takes a fragment; gives the message if that completes it. A fragment that contradicts an earlier one is
    /// dropped, and so is one too many.
    pub(super) fn push(&mut self, fragment: Fragment<'_>) -> Option<Message> {
        if fragment.is_whole() {
            self.open.retain(|partial| partial.sequence != fragment.sequence);
            return Some(message(fragment.kind, fragment.sequence, fragment.body));
        }
        let at = self.position(&fragment)?;
        let partial = self.open.get_mut(at)?;
        partial.add(fragment);
        if !partial.is_complete() {
            return None;
        }
        let partial = self.open.swap_remove(at);
        Some(message(partial.kind, partial.sequence, &partial.body))
    }

    /// Where the fragment's message is kept, opened if need be.
    fn position(&mut self, fragment: &Fragment<'_>) -> Option<usize> {
        let known = self
            .open
            .iter()
            .position(|partial| partial.sequence == fragment.sequence);
        match known {
            Some(at) => self
                .open
                .get(at)
                .is_some_and(|partial| partial.fits(fragment))
                .then_some(at),
            None if self.open.len() < MAX_OPEN => {
                self.open.push(Partial {
                    kind: fragment.kind,
                    sequence: fragment.sequence,
                    body: vec![0; fragment.length],
                    have: Vec::new(),
                });
                Some(self.open.len() - 1)
            }
            None => None,
        }
    }
}

impl Partial {
    fn fits(&self, fragment: &Fragment<'_>) -> bool {
        self.kind == fragment.kind && self.body.len() == fragment.length
    }

    fn add(&mut self, fragment: Fragment<'_>) {
        let (mut start, mut end) = (fragment.offset, fragment.offset + fragment.body.len());
        let Some(place) = self.body.get_mut(start..end) else {
            return;
        };
        let touching = |(from, to): &(usize, usize)| *from <= end && start <= *to;
        let joined = self.have.iter().filter(|range| touching(range)).count();
        if joined == 0 && self.have.len() >= MAX_RANGES {
            return;
        }
        place.copy_from_slice(fragment.body);
        let (joined, mut apart): (Vec<_>, Vec<_>) = self.have.iter().partition(|range| touching(range));
        for (from, to) in joined {
            (start, end) = (start.min(from), end.max(to));
        }
        apart.push((start, end));
        self.have = apart;
    }

    fn is_complete(&self) -> bool {
        self.have == [(0, self.body.len())]
    }
}

fn message(kind: u8, sequence: u16, body: &[u8]) -> Message {
    let length = (body.len() as u32).to_be_bytes();
    let mut message = Vec::with_capacity(HANDSHAKE_HEADER + body.len());
    message.push(kind);
    message.extend_from_slice(&length[1..]);
    message.extend_from_slice(&sequence.to_be_bytes());
    message.extend_from_slice(&[0; 3]);
    message.extend_from_slice(&length[1..]);
    message.extend_from_slice(body);
    message
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fragment(body: &[u8], sequence: u16, offset: usize, len: usize) -> Vec<u8> {
        let whole = message(1, sequence, body);
        let mut fragment = whole[..6].to_vec();
        fragment.extend(&(offset as u32).to_be_bytes()[1..]);
        fragment.extend(&(len as u32).to_be_bytes()[1..]);
        fragment.extend(&body[offset..offset + len]);
        fragment
    }

    fn push(reassembly: &mut Reassembly, bytes: &[u8]) -> Option<Message> {
        reassembly.push(Fragment::split(bytes).unwrap().0)
    }

    proptest! {
        /// In any order, with duplicates and overlaps: the message comes out once everything has come.
        #[test]
        fn fragments_meet(
            body in prop::collection::vec(any::<u8>(), 2..600),
            cuts in prop::collection::vec((0.0..1.0, 0.0..1.0), 0..12),
            order in any::<u64>(),
        ) {
            let mut ranges: Vec<(usize, usize)> = cuts
                .iter()
                .map(|(start, len): &(f64, f64)| {
                    let start = (start * body.len() as f64) as usize;
                    (start, (len * (body.len() - start) as f64) as usize)
                })
                .filter(|(_, len)| *len < body.len())
                .collect();
            let half = body.len() / 2;
            ranges.push((0, half));
            ranges.push((half, body.len() - half));
            let turn = order as usize % ranges.len();
            ranges.rotate_left(turn);
            let mut reassembly = Reassembly::default();
            let done = ranges.iter().find_map(|(start, len)| push(&mut reassembly, &fragment(&body, 0, *start, *len)));
            prop_assert_eq!(done, Some(message(1, 0, &body)));
        }

        #[test]
        fn anything_is_taken_without_panic(records in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..64), 0..40)) {
            let mut reassembly = Reassembly::default();
            for record in &records {
                if let Some((fragment, _)) = Fragment::split(record) {
                    reassembly.push(fragment);
                }
            }
            prop_assert!(reassembly.open.len() <= MAX_OPEN);
        }
    }

    #[test]
    fn a_contradicting_fragment_is_dropped() {
        let mut reassembly = Reassembly::default();
        let body = [5; 100];
        assert_eq!(push(&mut reassembly, &fragment(&body, 0, 0, 50)), None);
        assert_eq!(push(&mut reassembly, &fragment(&[6; 90], 0, 50, 40)), None);
        assert_eq!(
            push(&mut reassembly, &fragment(&body, 0, 50, 50)),
            Some(message(1, 0, &body))
        );
    }

    #[test]
    fn bounds_hold() {
        let mut reassembly = Reassembly::default();
        let body = [5; 1000];
        for sequence in 0..=MAX_SEQUENCE {
            push(&mut reassembly, &fragment(&body, sequence, 0, 1));
        }
        assert_eq!(reassembly.open.len(), MAX_OPEN);
        for offset in (1..400).map(|n| n * 2) {
            push(&mut reassembly, &fragment(&body, 0, offset, 1));
        }
        assert_eq!(reassembly.open[0].have.len(), MAX_RANGES);
        assert!(Fragment::split(&fragment(&body, MAX_SEQUENCE + 1, 0, 1)).is_none());
        assert!(Fragment::split(&fragment(&vec![0; MAX_MESSAGE + 1], 0, 0, 1)).is_none());
    }
}
