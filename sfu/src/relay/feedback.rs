//! RTCP in both directions, and everything else that time drives.

use super::counters::Ending;
use super::downlink::Downlink;
use super::peer::Peer;
use super::{PeerIndex, QUICK_TICK, RESTLESS, Relay, TICK};
use crate::feedback::arrival_times;
use crate::forward::Outcome;
use crate::forward::resent::Resent;
use crate::limits::{PEER_TIMEOUT, ROOM_STEP, SILENCE};
use crate::receive::SenderClock;
use crate::rtcp::{self, Packet, ReceptionBlock, SenderInfo};
use crate::{Disconnection, Event, RoomId};
use std::mem;
use std::time::{Duration, Instant};

/// Sender and receiver reports.
const REPORT_EVERY: Duration = Duration::from_secs(1);
/// Bytes of one compound before sealing, below any path's MTU.
const MAX_COMPOUND: usize = 1150;
/// The same packet is sent again after a round trip, within these bounds.
const RESEND_AFTER: (Duration, Duration) = (Duration::from_millis(20), Duration::from_secs(1));
/// Answers to one NACK packet; a receiver that lost more needs a key frame.
const MAX_RESENT: usize = 256;

impl Relay {
    /// Does what is due for one peer, and sets when it is looked at again.
    pub(super) fn look_at(&mut self, now: Instant, index: PeerIndex) {
        self.drive(now, index);
        let Some(peer) = self.peer(index) else { return };
        let at = match peer.next_look(now) {
            Look::In(step) => self.beat(now + step),
            Look::At(at) => at,
        };
        self.timers.set(index, at);
    }

