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
    reported: bool,
}

/// The numbers given out, and to which packets.
#[derive(Debug, Default)]
pub(super) struct SentPackets {
    next: u64,
    kept: VecDeque<Sent>,
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
            reported: false,
        });
        self.next += 1;
        (self.next - 1) as u16
    }

    /// The packet with this number, the first time it is reported.
    pub(super) fn report(&mut self, number: u16) -> Option<Sent> {
        let newest = self.next.checked_sub(1)?;
        let back = u64::from((newest as u16).wrapping_sub(number));
        let place = (self.kept.len() as u64).checked_sub(back + 1)?;
        let sent = self.kept.get_mut(usize::try_from(place).ok()?)?;
        (!std::mem::replace(&mut sent.reported, true)).then_some(*sent)
    }

    /// When the oldest packet after the last reported one was sent.
    pub(super) fn unreported_since(&self) -> Option<Instant> {
        let after = self.kept.iter().rposition(|sent| sent.reported).map_or(0, |at| at + 1);
        self.kept.get(after).map(|sent| sent.at)
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
                prop_assert_eq!(sent.report(*number).map(|sent| usize::from(sent.bytes)), Some(n % 1500));
                prop_assert!(sent.report(*number).is_none());
            }
        }
    }

    #[test]
    fn a_number_never_given_out_finds_nothing() {
        let mut sent = SentPackets::default();
        assert!(sent.report(0).is_none());
        sent.note(Instant::now(), 100, None);
        assert!(sent.report(1).is_none());
        assert!(sent.report(40_000).is_none());
        assert!(sent.unreported_since().is_some());
        assert!(sent.report(0).is_some());
        assert!(sent.unreported_since().is_none());
    }
}
