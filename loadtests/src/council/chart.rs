//! Pictures of the test over time (SVG), without scripts and without anything from elsewhere.

use crate::language::Language;
use std::collections::BTreeMap;
use std::fmt::Write as _;

const WIDTH: f64 = 860.0;
const LEFT: f64 = 62.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 14.0;
const HEIGHT: f64 = 170.0;
const BOTTOM: f64 = 28.0;
const STRIP: f64 = 11.0;
const NAMES: f64 = 92.0;

/// One line of a chart.
pub(super) struct Line<'a> {
    pub(super) name: &'a str,
    pub(super) class: &'a str,
    /// Second and figure; `None` leaves a gap.
    pub(super) points: Vec<(f64, Option<f64>)>,
}

/// A chart with its figure axis from nothing to the highest.
pub(super) fn chart(language: Language, title: &str, unit: &str, lines: &[Line<'_>]) -> String {
    let figures = || lines.iter().flat_map(|line| &line.points);
    let end = figures().map(|(at, _)| *at).fold(1.0, f64::max);
    let highest = round_up(figures().filter_map(|(_, figure)| *figure).fold(0.0, f64::max));
    let x = |at: f64| LEFT + at / end * (WIDTH - LEFT - RIGHT);
    let y = |figure: f64| TOP + HEIGHT * (1.0 - figure / highest);
    let mut svg = format!(
        "<svg viewBox=\"0 0 {WIDTH} {}\" role=\"img\" aria-label=\"{}\">\n",
        TOP + HEIGHT + BOTTOM,
        escape(title)
    );
    for fifth in 0..=5 {
        let figure = highest * f64::from(fifth) / 5.0;
        let decimals = if highest >= 5.0 {
            0
        } else if highest >= 0.5 {
            1
        } else {
            2
        };
        let _ = writeln!(
            svg,
            "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{:.1}\" y1=\"{:.1}\" y2=\"{:.1}\"/><text class=\"end\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            WIDTH - RIGHT,
            y(figure),
            y(figure),
            LEFT - 6.0,
            y(figure) + 4.0,
            language.number(figure, decimals)
        );
    }
    time_axis(&mut svg, end, TOP + HEIGHT, x);
    for line in lines {
        let _ = writeln!(
            svg,
            "<path class=\"{}\" d=\"{}\"/>",
            line.class,
            path(&line.points, x, y)
        );
    }
    svg.push_str("</svg>");
    let legend = lines.iter().fold(String::new(), |mut text, line| {
        let _ = write!(
            text,
            "<li><svg class=\"key\" viewBox=\"0 0 24 6\" aria-hidden=\"true\"><path class=\"{}\" d=\"M0 3L24 3\"/></svg>{}: {}</li>",
            line.class,
            escape(line.name),
            summary(language, unit, &line.points)
        );
        text
    });
    format!(
        "<figure><h3>{} <small>({unit})</small></h3>\n{svg}\n<figcaption><ul>{legend}</ul></figcaption></figure>\n",
        escape(title)
    )
}

/// A line in words, for whoever does not see it.
fn summary(language: Language, unit: &str, points: &[(f64, Option<f64>)]) -> String {
    let figures: Vec<f64> = points.iter().filter_map(|(_, figure)| *figure).collect();
    let extremes = figures
        .iter()
        .copied()
        .reduce(f64::min)
        .zip(figures.iter().copied().reduce(f64::max));
    let Some((least, most)) = extremes else {
        return language.of("inte mätt", "not measured").to_owned();
    };
    let mean = figures.iter().sum::<f64>() / figures.len() as f64;
    let [least, mean, most] =
        [least, mean, most].map(|figure| language.number(figure, if most >= 10.0 { 0 } else { 2 }));
    match language {
        Language::Sv => format!("minst {least}, i medel {mean}, som mest {most} {unit}"),
        Language::En => format!("at least {least}, in the mean {mean}, at most {most} {unit}"),
    }
}

fn path(points: &[(f64, Option<f64>)], x: impl Fn(f64) -> f64, y: impl Fn(f64) -> f64) -> String {
    let mut path = String::new();
    let mut pen_down = false;
    for (at, figure) in points {
        if let Some(figure) = figure {
            let _ = write!(
                path,
                "{}{:.1} {:.1}",
                if pen_down { 'L' } else { 'M' },
                x(*at),
                y(*figure)
            );
        }
        pen_down = figure.is_some();
    }
    path
}

fn time_axis(svg: &mut String, end: f64, y: f64, x: impl Fn(f64) -> f64) {
    let step = [5.0, 10.0, 30.0, 60.0, 300.0, 600.0, 1800.0];
    let step = step.into_iter().find(|step| end / step <= 12.0).unwrap_or(3600.0);
    let mut at = 0.0;
    while at <= end {
        let minutes = (at / 60.0).floor();
        let _ = writeln!(
            svg,
            "<text class=\"middle\" x=\"{:.1}\" y=\"{:.1}\">{minutes:.0}:{:02.0}</text>",
            x(at),
            y + 18.0,
            at - minutes * 60.0
        );
        at += step;
    }
}

/// A row for each participant, coloured by the worst level of each second.
pub(super) fn strips(title: &str, names: &BTreeMap<usize, String>, strips: &BTreeMap<usize, String>) -> String {
    let seconds = strips
        .values()
        .map(|strip| strip.chars().count())
        .max()
        .unwrap_or(0)
        .max(1) as f64;
    let height = STRIP * strips.len() as f64;
    let x = |at: f64| NAMES + at / seconds * (WIDTH - NAMES - RIGHT);
    let mut svg = format!(
        "<svg viewBox=\"0 0 {WIDTH} {:.0}\" role=\"img\" aria-label=\"{}\">\n",
        height + BOTTOM,
        escape(title)
    );
    for (row, (number, strip)) in strips.iter().enumerate() {
        let y = STRIP * row as f64;
        let name = names.get(number).map_or("", String::as_str);
        let _ = writeln!(
            svg,
            "<text class=\"end small\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            NAMES - 6.0,
            y + 9.0,
            escape(name)
        );
        for (letter, from, length) in runs(strip) {
            let _ = writeln!(
                svg,
                "<rect class=\"level-{letter}\" x=\"{:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{:.1}\"/>",
                x(from as f64),
                x(length as f64) - x(0.0),
                STRIP - 1.0
            );
        }
    }
    time_axis(&mut svg, seconds, height, x);
    svg.push_str("</svg>\n");
    svg
}

/// Stretches of the same letter: which, from where, how long.
fn runs(strip: &str) -> Vec<(char, usize, usize)> {
    let mut runs: Vec<(char, usize, usize)> = Vec::new();
    for (at, letter) in strip.chars().enumerate() {
        match runs.last_mut() {
            Some((same, _, length)) if *same == letter => *length += 1,
            _ => runs.push((letter, at, 1)),
        }
    }
    runs
}

/// The next of 1, 2, 2.5, 5, 10 and their tens.
fn round_up(figure: f64) -> f64 {
    if figure <= 0.0 {
        return 1.0;
    }
    let power = 10f64.powf(figure.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0]
        .into_iter()
        .find(|step| step * power >= figure);
    step.unwrap_or(10.0) * power
}

/// For text and attributes of HTML and SVG.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_end_at_round_figures() {
        assert_eq!(
            [0.0, 0.3, 1.0, 7.0, 23.0, 180.0].map(round_up),
            [1.0, 0.5, 1.0, 10.0, 25.0, 200.0]
        );
    }

    #[test]
    fn the_same_letter_is_one_rectangle() {
        assert_eq!(runs("ggrg"), [('g', 0, 2), ('r', 2, 1), ('g', 3, 1)]);
        assert_eq!(runs(""), []);
    }

    #[test]
    fn whoever_does_not_see_a_line_reads_it() {
        let points = [(0.0, Some(1.0)), (1.0, None), (2.0, Some(4.0))];
        assert_eq!(
            summary(Language::Sv, "ms", &points),
            "minst 1,00, i medel 2,50, som mest 4,00 ms"
        );
        assert_eq!(summary(Language::En, "ms", &points[1..2]), "not measured");
    }

    #[test]
    fn a_gap_lifts_the_pen() {
        let points = [(0.0, Some(1.0)), (1.0, Some(2.0)), (2.0, None), (3.0, Some(1.0))];
        assert_eq!(path(&points, |x| x, |y| y), "M0.0 1.0L1.0 2.0M3.0 1.0");
    }
}
