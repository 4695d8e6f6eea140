//! RTCP in both directions, and everything else that time drives.

use super::counters::Ending;
use super::downlink::REPAIR_BYTES;
use super::peer::Peer;
use super::{PeerIndex, Relay};
use crate::feedback::arrival_times;
use crate::forward::Outcome;
use crate::limits::{PEER_TIMEOUT, ROOM_STEP, SILENCE};
use crate::receive::SenderClock;
use crate::{Disconnection, Event, RoomId};
use bytes::BytesMut;
use rtc_rtcp::goodbye::Goodbye;
use rtc_rtcp::packet::Packet as Rtcp;
use rtc_rtcp::payload_feedbacks::full_intra_request::FullIntraRequest;
use rtc_rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc_rtcp::payload_feedbacks::receiver_estimated_maximum_bitrate::ReceiverEstimatedMaximumBitrate;
use rtc_rtcp::receiver_report::ReceiverReport;
use rtc_rtcp::reception_report::ReceptionReport;
use rtc_rtcp::sender_report::SenderReport;
use rtc_rtcp::transport_feedbacks::transport_layer_cc::TransportLayerCc;
use rtc_rtcp::transport_feedbacks::transport_layer_nack::{TransportLayerNack, nack_pairs_from_sequence_numbers};
use std::mem;
use std::time::{Duration, Instant};

/// Sender and receiver reports.
const REPORT_EVERY: Duration = Duration::from_secs(1);
/// Reception blocks in one receiver report (its count has 5 bits).
const MAX_BLOCKS: usize = 31;
/// Bytes of one compound before sealing, below any path's MTU.
const MAX_COMPOUND: usize = 1150;
/// The same packet is sent again after a round trip, within these bounds.
const RESEND_AFTER: (Duration, Duration) = (Duration::from_millis(20), Duration::from_secs(1));
/// Answers to one NACK packet; a receiver that lost more needs a key frame.
const MAX_RESENT: usize = 256;

impl Relay {
    /// What is due at each tick.
    pub(super) fn tick(&mut self, now: Instant) {
        for place in 0..self.peers.len() {
            let index = PeerIndex(place);
            self.within_room_of(index, |relay| relay.tick_peer(now, index));
        }
        if self.next_room_step.is_some_and(|at| now < at) {
            return;
        }
        self.next_room_step = Some(now + ROOM_STEP);
        let rooms: Vec<_> = self.rooms.keys().copied().collect();
        for room in rooms {
            self.within(room, |relay| {
                relay.aim(now, room);
                relay.ask_publishers(now, room);
                relay.tell_silences(now, room);
            });
        }
    }

    fn tick_peer(&mut self, now: Instant, index: PeerIndex) {
        self.expire(now, index);
        let Some(peer) = self.peer(index) else { return };
        if peer.dtls.deadline().is_some_and(|at| now >= at) {
            peer.dtls.handle_timeout(now);
            self.pump_dtls(now, index);
        }
        self.ask_for_lost(now, index);
        self.request_key_frames(now, index);
        self.catch_up(now, index);
        self.send_feedback(now, index);
        self.drive_downlink(now, index);
    }

    fn expire(&mut self, now: Instant, index: PeerIndex) {
        let Some(peer) = self.peer(index) else { return };
        if now.saturating_duration_since(peer.last_heard) > PEER_TIMEOUT {
            let id = peer.id;
            self.disconnect(now, id, Disconnection::TimedOut);
        }
    }

    /// Tells who is silent, once a second for each of them.
    fn tell_silences(&mut self, now: Instant, room: RoomId) {
        let members = self
            .rooms
            .get(&room)
            .map(|room| room.members.clone())
            .unwrap_or_default();
        let mut silent = Vec::new();
        let mut is_news = false;
        for index in members {
            let Some(peer) = self.peer(index).filter(|peer| peer.srtp.is_some()) else {
                continue;
            };
            let steps = now
                .saturating_duration_since(peer.last_heard)
                .as_millis()
                .div_ceil(ROOM_STEP.as_millis());
            let silent_for = ROOM_STEP * u32::try_from(steps).unwrap_or(u32::MAX);
            let told = mem::replace(&mut peer.silence_told, silent_for.as_secs());
            if silent_for >= SILENCE {
                is_news |= silent_for.as_secs() > told;
                silent.push((peer.id, silent_for));
            }
        }
        if is_news {
            self.events.push_back(Event::Silent { room, peers: silent });
        }
    }

    fn send_rtcp(&mut self, index: PeerIndex, packets: &[Box<dyn Rtcp + Send + Sync>]) {
        let mut compound = BytesMut::new();
        for packet in packets {
            let Ok(bytes) = packet.marshal() else { continue };
            if !compound.is_empty() && compound.len() + bytes.len() > MAX_COMPOUND {
                self.send_compound(index, &compound);
                compound.clear();
            }
            compound.extend_from_slice(&bytes);
        }
        self.send_compound(index, &compound);
    }

