//! The TCP port: accepts, tells TLS from ICE-TCP, speaks the one and hands requests on, and hands the other to the
//! relay. Each connection has a task of its own, so that a slow handshake holds back nobody.

use super::crowd::{Crowd, Place};
use super::ice_tcp;
use super::proxies::Proxies;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse as _, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use lika_sfu::worker::Pool;
use rustls::ServerConfig;
use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::pin::pin;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tower::{ServiceExt as _, service_fn};

/// How long the first datagram of an ICE-TCP connection may take, or the first byte of TLS.
const FIRST_WORD: Duration = Duration::from_secs(10);
/// How long a TLS handshake may take: two round trips on a bad mobile path, several times over.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How long a request's headers may take to arrive.
const HEADERS: Duration = Duration::from_secs(10);
/// How long requests may take to finish when the server stops.
const FINISH: Duration = Duration::from_secs(3);
/// Pause after accept has failed for lack of file descriptors, rather than spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The connection a request came on; whoever goes on using it (a WebSocket) keeps this, and with it its place among the
/// connections allowed.
#[derive(Clone)]
pub struct Connection {
    /// Where it comes from: of a request that a trusted proxy passes on, the address that asked the proxy.
    pub peer: SocketAddr,
    _place: Arc<Kept>,
}

/// What a connection takes up: one of all places, and one of its network's share. A proxy's connection has no network;
/// each request on it has its own, and keeps the connection.
enum Kept {
    Direct(
        #[expect(dead_code, reason = "kept")] OwnedSemaphorePermit,
        #[expect(dead_code, reason = "kept")] Option<Place>,
    ),
    Forwarded(
        #[expect(dead_code, reason = "kept")] Arc<Kept>,
        #[expect(dead_code, reason = "kept")] Place,
    ),
}

impl Connection {
    const fn direct(peer: SocketAddr, place: Arc<Kept>) -> Self {
        Self { peer, _place: place }
    }

    fn forwarded(self, client: IpAddr, share: Place) -> Self {
        let Self {
            mut peer,
            _place: connection,
        } = self;
        peer.set_ip(client);
        Self::direct(peer, Arc::new(Kept::Forwarded(connection, share)))
    }
}

/// A bound port.
pub struct Listener {
    tcp: TcpListener,
    tls: TlsAcceptor,
    relay: Weak<Pool>,
    places: Arc<Semaphore>,
    crowd: Crowd,
    proxies: Proxies,
    connections: NonZeroU32,
}

impl Listener {
    /// Binds the port.
    ///
    /// # Errors
    /// When it is taken or not this machine's; the text names it.
    pub async fn bind(address: SocketAddr, tls: Arc<ServerConfig>, connections: NonZeroU32) -> io::Result<Self> {
        let tcp = TcpListener::bind(address).await.map_err(|error| {
            let advice = match error.kind() {
                io::ErrorKind::AddrInUse => "; another program uses the port: stop it, or set server.listen to another",
                io::ErrorKind::AddrNotAvailable => "; set server.listen to an address of this machine",
                io::ErrorKind::PermissionDenied => "; ports below 1024 need the capability CAP_NET_BIND_SERVICE",
                _ => "",
            };
            io::Error::new(error.kind(), format!("cannot listen on TCP {address}: {error}{advice}"))
        })?;
        let places = usize::try_from(connections.get()).unwrap_or(Semaphore::MAX_PERMITS);
        Ok(Self {
            tcp,
            tls: tls.into(),
            relay: Weak::new(),
            places: Arc::new(Semaphore::new(places)),
            crowd: Crowd::of(places),
            proxies: Proxies::default(),
            connections,
        })
    }

    /// The places of connections: what is not free is taken.
    #[must_use]
    pub fn places(&self) -> Arc<Semaphore> {
        Arc::clone(&self.places)
    }

    /// Believes these proxies about where requests come from.
    #[must_use]
    pub fn behind(self, proxies: &[IpAddr]) -> Self {
        let proxies = Proxies::trusted(proxies);
        Self { proxies, ..self }
    }

    /// Hands ICE-TCP connections to the relay's workers for as long as they run.
    #[must_use]
    pub fn with_relay(self, relay: Weak<Pool>) -> Self {
        Self { relay, ..self }
    }

    /// The port actually bound.
    ///
    /// # Errors
    /// The operating system's.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }

