//! Which packet indices have been used: the rollover counter's estimate (RFC 3711 section 3.3.1) and the replay list
//! (section 3.3.2), per SSRC.

use rustc_hash::FxHashMap;

/// How many indices back a late packet of a peer is still taken: 3 seconds of 2.5 Mbit/s. The RFC asks for at least 64.
pub const REPLAY_WINDOW: u64 = 1024;
/// How many indices back a late packet is still sealed: what was repaired on the way in goes out late. Small, because
/// there is one for each stream of each receiver, and all of them are looked at each second.
pub const SEAL_WINDOW: u64 = 256;

/// The words of a window's ring of bits.
pub(super) const fn words(window: u64) -> usize {
    (window / 64) as usize
}

/// One past the largest packet index: 2^48 packets may use one key (RFC 3711 section 9.2).
const INDEX_END: i64 = 1 << 48;

/// The used indices of each SSRC, the last `64 * WORDS` of each. Grows only by [`Indices::mark`] and
/// [`Indices::claim`], and never beyond its bound.
pub(super) struct Indices<const WORDS: usize> {
    windows: FxHashMap<u32, Window<WORDS>>,
    max_ssrcs: usize,
}

/// Why an index cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// It has been used, or may have been: it is older than the window.
    Used,
    /// The table of SSRCs is full.
    TooManySsrcs,
}

impl<const WORDS: usize> Indices<WORDS> {
    pub(super) fn new(max_ssrcs: usize) -> Self {
        Self {
            windows: FxHashMap::default(),
            max_ssrcs,
        }
    }

    /// The index of the RTP packet `sequence`, if it is unused: the one nearest to the highest index so far. An SSRC's
    /// first packet has rollover counter 0.
    pub(super) fn place(&self, ssrc: u32, sequence: u16) -> Result<u64, Refused> {
        let Some(window) = self.windows.get(&ssrc) else {
            return self.room().map(|()| u64::from(sequence));
        };
        let index = window.nearest(sequence).ok_or(Refused::Used)?;
        window.check(index)?;
        Ok(index)
    }

    /// [`Indices::place`] and [`Indices::mark`] in one.
    pub(super) fn claim(&mut self, ssrc: u32, sequence: u16) -> Result<u64, Refused> {
        let Some(window) = self.windows.get_mut(&ssrc) else {
            self.room()?;
            let index = u64::from(sequence);
            self.mark(ssrc, index);
            return Ok(index);
        };
        let index = window.nearest(sequence).ok_or(Refused::Used)?;
        window.check(index)?;
        window.mark(index);
        Ok(index)
    }

    /// Whether the explicit `index` of an SRTCP packet is unused.
    pub(super) fn check(&self, ssrc: u32, index: u64) -> Result<(), Refused> {
        match self.windows.get(&ssrc) {
            Some(window) => window.check(index),
            None => self.room(),
        }
    }

    /// Notes that `index`, just found unused, is used now.
    pub(super) fn mark(&mut self, ssrc: u32, index: u64) {
        self.windows
            .entry(ssrc)
            .or_insert_with(|| Window::new(index))
            .mark(index);
    }

    fn room(&self) -> Result<(), Refused> {
        if self.windows.len() < self.max_ssrcs {
            Ok(())
        } else {
            Err(Refused::TooManySsrcs)
        }
    }
}

/// The used ones among the last indices: a ring of bits, the bit of an index at its remainder.
struct Window<const WORDS: usize> {
    highest: u64,
    used: [u64; WORDS],
}

impl<const WORDS: usize> Window<WORDS> {
    const LENGTH: u64 = 64 * WORDS as u64;

    fn new(first: u64) -> Self {
        Self {
            highest: first,
            used: [0; WORDS],
        }
    }

    fn nearest(&self, sequence: u16) -> Option<u64> {
        let distance = sequence.wrapping_sub(self.highest as u16).cast_signed();
        let index = self.highest.cast_signed() + i64::from(distance);
        (0..INDEX_END).contains(&index).then_some(index.cast_unsigned())
    }

    fn check(&self, index: u64) -> Result<(), Refused> {
        let (word, bit) = Self::place(index);
        let old = index + Self::LENGTH <= self.highest;
        let used = index <= self.highest && self.used[word] & bit != 0;
        if old || used { Err(Refused::Used) } else { Ok(()) }
    }

    fn mark(&mut self, index: u64) {
        if index > self.highest {
            let passed = (index - self.highest).min(Self::LENGTH);
            for skipped in index + 1 - passed..=index {
                let (word, bit) = Self::place(skipped);
                self.used[word] &= !bit;
            }
            self.highest = index;
        }
        let (word, bit) = Self::place(index);
        self.used[word] |= bit;
    }