    fn drive(&mut self, now: Instant, index: PeerIndex) {
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

    /// Looks at each room as a whole.
    pub(super) fn step_rooms(&mut self, now: Instant) {
        let rooms: Vec<_> = self.rooms.keys().copied().collect();
        for room in rooms {
            self.within(room, |relay| {
                relay.aim_running(now, room);
                relay.ask_publishers(now, room);
                relay.tell_silences(now, room);
            });
        }
    }

    fn expire(&mut self, now: Instant, index: PeerIndex) {
        let Some(peer) = self.peer(index) else { return };
        if now.saturating_duration_since(peer.last_heard) >= PEER_TIMEOUT {
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

    /// Sends a peer the RTCP packets that `write` appends, in compounds.
    fn send_rtcp(&mut self, index: PeerIndex, write: impl FnOnce(&mut Peer, &mut Vec<u8>)) {
        let mut packets = mem::take(&mut self.rtcp);
        packets.clear();
        if let Some(peer) = self.peer(index) {
            write(peer, &mut packets);
        }
        self.rtcp = packets;
        self.send_written(index);
    }

    /// Sends a peer what stands in `self.rtcp`.
    fn send_written(&mut self, index: PeerIndex) {
        let packets = mem::take(&mut self.rtcp);
        for compound in rtcp::compounds(&packets, MAX_COMPOUND) {
            let Some(peer) = self.peer(index) else { break };
            let made = peer.send_rtcp(compound);
            self.counters.others_made += u64::from(made);
        }
        self.mark_sending(index);
        self.rtcp = packets;
    }

    fn ask_for_lost(&mut self, now: Instant, index: PeerIndex) {
        let mut ask = mem::take(&mut self.lost);
        self.send_rtcp(index, |peer, packets| {
            let (own, round_trip) = (peer.ssrcs.own(), peer.round_trip);
            for layer in peer.publication.picture.layers.iter_mut().flatten() {
                ask.clear();
                layer.stream.missing.due(now, round_trip, &mut ask);
                if !ask.is_empty() {
                    ask.sort_unstable();
                    rtcp::nack(own, layer.stream.ssrc, &ask, packets);
                }
            }
        });
        self.lost = ask;
    }

    /// Asks the publisher for the key frames that are due.
    pub(super) fn request_key_frames(&mut self, now: Instant, index: PeerIndex) {
        self.send_rtcp(index, |peer, packets| {
            if peer.srtp.is_none() {
                return;
            }
            let own = peer.ssrcs.own();
            for layer in peer.publication.picture.layers.iter_mut().flatten() {
                if layer.key_frame.due(now) {
                    rtcp::picture_loss(own, layer.stream.ssrc, packets);
                }
            }
        });
    }

    fn send_feedback(&mut self, now: Instant, index: PeerIndex) {
        let Some(peer) = self.peer(index).filter(|peer| peer.srtp.is_some()) else {
            return;
        };
        let reports_are_due = now >= peer.next_report;
        if now >= peer.next_arrival_times {
            self.send_rtcp(index, |peer, packets| {
                peer.next_arrival_times = now + arrival_times::INTERVAL;
                let own = peer.ssrcs.own();
                let media = peer.publication.streams_mut().next().map_or(0, |stream| stream.ssrc);
                peer.arrival_times.write(own, media, packets);
            });
        }
        if reports_are_due {
            self.send_reports(now, index);
        }
    }

    fn send_reports(&mut self, now: Instant, index: PeerIndex) {
        // Taken out of its place, so that the sources can be borrowed: they are other peers.
        let Some(mut peer) = self.peers.get_mut(index.0).and_then(Option::take) else {
            return;
        };
        let mut packets = mem::take(&mut self.rtcp);
        packets.clear();
        peer.next_report = now + REPORT_EVERY;
        let own = peer.ssrcs.own();
        let blocks = peer.publication.streams_mut().filter_map(|stream| stream.report(now));
        rtcp::receiver_report(own, blocks, &mut packets);
        self.write_sender_reports(now, &mut peer, &mut packets);
        self.peers[index.0] = Some(peer);
        self.rtcp = packets;
        self.send_written(index);
    }

    /// Appends a report about each stream that the peer is sent.
    fn write_sender_reports(&self, now: Instant, peer: &mut Peer, packets: &mut Vec<u8>) {
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
                let Some((ntp, rtp)) = stream.and_then(|stream| outlet.clocks(now, stream)) else {
                    continue;
                };
                outlet.reported(now, ntp);
                let info = SenderInfo {
                    ssrc,
                    ntp,
                    rtp,
                    packets: outlet.packets,
                    octets: outlet.octets,
                };
                rtcp::sender_report(&info, packets);
            }
        }
    }

    /// Takes a decrypted RTCP compound of a peer.
    pub(super) fn take_rtcp(&mut self, now: Instant, index: PeerIndex, compound: &[u8]) -> Ending {
        for packet in rtcp::packets(compound) {
            let Ok(packet) = packet else {
                return Ending::Unreadable;
            };
            match packet {
                Packet::SenderReport(info, blocks) => {
                    self.take_sender_report(now, index, &info);
                    self.take_reception(now, index, blocks);
                }
                Packet::ReceiverReport(blocks) => self.take_reception(now, index, blocks),
                Packet::Nack { media, lost } => self.take_nack(now, index, media, lost.into_iter()),
                Packet::PictureLoss(ssrc) => self.take_key_frame_request(now, index, ssrc),
                Packet::FullIntra(ssrcs) => ssrcs.for_each(|ssrc| self.take_key_frame_request(now, index, ssrc)),
                Packet::Arrivals(arrivals) => self.take_arrivals(now, index, arrivals),
                Packet::EstimatedMaximum(bps) => self.take_told(index, bps),
                // The end of a connection is told by DTLS, not by BYE.
                Packet::Other => {}
            }
        }
        Ending::Rtcp
    }

    fn take_sender_report(&mut self, now: Instant, index: PeerIndex, info: &SenderInfo) {
        let Some(peer) = self.peer(index) else { return };
        if let Some(stream) = peer.publication.streams_mut().find(|stream| stream.ssrc == info.ssrc) {
            stream.sender_clock = Some(SenderClock {
                ntp: info.ntp,
                rtp: info.rtp,
                at: now,
            });
        }
    }

    fn take_reception(&mut self, now: Instant, index: PeerIndex, blocks: impl Iterator<Item = ReceptionBlock>) {
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
            let Some(more) = outlet.acknowledges_more(block.highest) else {
                continue;
            };
            let clock_rate = if is_sound { 48_000.0 } else { 90_000.0 };
            let reception = if is_sound {
                &mut slot.sound_report
            } else {
                &mut slot.picture_report
            };
            let jitter = Duration::from_secs_f64(f64::from(block.jitter) / clock_rate);
            reception.add(more, block.fraction_lost, jitter);
        }
    }

