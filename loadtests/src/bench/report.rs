//! What a receiver tells the relay, as browsers do: when each packet came, and what each stream lacks. The relay's work
//! with that is part of its figures.

use lika_sfu::feedback::ArrivalTimes;
use lika_sfu::rtp::{ExtendedSequence, Header};
use std::time::{Duration, Instant};

/// Between two feedbacks of arrival times: the shortest interval of browsers.
const ARRIVALS_EVERY: Duration = Duration::from_millis(50);
/// A feedback holds 256 packets; a receiver that gets more in an interval tells sooner.
const ARRIVALS_AT_MOST: u32 = 200;
/// Between two receiver reports.
const REPORT_EVERY: Duration = Duration::from_secs(1);
/// Reception blocks in one receiver report (its count has 5 bits).
const MAX_BLOCKS: usize = 31;

/// One receiver's view of what came.
pub(super) struct Reports {
    arrivals: ArrivalTimes,
    /// Packets not told yet.
    untold: u32,
    next_arrivals: Instant,
    next_report: Instant,
    streams: Vec<Stream>,
}

/// One incoming stream (RFC 3550 section 6.4.1).
struct Stream {
    ssrc: u32,
    clock_rate: f64,
    sequence: ExtendedSequence,
    first: u64,
    received: u64,
    /// At the last report: expected, received.
    told: (u64, u64),
    transit: Option<Transit>,
    jitter: f64,
    /// The middle of the newest sender report's NTP time, and when it came.
    sender_report: Option<(u32, Instant)>,
}

impl Reports {
    /// Nothing came yet; `stagger` keeps the reports of many receivers from coming in step.
    pub(super) fn new(now: Instant, stagger: Duration) -> Self {
        Self {
            arrivals: ArrivalTimes::default(),
            untold: 0,
            next_arrivals: now,
            next_report: now + stagger,
            streams: Vec::new(),
        }
    }

    /// A packet with this transport-wide number came.
    pub(super) fn arrived(&mut self, now: Instant, number: u16) {
        self.arrivals.arrived(now, number);
        self.untold += 1;
    }

    /// A media packet of a stream with this clock came.
    pub(super) fn media(&mut self, now: Instant, header: &Header, clock_rate: u32) {
        let stream = match self.streams.iter().position(|stream| stream.ssrc == header.ssrc) {
            Some(place) => self.streams.get_mut(place),
            None => {
                self.streams.push(Stream::new(header.ssrc, clock_rate));
                self.streams.last_mut()
            }
        };
        if let Some(stream) = stream {
            stream.take(now, header);
        }
    }

    /// A sender report came (RFC 3550 section 6.4.1).
    pub(super) fn sender_report(&mut self, now: Instant, ssrc: u32, ntp_middle: u32) {
        if let Some(stream) = self.streams.iter_mut().find(|stream| stream.ssrc == ssrc) {
            stream.sender_report = Some((ntp_middle, now));
        }
    }

    /// Hands over each RTCP compound that is due, to be sealed and sent.
    pub(super) fn due(&mut self, now: Instant, own: u32, mut send: impl FnMut(&[u8])) {
        if now >= self.next_arrivals || self.untold >= ARRIVALS_AT_MOST {
            self.next_arrivals = now + ARRIVALS_EVERY;
            self.untold = 0;
            let mut feedback = Vec::new();
            let media = self.streams.first().map_or(0, |stream| stream.ssrc);
            if self.arrivals.write(own, media, &mut feedback) {
                send(&feedback);
            }
        }
        if now >= self.next_report {
            self.next_report = now + REPORT_EVERY;
            for streams in self.streams.chunks_mut(MAX_BLOCKS) {
                send(&report(now, own, streams));
            }
        }
    }
}

fn report(now: Instant, own: u32, streams: &mut [Stream]) -> Vec<u8> {
    let words = 1 + 6 * streams.len();
    let mut report = vec![0x80 | streams.len() as u8, 201];
    report.extend_from_slice(&(words as u16).to_be_bytes());
    report.extend_from_slice(&own.to_be_bytes());
    for stream in streams {
        stream.write(now, &mut report);
    }
    report
}

impl Stream {
    fn new(ssrc: u32, clock_rate: u32) -> Self {
        Self {
            ssrc,
            clock_rate: clock_rate.into(),
            sequence: ExtendedSequence::default(),
            first: 0,
            received: 0,
            told: (0, 0),
            transit: None,
            jitter: 0.0,
            sender_report: None,
        }
    }

    fn take(&mut self, now: Instant, header: &Header) {
        let number = self.sequence.extend(header.sequence);
        if self.received == 0 {
            self.first = number;
        }
        self.received += 1;
        let transit = self.transit.get_or_insert_with(|| Transit::new(now, header.timestamp));
        let moved = transit.moved(now, header.timestamp, self.clock_rate);
        self.jitter += (moved.abs() - self.jitter) / 16.0;
    }

