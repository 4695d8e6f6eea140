//! The WebSocket messages between page and server. JSON text frames, one message each. The TypeScript types are
//! generated from these (`signaling/web/src/protocol/`); see docs/protocol.md for the conversation.

mod procedure;
mod report;

pub use procedure::{
    BreachView, ClockView, DecisionView, PresenceView, ProcedureView, ProposalView, QuorumView, RollCallEntryView,
    RollCallView, VoteView,
};
pub use report::{
    Battery, CameraState, DeviceView, DirectionView, MicrophoneState, Network, QualityView, Report, SlotReport,
};

use crate::equal_terms::{Cause, Direction, Level, Matrix};
use crate::meeting::{AlertId, Attendance, Command, ItemId, Obstacle, ParticipantId, Phase, Role, pause};
use lika_auth::Assurance;
use serde::{Deserialize, Serialize};
use std::fmt;
use ts_rs::TS;

/// The version spoken; a page of another version is told to reload.
pub const PROTOCOL: u32 = 3;

/// What a page sends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ClientMessage {
    /// First message of every connection. The session cookie has already said who this is.
    Hello {
        /// [`PROTOCOL`].
        protocol: u32,
        /// The token of the connection that broke; keeps the endpoint (and its media, if they still live).
        resume: Option<String>,
        /// The last numbered event seen, with `resume`.
        last_seq: Option<u32>,
        /// Whether to go on here although the person is in the meeting on another device.
        #[serde(default)]
        take_over: bool,
    },
    /// A WebRTC offer; answered by `ServerMessage::Answer` or `OfferRefused` with the same number.
    Offer {
        /// Counts the offers of this connection.
        negotiation: u32,
        /// Whether a new peer connection is offered (true) or the running one renegotiated (false).
        fresh: bool,
        /// The SDP.
        sdp: String,
    },
    /// A request to the meeting; answered by `Accepted` or `Refused` with the same id.
    Command {
        /// Chosen by the page.
        id: u32,
        /// What is asked.
        command: Command,
    },
    /// Whom the page shows large; that source's higher layer is wanted.
    Enlarge {
        /// Whom; `None`: nobody.
        participant: Option<ParticipantId>,
    },
    /// What the page measured in the last second.
    Report(Report),
}

/// What the server sends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerMessage {
    /// Answer to `Hello`: everything the page needs to draw. Also sent anew after a gap.
    Welcome {
        /// [`PROTOCOL`].
        protocol: u32,
        /// Who the page is.
        you: ParticipantId,
        /// For the next connection's `Hello`.
        resume: String,
        /// Whether the endpoint's media still live; if not, the page offers a fresh peer connection.
        media_alive: bool,
        /// Number of the newest event in the snapshot.
        seq: u32,
        /// The meeting as this participant may see it.
        meeting: Box<MeetingView>,
        /// Who is in which of the page's slots.
        slots: Vec<SlotView>,
        /// TURN servers that media may go over where no other way is open.
        ice_servers: Vec<IceServer>,
    },
    /// A numbered change. A number that is not the last plus one means: reconnect with `Hello` for a new snapshot.
    Event {
        /// Its number.
        seq: u32,
        /// What to change in the view.
        change: Change,
    },
    /// The answer to an offer.
    Answer {
        /// The offer's number.
        negotiation: u32,
        /// The SDP.
        sdp: String,
        /// Receive slots the connection has.
        slots: u16,
    },
    /// The offer could not be answered.
    OfferRefused {
        /// The offer's number.
        negotiation: u32,
        /// Why.
        reason: Refusal,
    },
    /// The relay ended the media; offer a fresh peer connection.
    MediaEnded {},
    /// Who is in which receive slot, whenever it changes; all slots each time.
    Slots {
        /// Every slot.
        slots: Vec<SlotView>,
    },
    /// What to send of the own picture from now on, whenever it changes. A fresh peer connection begins with every layer,
    /// as VP8.
    Publish {
        /// The highest layer wanted; those below are to be sent as well.
        highest: PictureLayer,
        /// Bits a second of the lowest layer, as the encoder counts them.
        lowest_bps: u32,
        /// What all who may be shown it decode. A browser that cannot choose goes on with VP8.
        codec: PictureCodec,
    },
    /// Once a second: how everybody (chair, secretary) or the page's own person (others) stands.
    Quality {
        /// When, milliseconds since 1970-01-01 UTC.
        #[ts(type = "number")]
        at_ms: i64,
        /// The verdicts.
        participants: Vec<QualityView>,
        /// Who is seen and heard by whom; chair and secretary alone.
        matrix: Option<Matrix>,
        /// What the pages say of their devices; the secretary alone. Never journaled.
        devices: Vec<DeviceView>,
    },
    /// Until when the meeting may go on, whenever that changes, after a `Welcome` if it may not go on for ever; chair and
    /// secretary alone.
    Draining {
        /// When the server stops at the latest, milliseconds since 1970-01-01 UTC; `None`: it goes on.
        #[ts(type = "number | null")]
        until_ms: Option<i64>,
    },
    /// The command was carried out; its events come by themselves.
    Accepted {
        /// The command's id.
        id: u32,
    },
    /// The command was refused; nothing changed.
    Refused {
        /// The command's id.
        id: u32,
        /// Why.
        reason: Refusal,
    },
    /// The message could not be used, or the connection ends; the reason says which.
    Error {
        /// Why.
        reason: Refusal,
    },
}

