//! Looking at the server when somebody asks.

use super::machine::{Descriptors, Disk};
use super::seen::{Seen, WorkerSeen};
use super::warning::Setup;
use super::{Connections, Metrics};
use crate::backup;
use crate::clock::Clock;
use crate::conference::Hall;
use crate::journal::{Reader, TimeSource};
use lika_sfu::worker::{Load, Pool};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;
use tokio::sync::{Semaphore, oneshot};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout, timeout_at};

/// How long a worker or a disk may take to answer. Prometheus asks every few seconds and gives up after ten.
const ANSWER_WITHIN: Duration = Duration::from_secs(1);
/// No certificate's end is known.
const UNKNOWN: i64 = i64::MIN;

/// The way to look at the server.
#[derive(Clone)]
pub struct Watch(Arc<Looking>);

/// What is looked at.
pub struct Sources {
    /// Where things are counted.
    pub metrics: Metrics,
    /// The meetings.
    pub hall: Hall,
    /// The relay's threads, for as long as they run.
    pub workers: Weak<Pool>,
    /// The places of the HTTPS port.
    pub places: Arc<Semaphore>,
    /// How many places there are.
    pub connections: u32,
    /// Where everything is kept.
    pub data_dir: PathBuf,
    /// The server's.
    pub clock: Clock,
    /// What does not change.
    pub setup: Setup,
}

struct Looking {
    sources: Sources,
    certificate_ends_s: AtomicI64,
    no_metrics: AtomicBool,
    /// The journal's beginning never changes: it is read until there is one.
    journal_begins_s: OnceLock<i64>,
}

impl Looking {
    /// A journal that cannot be read is told by whoever writes it.
    fn journal_begins_s(&self, data_dir: &Path) -> Option<i64> {
        let known = self.journal_begins_s.get().copied();
        known.or_else(|| {
            let begins_ms = Reader::open(data_dir).and_then(|journal| journal.begins_ms()).ok()??;
            Some(*self.journal_begins_s.get_or_init(|| begins_ms / 1000))
        })
    }
}

impl Watch {
    /// Looks at these.
    #[must_use]
    pub fn over(sources: Sources) -> Self {
        Self(Arc::new(Looking {
            sources,
            certificate_ends_s: AtomicI64::new(UNKNOWN),
            no_metrics: AtomicBool::new(false),
            journal_begins_s: OnceLock::new(),
        }))
    }

    /// The certificate that is used from now on ends then (seconds since 1970-01-01 UTC); whoever loads one says so.
    pub fn certificate_in_use(&self, ends_s: Option<i64>) {
        self.0
            .certificate_ends_s
            .store(ends_s.unwrap_or(UNKNOWN), Ordering::Relaxed);
    }

    /// There should be a port for metrics, and it could not be opened.
    pub fn without_metrics(&self) {
        self.0.no_metrics.store(true, Ordering::Relaxed);
    }

    /// What does not change while the server runs.
    #[must_use]
    pub fn setup(&self) -> Setup {
        Setup {
            no_metrics: self.0.no_metrics.load(Ordering::Relaxed),
            ..self.0.sources.setup
        }
    }

    /// How everything is now. Waits no longer than a second for whoever does not answer.
    pub async fn look(&self) -> Seen {
        let sources = &self.0.sources;
        let (looking, directory) = (Arc::clone(&self.0), sources.data_dir.clone());
        let (workers, machine) = tokio::join!(
            self.workers(),
            timeout(
                ANSWER_WITHIN,
                spawn_blocking(move || {
                    let backed_up_s = backup::latest_s(&directory);
                    let journal_begins_s = looking.journal_begins_s(&directory);
                    let machine = (Disk::of(&directory), Descriptors::of_this_process());
                    (machine, backed_up_s, journal_begins_s)
                })
            )
        );
        // A disk that hangs does not answer; that is not known rather than full.
        let ((disk, descriptors), backed_up_s, journal_begins_s) =
            machine.ok().and_then(Result::ok).unwrap_or_default();
        let certificate_ends_s = self.0.certificate_ends_s.load(Ordering::Relaxed);
        Seen {
            meetings: sources.hall.overviews(),
            workers,
            connections: Connections {
                open: sources
                    .connections
                    .saturating_sub(u32::try_from(sources.places.available_permits()).unwrap_or(u32::MAX)),
                limit: sources.connections,
            },
            disk,
            time: Some(TimeSource::of_the_kernel()),
            clock_ahead_ms: sources.clock.ahead_ms(),
            certificate_ends_s: (certificate_ends_s != UNKNOWN).then_some(certificate_ends_s),
            backed_up_s,
            journal_begins_s,
            descriptors,
            draining: !sources.hall.is_open() || sources.hall.draining().is_some(),
        }
    }

    /// What Prometheus reads.
    ///
    /// # Errors
    /// As [`Metrics::text`].
    pub async fn text(&self) -> prometheus::Result<String> {
        let seen = self.look().await;
        let metrics = &self.0.sources.metrics;
        metrics.show(&seen);
        metrics.text()
    }

    async fn workers(&self) -> Vec<WorkerSeen> {
        // Asked first and awaited afterwards: the ports must become free when the server stops, whoever waits here.
        let asked: Vec<_> = match self.0.sources.workers.upgrade() {
            Some(pool) => pool.places().map(|place| ask(&pool, place)).collect(),
            None => Vec::new(),
        };
        let until = Instant::now() + ANSWER_WITHIN;
        let mut seen = Vec::with_capacity(asked.len());
        for (load, answer) in asked {
            let counters = timeout_at(until, answer).await.ok().and_then(Result::ok);
            seen.push(WorkerSeen { load, counters });
        }
        seen
    }
}

fn ask(pool: &Pool, place: lika_sfu::worker::Place) -> (Load, oneshot::Receiver<lika_sfu::relay::Counters>) {
    let (reply, answer) = oneshot::channel();
    let tell = move |counters| {
        // Whoever asked may have stopped waiting.
        let _ = reply.send(counters);
    };
    // A mailbox that is full drops the reply, which is no answer.
    let _ = pool.count(place, tell);
    (pool.load(place).unwrap_or_default(), answer)
}
