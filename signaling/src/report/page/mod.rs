//! The report as one HTML file: no script, nothing from elsewhere, and it prints to A4.

mod course;
mod picture;
mod tables;

use super::Times;
use super::account::{Account, Text};
use super::finding::{About, Exception, Finding};
use super::severity::Severity;
use super::source::Signature;
use super::strips::Recording;
use super::words::{Language, Words};
use crate::equal_terms::{Cause, Level};
use crate::meeting::{ItemId, ParticipantId, Subject};
use lika_auth::html::escape;
use std::collections::BTreeMap;

const STYLE: &str = include_str!("style.css");

/// What is written, and how.
#[derive(Debug)]
pub struct Page<'a> {
    /// The meeting.
    pub account: &'a Account,
    /// Its samples, if there are any.
    pub recording: Option<&'a Recording>,
    /// The names that are known; others are numbers.
    pub names: &'a BTreeMap<ParticipantId, String>,
    /// The language.
    pub language: Language,
    /// Whether the texts of secret items are written too.
    pub secret: bool,
    /// How times are written.
    pub times: Times,
}

/// Writes the report.
#[must_use]
pub fn render(page: &Page<'_>) -> String {
    Writer {
        page,
        words: page.language.words(),
    }
    .document()
}

/// One report being written. What these methods give is HTML, except where they say text.
struct Writer<'a> {
    page: &'a Page<'a>,
    words: &'static dyn Words,
}

