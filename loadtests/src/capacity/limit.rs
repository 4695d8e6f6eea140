//! What was in the way of a larger meeting. Pure: a judgement from figures, told with them so that anybody may judge otherwise.

use crate::council::Findings;
use crate::language::Language;
use lika::equal_terms::Cause;
use serde::Serialize;

/// A machine as busy as this has nothing left.
const BUSY: f64 = 0.9;
/// Nor has one that had nothing left for this share of the time.
const FULL_SHARE: f64 = 0.5;
/// With less of its memory left a machine is full.
const MEMORY_LEFT: f64 = 0.05;

/// What gives first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// The processor of the server.
    ServerCpu,
    /// The processor of a machine that runs delegates: the server may carry more.
    LoadMachineCpu,
    /// The processor that server and delegates share: the server may carry more.
    SharedCpu,
    /// The memory of a machine that runs delegates: the server may carry more.
    LoadMachineMemory,
    /// The memory that server and delegates share: the server may carry more.
    SharedMemory,
    /// The line between server and delegates, or one of the delegates'.
    Line,
    /// Either the server's processor or the line: the server's figures are not known.
    ServerOrLine,
    /// None of these was full.
    Unknown,
    /// The meeting was not held as it should have been: nothing is known of a limit.
    NotHeld,
}

/// What was in the way in the smallest meeting that failed.
pub(super) fn limit(failed: &Findings, is_local: bool) -> Limit {
    if !failed.was_held() {
        return Limit::NotHeld;
    }
    let load = &failed.load;
    if load.memory_left < MEMORY_LEFT {
        return if is_local {
            Limit::SharedMemory
        } else {
            Limit::LoadMachineMemory
        };
    }
    if load.busy_mean >= BUSY || load.full_share >= FULL_SHARE {
        return match failed.server.cpu_cores_mean {
            Some(server) if is_local && server > load.delegates_cores_mean => Limit::ServerCpu,
            _ if is_local => Limit::SharedCpu,
            _ => Limit::LoadMachineCpu,
        };
    }
    let line = matches!(
        failed.worst.and_then(|worst| worst.cause),
        Some(Cause::PictureWithheld | Cause::SoundLoss | Cause::SoundConcealed | Cause::LinkLost)
    );
    match (line, failed.server.cpu_cores_max) {
        // Nobody tells how many cores the server has; one that uses less than half of one is not busy.
        (true, Some(cores)) if cores < 0.5 => Limit::Line,
        (_, None) => Limit::ServerOrLine,
        (_, Some(_)) if !is_local => Limit::ServerOrLine,
        _ => Limit::Unknown,
    }
}

impl Limit {
    /// As the end of a sentence.
    pub(super) const fn told(self, language: Language) -> &'static str {
        match self {
            Self::ServerCpu => language.of("serverns CPU", "the server's CPU"),
            Self::LoadMachineCpu => language.of(
                "lastmaskinens CPU, så servern kan bära fler (kör ledamöterna på fler maskiner: --agents)",
                "the load machine's CPU, so the server may carry more (run the delegates on more machines: --agents)",
            ),
            Self::SharedCpu => language.of(
                "CPU på den maskin som server och ledamöter delar, mest ledamöternas, så servern kan bära fler",
                "the CPU of the machine that server and delegates share, mostly the delegates', so the server may carry more",
            ),
            Self::LoadMachineMemory => language.of(
                "lastmaskinens minne, så servern kan bära fler (kör ledamöterna på fler maskiner: --agents)",
                "the load machine's memory, so the server may carry more (run the delegates on more machines: --agents)",
            ),
            Self::SharedMemory => language.of(
                "minnet på den maskin som server och ledamöter delar, så servern kan bära fler",
                "the memory of the machine that server and delegates share, so the server may carry more",
            ),
            Self::Line => language.of("ledningen till servern (upplänken)", "the line to the server (its uplink)"),
            Self::ServerOrLine => language.of(
                "serverns CPU eller ledningen (jämför CPU med serverns kärnor; --metrics-url visar den)",
                "the server's CPU or the line (compare the CPU with the server's cores; --metrics-url tells it)",
            ),
            Self::Unknown => language.of(
                "okänt: varken maskinens CPU eller dess minne var fullt",
                "unknown: neither the machine's CPU nor its memory was full",
            ),
            Self::NotHeld => language.of(
                "okänt: sammanträdet kunde inte hållas som det skulle (utfallet säger varför)",
                "unknown: the meeting could not be held as it should have been (its outcome says why)",
            ),
        }
    }
}
