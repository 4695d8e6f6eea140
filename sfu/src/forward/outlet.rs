//! One outgoing stream of a slot: its numbering, and its part in sender reports.

use super::rewrite::Rewriter;
use crate::receive::Stream;
use std::time::{Duration, Instant};

/// One outgoing stream with its counters for sender reports (RFC 3550 section 6.4.1).
#[derive(Debug)]
pub struct Outlet {
    /// Numbering.
    pub rewriter: Rewriter,
    /// Packets sent, modulo 2^32.
    pub packets: u32,
    /// Payload bytes sent, modulo 2^32.
    pub octets: u32,
    /// The last two sender reports: middle 32 bits of their NTP time and when they went out.
    sent_reports: [Option<(u32, Instant)>; 2],
    /// The extended highest sequence number of the last receiver report.
    acknowledged: Option<u32>,
}

impl Outlet {
    pub(super) fn new(clock_rate: u32, first_sequence: u16) -> Self {
        Self {
            rewriter: Rewriter::new(clock_rate, first_sequence),
            packets: 0,
            octets: 0,
            sent_reports: [None; 2],
            acknowledged: None,
        }
    }

    pub(super) fn count(&mut self, payload: usize) {
        self.packets = self.packets.wrapping_add(1);
        self.octets = self.octets.wrapping_add(payload as u32);
    }

    /// Remembers a sender report, to recognise the receiver's answer to it.
    pub fn reported(&mut self, now: Instant, ntp: u64) {
        self.sent_reports = [Some(((ntp >> 16) as u32, now)), self.sent_reports[0]];
    }

    /// The round trip a receiver report tells (RFC 3550 section 6.4.1): now - LSR - DLSR.
    #[must_use]
    pub fn round_trip(&self, now: Instant, last_sender_report: u32, delay: u32) -> Option<Duration> {
        let (_, sent) = self
            .sent_reports
            .iter()
            .flatten()
            .find(|(ntp, _)| *ntp == last_sender_report)?;
        let held = Duration::from_secs_f64(f64::from(delay) / 65536.0);
        now.saturating_duration_since(*sent).checked_sub(held)
    }

    /// How many packets a report is about that were not in the one before, by its extended highest sequence number; `None`:
    /// nothing has arrived since. A receiver sends reports also then, and they tell of no loss.
    pub fn acknowledges_more(&mut self, highest: u32) -> Option<u32> {
        // A first report, and one whose numbers begin anew, tells of one packet at least.
        let Some(before) = self.acknowledged.replace(highest) else {
            return Some(1);
        };
        let more = highest.wrapping_sub(before);
        (more != 0).then(|| if more.cast_signed() > 0 { more } else { 1 })
    }

    /// The clocks for a sender report about `stream`, if that is what is being sent.
    #[must_use]
    pub fn clocks(&self, now: Instant, stream: &Stream) -> Option<(u64, u32)> {
        let (_, offset) = self
            .rewriter
            .timestamp_offset()
            .filter(|(shown, _)| *shown == stream.ssrc)?;
        let (ntp, rtp) = stream.sender_clock?.at(now, stream.clock_rate());
        Some((ntp, rtp.wrapping_add(offset)))
    }

    /// The incoming stream being sent.
    #[must_use]
    pub fn shows(&self) -> Option<u32> {
        self.rewriter.timestamp_offset().map(|(stream, _)| stream)
    }
}

#[cfg(test)]
mod tests {
    use super::Outlet;

    #[test]
    fn a_report_is_about_what_has_arrived_since_the_one_before() {
        let mut outlet = Outlet::new(48_000, 0);
        let reported = [65_530, 65_530, 65_540, 3, u32::MAX, 4].map(|highest| outlet.acknowledges_more(highest));
        assert_eq!(reported, [Some(1), None, Some(10), Some(1), Some(1), Some(5)]);
    }
}
