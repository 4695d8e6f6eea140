//! The running server: stores, relay, meetings and web server, put together.

use crate::clock::Clock;
use crate::conference::{Hall, Relay, Stores, relay_events};
use crate::config::{Config, UnusableProfile};
use crate::data::{Data, DataError};
use crate::http::listener::Listener;
use crate::http::tls::{TlsError, server_config};
use crate::http::{Doors, Providers, ProvidersError};
use crate::keeper::{Keeper, NoAnswer};
use crate::samples::Recorder;
use crate::test_identities::{TestIdentities, TestIdentitiesError};
use crate::turn::{TurnError, TurnServers};
use axum::Router;
use lika_auth::{IdentityStore, RosterKeys};
use lika_sfu::worker::{Place, Pool, WorkerConfig};
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tokio::time::interval;

/// How often what is over is forgotten. Nothing depends on it: each is refused when its time is over.
const WEED_EVERY: Duration = Duration::from_secs(60 * 60);

/// Why the server does not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// See [`DataError`].
    #[error(transparent)]
    Data(#[from] DataError),
    /// See [`TlsError`].
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// See [`TurnError`].
    #[error(transparent)]
    Turn(#[from] TurnError),
    /// See [`crate::config::Invalid`].
    #[error(transparent)]
    Setting(#[from] crate::config::Invalid),
    /// See [`crate::http::ProvidersError`].
    #[error(transparent)]
    Providers(#[from] ProvidersError),
    /// See [`lika_auth::KeyError`].
    #[error(transparent)]
    RosterKeys(#[from] lika_auth::KeyError),
    /// See [`TestIdentitiesError`].
    #[error("the identities for tests cannot be had: {0}")]
    TestIdentities(#[from] TestIdentitiesError),
    /// The TCP port.
    #[error(transparent)]
    Listen(io::Error),
    /// The relay.
    #[error("the relay does not start: {0}; see media.bind, media.workers and media.public_ips")]
    Relay(io::Error),
    /// No threads.
    #[error("the operating system gives no more threads: {0}")]
    Threads(io::Error),
    /// The threshold profile.
    #[error("quality.profile {0}")]
    Profile(#[from] UnusableProfile),
}

/// A server that has bound its ports and loaded its meetings.
pub struct Server {
    listener: Listener,
    routes: Router,
    hall: Hall,
    stores: Stores,
    tcp: SocketAddr,
    udp: SocketAddr,
}

impl Server {
    /// Binds the ports and goes on with every unfinished meeting.
    ///
    /// # Errors
    /// [`StartError`], saying what to do.
    pub async fn start(config: &Config, clock: Clock) -> Result<Self, StartError> {
        let profile = config.quality.threshold_profile()?;
        let tls = server_config(&config.server)?;
        let turn = TurnServers::open(&config.turn)?;
        let data = Data::open(&config.storage.data_dir)?;
        let keys = RosterKeys::open(&config.identity.key_file(&config.storage.data_dir))?;
        let test_identities = TestIdentities::open(config, &data, &clock)?;
        let test_provider = test_identities.as_ref().map(|test| test.settings.clone());
        let providers = Providers::new(config, keys, test_provider)?;
        let listener = Listener::bind(config.server.listen, tls, config.limits.connections)
            .await
            .map_err(StartError::Listen)?;
        let tcp = listener.local_addr().map_err(StartError::Listen)?;
        let media = &config.media;
        let worker = WorkerConfig {
            bind: media.bind,
            public_ips: media.public_ips.clone(),
            tcp_port: media.tcp.then_some(config.server.port()?),
            core: media.core,
            number: 0,
            h264: media.h264,
        };
        let (on_event, events) = relay_events();
        let workers = Pool::spawn(&worker, media.workers, on_event).map_err(StartError::Relay)?;
        let workers = Arc::new(workers);
        let listener = if media.tcp {
            listener.with_relay(Arc::downgrade(&workers))
        } else {
            listener
        };
        let udp = workers.local_addr(Place::default()).unwrap_or(media.bind);
        let stores = Stores {
            journal: Keeper::start("journal", data.journal).map_err(StartError::Threads)?,
            people: Keeper::start("people", data.people).map_err(StartError::Threads)?,
            identities: Keeper::start("identities", data.identities).map_err(StartError::Threads)?,
            samples: if config.storage.keep_samples {
                Recorder::of(config.storage.data_dir.clone())
            } else {
                Recorder::off()
            },
            for_tests: config.identity.test_identities,
        };
        let hall = Hall::open(stores.clone(), Relay::to(workers), events, clock.clone(), profile, turn).await;
        tokio::spawn(weed(stores.identities.clone(), clock.clone()));
        let doors = Doors::new(
            config,
            stores.clone(),
            config.identity.admin_token()?.as_ref(),
            providers,
            hall.clone(),
            clock,
        );
        let routes = doors.routes(test_identities.as_ref().map(TestIdentities::routes));
        tracing::info!(%tcp, %udp, "lika is ready");
        Ok(Self {
            listener,
            routes,
            hall,
            stores,
            tcp,
            udp,
        })
    }

    /// The meetings.
    #[must_use]
    pub const fn hall(&self) -> &Hall {
        &self.hall
    }

    /// The TCP port actually bound.
    #[must_use]
    pub const fn tcp(&self) -> SocketAddr {
        self.tcp
    }

    /// The UDP port that the relay's first worker has actually bound.
    #[must_use]
    pub const fn udp(&self) -> SocketAddr {
        self.udp
    }

    /// Serves until `stop`; then every page is told, requests finish, and ports and data directory are free.
    pub async fn serve(self, stop: impl Future<Output = ()>) {
        let hall = self.hall.clone();
        let stop = async move {
            stop.await;
            hall.close().await;
        };
        self.listener.serve(self.routes, stop).await;
        self.stores.journal.close().await;
        self.stores.people.close().await;
        self.stores.identities.close().await;
        tracing::info!("lika has stopped");
    }
}

/// Forgets sessions, invitations and tokens that are over, until the store is closed.
async fn weed(identities: Keeper<IdentityStore>, clock: Clock) {
    let mut hours = interval(WEED_EVERY);
    loop {
        hours.tick().await;
        let now_ms = clock.now_ms();
        match identities.ask(move |store| store.weed(now_ms)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "sessions that are over could not be forgotten"),
            Err(NoAnswer) => return,
        }
    }
}