    fn send_compound(&mut self, index: PeerIndex, compound: &[u8]) {
        if compound.is_empty() {
            return;
        }
        let Some(peer) = self.peer(index) else { return };
        let made = peer.send_rtcp(compound);
        self.counters.others_made += u64::from(made);
        self.mark_sending(index);
    }

    fn ask_for_lost(&mut self, now: Instant, index: PeerIndex) {
        let Some(peer) = self.peer(index) else { return };
        let (own, round_trip) = (peer.ssrcs.own(), peer.round_trip);
        let mut packets: Vec<Box<dyn Rtcp + Send + Sync>> = Vec::new();
        let mut ask = Vec::new();
        for layer in peer.publication.picture.layers.iter_mut().flatten() {
            ask.clear();
            layer.stream.missing.due(now, round_trip, &mut ask);
            if !ask.is_empty() {
                ask.sort_unstable();
                packets.push(Box::new(TransportLayerNack {
                    sender_ssrc: own,
                    media_ssrc: layer.stream.ssrc,
                    nacks: nack_pairs_from_sequence_numbers(&ask),
                }));
            }
        }
        if !packets.is_empty() {
            self.send_rtcp(index, &packets);
        }
    }

    /// Asks the publisher for the key frames that are due.
    pub(super) fn request_key_frames(&mut self, now: Instant, index: PeerIndex) {
        let Some(peer) = self.peer(index).filter(|peer| peer.srtp.is_some()) else {
            return;
        };
        let own = peer.ssrcs.own();
        let due: Vec<Box<dyn Rtcp + Send + Sync>> = peer
            .publication
            .picture
            .layers
            .iter_mut()
            .flatten()
            .filter_map(|layer| {
                let pli = PictureLossIndication {
                    sender_ssrc: own,
                    media_ssrc: layer.stream.ssrc,
                };
                layer
                    .key_frame
                    .due(now)
                    .then(|| -> Box<dyn Rtcp + Send + Sync> { Box::new(pli) })
            })
            .collect();
        if !due.is_empty() {
            self.send_rtcp(index, &due);
        }
    }

    fn send_feedback(&mut self, now: Instant, index: PeerIndex) {
        let Some(peer) = self.peer(index).filter(|peer| peer.srtp.is_some()) else {
            return;
        };
        if now >= peer.next_arrival_times {
            peer.next_arrival_times = now + arrival_times::INTERVAL;
            let own = peer.ssrcs.own();
            let media = peer.publication.streams_mut().next().map_or(0, |stream| stream.ssrc);
            let mut feedback = Vec::new();
            if peer.arrival_times.write(own, media, &mut feedback) {
                self.send_compound(index, &feedback);
            }
        }
        let Some(peer) = self.peer(index) else { return };
        if now >= peer.next_report {
            peer.next_report = now + REPORT_EVERY;
            self.send_reports(now, index);
        }
    }

    fn send_reports(&mut self, now: Instant, index: PeerIndex) {
        let Some(mut peer) = self.peers.get_mut(index.0).and_then(Option::take) else {
            return;
        };
        let mut packets: Vec<Box<dyn Rtcp + Send + Sync>> = vec![Box::new(receiver_report(now, &mut peer))];
        for slot in &mut peer.slots {
            let Some(source) = slot
                .occupant
                .and_then(|id| self.by_id.get(&id))
                .and_then(|of| self.peers[of.0].as_ref())
            else {
                continue;
            };
            for (ssrc, outlet) in slot.outlets() {
                let stream = outlet.shows().and_then(|shown| source.publication.stream(shown));
                let Some((ntp_time, rtp_time)) = stream.and_then(|stream| outlet.clocks(now, stream)) else {
                    continue;
                };
                outlet.reported(now, ntp_time);
                packets.push(Box::new(SenderReport {
                    ssrc,
                    ntp_time,
                    rtp_time,
                    packet_count: outlet.packets,
                    octet_count: outlet.octets,
                    ..SenderReport::default()
                }));
            }
        }
        self.peers[index.0] = Some(peer);
        self.send_rtcp(index, &packets);
    }

    /// Takes a decrypted RTCP compound of a peer.
    pub(super) fn take_rtcp(&mut self, now: Instant, index: PeerIndex, mut compound: &[u8]) -> Ending {
        let Ok(packets) = rtc_rtcp::packet::unmarshal(&mut compound) else {
            return Ending::Unreadable;
        };
        for packet in packets {
            let packet = packet.as_any();
            if let Some(report) = packet.downcast_ref::<SenderReport>() {
                self.take_sender_report(now, index, report);
                self.take_reception(now, index, &report.reports);
            } else if let Some(report) = packet.downcast_ref::<ReceiverReport>() {
                self.take_reception(now, index, &report.reports);
            } else if let Some(nack) = packet.downcast_ref::<TransportLayerNack>() {
                self.take_nack(now, index, nack);
            } else if let Some(pli) = packet.downcast_ref::<PictureLossIndication>() {
                self.take_key_frame_request(now, index, pli.media_ssrc);
            } else if let Some(fir) = packet.downcast_ref::<FullIntraRequest>() {
                fir.fir
                    .iter()
                    .for_each(|entry| self.take_key_frame_request(now, index, entry.ssrc));
            } else if let Some(feedback) = packet.downcast_ref::<TransportLayerCc>() {
                self.take_arrivals(now, index, feedback);
            } else if let Some(told) = packet.downcast_ref::<ReceiverEstimatedMaximumBitrate>() {
                self.take_told(index, told.bitrate);
            } else if packet.is::<Goodbye>() {
                tracing::debug!(peer = index.0, "RTCP BYE; the connection's end is told by DTLS");
            }
        }
        Ending::Rtcp
    }

