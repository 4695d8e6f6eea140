//! The meeting's side of the relay: offers, receive slots, who is heard and seen by whom, and in what quality.

use super::endpoint::{Endpoint, Media, Wanted};
use super::relay::{peer, room};
use super::{Asker, Conference, Input};
use crate::meeting::{EndpointId, Participant, ParticipantId, Role, audience::audience};
use crate::protocol::{Refusal, ServerMessage};
use lika_sfu::{Answer, Command, Event, JoinError, Layer, PeerId, Priority, Reception, Reply, SlotIndex};
use std::collections::BTreeMap;
use tokio::time::Instant;

impl Conference {
    /// A page offers: a fresh peer, or more of the one it has.
    pub(super) fn offered(&mut self, endpoint: EndpointId, negotiation: u32, fresh: bool, offer: String) {
        let asker = Asker::Page { endpoint, negotiation };
        let current = self.endpoints.get(&endpoint).and_then(Endpoint::peer);
        let refused = match (fresh, current) {
            (true, _) => self.join(endpoint, asker, offer).err(),
            (false, Some(peer)) => {
                let reply = self.reply_to(peer, asker);
                let taken = self.relay.order(Command::Renegotiate { peer, offer, reply });
                (!taken).then_some(Refusal::RelayFull)
            }
            (false, None) => Some(Refusal::OutOfOrder),
        };
        if let Some(reason) = refused {
            self.tell(endpoint, &ServerMessage::OfferRefused { negotiation, reason });
        }
    }

    /// Orders a fresh peer for an endpoint; the one it had leaves.
    pub(super) fn join(&mut self, id: EndpointId, asker: Asker, offer: String) -> Result<PeerId, Refusal> {
        let peer = self.next_peer();
        let reply = self.reply_to(peer, asker);
        let endpoint = self.endpoints.get_mut(&id).ok_or(Refusal::OutOfOrder)?;
        if let Some(before) = endpoint.media.take() {
            self.relay.leave(before.peer);
        }
        self.find_worker();
        let endpoint = self.endpoints.get_mut(&id).ok_or(Refusal::OutOfOrder)?;
        let (room, audience) = (room(self.id), audience(&self.meeting, endpoint.participant));
        let reception = if endpoint.has_page() {
            Reception::Everyone
        } else {
            Reception::Nothing
        };
        let join = Command::Join {
            room,
            peer,
            offer,
            audience,
            reception,
            reply,
        };
        if !self.relay.order(join) {
            return Err(Refusal::RelayFull);
        }
        endpoint.media = Some(Media {
            peer,
            joined: false,
            slots: Vec::new(),
            audience,
            layers: BTreeMap::new(),
            publishing: None,
        });
        Ok(peer)
    }

    /// Chooses the worker of a room that is about to open: nobody is in it.
    pub(super) fn find_worker(&mut self) {
        if !self.has_viewers() && self.endpoints.values().all(|one| one.media.is_none()) {
            self.relay.choose_worker();
        }
    }

    pub(super) fn next_peer(&mut self) -> PeerId {
        self.last_peer += 1;
        peer(self.id, self.last_peer)
    }

    pub(super) fn reply_to(&self, peer: PeerId, asker: Asker) -> Reply {
        let mailbox = self.mailbox.clone();
        Box::new(move |answer| mailbox.tell(Input::Answered { peer, asker, answer }))
    }

    pub(super) fn page_answered(
        &mut self,
        id: EndpointId,
        peer: PeerId,
        negotiation: u32,
        answer: Result<Answer, JoinError>,
    ) {
        let Some(endpoint) = self.endpoints.get_mut(&id).filter(|one| one.peer() == Some(peer)) else {
            return;
        };
        let message = match answer {
            Ok(Answer { sdp, slots }) => {
                endpoint.joined(slots);
                ServerMessage::Answer {
                    negotiation,
                    sdp,
                    slots,
                }
            }
            Err(error) => {
                tracing::warn!(meeting = self.id.0, participant = endpoint.participant.0, %error, "offer refused");
                // A further offer that was refused leaves the peer as it was.
                endpoint.media = endpoint.media.take().filter(|media| media.joined);
                let reason = refusal(&error);
                ServerMessage::OfferRefused { negotiation, reason }
            }
        };
        endpoint.tell(&message, Instant::now());
        self.steer_media();
    }

