//! What is left out of a stream on purpose (frames of higher temporal layers), so that the numbers of what is sent
//! follow one another, while the numbers of what was lost stay free.

use std::collections::VecDeque;

/// Runs of packets left out that are remembered: with every second frame left out of 30 a second, 4 s.
const MAX_RUNS: usize = 64;

/// The packets left out of one stretch of one incoming stream.
#[derive(Clone, Debug, Default)]
pub struct Omitted {
    runs: VecDeque<Run>,
    /// The last run forgotten.
    forgotten: Option<Run>,
}

/// Packets `first..end`, and the totals with them.
#[derive(Clone, Copy, Debug)]
struct Run {
    first: u64,
    end: u64,
    total: Total,
    last_picture: Option<u16>,
}

/// How much has been left out before some packet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Total {
    /// Packets: to be subtracted from sequence numbers.
    pub packets: u64,
    /// Frames: to be subtracted from picture numbers.
    pub pictures: u16,
}

impl Omitted {
    /// Leaves out the packet `sequence`, newer than all before.
    pub fn add(&mut self, sequence: u64, picture: Option<u16>) {
        let last = self.runs.back().copied().or(self.forgotten);
        let mut total = last.map(|run| run.total).unwrap_or_default();
        total.packets += 1;
        if picture.is_some() && last.is_none_or(|run| run.last_picture != picture) {
            total.pictures = total.pictures.wrapping_add(1);
        }
        match self.runs.back_mut().filter(|run| run.end == sequence) {
            Some(run) => {
                run.end = sequence + 1;
                run.total = total;
                run.last_picture = picture;
            }
            None => self.runs.push_back(Run {
                first: sequence,
                end: sequence + 1,
                total,
                last_picture: picture,
            }),
        }
        if self.runs.len() > MAX_RUNS {
            self.forgotten = self.runs.pop_front();
        }
    }

    /// What was left out before `sequence`; `None` when it was itself left out, or is older than what is remembered.
    #[must_use]
    pub fn before(&self, sequence: u64) -> Option<Total> {
        match self.runs.iter().rev().find(|run| run.first <= sequence) {
            Some(run) => (run.end <= sequence).then_some(run.total),
            None => self.before_all(sequence),
        }
    }

    /// The packet that is the `place`th of those not left out, both counted as sequence numbers are, and what was left
    /// out before it.
    #[must_use]
    pub fn at(&self, place: u64) -> Option<(u64, Total)> {
        let found =
            |run: &Run| Some((place + run.total.packets, run.total)).filter(|(sequence, _)| *sequence >= run.end);
        if let Some(found) = self.runs.iter().rev().find_map(found) {
            return Some(found);
        }
        let packets = self.forgotten.map_or(0, |run| run.total.packets);
        let total = self.before_all(place + packets)?;
        Some((place + packets, total))
    }

    fn before_all(&self, sequence: u64) -> Option<Total> {
        match self.forgotten {
            None => Some(Total::default()),
            Some(run) => (run.end <= sequence).then_some(run.total),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_sent_is_numbered_without_holes_and_found_again(
            first in 0u64..1 << 40, frames in prop::collection::vec((1u64..4, any::<bool>()), 1..500)
        ) {
            let mut omitted = Omitted::default();
            let mut sent = Vec::new();
            let mut sequence = first;
            let mut pictures = 0u16;
            for (picture, (packets, is_left_out)) in frames.iter().enumerate() {
                for _ in 0..*packets {
                    if *is_left_out {
                        omitted.add(sequence, Some(picture as u16));
                    } else {
                        sent.push((sequence, pictures));
                    }
                    sequence += 1;
                }
                pictures += u16::from(*is_left_out);
            }
            for (place, (sequence, pictures)) in sent.iter().enumerate().rev().take(60) {
                let total = omitted.before(*sequence).expect("remembered");
                prop_assert_eq!((sequence - total.packets, total.pictures), (first + place as u64, *pictures));
                prop_assert_eq!(omitted.at(first + place as u64), Some((*sequence, total)));
            }
            prop_assert!(omitted.runs.len() <= MAX_RUNS);
            // Older ones are right or not known.
            for (place, (sequence, _)) in sent.iter().enumerate() {
                if let Some(total) = omitted.before(*sequence) {
                    prop_assert_eq!(sequence - total.packets, first + place as u64);
                }
            }
        }
    }

    #[test]
    fn a_packet_left_out_has_no_number() {
        let mut omitted = Omitted::default();
        omitted.add(7, Some(1));
        omitted.add(8, Some(1));
        assert_eq!(omitted.before(7), None);
        assert_eq!(omitted.before(6), Some(Total::default()));
        let both = Total {
            packets: 2,
            pictures: 1,
        };
        assert_eq!(omitted.before(9), Some(both));
        assert_eq!(omitted.at(7), Some((9, both)));
        assert_eq!(omitted.at(6), Some((6, Total::default())));
    }
}
