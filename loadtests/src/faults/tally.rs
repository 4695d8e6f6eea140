//! The figures of a campaign: for each fault and in total.

use super::outcome::{Outcome, Residue};
use super::trial::Record;
use serde::Serialize;
use std::collections::BTreeMap;

/// Two percentiles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Percentiles {
    /// Half are at most this.
    pub p50: Option<f64>,
    /// 99 of 100 are at most this.
    pub p99: Option<f64>,
}

/// The figures of one fault, or of all.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Figures {
    /// Times that the truth was 1.5 times a red limit or more, or the break a hard one: these had to be detected.
    pub injected: usize,
    /// Of these, times that the chair was told.
    pub detected: usize,
    /// Of these, times that the chair was first told of the right person (or of the relay, where it was everybody's).
    pub right_person: usize,
    /// Of these, times that the chair was told of the right direction of that person.
    pub right_direction: usize,
    /// From the first second beyond the red limit (hard breaks: from the break) to the chair's screen, in seconds.
    pub latency_s: Percentiles,
    /// Of those detected, times that all alerts were taken back after the fault had ended.
    pub cleared: usize,
    /// Alerts with less than 0.67 of a red limit behind them, in all trials.
    pub false_alarms: usize,
    /// Times that the truth stayed below 0.67 of every red limit: rightly green.
    pub harmless: usize,
    /// Times in between: neither demanded nor held against anybody.
    pub grey: usize,
    /// Of these, times that the chair was told.
    pub grey_detected: usize,
    /// Of those detected, times that it took longer than asked (a hard break's row and 1 s; otherwise 12 s).
    pub late: usize,
    /// From the injection to the chair's screen, in seconds.
    pub since_injection_s: Percentiles,
}

impl Figures {
    /// Whether everything that had to be told was told rightly and in time, and nothing else.
    #[must_use]
    pub fn hold(&self) -> bool {
        let told = [self.detected, self.right_person, self.right_direction];
        told.iter().all(|count| *count == self.injected) && self.late == 0 && self.false_alarms == 0
    }

    /// Of a single trial.
    pub(super) fn of_one(record: &Record) -> Self {
        Self::of(std::iter::once(&record.outcome))
    }

    fn of<'a>(outcomes: impl Iterator<Item = &'a Outcome>) -> Self {
        let outcomes: Vec<&Outcome> = outcomes.collect();
        let residue = |residue| outcomes.iter().filter(move |one| one.residue == residue);
        let count = |so: fn(&Outcome) -> bool| residue(Residue::Demanded).filter(|one| so(one)).count();
        let times = |time: fn(&Outcome) -> Option<f64>| {
            percentiles(residue(Residue::Demanded).filter_map(|one| time(one)).collect())
        };
        Self {
            injected: count(|_| true),
            detected: count(|one| one.detected),
            right_person: count(|one| one.right_person),
            right_direction: count(|one| one.right_direction),
            latency_s: times(|one| one.latency_s),
            cleared: count(|one| one.cleared),
            false_alarms: outcomes.iter().map(|one| one.false_alarms).sum(),
            harmless: residue(Residue::Harmless).count(),
            grey: residue(Residue::Grey).count(),
            grey_detected: residue(Residue::Grey).filter(|one| one.detected).count(),
            late: count(|one| one.late),
            since_injection_s: times(|one| one.since_injection_s),
        }
    }
}

/// Figures by fault, and of all together.
pub(super) fn tally(records: &[Record]) -> (BTreeMap<String, Figures>, Figures) {
    let mut by_fault: BTreeMap<String, Vec<&Outcome>> = BTreeMap::new();
    for record in records {
        by_fault.entry(record.fault.clone()).or_default().push(&record.outcome);
    }
    let figures = by_fault
        .into_iter()
        .map(|(fault, outcomes)| (fault, Figures::of(outcomes.into_iter())));
    (
        figures.collect(),
        Figures::of(records.iter().map(|record| &record.outcome)),
    )
}

/// The nearest-rank percentiles.
pub(super) fn percentiles(mut figures: Vec<f64>) -> Percentiles {
    figures.sort_by(f64::total_cmp);
    let at = |percent: usize| {
        let rank = (figures.len() * percent).div_ceil(100).max(1);
        figures.get(rank - 1).map(|figure| (figure * 1000.0).round() / 1000.0)
    };
    Percentiles {
        p50: at(50),
        p99: at(99),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(residue: Residue, detected: bool) -> Outcome {
        Outcome {
            residue,
            severity: 2.0,
            detected,
            right_person: detected,
            right_direction: detected,
            latency_s: detected.then_some(1.5),
            since_injection_s: detected.then_some(6.0),
            late: false,
            cleared: detected,
            false_alarms: 0,
        }
    }

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        let hundred = percentiles((1..=100).map(f64::from).collect());
        assert_eq!((hundred.p50, hundred.p99), (Some(50.0), Some(99.0)));
        assert_eq!(
            percentiles(vec![3.0]),
            Percentiles {
                p50: Some(3.0),
                p99: Some(3.0)
            }
        );
        assert_eq!(percentiles(Vec::new()), Percentiles::default());
    }

    #[test]
    fn only_what_had_to_be_told_counts_as_injected() {
        use Residue::{Demanded, Grey, Harmless};
        let outcomes = [
            outcome(Demanded, true),
            outcome(Grey, true),
            outcome(Grey, false),
            outcome(Harmless, false),
        ];
        let figures = Figures::of(outcomes.iter());
        assert_eq!((figures.injected, figures.detected, figures.cleared), (1, 1, 1));
        assert_eq!((figures.grey, figures.grey_detected, figures.harmless), (2, 1, 1));
        assert_eq!(figures.latency_s.p50, Some(1.5));
        assert!(figures.hold());
    }

    #[test]
    fn a_miss_a_wrong_word_a_late_one_and_a_false_alarm_each_break_it() {
        let good = outcome(Residue::Demanded, true);
        let harms: [fn(&mut Outcome); 5] = [
            |one| one.detected = false,
            |one| one.right_person = false,
            |one| one.right_direction = false,
            |one| one.late = true,
            |one| one.false_alarms = 1,
        ];
        for harm in harms {
            let mut bad = good.clone();
            harm(&mut bad);
            assert!(!Figures::of([good.clone(), bad].iter()).hold());
        }
    }
}
