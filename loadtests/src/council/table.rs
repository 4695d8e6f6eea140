//! The findings as a table for a terminal.

use super::findings::{Findings, Participant};
use super::tally::Shares;
use super::words;
use crate::language::Language;
use lika::equal_terms::{Direction, Level};
use std::fmt::Write as _;

/// The directions in the order of the columns.
pub(super) const DIRECTIONS: [Direction; 6] = [
    Direction::Heard,
    Direction::Seen,
    Direction::Hears,
    Direction::Sees,
    Direction::Delay,
    Direction::Link,
];
const NAME: usize = 12;
const COLUMN: usize = 14;
/// More participants than that are told only where something was not green.
const ALL_UP_TO: usize = 12;

/// The verdict, then figures.
pub(super) fn table(language: Language, findings: &Findings) -> String {
    let mut text = format!("{}\n\n", findings.verdict);
    for line in facts(language, findings) {
        let _ = writeln!(text, "{line}");
    }
    let shown: Vec<&Participant> = findings
        .participants
        .iter()
        .filter(|one| findings.participants.len() <= ALL_UP_TO || !is_green(one))
        .collect();
    if shown.is_empty() {
        return text;
    }
    let _ = write!(text, "\n{:NAME$}", "");
    for direction in DIRECTIONS {
        let _ = write!(text, "{:>COLUMN$}", words::direction(language, direction));
    }
    let _ = writeln!(text, "{:>COLUMN$}{:>COLUMN$}", "kbit/s ↑", "kbit/s ↓");
    for one in &shown {
        let _ = write!(text, "{:NAME$}", one.name);
        for direction in DIRECTIONS {
            let _ = write!(text, "{:>COLUMN$}", cell(language, one.directions.get(&direction)));
        }
        let _ = writeln!(text, "{:>COLUMN$.0}{:>COLUMN$.0}", one.up_kbit_s, one.down_kbit_s);
    }
    let hidden = findings.participants.len() - shown.len();
    if hidden > 0 {
        let _ = match language {
            Language::Sv => writeln!(text, "Övriga {hidden}: gröna hela tiden."),
            Language::En => writeln!(text, "The other {hidden}: green all the time."),
        };
    }
    text
}

/// What is not green in a cell: "gult 0,4 %", "rött 12,0 %".
pub(super) fn cell(language: Language, shares: Option<&Shares>) -> String {
    let Some(shares) = shares else {
        return "–".into();
    };
    let bad = [
        (Level::Red, shares.red),
        (Level::Amber, shares.amber),
        (Level::Unknown, shares.unknown),
    ];
    match bad.into_iter().find(|(_, share)| *share > 0.0) {
        Some((Level::Unknown, share)) => format!("? {}", language.percent(share)),
        Some((level, share)) => format!("{} {}", words::level(language, level), language.percent(share)),
        None => words::level(language, Level::Green).to_owned(),
    }
}

fn is_green(one: &Participant) -> bool {
    !one.directions.is_empty()
        && one
            .directions
            .values()
            .all(|shares| shares.red + shares.amber + shares.unknown == 0.0)
}

/// What was done and taken, a line each.
pub(super) fn facts(language: Language, findings: &Findings) -> Vec<String> {
    let number = |value: f64, decimals| language.number(value, decimals);
    let done = &findings.procedure;
    let mut facts = vec![procedure(language, findings)];
    facts.extend(findings.left_open.map(|meeting| left_open(language, meeting)));
    if done.gavel_waited_s >= 1.0 {
        let waited = language.of(
            "Klubban väntade på likvärdiga villkor",
            "The gavel waited for equal terms",
        );
        facts.push(format!("{waited}: {} s", number(done.gavel_waited_s, 0)));
    }
    if let Some(network) = findings.network {
        let behind = language.of("deltagare bakom nätet", "participants behind the network");
        facts.push(format!("{} {behind} {}", findings.behind_network, network.name()));
    }
    let line = &findings.bandwidth;
    facts.push(match language {
        Language::Sv => format!(
            "Från servern {} Mbit/s (som mest {}), till servern {} Mbit/s (som mest {})",
            number(line.from_server_mbit_s_mean, 1),
            number(line.from_server_mbit_s_max, 1),
            number(line.to_server_mbit_s_mean, 1),
            number(line.to_server_mbit_s_max, 1)
        ),
        Language::En => format!(
            "From the server {} Mbit/s (at most {}), to the server {} Mbit/s (at most {})",
            number(line.from_server_mbit_s_mean, 1),
            number(line.from_server_mbit_s_max, 1),
            number(line.to_server_mbit_s_mean, 1),
            number(line.to_server_mbit_s_max, 1)
        ),
    });
    facts.push(server(language, findings));
    let load = &findings.load;
    facts.push(match language {
        Language::Sv => format!(
            "Lastmaskinen: ledamöterna {} kärnor, maskinen upptagen till {} (som mest {}) av {} kärnor{}",
            number(load.delegates_cores_mean, 2),
            language.percent(load.busy_mean),
            language.percent(load.busy_max),
            number(load.cores, 0),
            if load.busy_max > 0.95 {
                ": den kan själv ha stört mätningen"
            } else {
                ""
            }
        ),
        Language::En => format!(
            "The load machine: the delegates {} cores, the machine busy to {} (at most {}) of {} cores{}",
            number(load.delegates_cores_mean, 2),
            language.percent(load.busy_mean),
            language.percent(load.busy_max),
            number(load.cores, 0),
            if load.busy_max > 0.95 {
                ": it may itself have disturbed what was measured"
            } else {
                ""
            }
        ),
    });
    if !findings.full_pictures {
        facts.push(
            language
                .of(
                    "Lätta bilder: bandbredden är lägre än vid ett riktigt sammanträde",
                    "Light pictures: the bandwidth is lower than in a real meeting",
                )
                .to_owned(),
        );
    }
    facts
}

