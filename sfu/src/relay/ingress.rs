//! What comes in: told apart by its first byte (RFC 7983), proved authentic, taken up.

use super::counters::Ending;
use super::peer::Srtp;
use super::publication::StreamKind;
use super::{PeerIndex, Relay};
use crate::dtls;
use crate::forward::slot::Packet;
use crate::ice::{self, TransportAddress};
use crate::limits::MAX_ADDRESSES;
use crate::rtp::Header;
use crate::rtp::extension::AudioLevel;
use crate::rtp::picture::Descriptor;
use crate::sdp::PicturePayload;
use crate::srtp::{OpenError, Opener, Sealer};
use crate::{Disconnection, Event, PictureCodec};
use std::time::Instant;

impl Relay {
    pub(super) fn receive(&mut self, now: Instant, from: TransportAddress, datagram: &mut [u8]) {
        self.counters.received += 1;
        self.counters.received_bytes += datagram.len() as u64;
        let ending = match datagram.first() {
            Some(0..=3) => self.stun(now, from, datagram),
            Some(20..=63) => self.by_known(from, |relay, index| relay.dtls(now, index, datagram)),
            Some(128..=191) => self.by_known(from, |relay, index| relay.srtp(now, index, from, datagram)),
            _ => Ending::Strange,
        };
        self.counters.ended(ending);
    }

    /// Takes what comes from an address that a peer has proved to be its own; a fault ends that peer's room.
    fn by_known(&mut self, from: TransportAddress, take: impl FnOnce(&mut Self, PeerIndex) -> Ending) -> Ending {
        match self.by_address.get(&from) {
            Some(&index) => self
                .within_room_of(index, |relay| take(relay, index))
                .unwrap_or(Ending::Faulted),
            None => Ending::Strange,
        }
    }

    fn stun(&mut self, now: Instant, from: TransportAddress, datagram: &[u8]) -> Ending {
        let Some(index) = ice::local_ufrag(datagram)
            .and_then(|ufrag| self.by_ufrag.get(ufrag))
            .copied()
        else {
            return Ending::StunRefused;
        };
        self.within_room_of(index, |relay| relay.check(now, index, from, datagram))
            .unwrap_or(Ending::Faulted)
    }

    /// A connectivity check that names a peer, perhaps falsely.
    fn check(&mut self, now: Instant, index: PeerIndex, from: TransportAddress, datagram: &[u8]) -> Ending {
        let Some(peer) = self.peers.get_mut(index.0).and_then(Option::as_deref_mut) else {
            return Ending::StunRefused;
        };
        let before = self.replies.len();
        let answer = |response: &mut Vec<u8>| peer.ice.handle(now, datagram, from, response);
        let check = self.replies.push(from, answer);
        self.counters.others_made += (self.replies.len() - before) as u64;
        if let Err(error) = check {
            tracing::debug!(peer = peer.id.0, %error, "connectivity check refused");
            return Ending::StunRefused;
        }
        peer.last_heard = now;
        if !peer.addresses.contains(&from) {
            peer.addresses.push(from);
            if peer.addresses.len() > MAX_ADDRESSES {
                let path = peer.ice.path();
                if let Some(oldest) = peer.addresses.iter().position(|address| Some(*address) != path) {
                    let forgotten = peer.addresses.remove(oldest);
                    // It may be somebody else's by now: behind one network address translator, addresses are reused.
                    if self.by_address.get(&forgotten) == Some(&index) {
                        self.by_address.remove(&forgotten);
                    }
                }
            }
        }
        self.by_address.insert(from, index);
        self.pump_dtls(now, index);
        Ending::Stun
    }

    fn dtls(&mut self, now: Instant, index: PeerIndex, datagram: &[u8]) -> Ending {
        let Some(peer) = self.peer(index) else {
            return Ending::Strange;
        };
        peer.dtls.handle(now, datagram);
        self.pump_dtls(now, index);
        self.stir(now, index);
        Ending::Dtls
    }

