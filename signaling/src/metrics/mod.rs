//! Metrics for Prometheus: numbers about the server, never about a person. docs/operations/watching.md lists them.
//!
//! What happens is counted where it happens ([`Metrics`]); what is, is looked at when somebody asks ([`Watch`]), so that
//! nobody does anything for metrics that nobody reads.

pub mod capacity;
mod family;
pub mod label;
pub mod machine;
mod relay;
mod seen;
mod timing;
pub mod warning;
mod watch;

pub use relay::WORKER;
pub use seen::{Connections, Seen, WorkerSeen};
pub use watch::{Sources, Watch};

use crate::conference::Overview;
use crate::equal_terms::{Cause, Level};
use crate::journal::Synchronised;
use crate::meeting::MeetingId;
use family::{CounterBy, GaugeBy, KnownGauge, counter, gauge, seconds};
use label::{Class, Kept, SignIn, Stage, Whereabouts};
use prometheus::process_collector::ProcessCollector;
use prometheus::{Gauge, IntCounter, IntGauge, IntGaugeVec, Opts, Registry, Result, TextEncoder};
use relay::RelayMetrics;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use timing::Timing;
use tokio::time::Instant;

/// Where everything is counted. Cheap to clone; all clones count together.
#[derive(Clone)]
pub struct Metrics(Arc<All>);

struct All {
    registry: Registry,
    meetings: GaugeBy<(Stage,)>,
    participants: GaugeBy<(Whereabouts,)>,
    alerts: GaugeBy<(Level, Cause)>,
    alerts_raised: CounterBy<(Level, Cause)>,
    judging: Timing,
    journal_write: Timing,
    journal_failures: IntCounter,
    samples: CounterBy<(Kept,)>,
    samples_failures: IntCounter,
    requests: CounterBy<(Class,)>,
    sign_ins: CounterBy<(SignIn,)>,
    connections: IntGauge,
    connections_limit: IntGauge,
    relay: RelayMetrics,
    disk_free: KnownGauge,
    disk_size: KnownGauge,
    certificate: KnownGauge,
    backed_up: KnownGauge,
    journal_begins: KnownGauge,
    synchronised: KnownGauge,
    clock_ahead: Gauge,
    draining: IntGauge,
}

impl Metrics {
    /// Nothing counted yet.
    ///
    /// # Errors
    /// Two metrics have one name, which is a mistake of ours.
    pub fn new() -> Result<Self> {
        let registry = Registry::new();
        registry.register(Box::new(ProcessCollector::for_self()))?;
        show_build(&registry)?;
        Ok(Self(Arc::new(All::new(registry)?)))
    }

    /// Somebody is not heard, not seen, or says so.
    pub fn alert_raised(&self, level: Level, cause: Cause) {
        self.0.alerts_raised.inc((level, cause));
    }

    /// A second has been judged.
    pub fn judged(&self, took: Duration) {
        self.0.judging.observe(took);
    }

    /// Events have been written to the journal and brought to the disk.
    pub fn journal_written(&self, took: Duration) {
        self.0.journal_write.observe(took);
    }

    /// Events could not be written.
    pub fn journal_failed(&self) {
        self.0.journal_failures.inc();
    }

    /// A line of samples was handed on, or dropped.
    pub fn sample(&self, kept: Kept) {
        self.0.samples.inc((kept,));
    }

    /// The samples' files could not be written.
    pub fn samples_failed(&self) {
        self.0.samples_failures.inc();
    }

    /// A request has been answered.
    pub fn answered(&self, class: Class) {
        self.0.requests.inc((class,));
    }

    /// A login has ended.
    pub fn sign_in(&self, outcome: SignIn) {
        self.0.sign_ins.inc((outcome,));
    }

    /// Everything in the text format of Prometheus.
    ///
    /// # Errors
    /// A metric has no value, which is a mistake of ours.
    pub fn text(&self) -> Result<String> {
        TextEncoder::new().encode_to_string(&self.0.registry.gather())
    }

    /// Shows what was seen.
    pub fn show(&self, seen: &Seen) {
        let all = &*self.0;
        all.show_meetings(&seen.meetings);
        all.connections.set(i64::from(seen.connections.open));
        all.connections_limit.set(i64::from(seen.connections.limit));
        all.relay.show(&seen.workers);
        let bytes = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        all.disk_free.show(seen.disk.map(|disk| bytes(disk.free)));
        all.disk_size.show(seen.disk.map(|disk| bytes(disk.size)));
        all.certificate.show(seen.certificate_ends_s);
        all.backed_up.show(seen.backed_up_s);
        all.journal_begins.show(seen.journal_begins_s);
        all.synchronised
            .show(seen.time.and_then(|time| match time.synchronised {
                Synchronised::Yes => Some(1),
                Synchronised::No => Some(0),
                Synchronised::Unknown => None,
            }));
        // Milliseconds of many years are exact.
        #[allow(clippy::cast_precision_loss)]
        all.clock_ahead.set(seen.clock_ahead_ms as f64 / 1000.0);
        all.draining.set(i64::from(seen.draining));
    }
}