fn procedure(language: Language, findings: &Findings) -> String {
    let (done, heard) = (&findings.procedure, findings.seconds);
    match language {
        Language::Sv => format!(
            "Mätt {heard} s: upprop {}, anföranden {}, voteringar {}, beslut {}, gick ut och kom tillbaka {}",
            done.answers, done.speeches, done.votes, done.decisions, done.returns
        ),
        Language::En => format!(
            "Measured {heard} s: roll call {}, speeches {}, votes {}, decisions {}, left and came back {}",
            done.answers, done.speeches, done.votes, done.decisions, done.returns
        ),
    }
}

/// That a meeting is on the server still, and how whoever has the server ends it.
pub(crate) fn left_open(language: Language, meeting: u64) -> String {
    match language {
        Language::Sv => format!(
            "Testets sammanträde {meeting} kunde inte avslutas och finns kvar på servern; inbjudningarna till det är återkallade, om \
             servern svarade. Avsluta det: kör lika meeting invite {meeting} 1 på servern, öppna länken, som är ordförandens, och \
             tryck på Öppna sammanträdet, om det inte är öppnat, och Avsluta sammanträdet"
        ),
        Language::En => format!(
            "The test's meeting {meeting} could not be closed and is on the server still; the invitations to it are taken back, \
             if the server answered. Close it: run lika meeting invite {meeting} 1 on the server, open the link, which is the \
             chair's, and press Open the meeting, unless it is open, and Close the meeting"
        ),
    }
}

fn server(language: Language, findings: &Findings) -> String {
    let took = &findings.server;
    let (Some(mean), Some(max), Some(memory)) = (took.cpu_cores_mean, took.cpu_cores_max, took.memory_mb_max) else {
        let unknown = if took.source.is_some() {
            language.of(
                "Serverns CPU och minne är inte kända: mätvärdena svarade inte under testet",
                "The server's CPU and memory are not known: its metrics did not answer during the test",
            )
        } else {
            language.of(
                "Serverns CPU och minne är inte kända: ange --metrics-url",
                "The server's CPU and memory are not known: give --metrics-url",
            )
        };
        return unknown.to_owned();
    };
    let (mean, max) = (language.number(mean, 2), language.number(max, 2));
    let from_to = |figures: Option<(f64, f64)>| {
        figures.map(|(from, to)| format!("{} → {}", language.number(from, 0), language.number(to, 0)))
    };
    let memory = from_to(took.memory_mb_from_to).unwrap_or_else(|| language.number(memory, 0));
    let open = from_to(took.descriptors_from_to).map_or_else(String::new, |open| match language {
        Language::Sv => format!(", {open} öppna filer och anslutningar"),
        Language::En => format!(", {open} open files and connections"),
    });
    match language {
        Language::Sv => format!("Servern: {mean} kärnor (som mest {max}), {memory} MB minne{open}"),
        Language::En => format!("The server: {mean} cores (at most {max}), {memory} MB of memory{open}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::findings::tests::{findings, held};
    use super::*;
    use lika::equal_terms::{Cause, Level};

    #[test]
    fn in_a_large_meeting_only_those_stand_there_who_were_not_green() {
        let bad = findings(&held(40, Level::Red, Some(Cause::SoundLoss)), 40, Language::Sv);
        let text = table(Language::Sv, &bad);
        assert!(text.contains("Ledamot 7") && text.contains("rött 0,5 %"), "{text}");
        assert!(
            !text.contains("Ledamot 8") && text.contains("Övriga 39: gröna hela tiden."),
            "{text}"
        );
        assert!(text.contains("--metrics-url"), "{text}");
        let mut asked = bad;
        asked.server.source = Some("metrics");
        assert!(table(Language::Sv, &asked).contains("svarade inte"), "it was given");
        let small = findings(&held(6, Level::Green, None), 6, Language::En);
        assert!(table(Language::En, &small).contains("Member 6"));
    }
}
