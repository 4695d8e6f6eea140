//! The figures as a picture (SVG): for each fault the share detected, and how long it took to the chair's screen.

use super::Findings;
use super::catalogue::catalogue;
use super::tally::Figures;
use std::fmt::Write as _;

const ROW: f64 = 22.0;
const TOP: f64 = 64.0;
const NAMES: f64 = 170.0;
const BAR: f64 = 260.0;
const GAP: f64 = 70.0;
/// Seconds that the right bars are scaled to.
const SCALE_S: f64 = 15.0;
const GREEN: &str = "#1b7f4b";
const RED: &str = "#b3261e";
const BLUE: &str = "#1f5fa8";
const PALE: &str = "#e4e8ec";

/// Draws them.
pub(super) fn draw(findings: &Findings) -> String {
    let faults = catalogue();
    let rows: Vec<(&str, &Figures)> = faults
        .iter()
        .filter_map(|fault| Some((fault.name.as_str(), findings.faults.get(&fault.name)?)))
        .chain([("total", &findings.total)])
        .collect();
    let (width, height) = (NAMES + 2.0 * BAR + 2.0 * GAP, TOP + ROW * rows.len() as f64 + 16.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <title>Faults injected, detected, and the time to the chair's screen</title>\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"white\"/>\n"
    );
    text(&mut svg, 12.0, 22.0, &heading(findings));
    text(&mut svg, NAMES, 50.0, "detected, of those at 1.5 times a red limit");
    let right = NAMES + BAR + GAP;
    text(&mut svg, right, 50.0, "seconds to the chair's screen, p50 and p99");
    for (n, (name, figures)) in rows.iter().enumerate() {
        let y = TOP + ROW * n as f64;
        text(&mut svg, 12.0, y + 14.0, name);
        detected(&mut svg, y, figures);
        latency(&mut svg, right, y, figures);
    }
    svg.push_str("</svg>\n");
    svg
}

fn heading(findings: &Findings) -> String {
    format!(
        "{} meetings of {}, each fault {} times, profile {}",
        findings.meetings, findings.delegates, findings.repeat, findings.profile
    )
}

fn detected(svg: &mut String, y: f64, figures: &Figures) {
    bar(svg, NAMES, y, BAR, PALE);
    if figures.injected == 0 {
        let told = format!("{} rightly green, {} between", figures.harmless, figures.grey);
        text(svg, NAMES + 6.0, y + 14.0, &told);
        return;
    }
    let share = figures.right_direction.min(figures.detected) as f64 / figures.injected as f64;
    let colour = if figures.hold() { GREEN } else { RED };
    bar(svg, NAMES, y, BAR * share, colour);
    let told = format!("{}/{}", figures.detected, figures.injected);
    text(svg, NAMES + BAR + 6.0, y + 14.0, &told);
}

fn latency(svg: &mut String, x: f64, y: f64, figures: &Figures) {
    let (Some(p50), Some(p99)) = (figures.latency_s.p50, figures.latency_s.p99) else {
        return;
    };
    let length = |seconds: f64| BAR * (seconds / SCALE_S).clamp(0.0, 1.0);
    bar(svg, x, y, length(p99), PALE);
    bar(svg, x, y, length(p50), BLUE);
    text(svg, x + length(p99) + 6.0, y + 14.0, &format!("{p50:.1} / {p99:.1}"));
}

fn bar(svg: &mut String, x: f64, y: f64, width: f64, colour: &str) {
    let height = ROW - 4.0;
    let _ = writeln!(
        svg,
        "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height}\" fill=\"{colour}\"/>"
    );
}

fn text(svg: &mut String, x: f64, y: f64, text: &str) {
    let safe = text.replace('&', "&amp;").replace('<', "&lt;");
    let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\">{safe}</text>");
}

#[cfg(test)]
mod tests {
    use super::super::tally::Percentiles;
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn every_fault_has_its_bars_and_a_bad_one_is_red() {
        let figures = |detected| Figures {
            injected: 20,
            detected,
            right_person: detected,
            right_direction: detected,
            latency_s: Percentiles {
                p50: Some(5.2),
                p99: Some(5.9),
            },
            ..Figures::default()
        };
        let findings = Findings {
            profile: "likvardig-1".into(),
            delegates: 6,
            meetings: 8,
            repeat: 20,
            seed: 1,
            seconds: 100.0,
            faults: BTreeMap::from([("link_cut".into(), figures(20)), ("delay_600".into(), figures(19))]),
            total: figures(39),
            verdict_to_screen_ms: Percentiles::default(),
            alerts: 0,
            disturbed: 0,
            untried: 0,
            failures: Vec::new(),
        };
        let svg = draw(&findings);
        assert!(svg.contains(">link_cut<") && svg.contains(">delay_600<") && svg.contains(">5.2 / 5.9<"));
        assert!(svg.contains(GREEN) && svg.contains(RED) && svg.contains("20/20") && svg.contains("19/20"));
        let table = findings.to_string();
        assert!(
            table.contains("| link_cut ") && table.contains("NOT everything"),
            "{table}"
        );
    }
}
