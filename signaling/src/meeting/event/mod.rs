//! What has happened in the meeting: what the journal stores and the minutes are drawn from.

mod written;

pub use written::{EventError, VERSION};

use super::floor::Ending;
use super::roster::Entry;
use super::{
    AlertId, Answer, Choice, Clock, Despite, EndpointId, Item, ItemId, Measured, ParticipantId, Proof, Reading,
    Rulebook, Subject, identity, pause, service,
};
use crate::equal_terms::Level;
use lika_auth::Assurance;
use serde::{Deserialize, Serialize};

/// One thing that happened. People are named by pseudonym; `by` is who did it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Event {
    /// The meeting was created; always the first event.
    Created {
        /// Its title.
        title: String,
        /// The body that meets.
        body: String,
        /// Who is invited; participant 1 first.
        roster: Vec<Entry>,
        /// The level of assurance of everybody inside.
        #[serde(default)]
        requires: Assurance,
        /// How old a login may be at an item of its own level, in milliseconds.
        #[serde(default = "fresh_within_ms")]
        fresh_within_ms: i64,
        /// The agenda; item 1 first.
        #[serde(default)]
        items: Vec<Item>,
        /// What differs between municipalities.
        #[serde(default)]
        rulebook: Rulebook,
    },
    /// A device of the participant connected: to the lobby, or back into the meeting if they had been admitted.
    Connected {
        /// Whose.
        participant: ParticipantId,
        /// Which.
        endpoint: EndpointId,
        /// What the device has shown of who uses it.
        #[serde(default)]
        proof: Proof,
    },
    /// A device showed who uses it: the roster's person, or somebody else.
    IdentityShown {
        /// Whose.
        participant: ParticipantId,
        /// Which.
        endpoint: EndpointId,
        /// What it showed.
        proof: Proof,
    },
    /// The connection to a device is gone.
    Disconnected {
        /// Whose.
        participant: ParticipantId,
        /// Which.
        endpoint: EndpointId,
        /// When it was given up, in milliseconds since 1970-01-01 UTC; 0 in events older than version 3.
        #[serde(default)]
        at_ms: i64,
    },
    /// The server started anew: every connection is gone and measurement starts afresh, so that measured alerts end
    /// here and are raised again if what they say still holds.
    ServerRestarted {},
    /// Let in. Holds until `Dismissed`, also over lost connections.
    Admitted {
        /// Who.
        participant: ParticipantId,
        /// By whom; chair and secretary let themselves in.
        by: ParticipantId,
    },
    /// Moved out of the meeting or refused in the lobby.
    Dismissed {
        /// Who.
        participant: ParticipantId,
        /// By whom.
        by: ParticipantId,
    },
    /// The meeting was opened.
    Opened {
        /// By whom.
        by: ParticipantId,
    },
    /// The meeting was adjourned.
    Adjourned {
        /// By whom.
        by: ParticipantId,
        /// The reason given.
        reason: String,
        /// When, in milliseconds since 1970-01-01 UTC.
        since_ms: i64,
    },
    /// The meeting was resumed.
    Resumed {
        /// By whom.
        by: ParticipantId,
    },
    /// What is left of the agenda is dealt with another day; the meeting is closed by the next event.
    Postponed {
        /// By whom.
        by: ParticipantId,
        /// The reason given.
        reason: String,
    },
    /// The meeting was closed for good; what was open (requests, alerts) ends with it.
    Closed {
        /// By whom.
        by: ParticipantId,
    },
    /// An item of the agenda began. The speaker list begins anew.
    ItemBegun {
        /// Which.
        item: ItemId,
        /// By whom.
        by: ParticipantId,
        /// When, in milliseconds since 1970-01-01 UTC.
        since_ms: i64,
        /// Who was inside and may not be there: in the lobby from here on.
        moved_out: Vec<ParticipantId>,
    },
    /// The item ended; those moved out are back.
    ItemEnded {
        /// Which.
        item: ItemId,
        /// By whom.
        by: ParticipantId,
        /// When, in milliseconds since 1970-01-01 UTC; 0: written before this was told.
        #[serde(default)]
        at_ms: i64,
    },
    /// The chair knows this person and vouches for them at this item.
    Vouched {
        /// For whom.
        participant: ParticipantId,
        /// At which item.
        item: ItemId,
        /// Who vouches.
        by: ParticipantId,
    },
    /// Declared a pause.
    PauseBegan {
        /// Who.
        participant: ParticipantId,
        /// What for.
        reason: pause::Reason,
        /// When, in milliseconds since 1970-01-01 UTC.
        since_ms: i64,
    },
    /// The pause is over.
    PauseEnded {
        /// Whose.
        participant: ParticipantId,
    },
    /// The item was deferred (bordlagt); it ends by the next event.
    ItemDeferred {
        /// Which.
        item: ItemId,
        /// By whom.
        by: ParticipantId,
        /// The reason given.
        reason: String,
    },
    /// A clock got more time.
    ClockExtended {
        /// Which.
        clock: Clock,
        /// Until when, in milliseconds since 1970-01-01 UTC.
        until_ms: i64,
        /// By whom.
        by: ParticipantId,
    },
    /// Somebody sits in the chamber without a device of their own, or no longer.
    NotedInChamber {
        /// Who.
        participant: ParticipantId,
        /// Whether they are there.
        there: bool,
        /// By whom.
        by: ParticipantId,
        /// Whether a device of their own was connected, which carries neither sound nor picture from there on. Not in
        /// events before version 4: nobody with a device could be noted then.
        #[serde(default)]
        with_device: bool,
    },
    /// Somebody serves (tjänstgör) from here on.
    ServiceBegan {
        /// Who.
        participant: ParticipantId,
        /// Which mandate.
        mandate: u16,
        /// Why.
        why: service::Beginning,
        /// By whom; `None`: it follows from the rules.
        by: Option<ParticipantId>,
        /// The chair's reason, within an item or out of turn.
        reason: Option<String>,
        /// When, in milliseconds since 1970-01-01 UTC.
        at_ms: i64,
    },
    /// Somebody no longer serves.
    ServiceEnded {
        /// Who.
        participant: ParticipantId,
        /// Which mandate.
        mandate: u16,
        /// Why.
        why: service::Ending,
        /// By whom; `None`: it follows from the rules.
        by: Option<ParticipantId>,
        /// The reason given.
        reason: Option<String>,
        /// When, in milliseconds since 1970-01-01 UTC.
        at_ms: i64,
    },
    /// Somebody does not take part in this item (jäv): out in the lobby until it ends, at a council only not serving.
    Disqualified {
        /// Who.
        participant: ParticipantId,
        /// At which item.
        item: ItemId,
        /// By whom.
        by: ParticipantId,
        /// The reason given.
        reason: String,
    },
    /// Fewer are there than may decide.
    QuorumLost {
        /// How many.
        there: u16,
        /// How many it takes.
        needed: u16,
    },
    /// Enough are there again.
    QuorumRegained {
        /// How many.
        there: u16,
    },
    /// A roll call began.
    RollCallBegan {
        /// By whom.
        by: ParticipantId,
        /// Everybody to be called, in order.
        who: Vec<ParticipantId>,
    },
    /// Somebody is called: shown to all, microphone open.
    Called {
        /// Who.
        participant: ParticipantId,
        /// By whom.
        by: ParticipantId,
    },
    /// An answer to the roll call.
    RollCallAnswered {
        /// Whose.
        participant: ParticipantId,
        /// What.
        answer: Answer,
        /// The worst alert that stood measured about them.
        measured: Option<Level>,
        /// Who noted it.
        by: ParticipantId,
    },
    /// The roll call is over.
    RollCallEnded {
        /// By whom.
        by: ParticipantId,
    },
    /// The deliberation was closed.
    DeliberationClosed {
        /// By whom.
        by: ParticipantId,
    },
    /// The deliberation goes on.
    DeliberationReopened {
        /// By whom.
        by: ParticipantId,
    },
    /// Everybody who serves was confirmed to be seen and heard (närvarokontroll).
    PresenceConfirmed {
        /// Who.
        participants: Vec<ParticipantId>,
        /// By whom.
        by: ParticipantId,
        /// When, in milliseconds since 1970-01-01 UTC.
        at_ms: i64,
    },
    /// The question was put.
    QuestionPut {
        /// In what words.
        question: String,
        /// By whom.
        by: ParticipantId,
    },
    /// A vote can be requested.
    VotePauseBegan {
        /// By whom.
        by: ParticipantId,
    },
    /// A member asked for a vote.
    VoteRequested {
        /// Who.
        participant: ParticipantId,
    },
    /// A member took back the request for a vote.
    VoteRequestWithdrawn {
        /// Who.
        participant: ParticipantId,
    },
    /// A vote opened.
    VoteOpened {
        /// What a yes means.
        yes: String,
        /// What a no means.
        no: String,
        /// Whether one may abstain.
        abstention: bool,
        /// Who may vote.
        voters: Vec<ParticipantId>,
        /// By whom.
        by: ParticipantId,
        /// Why, although equal terms were broken.
        despite: Option<Despite>,
    },
    /// A vote was given.
    Voted {
        /// Whose.
        participant: ParticipantId,
        /// What.
        choice: Choice,
        /// Who noted it.
        by: ParticipantId,
    },
    /// Equal terms broke during the vote.
    VoteSuspended {},
    /// The vote goes on.
    VoteResumed {
        /// By whom.
        by: ParticipantId,
        /// Why, although equal terms were broken.
        despite: Option<Despite>,
    },
    /// The vote is closed.
    VoteClosed {
        /// By whom.
        by: ParticipantId,
        /// Yes.
        yes: u16,
        /// No.
        no: u16,
        /// Abstained.
        abstained: u16,
        /// Did not vote.
        absent: u16,
        /// The chair's casting vote.
        casting: Option<Choice>,
    },
    /// The vote was broken off and does not count.
    VoteBrokenOff {
        /// By whom; `None`: the meeting or the item ended.
        by: Option<ParticipantId>,
    },
    /// The gavel fell (klubbslag).
    Decided {
        /// Its number at the meeting, from 1.
        number: u32,
        /// At which item; one entered afterwards may be of an item that is over.
        item: Option<ItemId>,
        /// What was decided.
        decision: String,
        /// By whom.
        by: ParticipantId,
        /// When the gavel fell, in milliseconds since 1970-01-01 UTC.
        at_ms: i64,
        /// Why, although equal terms were broken or too few were there.
        despite: Option<Despite>,
        /// Whether it was entered afterwards, from a gavel of wood.
        afterwards: bool,
    },
    /// Reservations can be made.
    ReservationPauseBegan {
        /// By whom.
        by: ParticipantId,
    },
    /// A member made a reservation.
    Reserved {
        /// Who.
        participant: ParticipantId,
    },
    /// A member took back the reservation, while reservations could be made.
    ReservationWithdrawn {
        /// Who.
        participant: ParticipantId,
    },
    /// The decision is done.
    ReservationPauseEnded {
        /// By whom.
        by: ParticipantId,
    },
    /// What an earlier event says is to be read otherwise.
    Corrected {
        /// Its number in the journal.
        event: u64,
        /// How it should be read.
        text: String,
        /// By whom.
        by: ParticipantId,
    },
    /// What was measured at the second of the event after this one.
    Measured {
        /// What.
        measured: Box<Measured>,
    },
    /// The chair's rights passed to this person.
    ChairTaken {
        /// Who has them now.
        by: ParticipantId,
    },
    /// Asked for the floor; last in the list.
    FloorRequested {
        /// Who.
        participant: ParticipantId,
    },
    /// Took the request back.
    RequestWithdrawn {
        /// Who.
        participant: ParticipantId,
    },
    /// Got the floor; the microphone opens.
    FloorGiven {
        /// Who.
        participant: ParticipantId,
        /// By whom.
        by: ParticipantId,
    },
    /// The speaker's connection is gone: nobody has the floor, but it is kept for a short while.
    FloorInterrupted {
        /// Who had it.
        participant: ParticipantId,
        /// When, in milliseconds since 1970-01-01 UTC.
        since_ms: i64,
    },
    /// The speaker was back in time and has the floor again.
    FloorReturned {
        /// Who.
        participant: ParticipantId,
    },
    /// The floor, or the right to get it back, ended.
    FloorEnded {
        /// Whose.
        participant: ParticipantId,
        /// Why.
        why: Ending,
    },
    /// An alert (larm) was raised.
    AlertRaised {
        /// Its number.
        alert: AlertId,
        /// What it is about.
        subject: Subject,
        /// How bad it is.
        reading: Reading,
        /// When, in milliseconds since 1970-01-01 UTC.
        since_ms: i64,
    },
    /// The alert stands otherwise now.
    AlertChanged {
        /// Which.
        alert: AlertId,
        /// How bad it is.
        reading: Reading,
        /// When, in milliseconds since 1970-01-01 UTC.
        at_ms: i64,
    },
    /// Three reds in five minutes: it stays until acknowledged.
    AlertUnstable {
        /// Which.
        alert: AlertId,
    },
    /// What an unstable alert says no longer holds; it waits to be acknowledged.
    AlertSettled {
        /// Which.
        alert: AlertId,
    },
    /// Chair or secretary has seen it.
    AlertAcknowledged {
        /// Which.
        alert: AlertId,
        /// By whom.
        by: ParticipantId,
    },
    /// It is over.
    AlertCleared {
        /// Which.
        alert: AlertId,
    },
}

const fn fresh_within_ms() -> i64 {
    identity::FRESH_WITHIN_MS
}