    fn write(&mut self, now: Instant, to: &mut Vec<u8>) {
        let highest = self.sequence.highest().unwrap_or(0);
        let expected = (highest + 1).saturating_sub(self.first);
        let (expected_before, received_before) = std::mem::replace(&mut self.told, (expected, self.received));
        let newly = expected.saturating_sub(expected_before);
        let lost = newly.saturating_sub(self.received - received_before);
        let fraction = (lost * 256).checked_div(newly).unwrap_or(0).min(255);
        let total = expected.saturating_sub(self.received).min(0x7f_ffff);
        let (last_sender_report, since) = self.sender_report.map_or((0, 0), |(middle, at)| {
            (middle, (now.duration_since(at).as_secs_f64() * 65536.0) as u32)
        });
        to.extend_from_slice(&self.ssrc.to_be_bytes());
        to.extend_from_slice(&((fraction as u32) << 24 | total as u32).to_be_bytes());
        for word in [highest as u32, self.jitter as u32, last_sender_report, since] {
            to.extend_from_slice(&word.to_be_bytes());
        }
    }
}

/// When the last packet came, and its media time.
#[derive(Clone, Copy)]
struct Transit {
    came: Instant,
    timestamp: u32,
}

impl Transit {
    const fn new(came: Instant, timestamp: u32) -> Self {
        Self { came, timestamp }
    }

    /// How much more time passed between this packet and the last than between their media, in units of the clock
    /// (RFC 3550 section 6.4.1, D).
    fn moved(&mut self, now: Instant, timestamp: u32, clock_rate: f64) -> f64 {
        let last = std::mem::replace(self, Self::new(now, timestamp));
        let media = f64::from(timestamp.wrapping_sub(last.timestamp).cast_signed());
        now.duration_since(last.came).as_secs_f64() * clock_rate - media
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lika_sfu::rtp::header::Outgoing;
    use rtc_rtcp::receiver_report::ReceiverReport;
    use rtc_rtcp::transport_feedbacks::transport_layer_cc::TransportLayerCc;

    fn header(ssrc: u32, sequence: u16) -> Header {
        let mut packet = Vec::new();
        Outgoing {
            marker: false,
            payload_type: 96,
            sequence,
            timestamp: u32::from(sequence) * 900,
            ssrc,
            audio_level: None,
            transport_number: None,
        }
        .write(&mut packet);
        Header::parse(&packet).unwrap()
    }

    fn told(reports: &mut Reports, now: Instant) -> (Vec<ReceiverReport>, Vec<TransportLayerCc>) {
        let (mut receiver, mut arrivals) = (Vec::new(), Vec::new());
        reports.due(now, 7, |compound| {
            for packet in rtc_rtcp::packet::unmarshal(&mut &compound[..]).unwrap() {
                let packet = packet.as_any();
                receiver.extend(packet.downcast_ref::<ReceiverReport>().cloned());
                arrivals.extend(packet.downcast_ref::<TransportLayerCc>().cloned());
            }
        });
        (receiver, arrivals)
    }

    #[test]
    fn what_is_lacking_is_told_once() {
        let start = Instant::now();
        let mut reports = Reports::new(start, Duration::ZERO);
        let at = |n: u16| start + Duration::from_millis(10) * u32::from(n);
        for n in (0..100).filter(|n| n % 4 != 3) {
            reports.media(at(n), &header(5, n), 90_000);
        }
        reports.sender_report(at(100), 5, 0x1234);
        let (report, _) = told(&mut reports, at(150));
        let block = &report[0].reports[0];
        assert_eq!((block.ssrc, block.fraction_lost, block.total_lost), (5, 62, 24));
        assert_eq!((block.last_sequence_number & 0xffff, block.jitter), (98, 0));
        assert_eq!((block.last_sender_report, block.delay), (0x1234, 32_768));
        let (report, _) = told(&mut reports, at(300));
        assert_eq!(
            (report[0].reports[0].fraction_lost, report[0].reports[0].total_lost),
            (0, 24)
        );
    }

    #[test]
    fn many_streams_make_several_reports() {
        let now = Instant::now();
        let mut reports = Reports::new(now, Duration::ZERO);
        (0..80).for_each(|ssrc| reports.media(now, &header(ssrc, 1), 48_000));
        let (report, _) = told(&mut reports, now);
        let blocks: Vec<usize> = report.iter().map(|report| report.reports.len()).collect();
        assert_eq!(blocks, [31, 31, 18]);
    }

    #[test]
    fn arrivals_are_told_every_50_ms_or_200_packets() {
        let start = Instant::now();
        let mut reports = Reports::new(start, Duration::from_secs(9));
        let ms = |ms: u64| start + Duration::from_millis(ms);
        reports.arrived(start, 1);
        assert_eq!(told(&mut reports, start).1.len(), 1);
        (2..20).for_each(|n| reports.arrived(ms(n.into()), n));
        assert_eq!(told(&mut reports, ms(49)).1.len(), 0);
        let feedback = told(&mut reports, ms(50)).1;
        assert_eq!(
            (feedback[0].base_sequence_number, feedback[0].packet_status_count),
            (2, 18)
        );
        (20..220).for_each(|n| reports.arrived(ms(51), n));
        assert_eq!(told(&mut reports, ms(51)).1[0].packet_status_count, 200);
    }
}
