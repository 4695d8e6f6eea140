//! Sequence numbers without wrap: 16 bits on the wire, 64 here.

/// Follows a 16-bit sequence number across its wraps (RFC 3550 appendix A.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExtendedSequence {
    highest: Option<u64>,
}

/// Where counting starts, so that packets older than the first still have a number.
const START: u64 = 1 << 32;

impl ExtendedSequence {
    /// The extended number of `sequence`, nearest to the highest seen; remembers it if it is the highest.
    pub fn extend(&mut self, sequence: u16) -> u64 {
        let extended = self.peek(sequence);
        self.highest = Some(self.highest.map_or(extended, |highest| highest.max(extended)));
        extended
    }

    /// The extended number of `sequence` without remembering it.
    #[must_use]
    pub fn peek(&self, sequence: u16) -> u64 {
        let Some(highest) = self.highest else {
            return START + u64::from(sequence);
        };
        let step = sequence.wrapping_sub(highest as u16).cast_signed();
        highest.wrapping_add_signed(i64::from(step))
    }

    /// The highest number seen.
    #[must_use]
    pub const fn highest(&self) -> Option<u64> {
        self.highest
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn follows_any_walk_of_less_than_half_the_circle(start: u16, steps in prop::collection::vec(-3000i64..3000, 1..300)) {
            let mut sequence = ExtendedSequence::default();
            let mut truth = sequence.extend(start) as i64;
            let mut highest = truth;
            for step in steps {
                truth = highest + step;
                prop_assert_eq!(sequence.extend(truth as u16) as i64, truth);
                highest = highest.max(truth);
                prop_assert_eq!(sequence.highest(), Some(highest as u64));
            }
        }
    }
}
