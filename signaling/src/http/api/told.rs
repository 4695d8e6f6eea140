//! What the API tells.

use crate::convene::Invitee;
use crate::convene::csv::{Roster, Trouble};
use crate::http::Doors;
use crate::http::office::{Full, Invited, Summary};
use crate::meeting::{MeetingId, Phase, Role};
use jiff::Timestamp;
use lika_auth::Assurance;
use serde::Serialize;
use utoipa::ToSchema;

/// Where a meeting stands.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::http) enum PhaseName {
    Planned,
    Open,
    Adjourned,
    Closed,
}

impl From<&Phase> for PhaseName {
    fn from(phase: &Phase) -> Self {
        match phase {
            Phase::Planned => Self::Planned,
            Phase::Open => Self::Open,
            Phase::Adjourned { .. } => Self::Adjourned,
            Phase::Closed => Self::Closed,
        }
    }
}

/// The level of assurance (tillitsnivå) that a meeting or an item requires.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, serde::Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::http) enum Level {
    /// The personal invitation is enough.
    #[default]
    Open,
    Loa2,
    Loa3,
    Loa4,
}

impl From<Assurance> for Level {
    fn from(assurance: Assurance) -> Self {
        match assurance {
            Assurance::Open => Self::Open,
            Assurance::Loa2 => Self::Loa2,
            Assurance::Loa3 => Self::Loa3,
            Assurance::Loa4 => Self::Loa4,
        }
    }
}

impl From<Level> for Assurance {
    fn from(level: Level) -> Self {
        match level {
            Level::Open => Self::Open,
            Level::Loa2 => Self::Loa2,
            Level::Loa3 => Self::Loa3,
            Level::Loa4 => Self::Loa4,
        }
    }
}

/// A meeting in the list.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct MeetingSummary {
    /// Its number.
    meeting: u64,
    title: String,
    /// The body that meets.
    body: String,
    phase: PhaseName,
    /// When it begins; `null`: it was convened without a time.
    #[schema(required, format = DateTime)]
    starts: Option<String>,
    #[schema(required, format = DateTime)]
    ends: Option<String>,
    /// The chamber.
    #[schema(required)]
    place: Option<String>,
    /// A rehearsal or a load test.
    test: bool,
    /// How many events its journal has.
    events: u64,
}

impl From<Summary> for MeetingSummary {
    fn from(summary: Summary) -> Self {
        Self {
            meeting: summary.meeting.0,
            title: summary.title,
            body: summary.body,
            phase: (&summary.phase).into(),
            starts: summary.occasion.starts_ms.and_then(time),
            ends: summary.occasion.ends_ms.and_then(time),
            place: summary.occasion.place,
            test: summary.occasion.test,
            events: summary.events,
        }
    }
}

/// RFC 3339.
fn time(at_ms: i64) -> Option<String> {
    Timestamp::from_millisecond(at_ms).ok().map(|at| at.to_string())
}

/// Some of the meetings, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct MeetingList {
    meetings: Vec<MeetingSummary>,
    /// The address of those that follow; `null`: there are none.
    #[schema(required)]
    next: Option<String>,
}

impl MeetingList {
    pub(super) fn new(meetings: Vec<Summary>, limit: usize, next: Option<MeetingId>) -> Self {
        Self {
            meetings: meetings.into_iter().map(MeetingSummary::from).collect(),
            next: next.map(|before| format!("/api/meetings?limit={limit}&before={}", before.0)),
        }
    }
}

/// A meeting with its agenda and roster.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct MeetingFull {
    #[serde(flatten)]
    summary: MeetingSummary,
    requires: Level,
    participants: Vec<ParticipantTold>,
    items: Vec<ItemTold>,
}

/// Somebody in a roster.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct ParticipantTold {
    /// The number in the roster, from 1.
    participant: u32,
    role: Role,
    /// `null`: it has been erased.
    #[schema(required)]
    name: Option<String>,
    /// The number of the mandate.
    #[schema(required)]
    mandate: Option<u16>,
    #[schema(required)]
    party: Option<String>,
    /// A substitute's place in the order of entry.
    #[schema(required)]
    order_of_entry: Option<u16>,
    /// The one item that a guest is invited to.
    #[schema(required)]
    item: Option<u16>,
}

