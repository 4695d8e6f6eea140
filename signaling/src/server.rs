//! The running server: stores, relay, meetings and web server, put together.

use crate::clock::Clock;
use crate::conference::{Hall, Relay, Stores, keep_time, relay_events};
use crate::config::{Config, UnusableProfile};
use crate::control::{self, Control};
use crate::data::{Data, DataError};
use crate::http::listener::Listener;
use crate::http::metrics::MetricsPort;
use crate::http::tls::{CertificateFiles, Source, Tls, TlsError};
use crate::http::{Doors, Providers, ProvidersError};
use crate::journal::TimeSource;
use crate::keeper::{Keeper, NoAnswer};
use crate::metrics::machine::certificate_ends_s;
use crate::metrics::warning::Setup;
use crate::metrics::{Metrics, Sources, Watch};
use crate::reload::{Reload, Reloading};
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
use tokio::sync::watch;
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
    /// A mistake of ours.
    #[error("the metrics cannot be counted: {0}")]
    Metrics(#[from] prometheus::Error),
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
    metrics: MetricsPort,
    reload: Reload,
    control: Option<Control>,
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
        let turn = TurnServers::open(&config.turn)?;
        let data = Data::open(&config.storage.data_dir)?;
        let tls = Tls::open(&config.server, &config.storage.data_dir, clock.now_ms())?;
        let keys = RosterKeys::open(&config.identity.key_file(&config.storage.data_dir))?;
        let test_identities = TestIdentities::open(config, &data, &clock)?;
        let test_provider = test_identities.as_ref().map(|test| test.settings.clone());
        let providers = Providers::new(config, keys, test_provider)?;
        let listener = Listener::bind(config.server.listen, tls.config, config.limits.connections)
            .await
            .map_err(StartError::Listen)?
            .behind(&config.server.trusted_proxies);
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
        let (metrics, workers_seen) = (Metrics::new()?, Arc::downgrade(&workers));
        let timed = clock.clone();
        let journal = data.journal.timed_by(move || TimeSource::of(&timed));
        let stores = Stores {
            journal: Keeper::start("journal", journal).map_err(StartError::Threads)?,
            people: Keeper::start("people", data.people).map_err(StartError::Threads)?,
            identities: Keeper::start("identities", data.identities).map_err(StartError::Threads)?,
            samples: if config.storage.keep_samples {
                Recorder::of(config.storage.data_dir.clone()).counted(metrics.clone())
            } else {
                Recorder::off()
            },
            for_tests: config.identity.test_identities,
            metrics: metrics.clone(),
        };
        let (profiles, profile) = watch::channel(profile);
        let hall = Hall::open(stores.clone(), Relay::to(workers), events, clock.clone(), profile, turn).await;
        let reload = Reload::default();
        let control = control::open(&config.storage.data_dir, &hall, &reload, &clock);
        tokio::spawn(weed(stores.identities.clone(), clock.clone()));
        tokio::spawn(keep_time(clock.clone(), hall.clone()));
        let watch = Watch::over(Sources {
            metrics,
            hall: hall.clone(),
            workers: workers_seen,
            places: listener.places(),
            connections: config.limits.connections.get(),
            data_dir: config.storage.data_dir.clone(),
            clock: clock.clone(),
            setup: Setup {
                test_identities: config.identity.test_identities,
                only_loopback: config.media.public_ips.iter().all(std::net::IpAddr::is_loopback),
                no_metrics: false,
            },
        });
        watch.certificate_in_use(config.server.tls.cert_file.as_deref().and_then(certificate_ends_s));
        let reloading = Reloading {
            certificate: kept_current(tls.source, watch.clone()),
            watch: watch.clone(),
            cert_file: config.server.tls.cert_file.clone(),
            quality: config.quality.clone(),
            profile: profiles,
            clock: Clock::wall(),
        };
        tokio::spawn(reloading.run(reload.clone()));
        let metrics = MetricsPort::open(&config.metrics, watch.clone()).await;
        let doors = Doors::new(
            config,
            stores.clone(),
            config.identity.admin_token()?.as_ref(),
            providers,
            hall.clone(),
            clock,
            watch,
        );
        let routes = doors.routes(test_identities.as_ref().map(TestIdentities::routes));
        tracing::info!(%tcp, %udp, "lika is ready");
        Ok(Self {
            listener,
            routes,
            hall,
            stores,
            metrics,
            reload,
            control,
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

    /// The TCP port actually bound for metrics, if there is one.
    #[must_use]
    pub const fn metrics(&self) -> Option<SocketAddr> {
        self.metrics.address()
    }

    /// Asks for certificate and threshold profile to be read again.
    #[must_use]
    pub fn reload(&self) -> Reload {
        self.reload.clone()
    }

    /// Serves until `stop`, or until it is drained; then every page is told, requests finish, and ports and data directory
    /// are free.
    pub async fn serve(self, stop: impl Future<Output = ()>) {
        let hall = self.hall.clone();
        let stop = async move {
            tokio::select! {
                () = stop => {}
                () = hall.drained() => {}
            }
            hall.close().await;
        };
        self.listener.serve(self.routes, stop).await;
        self.metrics.close().await;
        if let Some(control) = self.control {
            control.close().await;
        }
        self.stores.journal.close().await;
        self.stores.people.close().await;
        self.stores.identities.close().await;
        tracing::info!("lika has stopped");
    }
}

/// An authority is asked for certificates from now on; files are given back, to be read again.
fn kept_current(source: Source, watch: Watch) -> Option<CertificateFiles> {
    match source {
        Source::Made => None,
        Source::Files(files) => Some(files),
        Source::Authority(authority) => {
            tokio::spawn(authority.keep_current(move |ends_s| watch.certificate_in_use(ends_s)));
            None
        }
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
