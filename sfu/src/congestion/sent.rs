//! The packets on their way to the receiver, by their transport-wide number.

use std::collections::VecDeque;
use std::time::Instant;

/// Packets remembered: two seconds of 12 Mbit/s. Feedback about older ones comes too late to say anything.
const MAX_SENT: usize = 2048;

/// A packet that was sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent {
    pub(super) at: Instant,
    pub(super) bytes: u16,
    /// The probe it was part of.
    pub(super) probe: Option<u8>,
    arrived: bool,
    missed: bool,
}

/// The numbers given out, and to which packets.
#[derive(Debug, Default)]
pub(super) struct SentPackets {
    next: u64,
    kept: VecDeque<Sent>,
    /// Up to here the fate of each packet is known.
    judged: u64,
    /// The highest that arrived, and one more.
    reported: u64,
}

impl SentPackets {
    /// Notes a packet that leaves now; gives its number.
    pub(super) fn note(&mut self, at: Instant, bytes: usize, probe: Option<u8>) -> u16 {
        if self.kept.len() == MAX_SENT {
            self.kept.pop_front();
        }
        self.kept.push_back(Sent {
            at,
            bytes: bytes.min(usize::from(u16::MAX)) as u16,
            probe,
            arrived: false,
            missed: false,
        });
        self.next += 1;
        (self.next - 1) as u16
    }

    /// The packet with this number, the first time that it is reported to have arrived.
    pub(super) fn arrived(&mut self, number: u16) -> Option<Sent> {
        let index = self.index(number)?;
        let sent = self.get_mut(index)?;
        let first = !std::mem::replace(&mut sent.arrived, true);
        let sent = *sent;
        self.reported = self.reported.max(index + 1);
        first.then_some(sent)
    }

    /// The packet with this number is reported as not having arrived so far.
    pub(super) fn missed(&mut self, number: u16) {
        if let Some(sent) = self.index(number).and_then(|index| self.get_mut(index)) {
            sent.missed = true;
        }
    }

    fn index(&self, number: u16) -> Option<u64> {
        let newest = self.next.checked_sub(1)?;
        newest.checked_sub(u64::from((newest as u16).wrapping_sub(number)))
    }

    /// The packets whose fate is known since the last call: those that left before `until`, with one after them that
    /// arrived. A packet that is merely late, or overtaken, is given the time.
    pub(super) fn judge(&mut self, until: Instant) -> impl Iterator<Item = Sent> {
        let oldest = self.next - self.kept.len() as u64;
        let from = self.judged.max(oldest);
        let known = |index: &u64| {
            let place = usize::try_from(index - oldest).ok();
            place
                .and_then(|place| self.kept.get(place))
                .is_some_and(|sent| sent.at < until)
        };
        self.judged = (from..self.reported)
            .take_while(known)
            .last()
            .map_or(from, |last| last + 1);
        let places = (from - oldest) as usize..(self.judged - oldest) as usize;
        self.kept.range(places).copied()
    }

    /// When the oldest packet after the last that arrived was sent.
    pub(super) fn unreported_since(&self) -> Option<Instant> {
        let oldest = self.next - self.kept.len() as u64;
        let place = usize::try_from(self.reported.saturating_sub(oldest)).ok()?;
        self.kept.get(place).map(|sent| sent.at)
    }

    fn get_mut(&mut self, index: u64) -> Option<&mut Sent> {
        let oldest = self.next - self.kept.len() as u64;
        self.kept.get_mut(usize::try_from(index.checked_sub(oldest)?).ok()?)
    }
}

impl Sent {
    /// Whether it arrived; `None`: the report that covered it was lost itself.
    pub(super) const fn fate(&self) -> Option<bool> {
        if self.arrived || self.missed {
            Some(self.arrived)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn each_number_finds_its_packet_once(count in 1usize..5000) {
            let start = Instant::now();
            let mut sent = SentPackets::default();
            let numbers: Vec<u16> = (0..count).map(|n| sent.note(start, n % 1500, None)).collect();
            for (n, number) in numbers.iter().enumerate().skip(count.saturating_sub(MAX_SENT)) {
                prop_assert_eq!(sent.arrived(*number).map(|sent| usize::from(sent.bytes)), Some(n % 1500));
                prop_assert!(sent.arrived(*number).is_none());
            }
        }
    }

    #[test]
    fn a_number_never_given_out_finds_nothing() {
        let mut sent = SentPackets::default();
        assert!(sent.arrived(0).is_none());
        sent.note(Instant::now(), 100, None);
        assert!(sent.arrived(1).is_none());
        assert!(sent.arrived(40_000).is_none());
        assert!(sent.unreported_since().is_some());
        assert!(sent.arrived(0).is_some());
        assert!(sent.unreported_since().is_none());
    }

    #[test]
    fn the_missing_are_judged_once_when_their_time_is_over() {
        let start = Instant::now();
        let at = |ms| start + std::time::Duration::from_millis(ms);
        let mut sent = SentPackets::default();
        (0..6).for_each(|n| {
            sent.note(at(10 * n), 100, None);
        });
        [0, 3].iter().for_each(|number| {
            sent.arrived(*number);
        });
        [1, 2].iter().for_each(|number| sent.missed(*number));
        let fates = |sent: &mut SentPackets, until| sent.judge(until).map(|s| s.fate()).collect::<Vec<_>>();
        assert_eq!(fates(&mut sent, at(15)), [Some(true), Some(false)]);
        sent.arrived(2);
        assert_eq!(
            fates(&mut sent, at(1000)),
            [Some(true), Some(true)],
            "4 and 5 may still come"
        );
        sent.arrived(5);
        assert_eq!(
            fates(&mut sent, at(1000)),
            [None, Some(true)],
            "nobody said that 4 is missing"
        );
        assert_eq!(fates(&mut sent, at(1000)), []);
    }
}
