//! English.

use super::{Texts, Told, Words};
use crate::equal_terms::{Cause, Direction, Level};
use crate::meeting::pause::Reason as PauseReason;
use crate::meeting::{Answer, Choice, Despite, Role, service};
use crate::report::account::Place;
use crate::report::alarm::Act;
use crate::report::severity::Severity;

pub(super) struct English;

const TEXTS: Texts = Texts {
    report: "Report on remote participation",
    basis: "This report gives the journal and what was measured between connected devices. It says nothing about what \
            persons perceived. An alarm (larm) is a measurement or a participant's own report; whether equal terms were \
            broken is the chair's to judge. Participants in the chamber are represented by the chamber's devices.",
    meeting: "Meeting",
    body: "Body",
    day: "Date",
    opened: "Opened",
    closed: "Closed",
    not_yet: "no",
    profile: "Threshold profile",
    program: "Program version",
    journal: "Journal",
    zone: "Times",
    signature: "Signature",
    signature_own: "read from the installation's own journal, whose chain is whole; the signatures were not checked",
    signature_not_checked: "not checked against any key: anybody may have made the file that this report is made of",
    left_out: "Left out",
    not_recorded: "not kept",
    serving: "Serving",
    no_service: "The journal does not say who served.",
    no_service_told: "What is told here does not say who served; events are left out.",
    present: "Presence",
    mandate: "Mandate",
    who: "Who",
    role: "Role",
    party: "Party",
    place: "Place",
    from: "From",
    to: "To",
    why: "Reason",
    still: "–",
    decisions: "Decisions",
    no_decisions: "No decisions are recorded.",
    no_decisions_told: "What is told here has no decisions; events are left out.",
    decision: "Decision",
    course: "Course",
    time: "Time",
    what: "Event",
    alarms: "Alarms",
    alarms_explained: "Every alarm with its cause, its time and what the chair did while it stood. The figure is the worst \
                       that was noted.",
    no_alarms: "No alarms.",
    no_alarms_told: "What is told here has no alarms; events are left out.",
    slight: "Below the alarm",
    slight_explained: "Smaller deviations, which are shown to the secretary.",
    finding: "Measured",
    figure_others: "Concerned",
    acts: "What was done",
    no_acts: "nothing recorded",
    cut_off: "measurement was cut off",
    unanswered: "unanswered",
    settled: "no longer measured",
    may_be_over: "may have been over; events are left out",
    unstable: "unstable",
    times: "Number",
    quality: "Quality over time",
    quality_explained: "A row for each direction. A column shows its worst second.",
    no_samples: "The samples are not kept, have been weeded or are not in this file. The quality over time cannot be shown.",
    gaps: "Gaps in the samples",
    not_judged: "not measured",
    secret: "[left out: secrecy]",
    flawless: "No measured breaches between connected devices; participants in the chamber are represented by the chamber's \
               devices.",
    no_alarming_flaws: "No measured breaches beyond the alarm limit between connected devices; participants in the chamber \
                        are represented by the chamber's devices.",
    no_measurement: "Measurements are missing.",
    exceptions: "Measured exceptions:",
    no_exceptions: "No measured exceptions.",
    alarms_at_gavel: "Alarms that stood when the gavel fell:",
    no_alarm_at_gavel: "No alarm stood when the gavel fell.",
    no_alarm_at_gavel_told: "Of what is told here, no alarm stood when the gavel fell; events are left out.",
    measured_at_entry: "Measured when the decision was entered, not when the gavel fell:",
    measured_at_gavel: "Measured just when the gavel fell; an alarm stands for a while after measurements have improved:",
    alarms_then: "Alarms that stood then:",
    measured_then: "Measured just then; an alarm stands for a while after measurements have improved:",
    correction: "Correction",
    vote: "Vote",
    vote_opened: "When the vote was opened:",
    vote_closed: "When the vote was closed:",
    roll_call_ended: "When the roll call was ended:",
    yes: "Yes",
    no: "No",
    answer: "Answer",
    measured: "Measured then",
    server: "The server or its network",
    restarted: "The server was restarted. Measurement began anew.",
};

/// With at most one decimal, and none that is nought.
pub(super) fn plain(figure: f64) -> String {
    let text = format!("{figure:.1}");
    text.strip_suffix(".0").map_or_else(|| text.clone(), str::to_owned)
}

