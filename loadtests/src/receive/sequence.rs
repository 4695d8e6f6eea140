//! RTP sequence numbers without their wrap (RFC 3550 appendix A.1).

/// Turns the 16 bits of the header into a number that only grows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unwrapper {
    highest: Option<u64>,
}

impl Unwrapper {
    /// The extended number of `sequence`: the one nearest to the highest seen.
    pub fn extend(&mut self, sequence: u16) -> u64 {
        // One cycle above zero, so that a packet from before the first has a number too.
        let Some(highest) = self.highest else {
            let first = 0x1_0000 + u64::from(sequence);
            self.highest = Some(first);
            return first;
        };
        let ahead = sequence.wrapping_sub((highest & 0xffff) as u16);
        let extended = if ahead < 0x8000 {
            highest + u64::from(ahead)
        } else {
            (highest + u64::from(ahead)).saturating_sub(0x1_0000)
        };
        self.highest = Some(highest.max(extended));
        extended
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn differences_survive_wraps(start: u16, steps in proptest::collection::vec(-100i32..3000, 1..200)) {
            let mut unwrapper = Unwrapper::default();
            let first = unwrapper.extend(start);
            let (mut at, mut highest) = (0i64, 0i64);
            for step in steps {
                // Within half a cycle of the highest, as a network's reordering is.
                at = (at + i64::from(step)).max(highest - 1000).max(0);
                highest = highest.max(at);
                let sequence = start.wrapping_add((at & 0xffff) as u16);
                prop_assert_eq!(unwrapper.extend(sequence) as i64 - first as i64, at);
            }
        }
    }
}
