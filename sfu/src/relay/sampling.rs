//! Once a second: everything measured, as values.

use super::peer::Peer;
use super::publication::{PictureLayer, SILENCE, Sound};
use super::{PeerIndex, Relay};
use crate::forward::reception::Reception;
use crate::sample::{EdgeSample, LegSample, PictureIn, RoomSample, SoundIn};
use crate::{Audience, Event, RoomId, SlotIndex};
use std::mem;
use std::time::Instant;

impl Relay {
    pub(super) fn sample(&mut self, now: Instant) {
        let rooms: Vec<RoomId> = self.rooms.keys().copied().collect();
        for room in rooms {
            self.within(room, |relay| relay.sample_room(now, room));
        }
    }

    fn sample_room(&mut self, now: Instant, room: RoomId) {
        let members = self
            .rooms
            .get(&room)
            .map(|room| room.members.clone())
            .unwrap_or_default();
        let mut sample = RoomSample {
            room,
            legs: Vec::with_capacity(members.len()),
            edges: Vec::new(),
        };
        for index in members {
            self.sample_peer(now, index, &mut sample);
        }
        self.events.push_back(Event::Sample(Box::new(sample)));
    }

    fn sample_peer(&mut self, now: Instant, index: PeerIndex, into: &mut RoomSample) {
        let Some(mut peer) = self.peers.get_mut(index.0).and_then(Option::take) else {
            return;
        };
        into.legs.push(leg(now, &mut peer));
        let receiver = peer.id;
        let circles = peer.audience.sees;
        let sees = |source: &Audience| source.picture_to.meets(circles);
        for (n, slot) in peer.slots.iter_mut().enumerate() {
            let (Some(source), Ok(place)) = (slot.occupant, u16::try_from(n)) else {
                continue;
            };
            let codec = self.by_id.get(&source).and_then(|of| {
                let shown = self.peers[of.0].as_deref().filter(|shown| sees(&shown.audience))?;
                shown.publication.picture.codec
            });
            let not_decodable = codec.is_some_and(|codec| slot.has_picture() && !slot.decodes(codec));
            let second = mem::take(&mut slot.second);
            let sound: Reception = mem::take(&mut slot.sound_report);
            let picture: Reception = mem::take(&mut slot.picture_report);
            into.edges.push(EdgeSample {
                receiver,
                source,
                slot: SlotIndex(place),
                sound_forwarded: second.sound,
                sound_lost: sound.lost(),
                sound_jitter: sound.jitter,
                picture_forwarded: second.picture,
                picture_frames: second.frames,
                picture_lost: picture.lost(),
                layer: slot.showing(),
                waits_for_room: slot.waits_for_room(),
                not_decodable,
                nacked: second.nacked,
                key_frame_requests: second.key_frame_requests,
            });
        }
        self.peers[index.0] = Some(peer);
    }
}

fn leg(now: Instant, peer: &mut Peer) -> LegSample {
    let offers_sound = peer.publication.offers_sound();
    let publication = &mut peer.publication;
    LegSample {
        peer: peer.id,
        connected: peer.srtp.is_some(),
        silent_for: now.saturating_duration_since(peer.last_heard),
        round_trip: peer.round_trip,
        downlink_bps: peer.downlink.estimate(),
        // Offered but never begun is a sound of nothing, not no sound.
        sound: offers_sound.then(|| {
            publication
                .sound
                .as_mut()
                .map_or(NO_SOUND, |sound| sound_in(now, sound))
        }),
        picture: publication
            .picture
            .layers
            .each_mut()
            .map(|layer| layer.as_mut().map(|layer| picture_in(now, layer))),
        offers_picture: publication.picture.codecs.is_some(),
    }
}

/// A microphone from which nothing has come.
const NO_SOUND: SoundIn = SoundIn {
    expected: 0,
    lost: 0,
    received: 0,
    jitter: std::time::Duration::ZERO,
    loudest: SILENCE,
    voiced: 0,
    withheld: 0,
};

fn sound_in(now: Instant, sound: &mut Sound) -> SoundIn {
    let figures = sound.stream.sample(now);
    SoundIn {
        expected: figures.expected,
        lost: figures.lost,
        received: figures.received,
        jitter: figures.jitter,
        loudest: mem::replace(&mut sound.loudest, SILENCE),
        voiced: mem::take(&mut sound.voiced),
        withheld: mem::take(&mut sound.withheld),
    }
}

fn picture_in(now: Instant, layer: &mut PictureLayer) -> PictureIn {
    let figures = layer.stream.sample(now);
    PictureIn {
        expected: figures.expected,
        lost: figures.lost,
        received: figures.received,
        bytes: figures.bytes,
        frames: figures.frames,
        key_frames: mem::take(&mut layer.key_frames),
        since_last_frame: figures.since_last_frame,
        jitter: figures.jitter,
        width: layer.size.0,
        height: layer.size.1,
    }
}