/// An item of the agenda.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct ItemTold {
    title: String,
    secret: bool,
    requires: Level,
}

impl From<Full> for MeetingFull {
    fn from(full: Full) -> Self {
        let participant = |line: crate::http::office::Line| {
            let seat = line.seat;
            ParticipantTold {
                participant: line.participant.0,
                role: line.role,
                name: line.name,
                mandate: seat.as_ref().map(|seat| seat.mandate),
                order_of_entry: seat.as_ref().and_then(|seat| seat.order_of_entry),
                party: seat.and_then(|seat| seat.party),
                item: line.only_item.map(|item| item.0),
            }
        };
        let items = full.items.into_iter().map(|item| ItemTold {
            title: item.title,
            secret: item.secret,
            requires: item.requires.into(),
        });
        Self {
            summary: full.summary.into(),
            requires: full.requires.into(),
            participants: full.participants.into_iter().map(participant).collect(),
            items: items.collect(),
        }
    }
}

/// A meeting that has been convened.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct MeetingConvened {
    /// Its number.
    pub(super) meeting: u64,
    /// Whether the same request had convened it before: then the links have been told and are not told again.
    pub(super) repeated: bool,
    /// In the roster's order.
    pub(super) invitations: Vec<InvitationTold>,
}

/// An invitation. It is told this once.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct InvitationTold {
    participant: u32,
    role: Role,
    /// `null`: it has been erased.
    #[schema(required)]
    name: Option<String>,
    /// The personal link. Whoever has it comes in: send it to this participant alone.
    invitation: String,
    /// Until when the link can be used.
    #[schema(required, format = DateTime)]
    expires: Option<String>,
    /// A calendar file (iCalendar) with the link; `null`: the meeting has no time.
    #[schema(required)]
    calendar: Option<String>,
}

impl InvitationTold {
    pub(super) fn new(invited: &Invited, doors: &Doors) -> Self {
        Self {
            participant: invited.participant.0,
            role: invited.role,
            name: invited.name.clone(),
            invitation: invited.link(doors),
            expires: time(invited.expires_ms),
            calendar: invited.calendar(doors),
        }
    }
}

/// A roster as it was read from a spreadsheet.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct RosterRead {
    participants: Vec<ReadParticipant>,
    /// Headers of columns that nothing was read from.
    ignored_columns: Vec<String>,
}

/// Somebody in it. The personal identity number is not told again.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct ReadParticipant {
    role: Role,
    name: String,
    #[schema(required)]
    mandate: Option<u16>,
    #[schema(required)]
    party: Option<String>,
    #[schema(required)]
    order_of_entry: Option<u16>,
    #[schema(required)]
    item: Option<u16>,
    /// Whether there is an identity to compare a login with.
    has_identity: bool,
}

impl From<Roster> for RosterRead {
    fn from(roster: Roster) -> Self {
        let participant = |one: Invitee| ReadParticipant {
            role: one.role,
            name: one.name,
            mandate: one.mandate,
            party: one.party,
            order_of_entry: one.order_of_entry,
            item: one.item,
            has_identity: one.identity.is_some(),
        };
        Self {
            participants: roster.participants.into_iter().map(participant).collect(),
            ignored_columns: roster.ignored,
        }
    }
}

/// Something that is wrong in a roster.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct RowProblem {
    /// The row as the spreadsheet numbers it, from 1; `null`: the whole file.
    #[schema(required)]
    row: Option<u32>,
    /// The column's header.
    #[schema(required)]
    column: Option<String>,
    /// What is written there, or its beginning; never an identity.
    #[schema(required)]
    value: Option<String>,
    /// What is wrong, for programs.
    code: &'static str,
    /// What is wrong and what to do, in Swedish.
    sv: String,
    /// And in English.
    en: String,
}

impl From<&Trouble> for RowProblem {
    fn from(trouble: &Trouble) -> Self {
        Self {
            row: trouble.row,
            column: trouble.column.clone(),
            value: trouble.value.clone(),
            code: trouble.problem.code(),
            sv: trouble.problem.swedish(),
            en: trouble.problem.english(),
        }
    }
}
