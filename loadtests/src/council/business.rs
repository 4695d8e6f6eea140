//! The order of business: what chair and members press, one thing after the other, so that a test is used as a council uses the
//! product. Pure: the chair's page and the time in, presses out. It goes on when the page shows that the last thing is done.

use super::absence::Absence;
use super::hindrance::{Deed, Hindrance};
use super::pace::Pace;
use super::page::Page;
use crate::convene::ITEMS;
use lika::meeting::{Choice, Command, ItemId, ParticipantId, Phase, Step, VoteState};
use lika::protocol::{MeetingView, Refusal};
use serde::Serialize;
use std::time::{Duration, Instant};

/// What does not happen by then does not: it is told, and the meeting goes on.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);
/// What was pressed shows by then on a page of a server that works.
const PROMPTLY: Duration = Duration::from_secs(5);
/// Pauses of the procedure: for a vote to be requested, for reservations.
const PAUSE: Duration = Duration::from_secs(2);
/// Speakers at an item before its decision.
const SPEAKERS: usize = 3;
/// What a decision takes: with less time left than that, the debate goes on to the end.
const DECISION: Duration = Duration::from_secs(25);
/// Before the chair tries again what was refused since terms were not equal.
const AGAIN: Duration = Duration::from_secs(2);

/// Somebody presses something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Press {
    /// On their page.
    Command(ParticipantId, Command),
    /// They close the page.
    Leave(ParticipantId),
    /// They open it again.
    Return(ParticipantId),
}

/// What has been done.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Done {
    /// Answers at the roll call.
    pub answers: usize,
    /// Speeches.
    pub speeches: usize,
    /// Votes held.
    pub votes: usize,
    /// Decisions.
    pub decisions: usize,
    /// Presence checks: what is measured begins anew after each.
    pub presence_checks: usize,
    /// Times that somebody left and came back.
    pub returns: usize,
    /// Seconds that a gavel or a vote waited, since equal terms were broken.
    pub gavel_waited_s: f64,
    /// What did not happen.
    pub hindered: Vec<Hindrance>,
}

/// What is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    BeginRollCall,
    Call(usize),
    Answer(usize),
    EndRollCall,
    BeginItem,
    RequestFloor(usize),
    Speech(usize),
    EndSpeech(usize),
    CloseDeliberation,
    ConfirmPresence,
    PutQuestion,
    PauseForVote,
    RequestVote,
    OpenVote,
    Vote,
    ResumeVote,
    CloseVote,
    Gavel,
    PauseForReservations,
    Reserve,
    EndReservations,
    EndItem,
    Close,
    Over,
}

impl Stage {
    /// What it belongs to, for people.
    const fn deed(self) -> Deed {
        match self {
            Self::BeginRollCall | Self::Call(_) | Self::Answer(_) | Self::EndRollCall => Deed::RollCall,
            Self::BeginItem | Self::EndItem => Deed::Item,
            Self::RequestFloor(_) | Self::Speech(_) | Self::EndSpeech(_) => Deed::Speech,
            Self::CloseDeliberation => Deed::EndOfDebate,
            Self::ConfirmPresence => Deed::PresenceCheck,
            Self::PutQuestion => Deed::Question,
            Self::PauseForVote
            | Self::RequestVote
            | Self::OpenVote
            | Self::Vote
            | Self::ResumeVote
            | Self::CloseVote => Deed::Vote,
            Self::Gavel => Deed::Gavel,
            Self::PauseForReservations | Self::Reserve | Self::EndReservations => Deed::Reservation,
            Self::Close | Self::Over => Deed::Close,
        }
    }
}

/// Where the meeting is.
#[derive(Debug)]
pub(super) struct Business {
    chair: ParticipantId,
    members: Vec<ParticipantId>,
    pace: Pace,
    ends: Instant,
    stage: Stage,
    since: Instant,
    pressed: bool,
    again_at: Option<Instant>,
    broken_since: Option<Instant>,
    /// Whether it has been told already that this stage was hindered.
    told: bool,
    /// Since something was hindered, until the next thing is done: what is refused meanwhile follows from it.
    astray: bool,
    /// The item being dealt with, from 1.
    item: u16,
    /// Speakers at this item so far, and at all.
    speakers: usize,
    speaker: usize,
    absence: Absence,
    done: Done,
}

impl Business {
    /// The meeting has been opened at `now`, and is to be over after `total`. The chair is the first of `people`.
    pub(super) fn new(people: &[ParticipantId], now: Instant, total: Duration) -> Option<Self> {
        let (chair, members) = people.split_first()?;
        let pace = Pace::of(total, people.len());
        Some(Self {
            chair: *chair,
            members: members.to_vec(),
            pace,
            ends: now + total,
            stage: Stage::BeginRollCall,
            since: now,
            pressed: false,
            again_at: None,
            broken_since: None,
            told: false,
            astray: false,
            item: 1,
            speakers: 0,
            speaker: 0,
            absence: Absence::of(members.last().copied(), pace.absence, now + total),
            done: Done::default(),
        })
    }

