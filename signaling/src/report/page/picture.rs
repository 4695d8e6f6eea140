//! The quality over time, a picture for each person. Colour, pattern and sign each say the level by themselves.

use super::{Writer, list, paragraph};
use crate::equal_terms::Level;
use crate::report::strips::{DIRECTIONS, Recording, Strip, Strips};
use lika_auth::html::escape;
use std::fmt::Write as _;

/// Where the columns begin, and how high a row is, in the picture's units; a column is one wide.
const LEFT: usize = 58;
const ROW: usize = 11;
/// A run of columns narrower than this has no sign in it.
const SIGN: usize = 9;
/// The least distance of two times on the axis.
const TICK: usize = 90;

/// In the order of how they are explained.
const LEVELS: [Level; 5] = [Level::Green, Level::Amber, Level::Red, Level::Unknown, Level::Suspended];

/// Used by every picture of the page.
const PATTERNS: &str = "<svg width=\"0\" height=\"0\" style=\"position:absolute\" aria-hidden=\"true\"><defs>\
    <pattern id=\"amber\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">\
    <rect width=\"5\" height=\"5\" fill=\"#f6c445\"/><rect width=\"1.6\" height=\"5\" fill=\"#8a5a00\"/></pattern>\
    <pattern id=\"unknown\" width=\"4\" height=\"4\" patternUnits=\"userSpaceOnUse\">\
    <rect width=\"4\" height=\"4\" fill=\"#fff\"/><circle cx=\"2\" cy=\"2\" r=\"1\" fill=\"#16202b\"/></pattern>\
    <pattern id=\"suspended\" width=\"4\" height=\"4\" patternUnits=\"userSpaceOnUse\">\
    <rect width=\"4\" height=\"4\" fill=\"#e3e7ec\"/><rect width=\"4\" height=\"1\" fill=\"#7a8694\"/></pattern>\
    <pattern id=\"left-out\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(-45)\">\
    <rect width=\"6\" height=\"6\" fill=\"#fff\"/><rect width=\"2\" height=\"6\" fill=\"#16202b\"/></pattern>\
    </defs></svg>\n";

const fn fill(level: Level) -> &'static str {
    match level {
        Level::Green => "#bfe3cc",
        Level::Amber => "url(#amber)",
        Level::Red => "#a31712",
        Level::Unknown => "url(#unknown)",
        Level::Suspended => "url(#suspended)",
    }
}

