//! What of the meeting is counted, and when.

use super::latency::Latencies;
use super::stamp::{Kind, Stamp};
use std::time::Duration;

/// What is counted while it counts.
#[derive(Default)]
pub(super) struct Window {
    /// Counters of each source's sound and picture when the window opened and closed.
    pub(super) opened: Vec<(u32, u32)>,
    pub(super) closed: Option<Vec<(u32, u32)>>,
    /// Packets that came.
    pub(super) received: u64,
    /// Packets that should have come.
    pub(super) expected: u64,
    /// Bytes of those that came, sealed.
    pub(super) bytes: u64,
    /// Groups of packets that reached a socket together.
    pub(super) runs: u64,
    pub(super) latencies: Latencies,
    /// How late the participants sent: they were busy with something else.
    pub(super) lateness: Latencies,
    /// Datagrams that came to participants who had no room for them.
    pub(super) dropped: u64,
    /// Junk sent meanwhile.
    pub(super) junk: u64,
}

impl Window {
    /// Closes: what was sent since it opened should reach so many others.
    pub(super) fn close(&mut self, closed: Vec<(u32, u32)>, others: u64) {
        let sent = |((sound_0, picture_0), (sound_1, picture_1)): (&(u32, u32), &(u32, u32))| {
            u64::from(sound_1 - sound_0) + u64::from(picture_1 - picture_0)
        };
        self.expected = self.opened.iter().zip(&closed).map(sent).sum::<u64>() * others;
        self.closed = Some(closed);
    }

    /// Share of the packets that did not come.
    pub(super) fn loss(&self) -> f64 {
        1.0 - self.received as f64 / self.expected.max(1) as f64
    }

    pub(super) fn count(&mut self, stamp: &Stamp, came: Duration, bytes: usize, starts_run: bool) {
        let source = usize::from(stamp.source);
        let number = |counters: &(u32, u32)| {
            if stamp.kind == Kind::Sound {
                counters.0
            } else {
                counters.1
            }
        };
        let after_opening = self
            .opened
            .get(source)
            .is_some_and(|opened| stamp.counter >= number(opened));
        let closed = self.closed.as_ref().and_then(|closed| closed.get(source));
        if after_opening && closed.is_none_or(|closed| stamp.counter < number(closed)) {
            self.received += 1;
            self.bytes += bytes as u64;
            self.runs += u64::from(starts_run);
            self.latencies.add(came.saturating_sub(stamp.sent));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_sent_while_the_window_was_open_counts() {
        let mut window = Window {
            opened: vec![(5, 100), (0, 50), (0, 7)],
            ..Window::default()
        };
        let picture = Kind::Picture { key_frame: false };
        let came = Duration::from_millis(12);
        window.count(&Stamp::early(0, picture, 99), came, 900, true);
        window.count(&Stamp::early(0, picture, 100), came, 900, true);
        window.count(&Stamp::early(0, Kind::Sound, 5), came, 80, false);
        window.close(vec![(6, 101), (0, 51), (0, 7)], 2);
        window.count(&Stamp::early(1, picture, 50), came, 900, true);
        window.count(&Stamp::early(1, picture, 51), came, 900, true);
        assert_eq!((window.received, window.expected, window.runs), (3, 6, 2));
        assert_eq!(window.latencies.percentiles([0.5]), [2.0]);
    }
}
