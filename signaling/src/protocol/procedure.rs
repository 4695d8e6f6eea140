//! The procedure as pages see it: who serves, what runs, the way to a decision, the roll call.

use crate::equal_terms::{Cause, Direction, Level};
use crate::meeting::{Answer, Choice, Clock, Despite, ItemId, ParticipantId, Step, Suspension, VoteState};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How many of the seats are served by somebody who is there (beslutsförhet, kommunallagen 5:45).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct QuorumView {
    /// Seats of the body.
    pub seats: u16,
    /// How many must be there: more than half.
    pub needed: u16,
    /// How many are: serving, and inside or in the chamber.
    pub there: u16,
}

/// A clock that everybody sees. When it has run out nothing happens by itself: the chair is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ClockView {
    /// What runs.
    pub clock: Clock,
    /// Since when, milliseconds since 1970-01-01 UTC.
    #[ts(type = "number")]
    pub since_ms: i64,
    /// Until when.
    #[ts(type = "number")]
    pub until_ms: i64,
    /// Whether the chair has extended it.
    pub extended: bool,
}

/// A seat whose member is not there, and who is next in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ProposalView {
    /// Who is not there.
    pub replaces: ParticipantId,
    /// Who is first in the order of entry and could step in now; `None`: nobody.
    pub substitute: Option<ParticipantId>,
    /// Whether that one is of another party: the balance of the parties would change.
    pub other_party: bool,
}

/// Where the meeting is on the way to a decision (requirement R20).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct ProcedureView {
    /// The step.
    pub step: Step,
    /// The question put.
    pub question: Option<String>,
    /// When it was last confirmed that everybody who serves was seen and heard.
    pub presence: Option<PresenceView>,
    /// Who have asked for a vote.
    pub vote_requests: Vec<ParticipantId>,
    /// The vote that goes on or was held last at this question.
    pub vote: Option<VoteView>,
    /// Who have made a reservation against the decision.
    pub reservations: Vec<ParticipantId>,
    /// What keeps the gavel from falling (chair and secretary).
    pub breaches: Vec<BreachView>,
}

/// A presence check that was passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PresenceView {
    /// When, milliseconds since 1970-01-01 UTC.
    #[ts(type = "number")]
    pub at_ms: i64,
    /// Who confirmed.
    pub by: ParticipantId,
}

/// One red alert that keeps the gavel from falling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BreachView {
    /// About whom; `None`: the relay or its network.
    pub about: Option<ParticipantId>,
    /// Which direction.
    pub direction: Direction,
    /// What was found.
    pub cause: Cause,
}

/// An open vote (öppen omröstning).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct VoteView {
    /// What a yes means.
    pub yes: String,
    /// What a no means.
    pub no: String,
    /// Whether one may abstain.
    pub abstention: bool,
    /// Where it stands.
    pub state: VoteState,
    /// Why it is suspended, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub suspended_for: Option<Suspension>,
    /// Who may vote: those who serve.
    pub voters: Vec<ParticipantId>,
    /// Who have voted.
    pub voted: Vec<ParticipantId>,
    /// What the viewer has voted.
    pub own: Option<Choice>,
    /// How each has voted; told when the vote is closed.
    pub result: Vec<(ParticipantId, Choice)>,
    /// The chair's casting vote (utslagsröst).
    pub casting: Option<Choice>,
}

/// A roll call (upprop).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RollCallView {
    /// Whether it goes on.
    pub going_on: bool,
    /// Who is called now.
    pub called: Option<ParticipantId>,
    /// Everybody to be called, in order.
    pub entries: Vec<RollCallEntryView>,
}

/// One who is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RollCallEntryView {
    /// Who.
    pub participant: ParticipantId,
    /// What was answered.
    pub answer: Option<Answer>,
    /// The worst that was measured of them when they answered; `None`: they were not measured. Chair and secretary.
    pub measured: Option<Level>,
    /// How many of the others did not hear or did not see them then. Chair and secretary.
    pub unreached: u16,
}

/// Something decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DecisionView {
    /// Its number at the meeting, from 1.
    pub number: u32,
    /// At which item.
    pub item: Option<ItemId>,
    /// What was decided.
    pub text: String,
    /// When the gavel fell, milliseconds since 1970-01-01 UTC.
    #[ts(type = "number")]
    pub at_ms: i64,
    /// Why it was decided although equal terms were broken.
    pub despite: Option<Despite>,
    /// Whether it was entered afterwards, from a gavel of wood.
    pub afterwards: bool,
    /// Its event's number in the journal, for a correction.
    #[ts(type = "number")]
    pub event: u64,
    /// How it is to be read instead, the latest last. The decision's own words stay.
    pub corrections: Vec<String>,
}