impl Writer<'_> {
    pub(super) fn quality(&self) -> String {
        let texts = self.words.texts();
        let Some(recording) = self.page.recording.filter(|recording| recording.strips.width_ms > 0) else {
            return paragraph(texts.no_samples);
        };
        let strips = &recording.strips;
        let mut html = PATTERNS.to_owned();
        html += &format!(
            "<p>{} {}</p>\n",
            escape(texts.quality_explained),
            escape(&self.words.column(strips.width_ms / 1000))
        );
        html += &self.key(!recording.left_out.is_empty());
        for person in &self.page.account.people {
            if let Some(strip) = strips.people.get(&person.id) {
                html += &self.figure(&self.name(person.id), recording, strip);
            }
        }
        html + &self.gaps(recording)
    }

    fn key(&self, left_out: bool) -> String {
        let mut html = "<ul class=\"key\">".to_owned();
        for level in LEVELS {
            let _ = write!(
                html,
                "<li><svg viewBox=\"0 0 34 12\" aria-hidden=\"true\"><rect width=\"34\" height=\"12\" fill=\"{}\"/>{}</svg>{}</li>",
                fill(level),
                sign_in(level, 0, 34, 0),
                escape(self.words.level(level))
            );
        }
        let not_judged = escape(self.words.texts().not_judged);
        html += &format!(
            "<li><svg viewBox=\"0 0 34 12\" aria-hidden=\"true\"><rect width=\"34\" height=\"12\" fill=\"#fff\" \
             stroke=\"#b8bec6\"/></svg>{not_judged}</li>"
        );
        if left_out {
            html += &format!(
                "<li><svg viewBox=\"0 0 34 12\" aria-hidden=\"true\"><rect width=\"34\" height=\"12\" \
                 fill=\"url(#left-out)\"/></svg>{}</li>",
                escape(self.words.texts().secret)
            );
        }
        html + "</ul>\n"
    }

    fn figure(&self, name: &str, recording: &Recording, strip: &Strip) -> String {
        let strips = &recording.strips;
        let columns = strips.columns();
        let height = ROW * DIRECTIONS.len() + 14;
        let told: Vec<String> = DIRECTIONS
            .iter()
            .zip(strip.seconds)
            .filter(|(_, (red, unknown))| *red + *unknown > 0)
            .map(|(direction, (red, unknown))| {
                format!(
                    "{}: {}",
                    self.words.direction(*direction),
                    self.words.seconds(red, unknown)
                )
            })
            .collect();
        let told = super::or(told.join(". "), &self.words.seconds(0, 0));
        let mut html = format!(
            "<figure>\n<figcaption><b>{}</b> <span>{}</span></figcaption>\n\
             <svg viewBox=\"0 0 {} {height}\" role=\"img\" aria-label=\"{}\">\n",
            escape(name),
            escape(&told),
            LEFT + columns.max(TICK) + 2,
            escape(&format!("{name}. {told}"))
        );
        for (at, (direction, row)) in DIRECTIONS.iter().zip(&strip.rows).enumerate() {
            let top = at * ROW;
            let _ = writeln!(
                html,
                "<text x=\"0\" y=\"{}\">{}</text>",
                top + ROW - 2,
                escape(self.words.direction(*direction))
            );
            for (from, width, level) in runs(row) {
                let _ = write!(
                    html,
                    "<rect x=\"{}\" y=\"{top}\" width=\"{width}\" height=\"{}\" fill=\"{}\"/>{}",
                    LEFT + from,
                    ROW - 1,
                    fill(level),
                    sign_in(level, LEFT + from, width, top)
                );
            }
        }
        html += &left_out(recording, columns);
        html += &self.axis(strips, columns, height);
        html + "</svg>\n</figure>\n"
    }

    /// Times below, and a line for each decision.
    fn axis(&self, strips: &Strips, columns: usize, height: usize) -> String {
        let mut html = String::new();
        let bottom = ROW * DIRECTIONS.len();
        for column in (0..columns.max(1)).step_by(TICK) {
            let _ = write!(
                html,
                "<rect x=\"{}\" y=\"{bottom}\" width=\"0.7\" height=\"4\" fill=\"#4c5967\"/><text x=\"{}\" y=\"{}\">{}</text>",
                LEFT + column,
                LEFT + column + 2,
                height - 3,
                self.page.times.clock(strips.begins_ms(column))
            );
        }
        for (_, decision) in self.page.account.decisions() {
            let column = strips.column_of(decision.at_ms);
            if column < columns && decision.at_ms >= strips.from_ms {
                let _ = write!(
                    html,
                    "<rect x=\"{}\" y=\"0\" width=\"1\" height=\"{bottom}\" fill=\"#16202b\"><title>{} {}</title></rect>",
                    LEFT + column,
                    escape(self.words.texts().decision),
                    decision.number
                );
            }
        }
        html + "\n"
    }

    fn gaps(&self, recording: &Recording) -> String {
        if recording.gaps.is_empty() && recording.left_out.is_empty() {
            return String::new();
        }
        let clock = |at_ms| self.page.times.clock(at_ms);
        let lost = recording.gaps.iter();
        let lost = lost.map(|gap| self.words.gap(&clock(gap.at_ms), gap.lost));
        let left_out = recording.left_out.iter().map(|one| {
            let (after, before) = (one.after_ms.map(clock), one.before_ms.map(clock));
            self.words.samples_left_out(after.as_deref(), before.as_deref())
        });
        format!(
            "<h3>{}</h3>{}",
            escape(self.words.texts().gaps),
            list(lost.chain(left_out))
        )
    }
}

/// What is left out, over all rows: between the last second before and the first after.
fn left_out(recording: &Recording, columns: usize) -> String {
    let strips = &recording.strips;
    let mut html = String::new();
    for one in &recording.left_out {
        let from = one.after_ms.map_or(0, |after_ms| strips.column_of(after_ms) + 1);
        let to = one.before_ms.map_or(columns, |before_ms| strips.column_of(before_ms));
        if from < to.min(columns) {
            let _ = write!(
                html,
                "<rect x=\"{}\" y=\"0\" width=\"{}\" height=\"{}\" fill=\"url(#left-out)\"/>",
                LEFT + from,
                to.min(columns) - from,
                ROW * DIRECTIONS.len() - 1
            );
        }
    }
    html
}

/// Neighbours that are alike, as one: where they begin, how many, and how they stand.
fn runs(row: &[Option<Level>]) -> Vec<(usize, usize, Level)> {
    let mut from = 0;
    let mut runs = Vec::new();
    for alike in row.chunk_by(|one, other| one == other) {
        if let Some(Some(level)) = alike.first() {
            runs.push((from, alike.len(), *level));
        }
        from += alike.len();
    }
    runs
}

/// The sign of a level in the middle of its run. Green has none: it is what the eye may pass by.
fn sign_in(level: Level, left: usize, width: usize, top: usize) -> String {
    let (sign, ink) = match level {
        Level::Green => return String::new(),
        Level::Amber => ("~", "#16202b"),
        Level::Red => ("!", "#fff"),
        Level::Unknown => ("?", "#16202b"),
        Level::Suspended => ("–", "#16202b"),
    };
    if width < SIGN {
        return String::new();
    }
    format!(
        "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\" style=\"fill:{ink};font-weight:700\">{sign}</text>",
        left + width / 2,
        top + ROW - 2
    )
}
