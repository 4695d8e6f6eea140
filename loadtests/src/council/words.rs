//! What people read, in Swedish and in English.

use super::business::Done;
use super::findings::Findings;
use super::hindrance::departure;
use super::objections::{self, Objection};
use super::tally::{Tally, Worst};
use crate::language::Language;
use lika::equal_terms::{Cause, Direction, Level};
use std::collections::BTreeMap;

/// A load machine as busy as this (share of its cores, mean) makes delegates late.
const OVERLOADED: f64 = 0.95;

/// A direction of a participant, as the verdict has it.
pub(crate) const fn direction(language: Language, direction: Direction) -> &'static str {
    match direction {
        Direction::Heard => language.of("ljud upp", "sound up"),
        Direction::Seen => language.of("bild upp", "picture up"),
        Direction::Hears => language.of("ljud ner", "sound down"),
        Direction::Sees => language.of("bild ner", "picture down"),
        Direction::Delay => language.of("fördröjning", "delay"),
        Direction::Link => language.of("förbindelse", "link"),
    }
}

/// A level, as an adverb of time: "0,4 % av tiden gult".
pub(crate) const fn level(language: Language, level: Level) -> &'static str {
    match level {
        Level::Green => language.of("grönt", "green"),
        Level::Amber => language.of("gult", "amber"),
        Level::Red => language.of("rött", "red"),
        Level::Unknown => language.of("inte mätt", "not measured"),
        Level::Suspended => language.of("paus", "paused"),
    }
}

/// What was found.
pub(crate) const fn cause(language: Language, cause: Cause) -> &'static str {
    match cause {
        Cause::LinkLost => language.of("förbindelsen bröts", "the connection broke"),
        Cause::TelemetryMissing => language.of("sidan rapporterar inte", "the page does not report"),
        Cause::Unacknowledged => language.of(
            "det som sänds till deltagaren bekräftas inte",
            "what is sent is not acknowledged",
        ),
        Cause::PictureWithheld => language.of(
            "ledningen rymmer inte allas bilder",
            "the line has no room for everybody's picture",
        ),
        Cause::PictureUndecodable => language.of("bilden kan inte avkodas", "the picture cannot be decoded"),
        Cause::PictureFrozen => language.of("bilden står still", "the picture stands still"),
        Cause::CameraOff => language.of("kameran är av", "the camera is off"),
        Cause::CameraCovered => language.of("kameran är täckt", "the camera is covered"),
        Cause::MicrophoneDead => language.of("mikrofonen är död", "the microphone is dead"),
        Cause::SoundLoss => language.of("ljudpaket förloras", "sound packets are lost"),
        Cause::SoundConcealed => language.of("ljudet hackar", "the sound breaks up"),
        Cause::SoundMissing => language.of("tal hörs inte", "speech is not heard"),
        Cause::FrameRate => language.of("för få bilder i sekunden", "too few frames a second"),
        Cause::PictureSize => language.of("bilden är för liten", "the picture is too small"),
        Cause::DelayLong => language.of("för lång fördröjning", "the delay is too long"),
        Cause::LipSync => language.of("ljud och bild går isär", "sound and picture are apart"),
        Cause::Reported => language.of("egen anmälan", "reported by the participant"),
    }
}

/// A delegate in a sentence: "ledamot 7".
pub(crate) fn who(language: Language, number: usize) -> String {
    match (language, number) {
        (Language::Sv, 1) => "ordföranden".into(),
        (Language::En, 1) => "the chair".into(),
        (Language::Sv, _) => format!("ledamot {number}"),
        (Language::En, _) => format!("member {number}"),
    }
}

/// A delegate in a table: "Ledamot 7".
pub(super) fn name(language: Language, number: usize) -> String {
    match (language, number) {
        (Language::En, 1) => "Chair".into(),
        (Language::En, _) => format!("Member {number}"),
        (Language::Sv, _) => crate::convene::name(number),
    }
}

