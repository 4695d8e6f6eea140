//! What people ask of the meeting.

use super::{AlertId, Choice, Clock, Despite, ItemId, ParticipantId, pause};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// One request by a participant; `decide` answers with events or a refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// Chair or secretary lets somebody in from the lobby.
    Admit {
        /// Whom.
        participant: ParticipantId,
    },
    /// Chair or secretary lets everybody in who waits.
    AdmitAll {},
    /// Chair or secretary moves somebody out of the meeting, or refuses them in the lobby; not who serves.
    Dismiss {
        /// Whom.
        participant: ParticipantId,
    },
    /// The chair opens the meeting.
    Open {},
    /// The chair closes the meeting for good.
    Close {},
    /// Ask for the floor (begära ordet).
    RequestFloor {},
    /// Take the request back.
    WithdrawRequest {},
    /// The chair gives the floor; opens that microphone in the relay. Whoever had it loses it.
    GiveFloor {
        /// To whom.
        participant: ParticipantId,
    },
    /// The chair takes the floor back, or the speaker yields it.
    EndFloor {},
    /// The chair adjourns.
    Adjourn {
        /// Why, for the minutes; at most 500 characters.
        reason: String,
    },
    /// The chair resumes an adjourned meeting.
    Resume {},
    /// Chair or secretary has seen the alert.
    AcknowledgeAlert {
        /// Which.
        alert: AlertId,
    },
    /// "I am not taking part on equal terms" (requirement R4): an alert at once.
    ReportUnequalTerms {},
    /// The chair begins an item of the agenda; those who may not be there are moved out to the lobby.
    BeginItem {
        /// Which.
        item: ItemId,
    },
    /// The chair ends the item being dealt with; those moved out come back.
    EndItem {},
    /// The chair vouches for somebody without a sufficient login, for the item being dealt with.
    Vouch {
        /// For whom.
        participant: ParticipantId,
    },
    /// Declare a pause: away for a moment, without having left.
    Pause {
        /// What for.
        reason: pause::Reason,
    },
    /// Back from the pause; or the chair ends somebody's.
    EndPause {
        /// Whose.
        participant: ParticipantId,
    },
    /// A vice chair takes over the chair's rights (requirement R31); the chair may take them back.
    TakeChair {},
    /// The chair defers the item (bordläggning): a way out that is never refused.
    DeferItem {
        /// Why, for the minutes; at most 500 characters.
        reason: String,
    },
    /// The chair ends the meeting for today; what is left is dealt with another day.
    Postpone {
        /// Why, for the minutes; at most 500 characters.
        reason: String,
    },
    /// The chair gives a clock more time.
    ExtendClock {
        /// Which.
        clock: Clock,
        /// How much, 1 to 60 minutes.
        minutes: u8,
    },
    /// Chair or secretary notes that somebody sits in the chamber, or no longer: they are heard and seen through its devices,
    /// and a device of their own carries neither sound nor picture. Who was noted without a device and comes in with one is
    /// no longer noted.
    NoteInChamber {
        /// Who.
        participant: ParticipantId,
        /// Whether they are there.
        there: bool,
    },
    /// Somebody who is noted in the chamber does not sit there.
    LeaveChamber {},
    /// A substitute serves instead of a member who is not there.
    StepIn {
        /// Who steps in.
        substitute: ParticipantId,
        /// Whose seat.
        replaces: ParticipantId,
        /// Why now or out of turn; needed within an item, or when another is next in order.
        reason: Option<String>,
    },
    /// The chair notes that a member is not there and goes on without them, if quorate.
    NoteAbsent {
        /// Who.
        participant: ParticipantId,
        /// Why.
        reason: String,
    },
    /// A member serves their own seat (again): a late arrival, or the rulebook's exception.
    TakeSeat {
        /// Who.
        participant: ParticipantId,
        /// Why now; needed within an item.
        reason: Option<String>,
    },
    /// A member does not take part in this item (jäv).
    Disqualify {
        /// Who.
        participant: ParticipantId,
        /// Why.
        reason: String,
    },
    /// Begin the roll call (upprop).
    BeginRollCall {},
    /// Call somebody, who is then shown to all and whose microphone opens.
    Call {
        /// Whom.
        participant: ParticipantId,
    },
    /// The one who is called answers.
    AnswerRollCall {
        /// Whether they see the others.
        sees: bool,
        /// Whether they hear the others.
        hears: bool,
        /// Whether they are heard.
        heard: bool,
    },
    /// Chair or secretary notes what somebody answered, or did not, without a press of their own.
    NoteRollCall {
        /// Who.
        participant: ParticipantId,
        /// Whether they answered.
        present: bool,
    },
    /// End the roll call.
    EndRollCall {},
    /// The chair closes the deliberation (överläggning).
    CloseDeliberation {},
    /// The chair opens the deliberation again.
    ReopenDeliberation {},
    /// The chair confirms that each of these is seen and heard now; it must be everybody who serves.
    ConfirmPresence {
        /// Whom.
        participants: Vec<ParticipantId>,
    },
    /// The chair puts the question (proposition).
    PutQuestion {
        /// In what words; at most 500 characters.
        question: String,
    },
    /// The chair pauses so that a vote can be requested.
    PauseForVote {},
    /// A member asks for a vote (votering).
    RequestVote {},
    /// They take the request back, as long as no vote is open.
    WithdrawVoteRequest {},
    /// The chair opens a vote.
    OpenVote {
        /// What a yes means.
        yes: String,
        /// What a no means.
        no: String,
        /// Whether one may abstain.
        abstention: bool,
        /// Why, although equal terms are broken.
        despite: Option<Despite>,
    },
    /// A member votes; until the vote is closed the last vote counts.
    Vote {
        /// What.
        choice: Choice,
        /// For whom the secretary notes it, who sits in the chamber; `None`: one's own.
        participant: Option<ParticipantId>,
    },
    /// The chair goes on with a vote that was suspended.
    ResumeVote {
        /// Why, although equal terms are broken.
        despite: Option<Despite>,
    },
    /// The chair closes the vote.
    CloseVote {
        /// The chair's casting vote (utslagsröst); needed when the vote is even.
        casting: Option<Choice>,
    },
    /// The chair breaks the vote off; it does not count.
    BreakOffVote {},
    /// The gavel falls: the decision is taken.
    Gavel {
        /// What was decided; at most 2000 characters.
        decision: String,
        /// Why, although equal terms are broken.
        despite: Option<Despite>,
    },
    /// Chair or secretary enters a decision that was taken with a gavel of wood.
    RecordGavel {
        /// What was decided; at most 2000 characters.
        decision: String,
        /// When the gavel fell, milliseconds since 1970-01-01 UTC.
        #[ts(type = "number")]
        gavel_ms: i64,
        /// At which item; not given: the one that was dealt with when the gavel fell.
        #[serde(default)]
        #[ts(optional)]
        item: Option<ItemId>,
    },
    /// The chair pauses so that reservations can be made.
    PauseForReservations {},
    /// A member makes a reservation against the decision.
    Reserve {},
    /// They take the reservation back, as long as reservations can be made.
    WithdrawReservation {},
    /// The chair ends the pause; the decision is done.
    EndReservations {},
    /// Chair or secretary corrects what an event says. The event stays as it is.
    Correct {
        /// Its number in the journal.
        #[ts(type = "number")]
        event: u64,
        /// How it should be read; at most 2000 characters.
        text: String,
    },
}
