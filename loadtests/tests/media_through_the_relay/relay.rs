//! A relay, as the program starts it.

use lika_sfu::worker::{Worker, WorkerConfig};
use lika_sfu::{Answer, Audience, Command, Event, JoinError, PeerId, Reception, RoomId, SrtpProfile};
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

pub(crate) const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
const ROOM: RoomId = RoomId(1);

/// A relay and what it tells.
pub(crate) struct Relay {
    worker: Worker,
    pub(crate) events: mpsc::UnboundedReceiver<Event>,
}

impl Relay {
    pub(crate) fn start() -> Self {
        let (tell, events) = mpsc::unbounded_channel();
        let config = WorkerConfig {
            bind: (LOOPBACK, 0).into(),
            public_ips: vec![LOOPBACK],
            tcp_port: None,
            core: None,
            number: 0,
            h264: true,
        };
        let worker = Worker::spawn(&config, move |event| drop(tell.send(event))).unwrap();
        Self { worker, events }
    }

    pub(crate) async fn answer(&self, peer: PeerId, offer: String) -> Result<Answer, JoinError> {
        let (reply, answer) = oneshot::channel();
        let reply = Box::new(move |result| drop(reply.send(result)));
        let (audience, reception) = (Audience::LISTENING, Reception::Everyone);
        let join = Command::Join {
            room: ROOM,
            peer,
            offer,
            audience,
            reception,
            reply,
        };
        self.worker.send(join).unwrap();
        answer.await.unwrap()
    }

    pub(crate) fn set_audience(&self, peer: PeerId, audience: Audience) {
        self.worker.send(Command::SetAudience { peer, audience }).unwrap();
    }

    /// What was negotiated with a peer, once it has come up.
    pub(crate) async fn profile_of(&mut self, peer: PeerId) -> SrtpProfile {
        let connected = async {
            loop {
                match self.events.recv().await.expect("the relay lives") {
                    Event::Connected { peer: who, profile } if who == peer => return profile,
                    _ => {}
                }
            }
        };
        timeout(PATIENCE, connected).await.expect("the peer comes up")
    }
}