impl Writer<'_> {
    fn document(&self) -> String {
        let account = self.page.account;
        let texts = self.words.texts();
        let sections = [
            self.facts(),
            self.section(texts.decisions, "", &self.decisions()),
            self.section(texts.serving, "", &self.service()),
            self.section(texts.present, "", &self.presence()),
            self.section(texts.alarms, " class=\"new-page\"", &self.alarms()),
            self.section(texts.course, "", &self.course()),
            self.section(texts.quality, " class=\"new-page\"", &self.quality()),
        ];
        format!(
            "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{}: {}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n{}\n</body>\n</html>\n",
            self.words.tag(),
            escape(texts.report),
            escape(&account.title),
            sections.join("\n")
        )
    }

    fn section(&self, heading: &str, class: &str, content: &str) -> String {
        format!("<section{class}>\n<h2>{}</h2>\n{content}\n</section>", escape(heading))
    }

    fn facts(&self) -> String {
        let account = self.page.account;
        let texts = self.words.texts();
        let time = |at_ms: Option<i64>| at_ms.map_or_else(|| texts.not_yet.to_owned(), |at| self.page.times.clock(at));
        let day = account.opened_ms.or(account.entries.first().map(|entry| entry.at_ms));
        let profiles: Vec<String> = account
            .profiles
            .iter()
            .map(|profile| format!("{}-{} (SHA-256 {})", profile.name, profile.version, profile.digest))
            .collect();
        let programs = self.page.recording.map(|recording| recording.programs.join(", "));
        let rows = [
            (texts.body, account.body.clone()),
            (
                texts.day,
                day.map_or_else(|| texts.not_yet.to_owned(), |day| self.page.times.day(day)),
            ),
            (texts.opened, time(account.opened_ms)),
            (texts.closed, time(account.closed_ms)),
            (texts.profile, or(profiles.join("; "), texts.not_recorded)),
            (texts.program, or(programs.unwrap_or_default(), texts.not_recorded)),
            (
                texts.journal,
                self.words
                    .journal(account.origin.events, &account.origin.head.to_string()),
            ),
            (texts.signature, self.signature()),
            (texts.zone, self.page.times.zone().to_owned()),
        ];
        let left_out = self.left_out().map(|left_out| (texts.left_out, left_out));
        let rows: String = rows
            .iter()
            .chain(&left_out)
            .map(|(name, value)| format!("<dt>{}</dt><dd>{}</dd>\n", escape(name), escape(value)))
            .collect();
        format!(
            "<header>\n<p class=\"quiet\">{}</p>\n<h1>{}</h1>\n<dl>\n{rows}</dl>\n<p class=\"basis\">{}</p>\n</header>",
            escape(texts.report),
            escape(&account.title),
            escape(texts.basis)
        )
    }

    /// Text: what is known of who made the record.
    fn signature(&self) -> String {
        let texts = self.words.texts();
        match self.page.account.origin.signature {
            Signature::Own => texts.signature_own.to_owned(),
            Signature::NotChecked => texts.signature_not_checked.to_owned(),
            Signature::Checked(key) => self.words.signature_checked(&key.to_string()),
        }
    }

    /// Text: that something is left out, if it is.
    fn left_out(&self) -> Option<String> {
        let withheld = &self.page.account.origin.withheld;
        let (from_ms, to_ms) = (
            withheld.iter().map(|one| one.from_ms).min()?,
            withheld.iter().map(|one| one.to_ms).max()?,
        );
        let events = withheld.iter().map(|one| one.events).sum();
        let times = &self.page.times;
        Some(self.words.left_out(events, &times.clock(from_ms), &times.clock(to_ms)))
    }

    /// That there is nothing of a kind; no more than that what is told has nothing of it, if something is left out.
    fn nothing(&self, at_all: &str, of_what_is_told: &str) -> String {
        if self.page.account.origin.withheld.is_empty() {
            paragraph(at_all)
        } else {
            paragraph(of_what_is_told)
        }
    }

    /// Text.
    fn name(&self, who: ParticipantId) -> String {
        let known = self.page.names.get(&who).cloned();
        known.unwrap_or_else(|| self.words.participant(who.0))
    }

    /// Text.
    fn names(&self, everybody: &[ParticipantId]) -> String {
        let names: Vec<String> = everybody.iter().map(|who| self.name(*who)).collect();
        names.join(", ")
    }

    /// Text, left out if it is secret.
    fn text<'t>(&'t self, text: &'t Text) -> &'t str {
        if text.secret && !self.page.secret {
            self.words.texts().secret
        } else {
            &text.text
        }
    }

    /// Text.
    fn item(&self, item: ItemId) -> String {
        let title = self.page.account.items.get(&item);
        self.words.item(item.0, title.map_or("", |title| self.text(title)))
    }

    /// What was measured, with the sentence that may be said only when nothing was wrong.
    fn finding(&self, finding: Option<&Finding>) -> String {
        let texts = self.words.texts();
        let Some(finding) = finding else {
            return format!("<p class=\"not-well\">{}</p>", escape(texts.no_measurement));
        };
        let Some(at_ms) = finding.at_ms else {
            return format!("<p class=\"not-well\">{}</p>", escape(texts.no_measurement));
        };
        let mut html = if finding.is_flawless() {
            let sentence = if finding.slight.is_empty() {
                texts.flawless
            } else {
                texts.no_alarming_flaws
            };
            format!("<p class=\"well\">{}</p>", escape(sentence))
        } else {
            format!("<div class=\"not-well\">{}</div>", self.exceptions(finding))
        };
        html += &self.slight_and_proof(finding, at_ms);
        html
    }

    /// What was measured at another time than the one that matters, or beside an alarm that stood: never the sentence.
    fn finding_beside(&self, heading: &str, finding: Option<&Finding>) -> String {
        let texts = self.words.texts();
        let Some((finding, at_ms)) = finding.and_then(|finding| Some((finding, finding.at_ms?))) else {
            return format!("<p class=\"not-well\">{}</p>", escape(texts.no_measurement));
        };
        let mut html = format!("<div class=\"not-well\">{}", paragraph(heading));
        html += &if finding.exceptions.is_empty() {
            paragraph(texts.no_exceptions)
        } else {
            self.exceptions(finding)
        };
        html + "</div>" + &self.slight_and_proof(finding, at_ms)
    }

    fn exceptions(&self, finding: &Finding) -> String {
        paragraph(self.words.texts().exceptions) + &self.list(&finding.exceptions)
    }

    fn slight_and_proof(&self, finding: &Finding, at_ms: i64) -> String {
        let mut html = String::new();
        if !finding.slight.is_empty() {
            html += &format!(
                "<p>{}:</p>{}",
                escape(self.words.texts().slight),
                self.list(&finding.slight)
            );
        }
        let clock = self.page.times.clock(at_ms);
        let proof = escape(&self.words.proof(&clock, finding.samples));
        html + &format!("<p class=\"proof\">{proof}</p>")
    }

    fn list(&self, found: &[Exception]) -> String {
        let found = found.iter().map(|one| self.exception(one));
        list(found)
    }

    /// Text.
    fn exception(&self, one: &Exception) -> String {
        match one.about {
            About::Direction(who, direction) => match one.cause.filter(|_| one.level >= Level::Amber) {
                Some(cause) => {
                    let about = Some(who);
                    self.fault(
                        Subject {
                            about,
                            direction,
                            cause,
                        },
                        one.level,
                        None,
                    )
                }
                None => (self.words).stood(&self.name(who), direction, Severity::of(one.level, None)),
            },
            About::Person(who) => self.words.unmeasured(&self.name(who)),
            About::Chamber => self.words.chamber_unmeasured().to_owned(),
            About::Edge {
                sender,
                receiver,
                sound,
            } => self
                .words
                .edge(&self.name(sender), &self.name(receiver), sound, one.level),
        }
    }

    /// Text: what was found, amber or red, and no more than its cause says.
    fn fault(&self, subject: Subject, level: Level, figure: Option<f64>) -> String {
        let figure = figure.map(|figure| self.words.number(figure));
        let cause = self.words.cause(subject.cause, figure.as_deref());
        let Some(who) = subject.about.map(|who| self.name(who)) else {
            return self.words.system_fault(&cause);
        };
        let stood = match subject.cause {
            Cause::Reported => return self.words.reported(&who),
            Cause::TelemetryMissing => self.words.unreported(&who),
            other => (self.words).stood(&who, subject.direction, Severity::of(level, Some(other))),
        };
        format!("{stood}: {cause}")
    }
}

/// A table; the cells are HTML.
fn table(headings: &[&str], rows: &[Vec<String>]) -> String {
    let headings: String = headings
        .iter()
        .map(|heading| format!("<th scope=\"col\">{}</th>", escape(heading)))
        .collect();
    let row = |cells: &Vec<String>| {
        let cells: String = cells.iter().map(|cell| format!("<td>{cell}</td>")).collect();
        format!("<tr>{cells}</tr>\n")
    };
    let rows: String = rows.iter().map(row).collect();
    format!("<table>\n<thead><tr>{headings}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>")
}

/// A list of texts.
fn list(texts: impl Iterator<Item = String>) -> String {
    let points: String = texts.map(|text| format!("<li>{}</li>", escape(&text))).collect();
    format!("<ul>{points}</ul>")
}

fn paragraph(text: &str) -> String {
    format!("<p>{}</p>", escape(text))
}

fn or(text: String, otherwise: &str) -> String {
    if text.is_empty() { otherwise.to_owned() } else { text }
}