    /// Serves until `stop`, then lets running requests finish.
    pub async fn serve(self, routes: Router, stop: impl Future<Output = ()>) {
        let (stopping, stopped) = watch::channel(());
        tokio::select! {
            () = self.accept_all(&routes, &stopped) => {}
            () = stop => {}
        }
        drop((self.tcp, stopping));
        let every_place = self.places.acquire_many(self.connections.get());
        if timeout(FINISH, every_place).await.is_err() {
            tracing::warn!("requests still ran when the server stopped");
        }
    }

    /// `None`: its network has its share. A proxy's connection carries many networks' requests, and none is its own.
    fn connection(&self, peer: SocketAddr, place: OwnedSemaphorePermit) -> Option<Connection> {
        let share = if self.proxies.trust(peer.ip()) {
            None
        } else {
            let share = self.crowd.place(peer.ip());
            if share.is_none() {
                tracing::debug!(peer = %peer.ip(), "one network has its share of the connections");
            }
            Some(share?)
        };
        Some(Connection::direct(peer, Arc::new(Kept::Direct(place, share))))
    }

    async fn accept_all(&self, routes: &Router, stopped: &watch::Receiver<()>) {
        // Closed never: the semaphore lives as long as the listener.
        while let Ok(place) = Arc::clone(&self.places).acquire_owned().await {
            match self.tcp.accept().await {
                Ok((tcp, peer)) => {
                    let Some(connection) = self.connection(peer, place) else {
                        continue;
                    };
                    let https = Https {
                        tls: self.tls.clone(),
                        door: Door {
                            routes: routes.clone(),
                            proxies: self.proxies.clone(),
                            crowd: self.crowd.clone(),
                            connection: connection.clone(),
                        },
                        stopped: stopped.clone(),
                    };
                    tokio::spawn(begin(tcp, self.relay.clone(), connection, https));
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }
}

/// What an HTTPS connection needs.
struct Https {
    tls: TlsAcceptor,
    door: Door,
    stopped: watch::Receiver<()>,
}

/// Where the requests of one connection come in.
#[derive(Clone)]
struct Door {
    routes: Router,
    proxies: Proxies,
    crowd: Crowd,
    connection: Connection,
}

impl Door {
    async fn let_in(self, mut request: Request<Incoming>) -> Result<Response, Infallible> {
        let mut connection = self.connection;
        if self.proxies.trust(connection.peer.ip()) {
            let client = self.proxies.client(connection.peer.ip(), request.headers());
            let Some(share) = self.crowd.place(client) else {
                tracing::debug!(peer = %client, "one network has its share of the connections");
                return Ok((StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "5")]).into_response());
            };
            connection = connection.forwarded(client, share);
        }
        request.extensions_mut().insert(connection);
        self.routes.oneshot(request.map(Body::new)).await
    }
}

/// One connection, from its first byte. What a peer does wrong concerns that peer alone: at most a line for debugging.
async fn begin(tcp: TcpStream, relay: Weak<Pool>, connection: Connection, https: Https) {
    // Small messages must not wait for each other (Nagle).
    if let Err(error) = tcp.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY");
    }
    match timeout(FIRST_WORD, ice_tcp::is_tls(&tcp)).await {
        Ok(Ok(true)) => converse(tcp, https).await,
        Ok(Ok(false)) => carry_media(tcp, &relay, connection).await,
        Ok(Err(error)) => tracing::debug!(%error, "connection ended before it began"),
        Err(_) => tracing::debug!("nothing came on a connection"),
    }
}

async fn carry_media(mut tcp: TcpStream, relay: &Weak<Pool>, connection: Connection) {
    let taken = match timeout(FIRST_WORD, ice_tcp::first_datagram(&mut tcp)).await {
        Ok(Ok(first)) => ice_tcp::hand_over(relay, tcp, connection.peer, first, connection),
        Ok(Err(error)) => Err(error),
        Err(_) => Err(io::ErrorKind::TimedOut.into()),
    };
    if let Err(error) = taken {
        tracing::debug!(%error, "a connection that does not speak TLS was closed");
    }
}

async fn converse(tcp: TcpStream, https: Https) {
    let Https { tls, door, mut stopped } = https;
    let stream = match timeout(HANDSHAKE, tls.accept(tcp)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return tracing::debug!(%error, "TLS handshake failed"),
        Err(_) => return tracing::debug!("TLS handshake took too long"),
    };
    let service = TowerToHyperService::new(service_fn(move |request| door.clone().let_in(request)));
    let mut requests = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADERS)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades()
    );
    let ended = tokio::select! {
        ended = requests.as_mut() => ended,
        _ = stopped.changed() => {
            requests.as_mut().graceful_shutdown();
            requests.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "connection ended");
    }
}
