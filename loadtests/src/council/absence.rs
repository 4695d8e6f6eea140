//! Somebody leaves during the debate and comes back: declares a pause, closes the page, opens it again, and ends the pause when
//! sound and picture are there. Pure.

use super::business::{PATIENCE, Press};
use super::page::Page;
use lika::meeting::{Command, ParticipantId, pause};
use std::time::{Duration, Instant};

/// How far it has gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Not begun: it begins when somebody has the floor.
    Planned,
    /// The pause is declared.
    Declared(Instant),
    /// The page is closed.
    Gone(Instant),
    /// The page is open again.
    Back(Instant),
    /// The pause is ended; what the windows held of it is over after a while.
    Ended(Instant),
    /// All is as before.
    Over,
    /// There was no time for it.
    LeftOut,
    /// They did not get away, or did not come back.
    Failed,
}

/// After the pause nobody is judged by what was before, from then on.
const SETTLES: Duration = Duration::from_secs(3);
/// After the page is open again, nothing of the absence is in the judge's longest window (10 s), and sound and picture are there.
const COMES_BACK: Duration = Duration::from_secs(14);
/// What the server and the pages take beside that. With less time left it is not begun.
const SPARE: Duration = Duration::from_secs(5);

/// One absence.
#[derive(Debug)]
pub(super) struct Absence {
    who: Option<ParticipantId>,
    lasts: Duration,
    /// When the meeting ends.
    ends: Instant,
    stage: Stage,
}

impl Absence {
    pub(super) fn of(who: Option<ParticipantId>, lasts: Duration, ends: Instant) -> Self {
        Self {
            who,
            lasts,
            ends,
            stage: if who.is_some() { Stage::Planned } else { Stage::LeftOut },
        }
    }

    /// Who is away as declared, or has only just come back.
    pub(super) fn who_is_away(&self) -> Option<ParticipantId> {
        self.who.filter(|_| self.has_begun())
    }

    /// Whether it has begun and is not over yet.
    pub(super) fn has_begun(&self) -> bool {
        self.is_under_way() && self.stage != Stage::Planned
    }

    /// Whether they did not get away, or did not come back.
    pub(super) fn has_failed(&self) -> bool {
        self.stage == Stage::Failed
    }

    /// Whether it has begun, or is still to come, so that a decision must wait.
    pub(super) fn is_under_way(&self) -> bool {
        !matches!(self.stage, Stage::Over | Stage::LeftOut | Stage::Failed)
    }

    pub(super) fn returns(&self) -> usize {
        usize::from(self.who.is_some() && matches!(self.stage, Stage::Ended(_) | Stage::Over))
    }

    pub(super) fn next(&mut self, now: Instant, page: &Page) -> Vec<Press> {
        let (Some(who), Some(view)) = (self.who, &page.view) else {
            return Vec::new();
        };
        let participant = page.participant(who);
        let paused = participant.is_some_and(|one| one.pause.is_some());
        match self.stage {
            Stage::Planned if now + self.lasts + COMES_BACK + SETTLES + SPARE > self.ends => {
                self.stage = Stage::LeftOut;
                Vec::new()
            }
            Stage::Planned if view.floor.is_some() => {
                self.stage = Stage::Declared(now);
                let reason = pause::Reason::Short;
                vec![Press::Command(who, Command::Pause { reason })]
            }
            Stage::Declared(_) if paused => {
                self.stage = Stage::Gone(now);
                vec![Press::Leave(who)]
            }
            Stage::Gone(since) if now.duration_since(since) >= self.lasts => {
                self.stage = Stage::Back(now);
                vec![Press::Return(who)]
            }
            Stage::Back(since) if now.duration_since(since) >= COMES_BACK && page.is_inside(who) => {
                self.stage = Stage::Ended(now);
                vec![Press::Command(who, Command::EndPause { participant: who })]
            }
            Stage::Ended(since) if !paused && now.duration_since(since) >= SETTLES => {
                self.stage = Stage::Over;
                Vec::new()
            }
            _ if self.is_overdue(now) => {
                self.stage = Stage::Failed;
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    /// Nobody is excused for longer than a stage takes.
    fn is_overdue(&self, now: Instant) -> bool {
        let overdue = |since, lasts| now.duration_since(since) > lasts + PATIENCE;
        match self.stage {
            Stage::Declared(since) => overdue(since, Duration::ZERO),
            Stage::Gone(since) => overdue(since, self.lasts),
            Stage::Back(since) => overdue(since, COMES_BACK),
            Stage::Ended(since) => overdue(since, SETTLES),
            Stage::Planned | Stage::Over | Stage::LeftOut | Stage::Failed => false,
        }
    }
}