    fn take_sender_report(&mut self, now: Instant, index: PeerIndex, report: &SenderReport) {
        let Some(peer) = self.peer(index) else { return };
        if let Some(stream) = peer.publication.streams_mut().find(|stream| stream.ssrc == report.ssrc) {
            stream.sender_clock = Some(SenderClock {
                ntp: report.ntp_time,
                rtp: report.rtp_time,
                at: now,
            });
        }
    }

    fn take_reception(&mut self, now: Instant, index: PeerIndex, blocks: &[ReceptionReport]) {
        let Some(peer) = self.peer(index) else { return };
        for block in blocks {
            let Some(slot) = peer.ssrcs.slot_of(block.ssrc).and_then(|slot| peer.slots.get_mut(slot)) else {
                continue;
            };
            let is_sound = slot.sources.sound == block.ssrc;
            if !is_sound && slot.sources.picture != block.ssrc {
                continue;
            }
            let [(_, sound), (_, picture)] = slot.outlets();
            let outlet = if is_sound { sound } else { picture };
            peer.round_trip = outlet
                .round_trip(now, block.last_sender_report, block.delay)
                .or(peer.round_trip);
            let clock_rate = if is_sound { 48_000.0 } else { 90_000.0 };
            let reception = if is_sound {
                &mut slot.sound_report
            } else {
                &mut slot.picture_report
            };
            reception.lost = Some(f32::from(block.fraction_lost) / 256.0);
            reception.jitter = Some(Duration::from_secs_f64(f64::from(block.jitter) / clock_rate));
        }
    }

    fn take_nack(&mut self, now: Instant, index: PeerIndex, nack: &TransportLayerNack) {
        let Some(mut receiver) = self.peers.get_mut(index.0).and_then(Option::take) else {
            return;
        };
        let asked = nack.nacks.iter().flat_map(|pair| pair.packet_list()).take(MAX_RESENT);
        if let Some(place) = receiver.ssrcs.slot_of(nack.media_ssrc) {
            asked.for_each(|sequence| self.resend(now, &mut receiver, place, sequence));
        }
        self.peers[index.0] = Some(receiver);
        self.mark_sending(index);
    }

    fn resend(&mut self, now: Instant, receiver: &mut Peer, place: usize, sequence: u16) {
        let round_trip = receiver.downlink.round_trip().clamp(RESEND_AFTER.0, RESEND_AFTER.1);
        let Some(slot) = receiver.slots.get_mut(place) else {
            return;
        };
        slot.second.nacked += 1;
        if !slot.resent.due(now, sequence, round_trip) || !receiver.downlink.affords_repair(now, REPAIR_BYTES) {
            return;
        }
        let Some((slot, mut way)) = receiver.slot_and_way(now, place) else {
            return;
        };
        let source = slot
            .occupant
            .and_then(|id| self.by_id.get(&id))
            .and_then(|of| self.peers[of.0].as_deref());
        let kept = |ssrc, sequence| source?.publication.stream(ssrc)?.cache.find(sequence);
        let outcome = slot.resend(sequence, kept, &mut way);
        self.counters.resent += u64::from(outcome == Outcome::Sent);
    }

    fn take_key_frame_request(&mut self, now: Instant, index: PeerIndex, ssrc: u32) {
        let Some(peer) = self.peer(index) else { return };
        let Some(slot) = peer.ssrcs.slot_of(ssrc).and_then(|slot| peer.slots.get_mut(slot)) else {
            return;
        };
        slot.second.key_frame_requests += 1;
        let (Some(source), Some(layer)) = (slot.occupant, slot.showing()) else {
            return;
        };
        let Some((source, publisher)) = self.named(source) else {
            return;
        };
        if let Some(layer) = &mut publisher.publication.picture.layers[layer.index()] {
            layer.key_frame.want();
        }
        self.request_key_frames(now, source);
    }
}

fn receiver_report(now: Instant, peer: &mut Peer) -> ReceiverReport {
    let own = peer.ssrcs.own();
    let reports = peer
        .publication
        .streams_mut()
        .filter_map(|stream| stream.report(now))
        .take(MAX_BLOCKS)
        .collect();
    ReceiverReport {
        ssrc: own,
        reports,
        ..ReceiverReport::default()
    }
}
