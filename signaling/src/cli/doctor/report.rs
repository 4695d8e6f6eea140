//! What the doctor says, to people or to programs.

use super::finding::{Check, Finding};
use crate::config::{callback_url, logout_url, signed_out_url};
use clap::ValueEnum;
use lika_auth::oidc::{Outcome, Text};
use serde_json::json;
use std::io::{self, Write};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Language {
    /// Swedish
    Sv,
    /// English
    En,
}

/// In what form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// In one language, or Swedish with English beneath.
    Text(Option<Language>),
    /// A JSON object on a line for each finding.
    Json,
}

/// What is said, and how much of it was bad.
pub(super) struct Report<W> {
    out: W,
    form: Form,
    failed: usize,
    warned: usize,
}

impl<W: Write> Report<W> {
    pub(super) const fn new(out: W, form: Form) -> Self {
        Self {
            out,
            form,
            failed: 0,
            warned: 0,
        }
    }

    /// How many things must be repaired.
    pub(super) const fn failed(&self) -> usize {
        self.failed
    }

    /// Everything that a check found, under its heading.
    pub(super) fn section(&mut self, check: Check, findings: &[Finding]) -> io::Result<()> {
        self.heading(check)?;
        findings
            .iter()
            .try_for_each(|finding| self.say(check, finding.outcome, &finding.text))
    }

    pub(super) fn heading(&mut self, check: Check) -> io::Result<()> {
        let Form::Text(language) = self.form else {
            return Ok(());
        };
        let Text { sv, en } = check.heading();
        match language {
            Some(Language::Sv) => writeln!(self.out, "\n{sv}"),
            Some(Language::En) => writeln!(self.out, "\n{en}"),
            None if sv == en => writeln!(self.out, "\n{sv}"),
            None => writeln!(self.out, "\n{sv} / {en}"),
        }
    }

    pub(super) fn say(&mut self, check: Check, outcome: Outcome, text: &Text) -> io::Result<()> {
        self.failed += usize::from(outcome == Outcome::Failed);
        self.warned += usize::from(outcome == Outcome::Warning);
        let (sv, en, name) = match outcome {
            Outcome::Ok => ("OK", "OK", "ok"),
            Outcome::Warning => ("VARNING", "WARNING", "warning"),
            Outcome::Failed => ("FEL", "FAILED", "failed"),
        };
        if self.form == Form::Json {
            let line = json!({ "check": check.name(), "outcome": name, "sv": text.sv, "en": text.en });
            return writeln!(self.out, "{line}");
        }
        if self.speaks(Language::Sv) {
            writeln!(self.out, "{sv:<8} {}", text.sv)?;
        }
        if self.speaks(Language::En) {
            writeln!(self.out, "{en:<8} {}", text.en)?;
        }
        Ok(())
    }

    /// A provider, and the addresses that must be registered there.
    pub(super) fn provider(&mut self, public_url: &str, id: &str, about: &str) -> io::Result<()> {
        if self.form == Form::Json {
            return Ok(());
        }
        writeln!(self.out, "\n# {id}: {about}")?;
        if self.speaks(Language::Sv) {
            writeln!(self.out, "Adresser som ska vara registrerade hos leverantören:")?;
        }
        if self.speaks(Language::En) {
            writeln!(self.out, "Addresses that must be registered at the provider:")?;
        }
        for (name, address) in [
            ("redirect_uri", callback_url(public_url, id)),
            ("post_logout_redirect_uri", signed_out_url(public_url)),
            ("backchannel_logout_uri", logout_url(public_url, id)),
        ] {
            writeln!(self.out, "  {name:<25} {address}")?;
        }
        Ok(())
    }

    /// The verdict, at the end.
    pub(super) fn conclude(&mut self) -> io::Result<()> {
        if self.form == Form::Json {
            return Ok(());
        }
        let (failed, warned) = (self.failed, self.warned);
        writeln!(self.out)?;
        if self.speaks(Language::Sv) {
            let verdict = match (failed, warned) {
                (0, 0) => "Allt är bra.".to_owned(),
                (0, warned) => format!("Inga fel. Läs varningarna ({warned}) före nästa sammanträde."),
                (failed, warned) => format!("Fel: {failed}. Varningar: {warned}."),
            };
            writeln!(self.out, "{verdict}")?;
        }
        if self.speaks(Language::En) {
            let verdict = match (failed, warned) {
                (0, 0) => "Everything is well.".to_owned(),
                (0, warned) => format!("Nothing has failed. Read the warnings ({warned}) before the next meeting."),
                (failed, warned) => format!("Failed: {failed}. Warnings: {warned}."),
            };
            writeln!(self.out, "{verdict}")?;
        }
        Ok(())
    }

    fn speaks(&self, language: Language) -> bool {
        match self.form {
            Form::Text(only) => only.is_none_or(|only| only == language),
            Form::Json => false,
        }
    }
}
