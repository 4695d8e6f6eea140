//! The relay that a device is to reach, on the configured ports, with nobody else in it.

use super::page::Attempt;
use crate::config::Config;
use lika_auth::AdminToken;
use lika_sfu::worker::{Place, Pool, WorkerConfig};
use lika_sfu::{Answer, Audience, Command, Event, JoinError, PeerId, Reception, RoomId};
use std::collections::BTreeSet;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{mpsc, oneshot};

/// Attempts told of that wait to be read.
const ATTEMPTS: usize = 16;
/// Peers of all attempts; nobody needs as many, and a stranger who has the address gets no more.
const MAX_PEERS: u64 = 200;

/// A running probe.
#[derive(Clone)]
pub(super) struct Probe(Arc<Probing>);

struct Probing {
    token: String,
    pool: Arc<Pool>,
    peers: AtomicU64,
    connected: Connected,
    attempts: mpsc::Sender<Attempt>,
}

/// The peers whose media have come up, as the relay itself says.
type Connected = Arc<Mutex<BTreeSet<PeerId>>>;

impl Probe {
    /// Starts the relay; with it the attempts that devices tell of.
    pub(super) fn start(config: &Config) -> io::Result<(Self, mpsc::Receiver<Attempt>)> {
        let connected = Connected::default();
        let noted = Arc::clone(&connected);
        let on_event = move |event| {
            if let Event::Connected { peer, .. } = event {
                noted.lock().unwrap_or_else(PoisonError::into_inner).insert(peer);
            }
        };
        let media = &config.media;
        let worker = WorkerConfig {
            bind: media.bind,
            public_ips: media.public_ips.clone(),
            tcp_port: media.tcp.then_some(config.server.port().map_err(io::Error::other)?),
            core: None,
            number: 0,
            h264: media.h264,
        };
        let pool = Arc::new(Pool::spawn(&worker, media.workers, on_event)?);
        let token = AdminToken::random().map_err(|_| io::Error::other("no random numbers"))?;
        let (attempts, told) = mpsc::channel(ATTEMPTS);
        let probing = Probing {
            token: token.reveal().as_str().to_owned(),
            pool,
            peers: AtomicU64::new(1),
            connected,
            attempts,
        };
        Ok((Self(Arc::new(probing)), told))
    }

    pub(super) fn token(&self) -> &str {
        &self.0.token
    }

    pub(super) fn pool(&self) -> &Arc<Pool> {
        &self.0.pool
    }

    /// Answers a device's offer; `None`: too many have been made. Each device has the next worker for both ways.
    pub(super) async fn answer(&self, offer: String) -> Option<(PeerId, Result<Answer, JoinError>)> {
        let number = self.0.peers.fetch_add(1, Ordering::Relaxed);
        if number > MAX_PEERS {
            return None;
        }
        let (reply, answer) = oneshot::channel();
        let peer = PeerId(number);
        let join = Command::Join {
            room: RoomId(number),
            peer,
            offer,
            audience: Audience::LOBBY,
            reception: Reception::Nothing,
            // Whoever asked may have gone.
            reply: Box::new(move |answered| drop(reply.send(answered))),
        };
        let places: Vec<Place> = self.0.pool.places().collect();
        let turn = usize::try_from((number - 1) / 2).unwrap_or_default() % places.len().max(1);
        self.0.pool.send(places.get(turn).copied()?, join).ok()?;
        Some((peer, answer.await.ok()?))
    }

    /// A device says how an attempt ended; that media came up is believed when the relay says so too.
    pub(super) async fn tell(&self, peer: PeerId, attempt: Attempt) -> bool {
        let seen = self
            .0
            .connected
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .contains(&peer);
        let attempt = Attempt {
            connected: attempt.connected && seen,
            ..attempt
        };
        let connected = attempt.connected;
        // Nobody waits any longer once every way is tried.
        let _ = self.0.attempts.send(attempt).await;
        connected
    }
}
