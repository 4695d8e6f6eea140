//! What the relay's workers count.

use super::family::{CounterBy, counter, show_total};
use super::label::{DroppedFor, RefusedFor};
use super::seen::WorkerSeen;
use lika_sfu::relay::Counters;
use prometheus::{GaugeVec, IntCounter, IntGaugeVec, Opts, Registry, Result};

/// The label of a worker: its number, below [`lika_sfu::worker::MAX_WORKERS`].
pub const WORKER: &str = "worker";

pub(super) struct RelayMetrics {
    received_bytes: IntCounter,
    sent_bytes: IntCounter,
    received: IntCounter,
    sent: IntCounter,
    forwarded: IntCounter,
    resent: IntCounter,
    repaired: IntCounter,
    refused: CounterBy<(RefusedFor,)>,
    dropped: CounterBy<(DroppedFor,)>,
    busy: GaugeVec,
    peers: IntGaugeVec,
    up: IntGaugeVec,
}

impl RelayMetrics {
    pub(super) fn new(registry: &Registry) -> Result<Self> {
        let total = |name: &str, help: &str| counter(registry, name, help);
        let by_worker = |name: &str, help: &str| {
            let series = IntGaugeVec::new(Opts::new(name, help), &[WORKER])?;
            registry.register(Box::new(series.clone()))?;
            Ok::<_, prometheus::Error>(series)
        };
        let busy = GaugeVec::new(
            Opts::new(
                "lika_relay_worker_busy_ratio",
                "Share of the last second in which a thread of the relay did not wait. From 0.7 on it takes no new meeting.",
            ),
            &[WORKER],
        )?;
        registry.register(Box::new(busy.clone()))?;
        Ok(Self {
            received_bytes: total(
                "lika_relay_received_bytes_total",
                "Bytes of datagrams that came to the relay.",
            )?,
            sent_bytes: total("lika_relay_sent_bytes_total", "Bytes of datagrams that the relay sent.")?,
            received: total("lika_relay_received_packets_total", "Datagrams that came to the relay.")?,
            sent: total("lika_relay_sent_packets_total", "Datagrams that the relay sent.")?,
            forwarded: total(
                "lika_relay_forwarded_packets_total",
                "Packets of sound and picture sent on, once for each receiver.",
            )?,
            resent: total(
                "lika_relay_resent_packets_total",
                "Packets sent again because a receiver missed them.",
            )?,
            repaired: total(
                "lika_relay_repaired_packets_total",
                "Packets that a sender sent again because the relay missed them.",
            )?,
            refused: CounterBy::new(
                registry,
                "lika_relay_refused_packets_total",
                "Datagrams that came and were not taken.",
            )?,
            dropped: CounterBy::new(
                registry,
                "lika_relay_dropped_packets_total",
                "Packets that did not leave for a receiver who may have them.",
            )?,
            busy,
            peers: by_worker(
                "lika_relay_worker_peers",
                "Connections of sound and picture on a thread of the relay.",
            )?,
            up: by_worker("lika_relay_worker_up", "Whether a thread of the relay answers.")?,
        })
    }

    pub(super) fn show(&self, workers: &[WorkerSeen]) {
        for (number, worker) in workers.iter().enumerate() {
            let number = number.to_string();
            let number = [number.as_str()];
            let busy = f64::from(worker.load.busy) / 1000.0;
            self.busy.with_label_values(&number).set(busy);
            self.peers.with_label_values(&number).set(i64::from(worker.load.peers));
            self.up
                .with_label_values(&number)
                .set(i64::from(worker.counters.is_some()));
        }
        // While one does not answer, a sum without it would look like a restart.
        let counted: Option<Vec<&Counters>> = workers.iter().map(|worker| worker.counters.as_ref()).collect();
        if let Some(counted) = counted.filter(|counted| !counted.is_empty()) {
            self.show_sums(&counted);
        }
    }

    fn show_sums(&self, workers: &[&Counters]) {
        let sum = |field: fn(&Counters) -> u64| workers.iter().map(|one| field(one)).sum::<u64>();
        show_total(&self.received_bytes, sum(|one| one.received_bytes));
        show_total(&self.sent_bytes, sum(|one| one.sent_bytes));
        show_total(&self.received, sum(|one| one.received));
        show_total(&self.sent, sum(|one| one.sent));
        show_total(&self.forwarded, sum(|one| one.forwarded + one.caught_up));
        show_total(&self.resent, sum(|one| one.resent));
        show_total(&self.repaired, sum(|one| one.repaired));
        for (reason, field) in REFUSED {
            self.refused.show((reason,), sum(field));
        }
        for (reason, field) in DROPPED {
            self.dropped.show((reason,), sum(field));
        }
    }
}

type Field = fn(&Counters) -> u64;

const REFUSED: [(RefusedFor, Field); 7] = [
    (RefusedFor::Strange, |one| one.strange),
    (RefusedFor::Check, |one| one.stun_refused),
    (RefusedFor::NotOpened, |one| one.not_opened),
    (RefusedFor::Replayed, |one| one.replayed),
    (RefusedFor::Unreadable, |one| one.unreadable),
    (RefusedFor::UnknownStream, |one| one.unknown_stream),
    (RefusedFor::Faulted, |one| one.faulted),
];

/// Layers that a receiver is not shown by choice are no loss.
const DROPPED: [(DroppedFor, Field); 10] = [
    (DroppedFor::NoRoom, |one| one.no_room),
    (DroppedFor::TooOld, |one| one.too_old),
    (DroppedFor::NotNegotiated, |one| one.not_negotiated),
    (DroppedFor::NotConnected, |one| one.not_connected),
    (DroppedFor::NotSealed, |one| one.not_sealed),
    (DroppedFor::Overflowed, |one| one.overflowed),
    (DroppedFor::Pathless, |one| one.pathless),
    (DroppedFor::System, |one| one.refused_by_system),
    (DroppedFor::TcpQueue, |one| {
        one.tcp_pictures_dropped + one.tcp_others_dropped
    }),
    (DroppedFor::TcpGone, |one| one.tcp_gone),
];