    /// Whether the meeting has been closed.
    pub(super) fn is_over(&self) -> bool {
        self.stage == Stage::Over
    }

    /// Who is away as declared, so that nothing is expected of them.
    pub(super) fn away(&self) -> Option<ParticipantId> {
        self.absence.who_is_away()
    }

    /// What has been done so far.
    pub(super) fn done(&self) -> Done {
        Done {
            returns: self.absence.returns(),
            ..self.done.clone()
        }
    }

    /// The time is over: the meeting is closed. What was waited for in vain until then is told.
    fn end(&mut self, now: Instant) {
        if matches!(self.stage, Stage::Close | Stage::Over) {
            return;
        }
        let calls = matches!(self.stage, Stage::BeginRollCall | Stage::Call(_) | Stage::Answer(_));
        if self.broken_since.is_some() {
            self.hindered(self.stage.deed(), Some(Refusal::EqualTermsBroken));
        } else if calls || (!self.told && now.duration_since(self.since) > self.lasts() + PROMPTLY) {
            self.hindered(self.stage.deed(), None);
        }
        if self.absence.has_begun() {
            self.hindered(Deed::Return, None);
        }
        self.enter(Stage::Close, now);
    }

    fn hindered(&mut self, deed: Deed, refusal: Option<Refusal>) {
        self.done.hindered.push(Hindrance { deed, refusal });
    }

    /// What somebody pressed was refused. What was refused since terms are not equal is tried again; what is so already, as after
    /// a vote that was suspended, is as it should be.
    pub(super) fn refused(&mut self, now: Instant, reason: Refusal) {
        use Refusal::{AlreadySo, EqualTermsBroken, NotQuorate, SomebodyMissing, VoteSuspended};
        match reason {
            AlreadySo => {}
            EqualTermsBroken | NotQuorate | SomebodyMissing | VoteSuspended => self.again_at = Some(now + AGAIN),
            _ if self.told || self.astray => {}
            _ => {
                self.told = true;
                self.hindered(self.stage.deed(), Some(reason));
            }
        }
    }

    /// What is pressed now.
    pub(super) fn next(&mut self, now: Instant, page: &Page) -> Vec<Press> {
        let Some(view) = &page.view else {
            return Vec::new();
        };
        if now >= self.ends {
            self.end(now);
        }
        let mut presses = self.absent(now, page);
        let waits = self.waits_for_equal_terms(page, now);
        if self.is_finished(now, view) {
            self.count();
            self.astray = false;
            self.enter(self.following(now), now);
        } else if self.stage == Stage::Vote && is_suspended(view) {
            self.enter(Stage::ResumeVote, now);
        } else if !waits && now.duration_since(self.since) > PATIENCE + self.lasts() {
            if !self.told {
                self.hindered(self.stage.deed(), None);
            }
            self.astray = true;
            self.enter(self.after_hindrance(now), now);
        } else if waits {
            self.since = now;
        }
        if self.again_at.take_if(|at| *at <= now).is_some() {
            self.pressed = false;
        }
        if !self.pressed && !self.waits_for_equal_terms(page, now) {
            self.pressed = true;
            presses.extend(self.presses(view));
        }
        presses
    }

    /// What whoever leaves and comes back does now.
    fn absent(&mut self, now: Instant, page: &Page) -> Vec<Press> {
        if self.stage == Stage::Close || self.absence.has_failed() {
            return Vec::new();
        }
        let presses = self.absence.next(now, page);
        if self.absence.has_failed() {
            self.hindered(Deed::Return, None);
        }
        presses
    }

    fn enter(&mut self, stage: Stage, now: Instant) {
        (self.stage, self.since, self.pressed, self.again_at) = (stage, now, false, None);
        self.told = false;
    }

    fn count(&mut self) {
        match self.stage {
            Stage::Answer(_) => self.done.answers += 1,
            Stage::EndSpeech(_) => {
                self.done.speeches += 1;
                self.speaker += 1;
                self.speakers += 1;
            }
            Stage::CloseVote => self.done.votes += 1,
            Stage::Gavel => self.done.decisions += 1,
            Stage::ConfirmPresence => self.done.presence_checks += 1,
            Stage::EndItem => {
                self.item += 1;
                self.speakers = 0;
            }
            _ => {}
        }
    }

    /// Whoever is to leave does so while others speak.
    fn goes_on_speaking(&self, now: Instant) -> bool {
        let no_time = self.done.decisions > 0 && self.ends.saturating_duration_since(now) < DECISION;
        self.speakers < SPEAKERS || self.absence.is_under_way() || no_time || usize::from(self.item) > ITEMS
    }