    /// Takes up what the DTLS association has to send and to tell.
    pub(super) fn pump_dtls(&mut self, now: Instant, index: PeerIndex) {
        let Some(peer) = self.peer(index) else { return };
        let (id, mut made) = (peer.id, 0);
        while let Some(datagram) = peer.dtls.poll_transmit() {
            let pushed = peer.outbox.push::<()>(|bytes, _| {
                bytes.extend_from_slice(&datagram);
                Ok(())
            });
            made += u64::from(pushed == Ok(true));
        }
        let event = peer.dtls.poll_event();
        self.counters.others_made += made;
        self.mark_sending(index);
        match event {
            Some(dtls::Event::Established { profile, keys }) => {
                let ends = Sealer::new(profile, &keys.local).and_then(|sealer| {
                    Ok(Srtp {
                        opener: Opener::new(profile, &keys.remote)?,
                        sealer,
                    })
                });
                match ends {
                    Ok(srtp) => self.connected(now, index, srtp, Event::Connected { peer: id, profile }),
                    Err(error) => {
                        tracing::error!(peer = id.0, %error, "SRTP keys refused");
                        self.disconnect(now, id, Disconnection::HandshakeFailed);
                    }
                }
            }
            Some(dtls::Event::Closed) => self.disconnect(now, id, Disconnection::ClosedByPeer),
            Some(dtls::Event::Failed(reason)) => {
                tracing::warn!(peer = id.0, %reason, "DTLS handshake failed");
                self.disconnect(now, id, Disconnection::HandshakeFailed);
            }
            None => {}
        }
    }

    fn connected(&mut self, now: Instant, index: PeerIndex, srtp: Srtp, event: Event) {
        let Some(peer) = self.peer(index) else { return };
        peer.srtp = Some(srtp);
        peer.downlink.open(now);
        peer.last_heard = now;
        let room = peer.room;
        self.events.push_back(event);
        self.stir(now, index);
        self.aim(now, room);
    }

    fn srtp(&mut self, now: Instant, index: PeerIndex, from: TransportAddress, datagram: &mut [u8]) -> Ending {
        let Some(peer) = self.peers.get_mut(index.0).and_then(Option::as_deref_mut) else {
            return Ending::Strange;
        };
        let Some(srtp) = &mut peer.srtp else {
            return Ending::NotOpened;
        };
        // RFC 5761 section 4: payload types 64 to 95 with the marker bit are RTCP's.
        if datagram.get(1).is_some_and(|second| (192..=223).contains(second)) {
            return match srtp.opener.open_rtcp(datagram) {
                Ok(len) => {
                    peer.heard(now, from);
                    self.take_rtcp(now, index, &datagram[..len])
                }
                Err(error) => unopened(error),
            };
        }
        let Ok(header) = Header::parse(datagram) else {
            return Ending::Unreadable;
        };
        match srtp.opener.open_rtp(datagram, header.len) {
            Ok(len) => {
                peer.heard(now, from);
                self.stir(now, index);
                self.take_rtp(now, index, &header, &datagram[..len])
            }
            Err(error) => unopened(error),
        }
    }

    fn take_rtp(&mut self, now: Instant, index: PeerIndex, header: &Header, packet: &[u8]) -> Ending {
        let Some(peer) = self.peers.get_mut(index.0).and_then(Option::as_deref_mut) else {
            return Ending::Strange;
        };
        if let Some(&[high, low]) = peer
            .publication
            .extension(|e| e.transport_cc)
            .and_then(|id| header.extensions(packet).find(id)?.first_chunk())
        {
            peer.arrival_times.arrived(now, u16::from_be_bytes([high, low]));
        }
        let Ok(payload) = header.payload(packet) else {
            return Ending::Unreadable;
        };
        let Some(kind) = peer.publication.classify(header, packet) else {
            return Ending::UnknownStream;
        };
        match kind {
            StreamKind::Sound => self.take_sound(now, index, header, packet, payload),
            StreamKind::Picture { layer } => self.take_picture(now, index, header, layer, packet.len(), payload),
            StreamKind::Repair { layer } => self.take_repair(now, index, header, layer, packet.len(), payload),
        }
    }

    fn take_sound(&mut self, now: Instant, index: PeerIndex, header: &Header, packet: &[u8], payload: &[u8]) -> Ending {
        let Some(peer) = self.peers.get_mut(index.0).and_then(Option::as_deref_mut) else {
            return Ending::Strange;
        };
        let level = peer
            .publication
            .extension(|e| e.audio_level)
            .and_then(|id| header.extensions(packet).find(id)?.first().copied());
        let read = peer.publication.read_sound(header.payload_type, payload);
        // A packet of a stream that a newer SSRC has replaced is out of date.
        let running = peer.publication.sound.as_mut();
        let (Some(read), Some(sound)) = (read, running.filter(|sound| sound.stream.ssrc == header.ssrc)) else {
            return Ending::UnknownStream;
        };
        let arrival = sound.stream.arrived(now, header, packet.len());
        if let Some(level) = level {
            sound.heard(AudioLevel::from(level));
        }
        let packet = Packet {
            stream: header.ssrc,
            sequence: arrival.sequence,
            marker: header.marker,
            timestamp: header.timestamp,
            payload,
        };
        self.forward_sound(now, index, &packet, read, level);
        Ending::Media
    }