/// How much was measured: "12 av 60 s mättes".
pub(super) fn measured(language: Language, findings: &Findings) -> String {
    let (heard, of) = (findings.seconds, language.number(findings.counted_for_s, 0));
    match language {
        Language::Sv => format!("{heard} av {of} s mättes"),
        Language::En => format!("{heard} of {of} s were measured"),
    }
}

/// Who fared worst: "ledamot 7, ljud upp, 0,4 % av tiden gult (ljudet hackar)".
pub(super) fn worst(language: Language, worst: &Worst) -> String {
    let share = language.percent(worst.share);
    let of_time = language.of("av tiden", "of the time");
    let why = worst
        .cause
        .map_or_else(String::new, |found| format!(" ({})", cause(language, found)));
    format!(
        "{}, {}, {share} {of_time} {}{why}",
        who(language, worst.number),
        direction(language, worst.direction),
        level(language, worst.level)
    )
}

/// The verdict in one sentence, or two.
pub(super) fn verdict(language: Language, findings: &Findings) -> String {
    let people = findings.delegates;
    let is_told = findings.objections.first() == Some(&Objection::Interrupted);
    let so_far = if findings.interrupted && !is_told {
        language.of(" (avbrutet i förtid)", " (interrupted)")
    } else {
        ""
    };
    let passed = if findings.approved {
        language.of("godkänt", "approved")
    } else {
        language.of("inte godkänt", "not approved")
    };
    let delegates = language.of("distansdeltagare", "remote participants");
    let doubt = if !findings.approved && findings.load.busy_mean > OVERLOADED {
        language.of(
            " Lastmaskinen var själv överlastad, så det säger inget säkert om servern.",
            " The load machine was itself overloaded, so this says nothing certain about the server.",
        )
    } else {
        ""
    };
    format!(
        "{people} {delegates}: {passed}{so_far}. {}{doubt}",
        capital(&because(language, findings))
    )
}

/// What speaks for the verdict.
fn because(language: Language, findings: &Findings) -> String {
    let objection = findings.objections.first();
    if let Some(objection) = objection {
        return format!("{}.", objections::told(language, findings, objection));
    }
    match &findings.worst {
        Some(one) => format!("{}: {}.", language.of("Sämst", "Worst"), worst(language, one)),
        None => language
            .of("Alla gröna hela tiden.", "Everybody green all the time.")
            .to_owned(),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// While people come.
pub(super) fn coming(language: Language, (there, media): (usize, usize), people: usize) -> String {
    match language {
        Language::Sv => format!("{there} av {people} anslutna, {media} med ljud och bild"),
        Language::En => format!("{there} of {people} connected, {media} with sound and picture"),
    }
}

/// While the meeting goes on.
pub(super) fn under_way(language: Language, done: &Done, tally: &Tally) -> String {
    let red = tally.red();
    let worst = tally.worst().map_or_else(
        || language.of("alla gröna", "everybody green").to_owned(),
        |one| worst(language, &one),
    );
    match language {
        Language::Sv => format!(
            "upprop {}, anföranden {}, beslut {}, röda {red}; {worst}",
            done.answers, done.speeches, done.decisions
        ),
        Language::En => format!(
            "roll call {}, speeches {}, decisions {}, red {red}; {worst}",
            done.answers, done.speeches, done.decisions
        ),
    }
}

/// Why a meeting does not get going.
pub(super) fn not_going(language: Language, there: usize, people: usize, gone: &BTreeMap<usize, String>) -> String {
    let first = gone.iter().next();
    let why = first.map_or_else(String::new, |(number, reason)| {
        let reason = departure(language, reason);
        format!(" {}: {reason}.", capital(&who(language, *number)))
    });
    match language {
        Language::Sv => format!("Sammanträdet kom inte igång: {there} av {people} är anslutna.{why}"),
        Language::En => format!("The meeting did not get going: {there} of {people} are connected.{why}"),
    }
}