    /// Speaks as the `n`-th. Whoever is to leave does not.
    fn member(&self, n: usize) -> ParticipantId {
        let speakers = self.members.len().saturating_sub(1).max(1);
        self.members.get(n % speakers).copied().unwrap_or(self.chair)
    }

    /// A chair who sees a red alert lets gavel and vote wait.
    fn waits_for_equal_terms(&mut self, page: &Page, now: Instant) -> bool {
        let waits = matches!(self.stage, Stage::OpenVote | Stage::ResumeVote | Stage::Gavel) && page.is_broken();
        if let Some(since) = self.broken_since.replace(now).filter(|_| waits) {
            self.done.gavel_waited_s += now.duration_since(since).as_secs_f64();
        }
        if !waits {
            self.broken_since = None;
        }
        waits
    }

    /// How long the stage lasts, once begun.
    fn lasts(&self) -> Duration {
        match self.stage {
            Stage::Call(_) => self.pace.call,
            Stage::Speech(_) => self.pace.speech,
            Stage::PauseForVote | Stage::PauseForReservations => PAUSE,
            _ => Duration::ZERO,
        }
    }

    /// Whether the page shows that what was pressed has happened, and it has lasted.
    fn is_finished(&self, now: Instant, view: &MeetingView) -> bool {
        if self.stage == Stage::Close {
            return view.phase == Phase::Closed;
        }
        self.pressed && now.duration_since(self.since) >= self.lasts() && self.has_happened(view)
    }

    fn has_happened(&self, view: &MeetingView) -> bool {
        let step = view.procedure.step;
        let call = view.roll_call.as_ref();
        match self.stage {
            Stage::BeginRollCall => call.is_some_and(|call| call.going_on),
            Stage::Call(n) => call.is_some_and(|call| {
                call.entries
                    .get(n)
                    .is_none_or(|entry| call.called == Some(entry.participant))
            }),
            Stage::Answer(n) => call.is_some_and(|call| call.entries.get(n).is_none_or(|entry| entry.answer.is_some())),
            Stage::EndRollCall => call.is_some_and(|call| !call.going_on),
            Stage::BeginItem => view.item.is_some(),
            Stage::RequestFloor(n) => view.requests.contains(&self.member(n)),
            Stage::Speech(n) => view.floor == Some(self.member(n)),
            Stage::EndSpeech(_) => view.floor.is_none(),
            Stage::CloseDeliberation => step == Step::DeliberationClosed,
            Stage::ConfirmPresence => step == Step::PresenceConfirmed,
            Stage::PutQuestion => step == Step::QuestionPut,
            Stage::PauseForVote => step == Step::VotePause,
            Stage::RequestVote => !view.procedure.vote_requests.is_empty(),
            Stage::OpenVote => step == Step::Voting,
            Stage::Vote => view
                .procedure
                .vote
                .as_ref()
                .is_some_and(|vote| vote.voted.len() == vote.voters.len()),
            Stage::ResumeVote => !is_suspended(view),
            Stage::CloseVote => step == Step::VoteClosed,
            Stage::Gavel => step == Step::Decided,
            Stage::PauseForReservations => step == Step::ReservationPause,
            Stage::Reserve => !view.procedure.reservations.is_empty(),
            Stage::EndReservations => step == Step::Deliberation,
            Stage::EndItem => view.item.is_none(),
            Stage::Close => view.phase == Phase::Closed,
            Stage::Over => false,
        }
    }

