//! The report's words, a file for each language. Each is complete: a text or a cause missing does not compile.

mod en;
mod sv;

use super::account::Place;
use super::alarm::Act;
use super::severity::Severity;
use crate::equal_terms::{Cause, Direction, Level};
use crate::meeting::pause::Reason as PauseReason;
use crate::meeting::{Answer, Choice, Despite, Role, service};
use clap::ValueEnum;

/// The language of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// Swedish.
    #[default]
    Sv,
    /// English.
    En,
}

impl Language {
    /// Its words.
    #[must_use]
    pub fn words(self) -> &'static dyn Words {
        match self {
            Self::Sv => &sv::Swedish,
            Self::En => &en::English,
        }
    }
}

/// Headings, labels and fixed sentences.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "each is what its name says, worded in sv.rs and en.rs")]
pub struct Texts {
    pub report: &'static str,
    pub basis: &'static str,
    pub meeting: &'static str,
    pub body: &'static str,
    pub day: &'static str,
    pub opened: &'static str,
    pub closed: &'static str,
    pub not_yet: &'static str,
    pub profile: &'static str,
    pub program: &'static str,
    pub journal: &'static str,
    pub zone: &'static str,
    pub signature: &'static str,
    pub signature_own: &'static str,
    pub signature_not_checked: &'static str,
    pub left_out: &'static str,
    pub not_recorded: &'static str,
    pub serving: &'static str,
    pub no_service: &'static str,
    pub no_service_told: &'static str,
    pub present: &'static str,
    pub mandate: &'static str,
    pub who: &'static str,
    pub role: &'static str,
    pub party: &'static str,
    pub place: &'static str,
    pub from: &'static str,
    pub to: &'static str,
    pub why: &'static str,
    pub still: &'static str,
    pub decisions: &'static str,
    pub no_decisions: &'static str,
    pub no_decisions_told: &'static str,
    pub decision: &'static str,
    pub course: &'static str,
    pub time: &'static str,
    pub what: &'static str,
    pub alarms: &'static str,
    pub alarms_explained: &'static str,
    pub no_alarms: &'static str,
    pub no_alarms_told: &'static str,
    pub slight: &'static str,
    pub slight_explained: &'static str,
    pub finding: &'static str,
    pub figure_others: &'static str,
    pub acts: &'static str,
    pub no_acts: &'static str,
    pub cut_off: &'static str,
    pub unanswered: &'static str,
    pub settled: &'static str,
    pub may_be_over: &'static str,
    pub unstable: &'static str,
    pub times: &'static str,
    pub quality: &'static str,
    pub quality_explained: &'static str,
    pub no_samples: &'static str,
    pub gaps: &'static str,
    pub not_judged: &'static str,
    pub secret: &'static str,
    pub flawless: &'static str,
    pub no_alarming_flaws: &'static str,
    pub no_measurement: &'static str,
    pub exceptions: &'static str,
    pub no_exceptions: &'static str,
    pub alarms_at_gavel: &'static str,
    pub no_alarm_at_gavel: &'static str,
    pub no_alarm_at_gavel_told: &'static str,
    pub measured_at_entry: &'static str,
    pub measured_at_gavel: &'static str,
    pub alarms_then: &'static str,
    pub measured_then: &'static str,
    pub correction: &'static str,
    pub vote: &'static str,
    pub vote_opened: &'static str,
    pub vote_closed: &'static str,
    pub roll_call_ended: &'static str,
    pub yes: &'static str,
    pub no: &'static str,
    pub answer: &'static str,
    pub measured: &'static str,
    pub server: &'static str,
    pub restarted: &'static str,
}

