//! Series that differ by labels. Every one of them is there from the start, so that an alert about the first of its kind
//! sees a rise from zero.

use super::label::Labels;
use prometheus::{Gauge, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, Result};
use std::marker::PhantomData;
use std::sync::{Mutex, PoisonError};

/// Counters, one for each value of the labels.
pub(super) struct CounterBy<L> {
    series: IntCounterVec,
    by: PhantomData<L>,
}

impl<L: Labels> CounterBy<L> {
    pub(super) fn new(registry: &Registry, name: &str, help: &str) -> Result<Self> {
        let series = IntCounterVec::new(Opts::new(name, help), &L::names())?;
        for labels in L::all() {
            series.get_metric_with_label_values(&labels.values())?;
        }
        registry.register(Box::new(series.clone()))?;
        let by = PhantomData;
        Ok(Self { series, by })
    }

    pub(super) fn inc(&self, labels: L) {
        self.series.with_label_values(&labels.values()).inc();
    }

    /// What somebody else has counted.
    pub(super) fn show(&self, labels: L, total: u64) {
        show_total(&self.series.with_label_values(&labels.values()), total);
    }
}

/// Gauges, one for each value of the labels.
pub(super) struct GaugeBy<L> {
    series: IntGaugeVec,
    by: PhantomData<L>,
}

impl<L: Labels> GaugeBy<L> {
    pub(super) fn new(registry: &Registry, name: &str, help: &str) -> Result<Self> {
        let series = IntGaugeVec::new(Opts::new(name, help), &L::names())?;
        for labels in L::all() {
            series.get_metric_with_label_values(&labels.values())?;
        }
        registry.register(Box::new(series.clone()))?;
        let by = PhantomData;
        Ok(Self { series, by })
    }

    /// Counts things by their labels; what none has is zero.
    pub(super) fn show(&self, things: impl Iterator<Item = (L, u64)>)
    where
        L: PartialEq,
    {
        let things: Vec<_> = things.collect();
        for labels in L::all() {
            let these = things.iter().filter(|(one, _)| *one == labels);
            let total: u64 = these.map(|(_, count)| count).sum();
            let gauge = self.series.with_label_values(&labels.values());
            gauge.set(i64::try_from(total).unwrap_or(i64::MAX));
        }
    }
}

/// A gauge that is only there while its value is known.
pub(super) struct KnownGauge {
    registry: Registry,
    gauge: IntGauge,
    is_shown: Mutex<bool>,
}

impl KnownGauge {
    pub(super) fn new(registry: &Registry, name: &str, help: &str) -> Result<Self> {
        Ok(Self {
            registry: registry.clone(),
            gauge: IntGauge::new(name, help)?,
            is_shown: Mutex::new(false),
        })
    }

    pub(super) fn show(&self, value: Option<i64>) {
        let mut is_shown = self.is_shown.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = value {
            self.gauge.set(value);
        }
        if *is_shown == value.is_some() {
            return;
        }
        let collector = Box::new(self.gauge.clone());
        let changed = if value.is_some() {
            self.registry.register(collector)
        } else {
            self.registry.unregister(collector)
        };
        *is_shown = value.is_some() && changed.is_ok();
    }
}

/// Totals only rise, unless whoever counts has begun anew.
pub(super) fn show_total(counter: &IntCounter, total: u64) {
    match total.checked_sub(counter.get()) {
        Some(more) => counter.inc_by(more),
        None => {
            counter.reset();
            counter.inc_by(total);
        }
    }
}

pub(super) fn gauge(registry: &Registry, name: &str, help: &str) -> Result<IntGauge> {
    let gauge = IntGauge::new(name, help)?;
    registry.register(Box::new(gauge.clone()))?;
    Ok(gauge)
}

pub(super) fn seconds(registry: &Registry, name: &str, help: &str) -> Result<Gauge> {
    let gauge = Gauge::new(name, help)?;
    registry.register(Box::new(gauge.clone()))?;
    Ok(gauge)
}

pub(super) fn counter(registry: &Registry, name: &str, help: &str) -> Result<IntCounter> {
    let counter = IntCounter::new(name, help)?;
    registry.register(Box::new(counter.clone()))?;
    Ok(counter)
}

#[cfg(test)]
mod tests {
    use super::{KnownGauge, show_total};
    use prometheus::{IntCounter, Registry};

    #[test]
    fn a_total_that_begins_anew_is_shown_as_it_is() {
        let counter = IntCounter::new("a", "b").unwrap();
        for total in [3, 9, 4] {
            show_total(&counter, total);
            assert_eq!(counter.get(), total);
        }
    }

    #[test]
    fn what_is_not_known_is_not_shown() {
        let registry = Registry::new();
        let gauge = KnownGauge::new(&registry, "a", "b").unwrap();
        let shown = [None, Some(1), Some(2), None, Some(3)].map(|value| {
            gauge.show(value);
            registry
                .gather()
                .first()
                .map(|family| family.get_metric()[0].get_gauge().get_value())
        });
        assert_eq!(shown, [None, Some(1.0), Some(2.0), None, Some(3.0)]);
    }
}