    pub(super) async fn relay_says(&mut self, event: Event) {
        match event {
            Event::Connected { peer, profile } => {
                if let Some(participant) = self.whose(peer) {
                    tracing::info!(meeting = self.id.0, participant = participant.0, %profile, "media connected");
                }
            }
            Event::Disconnected { peer, reason } => {
                if let Some(endpoint) = self.endpoints.values_mut().find(|one| one.peer() == Some(peer)) {
                    tracing::info!(
                        meeting = self.id.0,
                        participant = endpoint.participant.0,
                        ?reason,
                        "media ended"
                    );
                    endpoint.end_media();
                }
                self.device_left(peer).await;
            }
            Event::Silent { peers, .. } => self.fell_silent(&peers).await,
            Event::SlotAssigned { receiver, slot, source } => self.assign(receiver, slot, source),
            Event::Publish { peer, publishing } => {
                if let Some(endpoint) = self.endpoints.values_mut().find(|one| one.peer() == Some(peer))
                    && let Some(media) = &mut endpoint.media
                {
                    media.publishing = Some(publishing);
                    endpoint.tell_publishing(Instant::now());
                }
            }
            Event::Sample(sample) => self.judge(Some(&sample), Instant::now()).await,
            Event::RoomFailed { .. } => {
                tracing::error!(
                    meeting = self.id.0,
                    "the relay ended the meeting's media; everybody joins again"
                );
                self.all_devices_left().await;
                self.endpoints.values_mut().for_each(Endpoint::end_media);
            }
        }
    }

    fn assign(&mut self, receiver: PeerId, SlotIndex(slot): SlotIndex, source: Option<PeerId>) {
        let participant = source.and_then(|source| self.whose(source));
        let Some(endpoint) = self.endpoints.values_mut().find(|one| one.peer() == Some(receiver)) else {
            return;
        };
        let Some(media) = &mut endpoint.media else { return };
        let slot = usize::from(slot);
        // The relay may assign before its answer has come through here.
        if media.slots.len() <= slot && slot < lika_sfu::limits::MAX_SLOTS {
            media.slots.resize(slot + 1, None);
        }
        if let Some(place) = media.slots.get_mut(slot) {
            *place = participant;
        }
        endpoint.slots_changed = true;
    }

    /// Tells each page who is in its slots, if that has changed. A newcomer fills a slot on every page, so this waits
    /// until the relay has said all it has to say.
    pub(super) fn show_slots(&mut self) {
        let now = Instant::now();
        for endpoint in self.endpoints.values_mut().filter(|one| one.slots_changed) {
            endpoint.slots_changed = false;
            let slots = ServerMessage::Slots {
                slots: endpoint.slot_views(),
            };
            endpoint.tell(&slots, now);
        }
    }

    pub(super) fn whose(&self, peer: PeerId) -> Option<ParticipantId> {
        self.endpoints
            .values()
            .find(|one| one.peer() == Some(peer))
            .map(|one| one.participant)
    }

    pub(super) fn leave_relay(&mut self, endpoint: &Endpoint) {
        if let Some(peer) = endpoint.peer() {
            self.relay.leave(peer);
        }
    }

    /// Orders what differs from what was ordered last.
    pub(super) fn steer_media(&mut self) {
        let large = self.shown_first_to_all();
        let enlarged: BTreeMap<ParticipantId, Vec<PeerId>> = self.peers_by_participant();
        for endpoint in self.endpoints.values_mut() {
            let enlarges = endpoint.enlarges;
            let (participant, Some(media)) = (endpoint.participant, &mut endpoint.media) else {
                continue;
            };
            let audience = audience(&self.meeting, participant);
            if media.audience != audience
                && self.relay.order(Command::SetAudience {
                    peer: media.peer,
                    audience,
                })
            {
                media.audience = audience;
            }
            let mut wanted = large.clone();
            if let Some(peers) = enlarges.and_then(|whom| enlarged.get(&whom)) {
                for &peer in peers {
                    let (_, priority) = wanted.get(&peer).copied().unwrap_or_default();
                    wanted.insert(peer, (Layer::High, priority.min(Priority::Enlarged)));
                }
            }
            wanted.remove(&media.peer);
            media.select(wanted, |receiver, source, (layer, priority)| {
                self.relay.order(Command::SelectLayer {
                    receiver,
                    source,
                    layer,
                    priority,
                })
            });
        }
        self.set_programme(&enlarged);
        self.steer_viewers();
    }