/// A language.
pub trait Words {
    /// `sv`, `en`: the HTML's language.
    fn tag(&self) -> &'static str;
    /// The fixed texts.
    fn texts(&self) -> &'static Texts;
    /// A number with at most one decimal.
    fn number(&self, figure: f64) -> String;
    /// Somebody without a name.
    fn participant(&self, number: u32) -> String;
    /// What somebody is.
    fn role(&self, role: Role) -> &'static str;
    /// Where somebody takes part.
    fn place(&self, place: Place) -> &'static str;
    /// A direction as a heading.
    fn direction(&self, direction: Direction) -> &'static str;
    /// How a direction of somebody stood, as a sentence without its end.
    fn stood(&self, who: &str, direction: Direction, severity: Severity) -> String;
    /// The same where their page did not report, so that nothing is known of what it received.
    fn unreported(&self, who: &str) -> String;
    /// Somebody's own report, as a sentence without its end.
    fn reported(&self, who: &str) -> String;
    /// A fault of the server or its network, as a sentence without its end; `cause`: what was found.
    fn system_fault(&self, cause: &str) -> String;
    /// What was found, as a part of a sentence.
    fn cause(&self, cause: Cause, figure: Option<&str>) -> String;
    /// A level by its name.
    fn level(&self, level: Level) -> &'static str;
    /// Why service began.
    fn began(&self, why: service::Beginning) -> &'static str;
    /// Why service ended.
    fn ended(&self, why: service::Ending) -> &'static str;
    /// A vote.
    fn choice(&self, choice: Choice) -> &'static str;
    /// The chair's reason to go on.
    fn despite(&self, despite: Despite) -> &'static str;
    /// "The chair went on: ..."
    fn went_on(&self, by: &str, despite: Despite) -> String;
    /// An answer to the roll call.
    fn answer(&self, answer: Answer) -> String;
    /// What a pause is for.
    fn pause(&self, reason: PauseReason) -> &'static str;
    /// There are no measurements of somebody.
    fn unmeasured(&self, who: &str) -> String;
    /// There are no measurements of the chamber.
    fn chamber_unmeasured(&self) -> &'static str;
    /// How one reaches another.
    fn edge(&self, sender: &str, receiver: &str, sound: bool, level: Level) -> String;
    /// What was done about an alarm; `by` is a name.
    fn act(&self, act: Act, by: &str) -> String;
    /// How many of the others somebody did not reach.
    fn unreached(&self, others: usize) -> String;
    /// How many others an alarm concerned.
    fn affected(&self, others: u32) -> String;
    /// `n` events, the last hash.
    fn journal(&self, events: u64, head: &str) -> String;
    /// An item by its number.
    fn item(&self, number: u16, title: &str) -> String;
    /// A result in one line.
    fn result(&self, counts: [u16; 4], casting: Option<Choice>) -> String;
    /// A vote without a result.
    fn vote_without_result(&self, broken_off: bool) -> &'static str;
    /// How often a vote was suspended.
    fn suspended(&self, times: u32) -> String;
    /// One column's width.
    fn column(&self, seconds: i64) -> String;
    /// Seconds red and unknown of a direction.
    fn seconds(&self, red: u32, unknown: u32) -> String;
    /// A gap: the time, and how many lines.
    fn gap(&self, clock: &str, lost: u64) -> String;
    /// The key that the file was verified by.
    fn signature_checked(&self, fingerprint: &str) -> String;
    /// Events that are left out, with the times of the first and the last.
    fn left_out(&self, events: u64, from: &str, to: &str) -> String;
    /// Samples that are left out, with the times before and after.
    fn samples_left_out(&self, after: Option<&str>, before: Option<&str>) -> String;
    /// A decision was entered afterwards, at this time.
    fn afterwards(&self, clock: &str) -> String;
    /// The samples prove what was measured, or are not kept.
    fn proof(&self, clock: &str, samples: bool) -> String;
    /// What happened, with the names filled in.
    fn told(&self, told: Told<'_>) -> String;
}

/// What happened, for a sentence. All texts are as they are to be read, not yet HTML.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "each is what its name says; super::account::What has them")]
pub enum Told<'a> {
    Opened {
        by: &'a str,
    },
    Adjourned {
        by: &'a str,
        reason: &'a str,
    },
    Resumed {
        by: &'a str,
    },
    Postponed {
        by: &'a str,
        reason: &'a str,
    },
    Closed {
        by: &'a str,
    },
    ItemBegun {
        item: &'a str,
    },
    MovedOut {
        who: &'a str,
    },
    ItemEnded {
        item: &'a str,
    },
    ItemDeferred {
        item: &'a str,
        by: &'a str,
        reason: &'a str,
    },
    Vouched {
        who: &'a str,
        by: &'a str,
    },
    ChairTaken {
        by: &'a str,
    },
    PauseBegan {
        who: &'a str,
        reason: &'a str,
    },
    PauseEnded {
        who: &'a str,
    },
    ReconnectExtended {
        who: &'a str,
        until: &'a str,
        by: &'a str,
    },
    AdjournmentExtended {
        until: &'a str,
        by: &'a str,
    },
    Disqualified {
        who: &'a str,
        item: &'a str,
        reason: &'a str,
    },
    QuorumLost {
        there: u16,
        needed: u16,
    },
    QuorumRegained {
        there: u16,
    },
    RollCall {
        by: &'a str,
        answered: usize,
        called: usize,
    },
    DeliberationClosed {
        by: &'a str,
    },
    DeliberationReopened {
        by: &'a str,
    },
    PresenceConfirmed {
        who: usize,
        by: &'a str,
    },
    QuestionPut {
        question: &'a str,
    },
    VoteRequested {
        who: &'a str,
    },
    VoteRequestWithdrawn {
        who: &'a str,
    },
    Vote {
        yes: &'a str,
        no: &'a str,
        voters: usize,
    },
    Decided {
        number: u32,
        by: &'a str,
    },
    Reserved {
        who: &'a str,
    },
    ReservationWithdrawn {
        who: &'a str,
    },
    Corrected {
        event: u64,
    },
}