    fn place(index: u64) -> (usize, u64) {
        let at = index % Self::LENGTH;
        ((at / 64) as usize, 1 << (at % 64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    const SSRC: u32 = 7;

    #[test]
    fn an_index_is_used_once() {
        let mut indices = Indices::<{ words(REPLAY_WINDOW) }>::new(1);
        let index = indices.place(SSRC, 10).unwrap();
        indices.mark(SSRC, index);
        assert_eq!(indices.place(SSRC, 10), Err(Refused::Used));
        assert_eq!(indices.place(SSRC, 9), Ok(9));
    }

    #[test]
    fn the_rollover_counter_follows_the_sequence_number_both_ways() {
        let mut indices = Indices::<{ words(REPLAY_WINDOW) }>::new(1);
        indices.mark(SSRC, 65_534);
        assert_eq!(indices.place(SSRC, 1), Ok(65_537));
        indices.mark(SSRC, 65_537);
        assert_eq!(indices.place(SSRC, 65_535), Ok(65_535));
        assert_eq!(indices.place(SSRC, 65_534), Err(Refused::Used));
    }

    #[test]
    fn nothing_comes_before_the_first_rollover() {
        let mut indices = Indices::<{ words(REPLAY_WINDOW) }>::new(1);
        indices.mark(SSRC, 5);
        assert_eq!(indices.place(SSRC, 65_530), Err(Refused::Used));
    }

    #[test]
    fn asking_does_not_fill_the_table_and_a_full_one_refuses() {
        let mut indices = Indices::<{ words(REPLAY_WINDOW) }>::new(1);
        for ssrc in 0..1000 {
            assert!(indices.place(ssrc, 1).is_ok());
            assert!(indices.check(ssrc, 1).is_ok());
        }
        indices.mark(SSRC, 1);
        assert_eq!(indices.place(SSRC + 1, 1), Err(Refused::TooManySsrcs));
        assert_eq!(indices.check(SSRC + 1, 1), Err(Refused::TooManySsrcs));
        assert_eq!(indices.windows.len(), 1);
    }

    #[test]
    fn a_claim_is_a_place_that_is_marked() {
        let mut indices = Indices::<{ words(SEAL_WINDOW) }>::new(1);
        assert_eq!(indices.claim(SSRC, 300), Ok(300));
        assert_eq!(indices.claim(SSRC, 300), Err(Refused::Used));
        assert_eq!(indices.claim(SSRC, 301), Ok(301));
        assert_eq!(indices.claim(SSRC, 46), Ok(46));
        assert_eq!(indices.claim(SSRC, 45), Err(Refused::Used));
        assert_eq!(indices.claim(SSRC + 1, 1), Err(Refused::TooManySsrcs));
    }

    proptest! {
        /// Against a plain set of everything seen: an unused index within the window is taken, all else refused.
        #[test]
        fn the_ring_agrees_with_a_set(start in 0u64..200_000, steps in prop::collection::vec(-1500i64..1500, 1..400)) {
            let mut indices = Indices::<{ words(REPLAY_WINDOW) }>::new(1);
            let mut seen = HashSet::new();
            let mut highest = start;
            let mut at = start.cast_signed();
            for step in steps {
                at = (at + step).max(0);
                let index = at.cast_unsigned();
                let fresh = seen.is_empty() || (!seen.contains(&index) && index + REPLAY_WINDOW > highest);
                prop_assert_eq!(indices.check(SSRC, index).is_ok(), fresh);
                if fresh {
                    highest = if seen.is_empty() { index } else { highest.max(index) };
                    seen.insert(index);
                    indices.mark(SSRC, index);
                }
            }
        }

        /// Whatever is lost or reordered by less than half the number space, the index is guessed right.
        #[test]
        fn the_estimate_is_right(start in 0u64..65_536, steps in prop::collection::vec(-900i64..32_000, 1..400)) {
            let mut indices = Indices::<{ words(REPLAY_WINDOW) }>::new(1);
            indices.mark(SSRC, start);
            let mut highest = start;
            for step in steps {
                let index = (highest.cast_signed() + step).max(0).cast_unsigned();
                if let Ok(guess) = indices.place(SSRC, index as u16) {
                    prop_assert_eq!(guess, index);
                    indices.mark(SSRC, index);
                    highest = highest.max(index);
                } else {
                    prop_assert!(index <= highest);
                }
            }
        }
    }
}
