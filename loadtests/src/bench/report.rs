//! What a receiver tells the relay, as browsers do: when each packet came, and what each stream lacks. The relay's work
//! with that is part of its figures.

use lika_sfu::feedback::ArrivalTimes;
use lika_sfu::receive::{SenderClock, Stream};
use lika_sfu::rtcp::{self, SenderInfo};
use lika_sfu::rtp::Header;
use std::time::{Duration, Instant};

/// Between two feedbacks of arrival times: the shortest interval of browsers.
const ARRIVALS_EVERY: Duration = Duration::from_millis(50);
/// A feedback holds 256 packets; a receiver that gets more in an interval tells sooner.
const ARRIVALS_AT_MOST: u32 = 200;
/// Between two receiver reports.
const REPORT_EVERY: Duration = Duration::from_secs(1);
/// Bytes of one compound, below any path's MTU.
const MAX_COMPOUND: usize = 1150;

/// One receiver's view of what came.
pub(super) struct Reports {
    arrivals: ArrivalTimes,
    /// Packets not told yet.
    untold: u32,
    next_arrivals: Instant,
    next_report: Instant,
    streams: Vec<Stream>,
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

    /// A media packet of `bytes` came, of a stream with this clock.
    pub(super) fn media(&mut self, now: Instant, header: &Header, clock_rate: u32, bytes: usize) {
        let place = self.streams.iter().position(|stream| stream.ssrc == header.ssrc);
        let place = place.unwrap_or_else(|| {
            self.streams.push(Stream::new(header.ssrc, clock_rate, false));
            self.streams.len() - 1
        });
        self.streams[place].arrived(now, header, bytes);
    }

    /// A sender report came (RFC 3550 section 6.4.1).
    pub(super) fn sender_report(&mut self, now: Instant, info: &SenderInfo) {
        if let Some(stream) = self.streams.iter_mut().find(|stream| stream.ssrc == info.ssrc) {
            stream.sender_clock = Some(SenderClock {
                ntp: info.ntp,
                rtp: info.rtp,
                at: now,
            });
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
            let mut reports = Vec::new();
            for streams in self.streams.chunks_mut(rtcp::MAX_BLOCKS) {
                let blocks = streams.iter_mut().filter_map(|stream| stream.report(now));
                rtcp::receiver_report(own, blocks, &mut reports);
            }
            rtcp::compounds(&reports, MAX_COMPOUND).for_each(send);
        }
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
            reports.media(at(n), &header(5, n), 90_000, 900);
        }
        let info = SenderInfo {
            ssrc: 5,
            ntp: 0x1234_0000,
            ..SenderInfo::default()
        };
        reports.sender_report(at(100), &info);
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
        (0..80).for_each(|ssrc| reports.media(now, &header(ssrc, 1), 48_000, 90));
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