impl Words for English {
    fn tag(&self) -> &'static str {
        "en"
    }

    fn texts(&self) -> &'static Texts {
        &TEXTS
    }

    fn number(&self, figure: f64) -> String {
        plain(figure)
    }

    fn participant(&self, number: u32) -> String {
        format!("Participant {number}")
    }

    fn role(&self, role: Role) -> &'static str {
        match role {
            Role::Chair => "chair",
            Role::ViceChair => "vice chair",
            Role::Secretary => "secretary",
            Role::Member => "member",
            Role::Substitute => "substitute",
            Role::Guest => "guest",
            Role::Chamber => "device of the chamber",
        }
    }

    fn place(&self, place: Place) -> &'static str {
        match place {
            Place::Remote => "remote",
            Place::Chamber => "in the chamber",
        }
    }

    fn direction(&self, direction: Direction) -> &'static str {
        match direction {
            Direction::Heard => "Heard",
            Direction::Seen => "Seen",
            Direction::Hears => "Hears",
            Direction::Sees => "Sees",
            Direction::Delay => "Delay",
            Direction::Link => "Link",
        }
    }

    fn stood(&self, who: &str, direction: Direction, severity: Severity) -> String {
        let named = self.direction(direction).to_lowercase();
        match (direction, severity) {
            (_, Severity::Suspended) => format!("measurement of {who} was suspended ({named})"),
            (_, Severity::Unknown) => format!("measurements are missing for {who} ({named})"),
            (_, Severity::Good) => format!("nothing measured about {who}"),
            (Direction::Heard, Severity::Lost) => format!("{who} was not heard"),
            (Direction::Seen, Severity::Lost) => format!("{who} was not seen"),
            (Direction::Hears, Severity::Lost) => format!("{who} did not hear the others"),
            (Direction::Sees, Severity::Lost) => format!("{who} did not see the others"),
            (Direction::Link, Severity::Lost) => format!("{who} had lost the connection"),
            (Direction::Heard, Severity::Poor) => format!("{who} was hard to hear"),
            (Direction::Seen, Severity::Poor) => format!("{who} was hard to see"),
            (Direction::Hears, Severity::Poor) => format!("{who} heard the others poorly"),
            (Direction::Sees, Severity::Poor) => format!("{who} saw the others poorly"),
            (Direction::Link, Severity::Poor) => format!("{who} had a poor connection"),
            // Of delay and of lip sync alike.
            (Direction::Delay, Severity::Lost | Severity::Poor) => format!("{who} was out of step"),
        }
    }

    fn unreported(&self, who: &str) -> String {
        format!("It is not known whether {who} heard and saw the others")
    }

    fn reported(&self, who: &str) -> String {
        format!("{who} reported: “I am not taking part on equal terms”")
    }

    fn system_fault(&self, cause: &str) -> String {
        format!("The server or its network had a fault, which may have affected everybody: {cause}")
    }

    fn cause(&self, cause: Cause, figure: Option<&str>) -> String {
        let with = |with: &str, without: &str| match figure {
            Some(figure) => with.replace("{}", figure),
            None => without.to_owned(),
        };
        match cause {
            Cause::LinkLost => with("no answer for {} s", "no answer"),
            Cause::TelemetryMissing => with("measurements missing for {} s", "measurements were missing"),
            Cause::Unacknowledged => with(
                "the device had acknowledged nothing of what was sent to it for {} s",
                "the device acknowledged nothing of what was sent to it",
            ),
            Cause::MicrophoneDead => with(
                "the microphone had been open and given no sound for {} s",
                "the microphone was open and gave no sound",
            ),
            Cause::PictureWithheld => with(
                "the network had had no room for everyone’s picture for {} s",
                "the network had no room for everyone’s picture",
            ),
            Cause::PictureUndecodable => with(
                "somebody’s picture was in a format that the device had not read for {} s",
                "somebody’s picture was in a format that the device does not read",
            ),
            // Two rows of the profile have this cause, one in percent and one in seconds.
            Cause::PictureFrozen => "the picture stood still, all or part of the time".to_owned(),
            Cause::CameraOff => with("the camera had been off for {} s", "the camera was off"),
            Cause::CameraCovered => with(
                "the picture had been black or covered for {} s",
                "the picture was black or covered",
            ),
            Cause::SoundLoss => with("{} % of the sound was lost on the way", "sound was lost on the way"),
            Cause::SoundConcealed => with("{} % of the speech dropped out", "parts of the speech dropped out"),
            Cause::SoundMissing => with("speech had not arrived for {} s", "speech did not arrive"),
            Cause::FrameRate => with("{} frames a second", "too few frames a second"),
            Cause::PictureSize => with("the picture was too small ({} pixels)", "the picture was too small"),
            Cause::DelayLong => with("{} ms from mouth to ear", "too long from mouth to ear"),
            Cause::LipSync => with("sound and picture were {} ms apart", "sound and picture were apart"),
            Cause::Reported => "own report".to_owned(),
        }
    }

    fn level(&self, level: Level) -> &'static str {
        match level {
            Level::Unknown => "unknown",
            Level::Suspended => "suspended",
            Level::Green => "good",
            Level::Amber => "worse",
            Level::Red => "alarm",
        }
    }

    fn began(&self, why: service::Beginning) -> &'static str {
        match why {
            service::Beginning::Opening => "at the opening",
            service::Beginning::Arrival => "came later",
            service::Beginning::StepsIn => "stepped in as substitute",
            service::Beginning::Returns => "returned",
        }
    }

    fn ended(&self, why: service::Ending) -> &'static str {
        match why {
            service::Ending::Replaced => "was replaced",
            service::Ending::Absent => "was noted as absent",
            service::Ending::MemberCame => "the member came",
            service::Ending::Disqualified => "disqualified",
            service::Ending::DisqualificationOver => "the disqualification was over",
            service::Ending::Dismissed => "was moved out",
        }
    }

    fn choice(&self, choice: Choice) -> &'static str {
        match choice {
            Choice::Yes => "Yes",
            Choice::No => "No",
            Choice::Abstain => "Abstains",
        }
    }

    fn despite(&self, despite: Despite) -> &'static str {
        match despite {
            Despite::ConfirmedByMember => {
                "the member has confirmed by voice or telephone that they see, hear and are heard"
            }
            Despite::MeasurementAtFault => {
                "the measurement is at fault: the chair and the chamber see and hear the member"
            }
            Despite::Repeated => "the disturbance was short, and what was said has been repeated",
            Despite::QuorumException => "the law lets fewer decide at this item (kommunallagen 5:45–46)",
        }
    }

    fn went_on(&self, by: &str, despite: Despite) -> String {
        format!(
            "{by} went on despite an alarm or too few present. Reason: {}.",
            self.despite(despite)
        )
    }

    fn answer(&self, answer: Answer) -> String {
        match answer {
            Answer::Confirmed { sees, hears, heard } => {
                let one = |holds: bool, yes, no| if holds { yes } else { no };
                format!(
                    "Own word: {}, {}, {}",
                    one(sees, "sees", "does not see"),
                    one(hears, "hears", "does not hear"),
                    one(heard, "is heard", "is not heard")
                )
            }
            Answer::NotedPresent {} => "noted as present".to_owned(),
            Answer::NotedAbsent {} => "did not answer".to_owned(),
        }
    }

    fn pause(&self, reason: PauseReason) -> &'static str {
        match reason {
            PauseReason::Identify => "to prove who they are",
            PauseReason::Short => "a short pause",
        }
    }

    fn unmeasured(&self, who: &str) -> String {
        format!("measurements are missing for {who}")
    }

    fn chamber_unmeasured(&self) -> &'static str {
        "measurements are missing for the chamber's devices"
    }

    fn edge(&self, sender: &str, receiver: &str, sound: bool, level: Level) -> String {
        let medium = if sound { "the sound" } else { "the picture" };
        match level {
            Level::Red => format!("{medium} of {sender} did not reach {receiver} as it should"),
            Level::Unknown | Level::Suspended | Level::Green | Level::Amber => {
                format!("measurements are missing for {medium} of {sender} at {receiver}")
            }
        }
    }

    fn act(&self, act: Act, by: &str) -> String {
        match act {
            Act::Acknowledged(_) => format!("{by} had seen it"),
            Act::Adjourned(_) => format!("{by} adjourned"),
            Act::PresenceConfirmed(_) => format!("{by} made a presence check"),
            Act::WentOn(_, despite) => format!("{by} went on: {}", self.despite(despite)),
            Act::Deferred(_) => format!("{by} deferred the item"),
            Act::Postponed(_) => format!("{by} postponed the meeting"),
            Act::Closed(_) => format!("{by} ended the meeting"),
            Act::AdjournmentExtended(_) => format!("{by} extended the adjournment"),
            Act::Awaited(_) => format!("{by} gave more time to come back"),
            Act::Replaced(_) => format!("{by} called in a substitute"),
            Act::NotedAbsent(_) => format!("{by} noted the person as absent"),
        }
    }

    fn unreached(&self, others: usize) -> String {
        format!("not heard or not seen by {others} of the others")
    }

    fn affected(&self, others: u32) -> String {
        match others {
            0 => "–".to_owned(),
            1 => "1 other".to_owned(),
            others => format!("{others} others"),
        }
    }

    fn journal(&self, events: u64, head: &str) -> String {
        format!("{events} events, last hash {head}")
    }

    fn item(&self, number: u16, title: &str) -> String {
        format!("Item {number}: {title}")
    }

    fn result(&self, [yes, no, abstained, absent]: [u16; 4], casting: Option<Choice>) -> String {
        let casting = casting.map(|choice| format!(" The chair's casting vote: {}.", self.choice(choice)));
        format!(
            "{yes} yes, {no} no, {abstained} abstained, {absent} did not vote.{}",
            casting.unwrap_or_default()
        )
    }

    fn vote_without_result(&self, broken_off: bool) -> &'static str {
        if broken_off {
            "The vote was broken off and does not count."
        } else {
            "The vote is not closed."
        }
    }

    fn suspended(&self, times: u32) -> String {
        format!("The vote was suspended {times} time(s) by alarms.")
    }

    fn column(&self, seconds: i64) -> String {
        format!("A column is {seconds} s.")
    }

    fn seconds(&self, red: u32, unknown: u32) -> String {
        format!("alarm {red} s, unknown {unknown} s")
    }

    fn gap(&self, clock: &str, lost: u64) -> String {
        if lost == 0 {
            format!("{clock}: the end of a file was lost when the server stopped")
        } else {
            format!("{clock}: {lost} lines were lost")
        }
    }

    fn signature_checked(&self, fingerprint: &str) -> String {
        format!(
            "by the key with the fingerprint {fingerprint}, or one that is connected with it through changes of keys"
        )
    }

    fn left_out(&self, events: u64, from: &str, to: &str) -> String {
        let (events, are) = match events {
            1 => ("1 event".to_owned(), "is left out"),
            events => (format!("{events} events"), "are left out"),
        };
        let when = if from == to {
            format!("at {from}")
        } else {
            format!("between {from} and {to}")
        };
        format!("{events} {when} {are} (secrecy); what happened then is not told")
    }

    fn samples_left_out(&self, after: Option<&str>, before: Option<&str>) -> String {
        match (after, before) {
            (Some(after), Some(before)) => format!("samples between {after} and {before} are left out (secrecy)"),
            (Some(after), None) => format!("samples after {after} are left out (secrecy)"),
            (None, Some(before)) => format!("samples before {before} are left out or weeded"),
            (None, None) => "samples are left out or weeded".to_owned(),
        }
    }

    fn afterwards(&self, clock: &str) -> String {
        format!("Entered afterwards at {clock}, from a gavel of wood.")
    }

    fn proof(&self, clock: &str, samples: bool) -> String {
        let kept = if samples {
            "the checksum of the samples is in the journal"
        } else {
            "the samples are not kept"
        };
        format!("Measured {clock}; {kept}.")
    }

    fn told(&self, told: Told<'_>) -> String {
        match told {
            Told::Opened { by } => format!("{by} opened the meeting."),
            Told::Adjourned { by, reason } => format!("{by} adjourned. Reason: {reason}"),
            Told::Resumed { by } => format!("{by} resumed the meeting."),
            Told::Postponed { by, reason } => format!("{by} postponed the rest of the meeting. Reason: {reason}"),
            Told::Closed { by } => format!("{by} closed the meeting."),
            Told::ItemBegun { item } => format!("{item} was taken up."),
            Told::MovedOut { who } => format!("In the lobby during the item: {who}."),
            Told::ItemEnded { item } => format!("{item} ended."),
            Told::ItemDeferred { item, by, reason } => format!("{item} was deferred by {by}. Reason: {reason}"),
            Told::Vouched { who, by } => format!("{by} vouched for {who}."),
            Told::ChairTaken { by } => format!("{by} took the chair."),
            Told::PauseBegan { who, reason } => format!("{who} took a pause ({reason})."),
            Told::PauseEnded { who } => format!("{who} was back from the pause."),
            Told::ReconnectExtended { who, until, by } => format!("{by} waited for {who} until {until}."),
            Told::AdjournmentExtended { until, by } => format!("{by} extended the adjournment until {until}."),
            Told::Disqualified { who, item, reason } => format!("{who} was disqualified. {item}. Reason: {reason}"),
            Told::QuorumLost { there, needed } => format!("Too few to decide: {there} served, it takes {needed}."),
            Told::QuorumRegained { there } => format!("Quorate again: {there} served."),
            Told::RollCall { by, answered, called } => {
                format!("Roll call by {by}: {answered} of {called} answers noted.")
            }
            Told::DeliberationClosed { by } => format!("{by} closed the deliberation."),
            Told::DeliberationReopened { by } => format!("{by} reopened the deliberation."),
            Told::PresenceConfirmed { who, by } => format!("Presence check: {by} confirmed {who} serving."),
            Told::QuestionPut { question } => format!("The question was put: {question}"),
            Told::VoteRequested { who } => format!("{who} asked for a vote."),
            Told::VoteRequestWithdrawn { who } => format!("{who} took back the request for a vote."),
            Told::Vote { yes, no, voters } => format!("Vote, {voters} entitled. Yes: {yes}; no: {no}"),
            Told::Decided { number, by } => format!("Decision {number}: the gavel fell, by {by}."),
            Told::Reserved { who } => format!("{who} made a reservation."),
            Told::ReservationWithdrawn { who } => format!("{who} took back the reservation."),
            Told::Corrected { event } => format!("Correction of event {event} of the journal."),
        }
    }
}
