//! Devices without a page: encoders that publish as a participant (WHIP), players that watch the programme (WHEP).

use super::endpoint::{Endpoint, Page, ResumeToken};
use super::media::refusal;
use super::relay::room;
use super::{Asker, Conference, Door, Entered};
use crate::meeting::audience::programme;
use crate::meeting::authority::{self, Act};
use crate::meeting::{ParticipantId, Proof};
use crate::protocol::Refusal;
use lika_auth::BearerId;
use lika_sfu::{Answer, Audience, Command, JoinError, PeerId, Reception};
use tokio::sync::oneshot;

/// Players of one meeting: a webcast's encoder or two and the screens of a town hall. The public watches through a
/// webcast, not here.
const MAX_VIEWERS: usize = 32;

/// The secret of a session is kept as a page's resume token is.
type Session = ResumeToken;

/// A player.
pub(super) struct Viewer {
    session: Session,
    bearer: BearerId,
    peer: PeerId,
    /// As last ordered.
    audience: Audience,
}

/// A device whose offer the relay has not answered yet.
pub(super) struct Waiting {
    peer: PeerId,
    session: Session,
    reply: oneshot::Sender<Result<Entered, Refusal>>,
}

impl Conference {
    pub(super) async fn device_offers(
        &mut self,
        door: Door,
        bearer: BearerId,
        offer: String,
        reply: oneshot::Sender<Result<Entered, Refusal>>,
    ) {
        let Ok(session) = Session::random() else {
            let _ = reply.send(Err(Refusal::RelayFull));
            return;
        };
        let joined = match door {
            Door::Publish(participant) => self.publish(participant, bearer, session.clone(), offer).await,
            Door::Watch => self.watch(bearer, session.clone(), offer),
        };
        match joined {
            Ok(peer) => self.waiting_devices.push(Waiting { peer, session, reply }),
            // Whoever asked may have gone.
            Err(reason) => drop(reply.send(Err(reason))),
        }
    }

    async fn publish(
        &mut self,
        participant: ParticipantId,
        bearer: BearerId,
        session: Session,
        offer: String,
    ) -> Result<PeerId, Refusal> {
        authority::check(&self.meeting, participant, Act::Publish)?;
        let (id, replaced) = self.record_arrival(participant, Proof::Invited).await?;
        let mut endpoint = Endpoint::new(participant, session, Page::None);
        endpoint.bearer = Some(bearer);
        self.endpoints.insert(id, endpoint);
        self.replace(participant, replaced).await;
        let joined = self.join(id, Asker::Device, offer);
        if joined.is_err() {
            self.remove(id).await;
        }
        joined
    }

    fn watch(&mut self, bearer: BearerId, session: Session, offer: String) -> Result<PeerId, Refusal> {
        if self.viewers.len() >= MAX_VIEWERS {
            return Err(Refusal::RelayFull);
        }
        let (peer, audience) = (self.next_peer(), programme(&self.meeting));
        let (room, reception, reply) = (room(self.id), Reception::Programme, self.reply_to(peer, Asker::Device));
        self.find_worker();
        if !self.relay.order(Command::Join {
            room,
            peer,
            offer,
            audience,
            reception,
            reply,
        }) {
            return Err(Refusal::RelayFull);
        }
        self.viewers.push(Viewer {
            session,
            bearer,
            peer,
            audience,
        });
        Ok(peer)
    }

    pub(super) async fn device_answered(&mut self, peer: PeerId, answer: Result<Answer, JoinError>) {
        let Some(index) = self.waiting_devices.iter().position(|one| one.peer == peer) else {
            return;
        };
        let Waiting { session, reply, .. } = self.waiting_devices.swap_remove(index);
        let now_ms = self.clock.now_ms();
        let outcome = match answer {
            Ok(Answer { sdp, slots }) => {
                let endpoint = self.endpoints.values_mut().find(|one| one.peer() == Some(peer));
                let ice_servers = match endpoint {
                    Some(endpoint) => {
                        endpoint.joined(slots);
                        self.turn.for_page(self.id, endpoint.participant, now_ms)
                    }
                    None => self.turn.for_player(self.id, now_ms),
                };
                self.steer_media();
                Ok(Entered {
                    session: session.reveal().to_string(),
                    sdp,
                    ice_servers,
                })
            }
            Err(error) => {
                tracing::warn!(meeting = self.id.0, %error, "a device's offer was refused");
                self.device_left(peer).await;
                Err(refusal(&error))
            }
        };
        if reply.send(outcome).is_err() {
            // Nobody was told the session's secret, so nobody could end it.
            self.device_left(peer).await;
        }
    }

    /// Ends a session; false: there is none of this secret.
    pub(super) async fn withdraw(&mut self, session: &str) -> bool {
        let Some(session) = Session::parse(session) else {
            return false;
        };
        let viewer = self
            .viewers
            .iter()
            .find(|one| one.session == session)
            .map(|one| one.peer);
        let encoder = |one: &&Endpoint| !one.has_page() && one.resume == session;
        let peer = viewer.or_else(|| self.endpoints.values().find(encoder).and_then(Endpoint::peer));
        match peer {
            Some(peer) => self.device_left(peer).await,
            None => return false,
        }
        true
    }

    /// The device's media are over, and with them its session: it has no other tie to the meeting.
    pub(super) async fn device_left(&mut self, peer: PeerId) {
        if let Some(index) = self.viewers.iter().position(|one| one.peer == peer) {
            self.viewers.swap_remove(index);
            self.relay.leave(peer);
        }
        let encoder = |one: &Endpoint| !one.has_page() && one.peer() == Some(peer);
        let gone = self.endpoints.iter().find(|(_, one)| encoder(one)).map(|(&id, _)| id);
        if let Some(id) = gone {
            self.remove(id).await;
        }
    }

    pub(super) const fn has_viewers(&self) -> bool {
        !self.viewers.is_empty()
    }

    /// The tokens of devices that are here.
    pub(super) fn bearers(&self) -> Vec<BearerId> {
        let viewers = self.viewers.iter().map(|one| one.bearer);
        viewers
            .chain(self.endpoints.values().filter_map(|one| one.bearer))
            .collect()
    }

    /// These tokens are no longer in force: so are the sessions that came by them.
    pub(super) async fn end_bearers(&mut self, ended: &[BearerId]) {
        let viewers = self.viewers.iter().map(|one| (one.bearer, Some(one.peer)));
        let encoders = self
            .endpoints
            .values()
            .filter_map(|one| Some((one.bearer?, one.peer())));
        let over = viewers.chain(encoders).filter(|(bearer, _)| ended.contains(bearer));
        let peers: Vec<_> = over.filter_map(|(_, peer)| peer).collect();
        for peer in peers {
            self.device_left(peer).await;
        }
    }

    /// The relay has ended everybody's media.
    pub(super) async fn all_devices_left(&mut self) {
        let encoders = self
            .endpoints
            .values()
            .filter(|one| !one.has_page())
            .filter_map(Endpoint::peer);
        let peers: Vec<_> = encoders.chain(self.viewers.iter().map(|one| one.peer)).collect();
        for peer in peers {
            self.device_left(peer).await;
        }
    }

    pub(super) fn steer_viewers(&mut self) {
        let audience = programme(&self.meeting);
        for viewer in self.viewers.iter_mut().filter(|one| one.audience != audience) {
            if self.relay.order(Command::SetAudience {
                peer: viewer.peer,
                audience,
            }) {
                viewer.audience = audience;
            }
        }
    }
}