    /// The speaker and the chamber, whom every page shows larger than the others, and the chair, who comes before
    /// the rest. The middle layer meets the enlarged row of the profile (640x360); the highest is for the chamber, before
    /// whose camera many people sit, and for whom a page enlarges by choice.
    fn shown_first_to_all(&self) -> BTreeMap<PeerId, Wanted> {
        let shown = |one: &Endpoint| Some((one.peer()?, self.wanted_by_all(one.participant)?));
        self.endpoints.values().filter_map(shown).collect()
    }

    fn wanted_by_all(&self, who: ParticipantId) -> Option<Wanted> {
        let chamber = |one: &Participant| one.role() == Role::Chamber;
        let is_chamber = self.meeting.roster().find(who).is_some_and(chamber);
        if self.meeting.shown() == Some(who) {
            let layer = if is_chamber { Layer::High } else { Layer::Mid };
            Some((layer, Priority::Speaker))
        } else if is_chamber {
            Some((Layer::High, Priority::Presentation))
        } else if self.meeting.acting_chair() == Some(who) {
            Some((Layer::Low, Priority::Chair))
        } else {
            None
        }
    }

    fn peers_by_participant(&self) -> BTreeMap<ParticipantId, Vec<PeerId>> {
        let mut peers = BTreeMap::<_, Vec<_>>::new();
        for endpoint in self.endpoints.values() {
            peers.entry(endpoint.participant).or_default().extend(endpoint.peer());
        }
        peers
    }

    /// The public sees whoever has the floor, or the chair; in the chamber, its device.
    fn set_programme(&mut self, peers: &BTreeMap<ParticipantId, Vec<PeerId>>) {
        let chair = || self.meeting.seen_through(self.meeting.acting_chair()?);
        let shown = self.meeting.shown().or_else(chair);
        let source = shown.and_then(|who| peers.get(&who)?.first().copied());
        if self.programme != source
            && self.relay.order(Command::SetProgramme {
                room: room(self.id),
                source,
            })
        {
            self.programme = source;
        }
    }
}

impl Media {
    /// Orders the layers that differ; those no longer wanted go back to the lowest.
    fn select(&mut self, wanted: BTreeMap<PeerId, Wanted>, order: impl Fn(PeerId, PeerId, Wanted) -> bool) {
        let lowered = self
            .layers
            .keys()
            .filter(|source| !wanted.contains_key(source))
            .map(|&source| (source, Wanted::default()));
        let raised = wanted
            .iter()
            .filter(|(source, layer)| self.layers.get(source) != Some(layer));
        let changed: Vec<_> = lowered.chain(raised.map(|(&source, &layer)| (source, layer))).collect();
        if changed
            .into_iter()
            .all(|(source, layer)| order(self.peer, source, layer))
        {
            self.layers = wanted;
        }
    }
}

impl Endpoint {
    pub(super) fn joined(&mut self, slots: u16) {
        if let Some(media) = &mut self.media {
            media.joined = true;
            media.slots.resize(usize::from(slots), None);
        }
    }

    fn end_media(&mut self) {
        if self.has_page() && self.media.take().is_some() {
            self.tell(&ServerMessage::MediaEnded {}, Instant::now());
        }
    }
}

pub(super) const fn refusal(error: &JoinError) -> Refusal {
    match error {
        JoinError::Offer(_) | JoinError::PeerExists(_) => Refusal::BadOffer,
        JoinError::NotVp8(_) => Refusal::PictureNotDecoded,
        JoinError::NoSuchPeer(_) => Refusal::OutOfOrder,
        JoinError::Full(_) | JoinError::Overloaded | JoinError::RoomFailed => Refusal::RelayFull,
    }
}