/// A layer of a picture (RFC 8853).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PictureLayer {
    /// Thumbnail.
    Low,
    /// Half size.
    Mid,
    /// Full size.
    High,
}

/// What a picture is encoded with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PictureCodec {
    /// Every browser decodes it.
    Vp8,
    /// Constrained baseline.
    H264,
}

/// Why something was not done. The page words each in Swedish and English.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The message is not of this protocol.
    Malformed,
    /// The message is too long.
    TooLarge,
    /// `Hello` must come first, and once.
    OutOfOrder,
    /// Reload the page: server and page differ in version.
    WrongProtocol,
    /// Too many messages; slow down.
    TooFast,
    /// The role does not allow it.
    NotAllowed,
    /// There is no such meeting, or no longer.
    NoSuchMeeting,
    /// The participant is not in the roster.
    NoSuchParticipant,
    /// The participant is not where the command needs them (lobby, inside).
    WrongPlace,
    /// The meeting is not in the phase the command needs.
    WrongPhase,
    /// It is so already.
    AlreadySo,
    /// No such alert.
    NoSuchAlert,
    /// No such item, or none is being dealt with.
    NoSuchItem,
    /// A login is needed that shows well enough who this is.
    IdentityNeeded,
    /// Somebody is proving who they are just now: wait, or end their pause.
    SomebodyIdentifies,
    /// A serving member is not on equal terms: adjourn, check that everybody is there, or say why it goes on.
    EqualTermsBroken,
    /// Fewer serve than may decide.
    NotQuorate,
    /// Something comes before this in the order of a decision.
    OutOfStep,
    /// A serving member is not there to be confirmed.
    SomebodyMissing,
    /// They do not serve.
    NotServing,
    /// They were replaced after a break and may not serve again at this meeting (växeltjänstgöring).
    ServedOut,
    /// They serve: nobody's service ends by being moved out. The chair first notes them as absent.
    StillServes,
    /// They do not take part in this item (jäv).
    Disqualified,
    /// Their connection is lost. If they sit in the chamber, that is noted first.
    ConnectionLost,
    /// Within an item, or out of turn, the chair must say why.
    ReasonNeeded,
    /// The vote is suspended until equal terms are back.
    VoteSuspended,
    /// A member has asked for a vote: it is held, or the request taken back, before the gavel falls.
    VoteRequested,
    /// No such event, or one that has not happened.
    NoSuchEvent,
    /// The vote is even: the chair has the casting vote.
    CastingVoteNeeded,
    /// The person is in the meeting on another device; `Hello` with `take_over` moves them here.
    AlreadyHere,
    /// The text is empty or too long.
    BadText,
    /// The journal cannot be written (disk full?): nothing is decided until it can.
    JournalUnavailable,
    /// The server is about to be stopped for maintenance and opens no meeting; those in session go on.
    Draining,
    /// The offer cannot be used.
    BadOffer,
    /// The picture offered is H.264 alone, which is switched off or which somebody in the meeting does not decode.
    PictureNotDecoded,
    /// The relay is full or overloaded.
    RelayFull,
    /// The session ended; open the invitation link again.
    SignedOut,
    /// The person opened the meeting on another device.
    TakenOver,
    /// The meeting is over.
    MeetingOver,
}

/// The meeting as one participant may see it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct MeetingView {
    /// Its title.
    pub title: String,
    /// The body that meets.
    pub body: String,
    /// Where it stands.
    pub phase: Phase,
    /// Who has the chair's rights now.
    pub acting_chair: Option<ParticipantId>,
    /// Who has the floor.
    pub floor: Option<ParticipantId>,
    /// Who has asked for the floor, in order (talarlista).
    pub requests: Vec<ParticipantId>,
    /// The roster, in its order. In the lobby: oneself alone.
    pub participants: Vec<ParticipantView>,
    /// Alerts not yet cleared (chair and secretary: all; others: about themselves).
    pub alerts: Vec<AlertView>,
    /// Whether identities are for tests only; every page shows a banner.
    pub test_identities: bool,
    /// The level of assurance of everybody inside.
    pub requires: Assurance,
    /// The agenda. In the lobby: nothing.
    pub items: Vec<ItemView>,
    /// The item being dealt with. In the lobby: nothing.
    pub item: Option<ItemId>,
    /// Who must be shown large on every page: whoever is called in the roll call, or has the floor.
    pub shown: Option<ParticipantId>,
    /// How many serve, and how many must.
    pub quorum: QuorumView,
    /// What runs: for each serving member whose connection is lost, and for an adjournment.
    pub clocks: Vec<ClockView>,
    /// Who could step in for whom, in the right order (chair and secretary).
    pub proposals: Vec<ProposalView>,
    /// Where the meeting is on the way to a decision.
    pub procedure: ProcedureView,
    /// The roll call that goes on or was held last.
    pub roll_call: Option<RollCallView>,
    /// What has been decided, oldest first.
    pub decisions: Vec<DecisionView>,
}

