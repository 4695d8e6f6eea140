//! The figures as a table for people.

use super::tally::{Figures, Percentiles};
use super::{Findings, catalogue::catalogue};
use std::fmt;

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} meetings of {}, each fault {} times, profile {}, seed {}, {:.0} s",
            self.meetings, self.delegates, self.repeat, self.profile, self.seed, self.seconds
        )?;
        writeln!(
            f,
            "| {:<18} | injected | detected | person | direction | latency p50 | p99 s | late | cleared | false | harmless | grey (told) |",
            "fault"
        )?;
        writeln!(
            f,
            "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
        )?;
        for fault in catalogue() {
            if let Some(figures) = self.faults.get(&fault.name) {
                row(f, &fault.name, figures)?;
            }
        }
        row(f, "total", &self.total)?;
        let Percentiles { p50, p99 } = self.verdict_to_screen_ms;
        writeln!(
            f,
            "verdict to the chair's screen, {} alerts: p50 {} ms, p99 {} ms",
            self.alerts,
            or_dash(p50),
            or_dash(p99)
        )?;
        if self.disturbed + self.untried > 0 {
            writeln!(
                f,
                "{} trials were set aside, since others than the victims were in trouble as well (a busy machine), and {} of \
                 them could not be made anew",
                self.disturbed, self.untried
            )?;
        }
        for failure in &self.failures {
            writeln!(f, "not as it should be: {failure}")?;
        }
        write!(
            f,
            "{}",
            if self.hold() {
                "everything that had to be told was told, rightly and in time, and nothing else"
            } else {
                "NOT everything was as it should be"
            }
        )
    }
}

fn row(f: &mut fmt::Formatter<'_>, name: &str, one: &Figures) -> fmt::Result {
    writeln!(
        f,
        "| {name:<18} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} ({}) |",
        one.injected,
        one.detected,
        one.right_person,
        one.right_direction,
        or_dash(one.latency_s.p50),
        or_dash(one.latency_s.p99),
        one.late,
        one.cleared,
        one.false_alarms,
        one.harmless,
        one.grey,
        one.grey_detected
    )
}

fn or_dash(figure: Option<f64>) -> String {
    figure.map_or_else(|| "–".into(), |figure| format!("{figure:.1}"))
}