    fn take_nack(&mut self, now: Instant, index: PeerIndex, media: u32, lost: impl Iterator<Item = u16>) {
        let Some(mut receiver) = self.peers.get_mut(index.0).and_then(Option::take) else {
            return;
        };
        if let Some(place) = receiver.ssrcs.slot_of(media) {
            lost.take(MAX_RESENT)
                .for_each(|sequence| self.resend(now, &mut receiver, place, sequence));
        }
        self.peers[index.0] = Some(receiver);
        self.mark_sending(index);
    }

    fn resend(&mut self, now: Instant, receiver: &mut Peer, place: usize, sequence: u16) {
        let Some(slot) = receiver.slots.get_mut(place) else {
            return;
        };
        slot.second.nacked += 1;
        if !takes_repair(now, sequence, &mut slot.resent, &mut receiver.downlink) {
            return;
        }
        let before = receiver.outbox.bytes();
        let Some((slot, mut way)) = receiver.slot_and_way(now, place) else {
            return;
        };
        let source = slot
            .occupant
            .and_then(|id| self.by_id.get(&id))
            .and_then(|of| self.peers[of.0].as_deref());
        let kept = |ssrc, sequence| source?.publication.stream(ssrc)?.cache.find(sequence);
        if slot.resend(sequence, kept, &mut way) == Outcome::Sent {
            slot.resent.note(now, sequence);
            receiver.downlink.repaired(receiver.outbox.bytes() - before);
            self.counters.resent += 1;
        }
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

/// When a peer is to be looked at again.
enum Look {
    /// After so long, with others.
    In(Duration),
    At(Instant),
}

impl Peer {
    /// Whether it has taken no part for a while.
    pub(super) fn rests(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.stirred) >= RESTLESS
    }

    fn next_look(&self, now: Instant) -> Look {
        if self.downlink.is_probing() || self.catch_up.awaits {
            return Look::In(QUICK_TICK);
        }
        if !self.rests(now) {
            return Look::In(TICK);
        }
        let report = self.srtp.as_ref().map(|_| self.next_report);
        let due = [report, self.dtls.deadline(), Some(self.last_heard + PEER_TIMEOUT)];
        // What is due and could not be done (a report without a way) must not keep the worker awake.
        let earliest = now + TICK;
        Look::At(due.into_iter().flatten().min().unwrap_or(earliest).max(earliest))
    }
}

/// Whether a packet is to be sent again now, if it is still kept. What the line does not afford may be asked for again at
/// once, not only after a round trip.
fn takes_repair(now: Instant, sequence: u16, resent: &mut Resent, line: &mut Downlink) -> bool {
    let round_trip = line.round_trip().clamp(RESEND_AFTER.0, RESEND_AFTER.1);
    resent.is_due(now, sequence, round_trip) && line.affords_repair(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_line_did_not_afford_is_sent_as_soon_as_it_does() {
        let start = Instant::now();
        let (mut resent, mut line) = (Resent::default(), Downlink::default());
        line.open(start);
        line.estimator.as_mut().unwrap().take_told(1_000_000);
        let round_trip = line.round_trip();
        let mut asked = |at, sequence| {
            let takes = takes_repair(at, sequence, &mut resent, &mut line);
            if takes {
                resent.note(at, sequence);
                line.repaired(1000);
            }
            takes
        };
        let refused = (0..).find(|n| !asked(start, *n)).unwrap();
        let soon = start + RESEND_AFTER.0;
        assert!(soon < start + round_trip);
        assert!(asked(soon, refused));
        assert!(!asked(soon, refused), "on its way");
        assert!(!asked(soon, 0), "on its way");
    }
}
