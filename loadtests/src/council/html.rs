//! The report: one file with everything in it, to be kept, printed and sent.

use super::chart::{Line, chart, escape, strips};
use super::course::Sample;
use super::findings::Findings;
use super::table::{DIRECTIONS, cell, facts};
use super::words;
use crate::language::Language;
use std::fmt::Write as _;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#1a1a1a;background:#fff}\
h1{font-size:1.5rem}h2{font-size:1.2rem;margin-top:2.5rem}h3{font-size:1rem;margin:0}small{font-weight:normal;color:#555}\
.verdict{font-size:1.25rem;padding:1rem 1.25rem;border-left:.5rem solid;background:#f4f6f8}.good{border-color:#1b7f4b}.bad{border-color:#b3261e}\
figure{margin:1.5rem 0}svg{width:100%;height:auto}svg text{font-size:11px;fill:#444}.end{text-anchor:end}.middle{text-anchor:middle}.small{font-size:9px}\
.grid{stroke:#dde2e7}path{fill:none;stroke-width:1.6}path.first{stroke:#1f5fa8}path.second{stroke:#c05a00;stroke-dasharray:7 3}path.third{stroke:#6b3fa0;stroke-dasharray:2 3}\
.key{width:2.4em;height:.6em;vertical-align:middle;margin:0 .4em 0 0}figcaption ul{list-style:none;margin:.25rem 0 0;padding:0}\
.level-g{fill:#1b7f4b}.level-a{fill:#f2b632}.level-r{fill:#b3261e}.level-u{fill:#c4cad0}.level-s{fill:#8fb3d9}\
table{border-collapse:collapse;width:100%;font-size:.85rem}th,td{padding:.25rem .5rem;border-bottom:1px solid #dde2e7;text-align:right}th:first-child{text-align:left}tbody th{font-weight:normal}\
td.amber{background:#fdf0cd}td.red{background:#f7d4d1;font-weight:bold}@media print{body{margin:0}}";

/// The report in a language.
pub(super) fn report(language: Language, findings: &Findings) -> String {
    let of = |swedish, english| language.of(swedish, english);
    let (code, title) = (of("sv", "en"), of("Lika: lasttest", "Lika: load test"));
    let class = if findings.approved { "good" } else { "bad" };
    let mut html = format!(
        "<!DOCTYPE html>\n<html lang=\"{code}\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n<p class=\"verdict {class}\">{}</p>\n<ul>\n",
        escape(&findings.verdict)
    );
    for fact in facts(language, findings) {
        let _ = writeln!(html, "<li>{}</li>", escape(&fact));
    }
    html.push_str("</ul>\n");
    everybody(&mut html, language, findings);
    let _ = writeln!(html, "<h2>{}</h2>", of("Över tiden", "Over time"));
    charts(&mut html, language, &findings.course);
    participants(&mut html, language, findings);
    let _ = writeln!(
        html,
        "<p><small>{}</small></p>\n</main>\n</body>\n</html>",
        of(
            "Godkänt betyder att hela sammanträdet kunde mätas och att ingen tjänstgörande deltagare var röd någon sekund efter uppstarten. Bandbredden är räknad hos deltagarna, med IP- och UDP-huvuden.",
            "Approved means that the whole meeting could be measured, and that nobody who served was red at any second after the start-up. Bandwidth is counted at the participants, with IP and UDP headers."
        )
    );
    html
}

fn everybody(html: &mut String, language: Language, findings: &Findings) {
    let title = language.of(
        "Varje deltagare, sekund för sekund",
        "Every participant, second by second",
    );
    let _ = writeln!(html, "<h2>{title}</h2>");
    let names = findings
        .participants
        .iter()
        .map(|one| (one.number, one.name.clone()))
        .collect();
    html.push_str(&strips(title, &names, &findings.strips));
    let key = |letter: char, swedish, english| {
        let word = language.of(swedish, english);
        format!(
            "<svg viewBox=\"0 0 10 10\" style=\"width:.8em\" aria-hidden=\"true\"><rect class=\"level-{letter}\" width=\"10\" height=\"10\"/></svg> {word} "
        )
    };
    let _ = writeln!(
        html,
        "<p><small>{}{}{}{}{}</small></p>",
        key('g', "likvärdigt", "equal terms"),
        key('a', "sekreteraren underrättas", "the secretary is told"),
        key('r', "larm", "alarm"),
        key('s', "anmäld paus", "declared pause"),
        key('u', "inte mätt", "not measured")
    );
}

fn charts(html: &mut String, language: Language, course: &[Sample]) {
    let of = |swedish, english| language.of(swedish, english);
    let line = |name, class, figure: fn(&Sample) -> Option<f64>| Line {
        name,
        class,
        points: course.iter().map(|sample| (sample.at_s, figure(sample))).collect(),
    };
    let delay = [
        line(of("rundtur, median", "round trip, median"), "first", |one| {
            one.round_trip_ms
        }),
        line(of("rundtur, längst", "round trip, longest"), "second", |one| {
            one.round_trip_worst_ms
        }),
        line(of("tal på väg, medel", "speech under way, mean"), "third", |one| {
            one.speech_ms
        }),
    ];
    html.push_str(&chart(language, of("Fördröjning", "Delay"), "ms", &delay));
    let loss = [
        line(of("medel", "mean"), "first", |one| Some(one.sound_lost * 100.0)),
        line(of("den som hörde sämst", "whoever heard worst"), "second", |one| {
            Some(one.sound_lost_worst * 100.0)
        }),
    ];
    html.push_str(&chart(language, of("Förlorat ljud", "Sound lost"), "%", &loss));
    let frozen = [
        line(of("medel", "mean"), "first", |one| Some(one.frozen * 100.0)),
        line(of("den som såg sämst", "whoever saw worst"), "second", |one| {
            Some(one.frozen_worst * 100.0)
        }),
    ];
    let title = of("Stillastående bild", "Frozen pictures");
    html.push_str(&chart(language, title, of("% av tiden", "% of the time"), &frozen));
    let cpu = [
        line(of("servern", "the server"), "first", |one| one.server_cores),
        line(of("ledamöterna", "the delegates"), "second", |one| {
            Some(one.delegates_cores)
        }),
    ];
    html.push_str(&chart(language, "CPU", of("kärnor", "cores"), &cpu));
    let memory = [line(of("servern", "the server"), "first", |one| one.server_memory_mb)];
    html.push_str(&chart(language, of("Minne", "Memory"), "MB", &memory));
    let bandwidth = [
        line(of("från servern", "from the server"), "first", |one| {
            Some(one.from_server_mbit_s)
        }),
        line(of("till servern", "to the server"), "second", |one| {
            Some(one.to_server_mbit_s)
        }),
    ];
    html.push_str(&chart(language, of("Bandbredd", "Bandwidth"), "Mbit/s", &bandwidth));
}

fn participants(html: &mut String, language: Language, findings: &Findings) {
    let _ = writeln!(
        html,
        "<h2>{}</h2>\n<table>\n<thead><tr><th scope=\"col\">{}</th>",
        language.of("Andel av tiden", "Share of the time"),
        language.of("Deltagare", "Participant")
    );
    for direction in DIRECTIONS {
        let _ = write!(html, "<th scope=\"col\">{}</th>", words::direction(language, direction));
    }
    let _ = writeln!(
        html,
        "<th scope=\"col\">kbit/s ↑</th><th scope=\"col\">kbit/s ↓</th><th scope=\"col\">{}</th></tr></thead>\n<tbody>",
        language.of("rundtur, ms", "round trip, ms")
    );
    for one in &findings.participants {
        let _ = write!(html, "<tr><th scope=\"row\">{}</th>", escape(&one.name));
        for direction in DIRECTIONS {
            let shares = one.directions.get(&direction);
            let class = match shares {
                Some(shares) if shares.red > 0.0 => " class=\"red\"",
                Some(shares) if shares.amber > 0.0 => " class=\"amber\"",
                _ => "",
            };
            let _ = write!(html, "<td{class}>{}</td>", cell(language, shares));
        }
        let round_trip = one
            .round_trip_ms
            .map_or_else(|| "–".into(), |ms| language.number(ms, 1));
        let _ = writeln!(
            html,
            "<td>{:.0}</td><td>{:.0}</td><td>{round_trip}</td></tr>",
            one.up_kbit_s, one.down_kbit_s
        );
    }
    html.push_str("</tbody>\n</table>\n");
}

#[cfg(test)]
mod tests {
    use super::super::findings::tests::{findings, held};
    use super::*;
    use lika::equal_terms::{Cause, Level};

    /// Every element that is opened is closed, in order.
    fn is_well_formed(html: &str) -> Result<(), String> {
        let mut open = Vec::new();
        for tag in html.split('<').skip(1) {
            let tag = tag.split('>').next().unwrap();
            if tag.starts_with('!') || tag.ends_with('/') {
                continue;
            }
            let name = tag.trim_start_matches('/').split([' ', '\n']).next().unwrap();
            if tag.starts_with('/') {
                let last: Option<&str> = open.pop();
                if last != Some(name) {
                    return Err(format!("{last:?} is closed by {name:?}"));
                }
            } else {
                open.push(name);
            }
        }
        if open.is_empty() {
            Ok(())
        } else {
            Err(format!("{open:?}"))
        }
    }

    #[test]
    fn the_report_stands_by_itself_in_both_languages() {
        let held = held(40, Level::Red, Some(Cause::SoundLoss));
        for language in [Language::Sv, Language::En] {
            let html = report(language, &findings(&held, 40, language));
            is_well_formed(&html).unwrap();
            for foreign in ["http:", "https:", "src=", "href=", "<script", "url(", "@import"] {
                assert!(!html.contains(foreign), "{foreign}");
            }
            let name = language.of("Ledamot 40", "Member 40");
            assert!(html.contains(&format!("<th scope=\"row\">{name}</th>")) && html.contains("level-r"));
            let other = language.of("Member", "Ledamot");
            assert!(!html.contains(other), "{other} in the other language");
        }
    }

    #[test]
    fn names_cannot_break_the_page() {
        let mut held = held(6, Level::Green, None);
        held.stuck = Some("<script>\"&".into());
        let html = report(Language::Sv, &findings(&held, 6, Language::Sv));
        is_well_formed(&html).unwrap();
        assert!(!html.contains("<script"));
    }
}
