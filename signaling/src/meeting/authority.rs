//! Who may do what, when: one table. The WebSocket's commands, the demonstration's and WHIP ask it; docs/authorisation.md
//! is drawn from it. (Who is heard and seen by whom, which the relay enforces, is the table of [`super::audience`]; who may
//! convene meetings is the installation's affair, not a meeting's.)

use super::{Attendance, Command, Meeting, Participant, ParticipantId, Phase, Role};
use crate::protocol::Refusal;

/// In what capacity somebody asks. A person may have several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Capacity {
    /// Has the chair's rights now.
    ActingChair,
    /// The chair or a vice chair.
    Presidium,
    /// The secretary.
    Secretary,
    /// Has the floor.
    Speaker,
    /// Anybody inside.
    Participant,
}

/// What somebody asks to do.
#[derive(Clone, Copy, Debug)]
pub enum Act<'a> {
    /// A command.
    Command(&'a Command),
    /// Send sound and picture with a device that has no page (WHIP).
    Publish,
}

/// A phase, without what it carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Planned,
    Open,
    Adjourned,
}

/// One line of the table.
struct Rule {
    who: &'static [Capacity],
    when: &'static [Stage],
    from: &'static [Attendance],
}

const INSIDE: &[Attendance] = &[Attendance::Inside];
const NOT_DISMISSED: &[Attendance] = &[
    Attendance::Away,
    Attendance::Lobby,
    Attendance::Inside,
    Attendance::Lost,
];
const UNTIL_CLOSED: &[Stage] = &[Stage::Planned, Stage::Open, Stage::Adjourned];
const IN_SESSION: &[Stage] = &[Stage::Open];

const fn rule(act: Act<'_>) -> Rule {
    use Capacity::{ActingChair, Participant, Presidium, Secretary, Speaker};
    let Act::Command(command) = act else {
        // A chamber's encoder or a member's: it stands in for a device, and the audience table says what is heard of it.
        return Rule {
            who: &[Participant],
            when: UNTIL_CLOSED,
            from: NOT_DISMISSED,
        };
    };
    let (who, when, from): (&[Capacity], &[Stage], &[Attendance]) = match command {
        // R15: chair or secretary admits; before the opening too, for the technical check and the roll call.
        Command::Admit { .. } | Command::AdmitAll {} | Command::Dismiss { .. } => {
            (&[ActingChair, Secretary], UNTIL_CLOSED, INSIDE)
        }
        Command::Open {} => (&[ActingChair], &[Stage::Planned], INSIDE),
        // R8: adjourning and closing are never refused to the chair of a meeting in session.
        Command::Close {} => (&[ActingChair], &[Stage::Open, Stage::Adjourned], INSIDE),
        Command::Adjourn { .. } => (&[ActingChair], IN_SESSION, INSIDE),
        Command::Resume {} => (&[ActingChair], &[Stage::Adjourned], INSIDE),
        // R31: those present without a vote may speak too, and R19 has one list for chamber and remote.
        Command::RequestFloor {} | Command::WithdrawRequest {} => (&[Participant], IN_SESSION, INSIDE),
        // R19: the chair orders and gives the floor.
        Command::GiveFloor { .. } => (&[ActingChair], IN_SESSION, INSIDE),
        Command::EndFloor {} => (&[ActingChair, Speaker], IN_SESSION, INSIDE),
        // R3: the secretary sees the same as the chair.
        Command::AcknowledgeAlert { .. } => (&[ActingChair, Secretary], UNTIL_CLOSED, INSIDE),
        // R4: one press, at any time; before the opening and in an adjournment it tells the chair not to go on.
        Command::ReportUnequalTerms {} => (&[Participant], UNTIL_CLOSED, INSIDE),
        // R28: the chair leads through the agenda, and alone answers for who is there at a secret item.
        Command::BeginItem { .. } | Command::EndItem {} | Command::Vouch { .. } => (&[ActingChair], IN_SESSION, INSIDE),
        // R25: anybody inside; in the lobby nobody is missed. Whose pause the chair may end, see `pause::end`.
        Command::Pause { .. } => (&[Participant], UNTIL_CLOSED, INSIDE),
        Command::EndPause { .. } => (&[Participant], UNTIL_CLOSED, &[Attendance::Inside, Attendance::Lobby]),
        // R6: the chair's ways out. Deferring and postponing are never refused to the chair of a meeting in session.
        Command::DeferItem { .. } => (&[ActingChair], IN_SESSION, INSIDE),
        Command::Postpone { .. } => (&[ActingChair], &[Stage::Open, Stage::Adjourned], INSIDE),
        Command::ExtendClock { .. }
        | Command::StepIn { .. }
        | Command::NoteAbsent { .. }
        | Command::TakeSeat { .. } => (&[ActingChair], &[Stage::Open, Stage::Adjourned], INSIDE),
        Command::Disqualify { .. } => (&[ActingChair], IN_SESSION, INSIDE),
        Command::NoteInChamber { .. } => (&[ActingChair, Secretary], UNTIL_CLOSED, INSIDE),
        Command::LeaveChamber {} => (&[Participant], UNTIL_CLOSED, &[Attendance::Inside, Attendance::Lobby]),
        // R17: at the opening and after an adjournment; before the opening for those who want to know first.
        Command::BeginRollCall {} | Command::Call { .. } | Command::NoteRollCall { .. } | Command::EndRollCall {} => {
            (&[ActingChair, Secretary], UNTIL_CLOSED, INSIDE)
        }
        Command::AnswerRollCall { .. } => (&[Participant], UNTIL_CLOSED, INSIDE),
        // R20: the chair leads to the decision. The presence check also before a resumption (R5).
        Command::ConfirmPresence { .. } => (&[ActingChair], &[Stage::Open, Stage::Adjourned], INSIDE),
        Command::CloseDeliberation {}
        | Command::ReopenDeliberation {}
        | Command::PutQuestion { .. }
        | Command::PauseForVote {}
        | Command::OpenVote { .. }
        | Command::ResumeVote { .. }
        | Command::CloseVote { .. }
        | Command::BreakOffVote {}
        | Command::Gavel { .. }
        | Command::PauseForReservations {}
        | Command::EndReservations {} => (&[ActingChair], IN_SESSION, INSIDE),
        // R22: only those who serve, which the command itself knows.
        Command::RequestVote {}
        | Command::WithdrawVoteRequest {}
        | Command::Vote { .. }
        | Command::Reserve {}
        | Command::WithdrawReservation {} => (&[Participant], IN_SESSION, INSIDE),
        // R8, R31b: what was decided by hand, and what was written wrongly.
        Command::RecordGavel { .. } => (&[ActingChair, Secretary], &[Stage::Open, Stage::Adjourned], INSIDE),
        Command::Correct { .. } => (&[ActingChair, Secretary], UNTIL_CLOSED, INSIDE),
        // R31. From the lobby when nobody inside opens the door; see `chair::take`.
        Command::TakeChair {} => (&[Presidium], UNTIL_CLOSED, &[Attendance::Inside, Attendance::Lobby]),
    };
    Rule { who, when, from }
}