    fn take_picture(
        &mut self,
        now: Instant,
        index: PeerIndex,
        header: &Header,
        layer: usize,
        bytes: usize,
        payload: &[u8],
    ) -> Ending {
        let read = self
            .peer(index)
            .and_then(|peer| peer.publication.read_picture(header.payload_type));
        let stream = self.layer(index, layer).map(|layer| &mut layer.stream);
        let (Some(PicturePayload::Media(codec)), Some(stream)) =
            (read, stream.filter(|stream| stream.ssrc == header.ssrc))
        else {
            return Ending::UnknownStream;
        };
        if stream.has(header.sequence) {
            return Ending::Repeated;
        }
        let started = !stream.active(now);
        let arrival = stream.arrived(now, header, bytes);
        let packet = Packet {
            stream: header.ssrc,
            sequence: arrival.sequence,
            marker: header.marker,
            timestamp: header.timestamp,
            payload,
        };
        if started && let Some(room) = self.peer(index).map(|peer| peer.room) {
            self.aim(now, room);
        }
        self.picture_packet(now, index, layer, codec, &packet);
        if arrival.needs_key_frame
            && let Some(layer) = self.layer(index, layer)
        {
            layer.key_frame.want();
        }
        Ending::Media
    }

    fn take_repair(
        &mut self,
        now: Instant,
        index: PeerIndex,
        header: &Header,
        layer: usize,
        bytes: usize,
        payload: &[u8],
    ) -> Ending {
        // RFC 4588 section 4: the original sequence number comes first. Empty ones are padding, sent to probe.
        let Some((original, payload)) = payload.split_first_chunk::<2>() else {
            return Ending::Padding;
        };
        let read = self
            .peer(index)
            .and_then(|peer| peer.publication.read_picture(header.payload_type));
        let stream = self.layer(index, layer).map(|layer| &mut layer.stream);
        let (Some(PicturePayload::Repair(codec)), Some(stream)) = (read, stream) else {
            return Ending::UnknownStream;
        };
        let ssrc = stream.ssrc;
        let original = u16::from_be_bytes(*original);
        let Some(sequence) = stream.repaired(now, original, header.timestamp, bytes) else {
            return Ending::Repeated;
        };
        self.counters.repaired += 1;
        let packet = Packet {
            stream: ssrc,
            sequence,
            marker: header.marker,
            timestamp: header.timestamp,
            payload,
        };
        self.picture_packet(now, index, layer, codec, &packet);
        Ending::Media
    }

    /// Keeps a picture packet, notes what it says, and sends it on.
    fn picture_packet(
        &mut self,
        now: Instant,
        index: PeerIndex,
        layer: usize,
        codec: PictureCodec,
        packet: &Packet<'_>,
    ) {
        let descriptor = Descriptor::read(codec, packet.payload);
        let Some(place) = self.layer(index, layer) else { return };
        if descriptor.key_frame {
            place.stream.cache.begin_group(now, packet.sequence);
        }
        let (sequence, marker, timestamp) = (packet.sequence, packet.marker, packet.timestamp);
        place
            .stream
            .cache
            .insert(now, sequence, codec, marker, timestamp, packet.payload);
        place
            .temporal
            .add(now, descriptor.temporal_layer.unwrap_or(0), packet.payload.len());
        if descriptor.key_frame {
            place.key_frame.satisfied();
            place.key_frames += 1;
            place.size = descriptor.size.unwrap_or(place.size);
            self.comes_in(index, codec);
        }
        self.forward_picture(now, index, layer, packet, &descriptor);
    }

    /// A key frame tells what a picture is encoded with.
    fn comes_in(&mut self, index: PeerIndex, codec: PictureCodec) {
        if let Some(peer) = self.peer(index) {
            peer.publication.picture.codec = Some(codec);
        }
    }

    fn layer(&mut self, index: PeerIndex, layer: usize) -> Option<&mut super::publication::PictureLayer> {
        self.peer(index)?.publication.picture.layers.get_mut(layer)?.as_mut()
    }
}

fn unopened(error: OpenError) -> Ending {
    match error {
        OpenError::Replayed => Ending::Replayed,
        _ => Ending::NotOpened,
    }
}