/// An item of the agenda.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ItemView {
    /// Which.
    pub id: ItemId,
    /// Its title.
    pub title: String,
    /// The level of assurance of everybody who is there.
    pub requires: Assurance,
    /// Whether it is dealt with in secrecy.
    pub secret: bool,
    /// Whether it has been dealt with.
    pub dealt: bool,
}

/// How somebody has shown who they are, as oneself, chair and secretary see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct IdentityView {
    /// How well.
    pub assurance: Assurance,
    /// What keeps them out of what is dealt with now.
    pub obstacle: Option<Obstacle>,
    /// Whether the chair vouches for them at this item.
    pub vouched: bool,
}

/// A participant as others see them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ParticipantView {
    /// Who.
    pub id: ParticipantId,
    /// The name shown.
    pub name: String,
    /// Party, if the seat has one.
    pub party: Option<String>,
    /// What they are.
    pub role: Role,
    /// Where they are.
    pub attendance: Attendance,
    /// Whether the relay lets their microphone through.
    pub microphone_open: bool,
    /// What they are away for, if they have declared a pause.
    pub pause: Option<pause::Reason>,
    /// How they have shown who they are; `None`: not for this page to know.
    pub identity: Option<IdentityView>,
    /// The mandate they serve; `None`: they do not serve.
    pub serves: Option<u16>,
    /// Replaced after a break: may not serve again at this meeting.
    pub served_out: bool,
    /// Whether the chair could let them take their seat now (chair and secretary).
    pub may_take_seat: bool,
    /// Sits in the chamber without a device of their own.
    pub in_chamber: bool,
    /// Does not take part in the item being dealt with (jäv).
    pub disqualified: bool,
}

/// An alert as chair, secretary and the person concerned see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct AlertView {
    /// Which.
    pub id: AlertId,
    /// About whom; `None`: the relay or its network.
    pub about: Option<ParticipantId>,
    /// Which direction.
    pub direction: Direction,
    /// Amber or red.
    pub level: Level,
    /// What was found.
    pub cause: Cause,
    /// The figure that tipped it, in the cause's unit (percent, frames/s, ms, s).
    pub figure: Option<f64>,
    /// How many others are affected.
    pub affected: u32,
    /// Since when, milliseconds since 1970-01-01 UTC.
    #[ts(type = "number")]
    pub since_ms: i64,
    /// Whether chair or secretary has acknowledged it.
    pub acknowledged: bool,
    /// Three reds in five minutes: stays until acknowledged.
    pub unstable: bool,
}

/// One change to a `MeetingView`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// The phase is another.
    Phase {
        /// The new phase.
        phase: Phase,
    },
    /// Another item is being dealt with, or none.
    Item {
        /// Which.
        item: Option<ItemId>,
        /// The agenda, which those who come in have not been shown before.
        items: Vec<ItemView>,
    },
    /// A participant is new or different: replace by id, or insert in the order of ids (the roster's order).
    Participant {
        /// As they are now.
        participant: ParticipantView,
    },
    /// A participant is no longer to be seen by this page.
    ParticipantGone {
        /// Who.
        participant: ParticipantId,
    },
    /// The floor, the requests or the acting chair changed.
    Floor {
        /// Who has the floor.
        floor: Option<ParticipantId>,
        /// The speaker list.
        requests: Vec<ParticipantId>,
        /// Who has the chair's rights.
        acting_chair: Option<ParticipantId>,
    },
    /// An alert is new or different: replace by id, or insert in the order of ids (oldest first).
    Alert {
        /// As it is now.
        alert: AlertView,
    },
    /// An alert is over.
    AlertCleared {
        /// Which.
        alert: AlertId,
    },
    /// Who serves, what runs, or who could step in is otherwise.
    Service {
        /// How many serve, and how many must.
        quorum: QuorumView,
        /// What runs.
        clocks: Vec<ClockView>,
        /// Who could step in for whom.
        proposals: Vec<ProposalView>,
    },
    /// Another step towards a decision, or something about it.
    Procedure {
        /// As it is now.
        procedure: Box<ProcedureView>,
        /// What has been decided.
        decisions: Vec<DecisionView>,
    },
    /// The roll call is otherwise, or somebody else must be shown.
    RollCall {
        /// As it is now.
        roll_call: Option<RollCallView>,
        /// Who must be shown large.
        shown: Option<ParticipantId>,
    },
}

/// Who is in a receive slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SlotView {
    /// Which slot.
    pub slot: u16,
    /// Who; `None`: empty.
    pub participant: Option<ParticipantId>,
}

/// A TURN server and this page's own credentials for it, as the browser takes them (W3C webrtc `RTCIceServer`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct IceServer {
    /// Where it is (RFC 7065).
    pub urls: Vec<String>,
    /// Who the page is to it, and until when.
    pub username: String,
    /// The password to that.
    pub credential: Credential,
}

/// A password; does not print.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Credential(pub String);

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credential(..)")
    }
}
