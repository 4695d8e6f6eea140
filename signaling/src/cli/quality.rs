//! `lika quality`: what was measured, judged again.

use crate::equal_terms::{Alert, Direction, Level, Profile, Transition};
use crate::report::clock_ms;
use crate::samples::{Judged, Lines, replay};
use anyhow::{Context as _, bail};
use clap::Subcommand;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Judge a recorded meeting again; says every alert and whether all verdicts are the recorded ones
    Replay {
        /// A directory of samples (`samples/1` in the data directory), one of its files, or an export with samples
        file: PathBuf,
        /// Judge by this threshold profile instead of the recorded one
        #[arg(long)]
        profile: Option<PathBuf>,
        /// One JSON object instead of a table
        #[arg(long)]
        json: bool,
    },
}

pub(super) fn run(Command::Replay { file, profile, json }: Command) -> anyhow::Result<()> {
    let profile = profile.as_deref().map(read_profile).transpose()?;
    let judged = replay(&mut Lines::open(&file)?, profile.as_ref())?;
    let mut out = io::stdout().lock();
    if json {
        serde_json::to_writer(&mut out, &as_json(&judged, profile.as_ref()))?;
        writeln!(out)?;
    } else {
        table(&judged, &mut out)?;
        if profile.is_none() {
            conclusion(&judged, &mut out)?;
        }
    }
    out.flush()?;
    match judged.compared.differing.len() {
        0 => Ok(()),
        _ if profile.is_some() => Ok(()),
        differing => bail!(
            "{differing} utslag blev andra än de inspelade / verdicts are not the recorded ones; see the program's \
             version: {}",
            programs(&judged)
        ),
    }
}

fn read_profile(path: &Path) -> anyhow::Result<Profile> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("{} går inte att läsa / cannot be read", path.display()))?;
    Profile::parse(&text).with_context(|| path.display().to_string())
}

fn programs(judged: &Judged) -> String {
    let versions: Vec<&str> = judged.begun.iter().map(|begun| begun.program.as_str()).collect();
    versions.join(", ")
}

fn as_json(judged: &Judged, by: Option<&Profile>) -> serde_json::Value {
    let transitions: Vec<_> = judged
        .transitions
        .iter()
        .map(|(at_ms, transition)| serde_json::json!({ "at_ms": at_ms, "transition": transition }))
        .collect();
    let begun: Vec<_> = judged.begun.iter().map(|begun| (begun.at_ms, &begun.program)).collect();
    let compared = by.is_none().then_some(&judged.compared);
    serde_json::json!({
        "profile": by.map(Profile::id),
        "begun": begun,
        "transitions": transitions,
        "compared": compared,
        "gaps": judged.gaps,
        "withheld": judged.withheld,
        "torn": judged.torn,
    })
}

fn table(judged: &Judged, out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "{:<24} {:<12} {:<9} {:<9} {:<20} {:<8} {:>10} {:>7}",
        "tid/time (UTC)", "ändring", "deltagare", "riktning", "orsak", "nivå", "värde", "berörda"
    )?;
    writeln!(
        out,
        "{:<24} {:<12} {:<9} {:<9} {:<20} {:<8} {:>10} {:>7}",
        "", "change", "who", "direction", "cause", "level", "figure", "others"
    )?;
    for (at_ms, transition) in &judged.transitions {
        let (change, alert) = change(transition);
        let Alert {
            key,
            level,
            cause,
            figure,
            affected,
            ..
        } = alert;
        let who = key.about.map_or_else(|| "server".to_owned(), |who| who.0.to_string());
        writeln!(
            out,
            "{:<24} {change:<12} {who:<9} {:<9} {:<20} {:<8} {figure:>10.1} {affected:>7}",
            clock_ms(*at_ms),
            direction(key.direction),
            snake(cause),
            level_name(*level),
        )?;
    }
    for (at_ms, lost) in &judged.gaps {
        let lost = if *lost == 0 { "?".to_owned() } else { lost.to_string() };
        writeln!(
            out,
            "{:<24} lucka: {lost} rader saknas / gap: {lost} lines are missing",
            clock_ms(*at_ms)
        )?;
    }
    for (after_ms, lines) in &judged.withheld {
        writeln!(
            out,
            "{:<24} utelämnat: {lines} rader finns inte i exporten / withheld: {lines} lines are not in the export",
            after_ms.map_or_else(String::new, clock_ms)
        )?;
    }
    if judged.torn {
        writeln!(
            out,
            "Filens slut är inte helt: det skrivs just nu, eller servern stannade hårt.\n\
             The end of the file is not whole: it is being written, or the server was stopped hard."
        )?;
    }
    Ok(())
}

fn conclusion(judged: &Judged, out: &mut impl Write) -> io::Result<()> {
    let compared = &judged.compared;
    writeln!(
        out,
        "\n{} utslag är lika de inspelade, {} skiljer sig, {} efter luckor kan inte jämföras.\n\
         {} verdicts equal the recorded ones, {} differ, {} after gaps cannot be compared.",
        compared.equal,
        compared.differing.len(),
        compared.differing_after_gap,
        compared.equal,
        compared.differing.len(),
        compared.differing_after_gap,
    )?;
    if let Some(first) = compared.differing.first() {
        writeln!(out, "Första / first: {}", clock_ms(*first))?;
    }
    Ok(())
}

const fn change(transition: &Transition) -> (&'static str, &Alert) {
    match transition {
        Transition::Raised { alert } => ("raised", alert),
        Transition::Changed { alert, .. } => ("changed", alert),
        Transition::Unstable { alert } => ("unstable", alert),
        Transition::Cleared { alert } => ("cleared", alert),
    }
}

const fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Heard => "heard",
        Direction::Seen => "seen",
        Direction::Hears => "hears",
        Direction::Sees => "sees",
        Direction::Delay => "delay",
        Direction::Link => "link",
    }
}

fn level_name(level: Level) -> &'static str {
    match level {
        Level::Unknown => "unknown",
        Level::Suspended => "suspended",
        Level::Green => "green",
        Level::Amber => "amber",
        Level::Red => "red",
    }
}

/// A cause as it is called in profiles and journals.
fn snake(cause: &crate::equal_terms::Cause) -> String {
    match serde_json::to_value(cause) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}