/// Whether `actor` may ask this at all now; what it is asked about is checked by the command itself.
///
/// # Errors
/// The reason, worded by the page.
pub fn check(meeting: &Meeting, actor: ParticipantId, act: Act<'_>) -> Result<(), Refusal> {
    let participant = meeting.roster.find(actor).ok_or(Refusal::NoSuchParticipant)?;
    let stage = stage(&meeting.phase).ok_or(Refusal::MeetingOver)?;
    let rule = rule(act);
    if !rule.who.iter().any(|&capacity| acts_as(meeting, participant, capacity)) {
        return Err(Refusal::NotAllowed);
    }
    if !rule.when.contains(&stage) {
        return Err(Refusal::WrongPhase);
    }
    if !rule.from.contains(&participant.attendance()) {
        return Err(Refusal::WrongPlace);
    }
    Ok(())
}

/// `None`: closed, which is final.
const fn stage(phase: &Phase) -> Option<Stage> {
    match phase {
        Phase::Planned => Some(Stage::Planned),
        Phase::Open => Some(Stage::Open),
        Phase::Adjourned { .. } => Some(Stage::Adjourned),
        Phase::Closed => None,
    }
}

fn acts_as(meeting: &Meeting, participant: &Participant, capacity: Capacity) -> bool {
    match capacity {
        Capacity::ActingChair => meeting.acting_chair == Some(participant.id()),
        Capacity::Presidium => matches!(participant.role(), Role::Chair | Role::ViceChair),
        Capacity::Secretary => participant.role() == Role::Secretary,
        Capacity::Speaker => meeting.floor() == Some(participant.id()),
        Capacity::Participant => true,
    }
}