    fn presses(&self, view: &MeetingView) -> Vec<Press> {
        let chair = |command| vec![Press::Command(self.chair, command)];
        match self.stage {
            Stage::BeginRollCall => chair(Command::BeginRollCall {}),
            Stage::Call(n) => {
                let called =
                    entry(view, n).map(|participant| Press::Command(self.chair, Command::Call { participant }));
                called.into_iter().collect()
            }
            Stage::Answer(n) => {
                let answers = Command::AnswerRollCall {
                    sees: true,
                    hears: true,
                    heard: true,
                };
                let called = entry(view, n).map(|participant| Press::Command(participant, answers));
                called.into_iter().collect()
            }
            Stage::EndRollCall => chair(Command::EndRollCall {}),
            Stage::BeginItem => chair(Command::BeginItem {
                item: ItemId(self.item),
            }),
            Stage::RequestFloor(n) => vec![Press::Command(self.member(n), Command::RequestFloor {})],
            Stage::Speech(n) => chair(Command::GiveFloor {
                participant: self.member(n),
            }),
            Stage::EndSpeech(n) => vec![Press::Command(self.member(n), Command::EndFloor {})],
            Stage::CloseDeliberation => chair(Command::CloseDeliberation {}),
            Stage::ConfirmPresence => chair(Command::ConfirmPresence {
                participants: serving(view),
            }),
            Stage::PutQuestion => chair(Command::PutQuestion {
                question: "Kan förslaget bifallas?".into(),
            }),
            Stage::PauseForVote => chair(Command::PauseForVote {}),
            Stage::RequestVote => vec![Press::Command(self.member(0), Command::RequestVote {})],
            Stage::OpenVote => chair(Command::OpenVote {
                yes: "Bifall".into(),
                no: "Avslag".into(),
                abstention: true,
                despite: None,
            }),
            Stage::Vote => votes(view),
            Stage::ResumeVote => chair(Command::ResumeVote { despite: None }),
            Stage::CloseVote => chair(Command::CloseVote {
                casting: Some(Choice::Yes),
            }),
            Stage::Gavel => chair(Command::Gavel {
                decision: "Lasttest: förslaget bifalls.".into(),
                despite: None,
            }),
            Stage::PauseForReservations => chair(Command::PauseForReservations {}),
            Stage::Reserve => vec![Press::Command(self.member(0), Command::Reserve {})],
            Stage::EndReservations => chair(Command::EndReservations {}),
            Stage::EndItem => chair(Command::EndItem {}),
            Stage::Close => chair(Command::Close {}),
            Stage::Over => Vec::new(),
        }
    }

    /// A decision that cannot be taken is left; anything else goes on.
    fn after_hindrance(&self, now: Instant) -> Stage {
        match self.stage {
            Stage::CloseDeliberation
            | Stage::ConfirmPresence
            | Stage::PutQuestion
            | Stage::PauseForVote
            | Stage::RequestVote
            | Stage::OpenVote
            | Stage::Gavel => Stage::EndItem,
            _ => self.following(now),
        }
    }

    fn following(&self, now: Instant) -> Stage {
        let with_vote = self.item % 2 == 1;
        match self.stage {
            Stage::BeginRollCall => Stage::Call(0),
            // The chair is called as well.
            Stage::Call(n) => Stage::Answer(n),
            Stage::Answer(n) if n < self.members.len() => Stage::Call(n + 1),
            Stage::Answer(_) => Stage::EndRollCall,
            Stage::EndRollCall => Stage::BeginItem,
            Stage::BeginItem => Stage::RequestFloor(self.speaker),
            Stage::RequestFloor(n) => Stage::Speech(n),
            Stage::Speech(n) => Stage::EndSpeech(n),
            Stage::EndSpeech(_) if self.goes_on_speaking(now) => Stage::RequestFloor(self.speaker),
            Stage::EndSpeech(_) => Stage::CloseDeliberation,
            Stage::CloseDeliberation => Stage::ConfirmPresence,
            Stage::ConfirmPresence => Stage::PutQuestion,
            Stage::PutQuestion => Stage::PauseForVote,
            Stage::PauseForVote if with_vote => Stage::RequestVote,
            Stage::PauseForVote | Stage::CloseVote => Stage::Gavel,
            Stage::RequestVote => Stage::OpenVote,
            Stage::OpenVote | Stage::ResumeVote => Stage::Vote,
            Stage::Vote => Stage::CloseVote,
            Stage::Gavel => Stage::PauseForReservations,
            Stage::PauseForReservations if with_vote => Stage::Reserve,
            Stage::PauseForReservations | Stage::Reserve => Stage::EndReservations,
            Stage::EndReservations => Stage::EndItem,
            Stage::EndItem if usize::from(self.item) > ITEMS => Stage::RequestFloor(self.speaker),
            Stage::EndItem => Stage::BeginItem,
            Stage::Close | Stage::Over => Stage::Over,
        }
    }
}

fn is_suspended(view: &MeetingView) -> bool {
    let vote = view.procedure.vote.as_ref();
    vote.is_some_and(|vote| vote.state == VoteState::Suspended)
}

fn entry(view: &MeetingView, n: usize) -> Option<ParticipantId> {
    let call = view.roll_call.as_ref()?;
    call.entries.get(n).map(|entry| entry.participant)
}

fn serving(view: &MeetingView) -> Vec<ParticipantId> {
    let serving = view.participants.iter().filter(|one| one.serves.is_some());
    serving.map(|one| one.id).collect()
}

/// Everybody who has not voted yet does; one in four against.
fn votes(view: &MeetingView) -> Vec<Press> {
    let Some(vote) = &view.procedure.vote else {
        return Vec::new();
    };
    let missing = (0..).zip(&vote.voters).filter(|(_, voter)| !vote.voted.contains(voter));
    let press = |(n, voter): (usize, &ParticipantId)| {
        let choice = if n % 4 == 3 { Choice::No } else { Choice::Yes };
        let participant = None;
        Press::Command(*voter, Command::Vote { choice, participant })
    };
    missing.map(press).collect()
}