impl All {
    #[allow(clippy::too_many_lines)]
    fn new(registry: Registry) -> Result<Self> {
        let to = &registry;
        Ok(Self {
            meetings: GaugeBy::new(to, "lika_meetings", "Meetings that are loaded, by where they stand.")?,
            participants: GaugeBy::new(
                to,
                "lika_participants",
                "People of all meetings: inside, lost (inside until the connection broke, of meetings in session), or in the lobby.",
            )?,
            alerts: GaugeBy::new(
                to,
                "lika_alerts",
                "Standing alerts of the meetings in session: somebody does not take part on equal terms.",
            )?,
            alerts_raised: CounterBy::new(to, "lika_alerts_raised_total", "Alerts raised.")?,
            judging: Timing::new(
                to,
                "lika_judge_seconds",
                "Time to judge one second of one meeting.",
                &timing::JUDGING,
            )?,
            journal_write: Timing::new(
                to,
                "lika_journal_write_seconds",
                "Time to write what happened to the journal and bring it to the disk.",
                &timing::WRITING,
            )?,
            journal_failures: counter(
                to,
                "lika_journal_write_failures_total",
                "Times that the journal could not be written; nothing is decided meanwhile.",
            )?,
            samples: CounterBy::new(
                to,
                "lika_samples_lines_total",
                "Lines of samples, by what became of them.",
            )?,
            samples_failures: counter(
                to,
                "lika_samples_write_failures_total",
                "Times that the samples could not be written; the meeting goes on without them.",
            )?,
            requests: CounterBy::new(
                to,
                "lika_http_requests_total",
                "HTTP requests answered, by the class of the answer; an opened WebSocket is 1xx.",
            )?,
            sign_ins: CounterBy::new(
                to,
                "lika_sign_in_total",
                "Logins that came back from a provider or never got there, by how they ended.",
            )?,
            connections: gauge(to, "lika_connections", "Connections open to the HTTPS port.")?,
            connections_limit: gauge(
                to,
                "lika_connections_limit",
                "Connections that may be open to the HTTPS port (limits.connections).",
            )?,
            relay: RelayMetrics::new(to)?,
            disk_free: KnownGauge::new(to, "lika_disk_free_bytes", "Room left for the data directory.")?,
            disk_size: KnownGauge::new(to, "lika_disk_size_bytes", "Size of the data directory's file system.")?,
            certificate: KnownGauge::new(
                to,
                "lika_tls_certificate_expiry_timestamp_seconds",
                "When the certificate in use ends, in seconds since 1970-01-01 UTC.",
            )?,
            backed_up: KnownGauge::new(
                to,
                "lika_backup_last_success_timestamp_seconds",
                "When the latest backup was made, in seconds since 1970-01-01 UTC.",
            )?,
            journal_begins: KnownGauge::new(
                to,
                "lika_journal_begin_timestamp_seconds",
                "When the first meeting of the journal was convened, in seconds since 1970-01-01 UTC.",
            )?,
            synchronised: KnownGauge::new(
                to,
                "lika_clock_synchronised",
                "Whether the machine's clock follows a time server.",
            )?,
            clock_ahead: seconds(
                to,
                "lika_clock_ahead_seconds",
                "How far the server's own clock is ahead of the machine's; behind it: below zero.",
            )?,
            draining: gauge(
                to,
                "lika_draining",
                "Whether no new meeting is begun because the server is to stop.",
            )?,
            registry,
        })
    }

    fn show_meetings(&self, meetings: &[(MeetingId, Overview)]) {
        let now = Instant::now();
        let watched: Vec<Overview> = meetings.iter().map(|(_, one)| one.watched(now)).collect();
        self.meetings.show(watched.iter().map(|one| ((one.stage,), 1)));
        self.participants.show(watched.iter().flat_map(Overview::people));
        self.alerts
            .show(watched.iter().flat_map(|one| one.alerts.iter().copied()));
    }
}

fn show_build(registry: &Registry) -> Result<()> {
    let about = Opts::new("lika_build_info", "The version that runs; always 1.");
    let build = IntGaugeVec::new(about, &["version"])?;
    build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
    registry.register(Box::new(build))
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}
