//! What the demonstration does in the chair's place: lets the simulated delegates in and opens the meeting, as soon as
//! somebody has come in as the chair.

use super::scene::Scene;
use crate::conference::{Hall, Input};
use crate::meeting::{Command, MeetingId, ParticipantId};
use crate::protocol::Refusal;
use tokio::sync::oneshot;

pub(super) struct Chairing {
    hall: Hall,
    meeting: MeetingId,
    waiting: Vec<ParticipantId>,
    opened: bool,
}

impl Chairing {
    pub(super) fn new(hall: Hall, scene: &Scene) -> Self {
        let waiting = scene.delegates.iter().map(|(who, _)| *who).collect();
        Self {
            hall,
            meeting: scene.meeting,
            waiting,
            opened: false,
        }
    }

    /// Does what can be done now; what is refused (nobody there yet) is tried again at the next look.
    pub(super) async fn look(&mut self) {
        let mut still_waiting = Vec::new();
        for participant in std::mem::take(&mut self.waiting) {
            if !is_done(self.act(Command::Admit { participant }).await) {
                still_waiting.push(participant);
            }
        }
        self.waiting = still_waiting;
        if !self.opened {
            self.opened = is_done(self.act(Command::Open {}).await);
        }
    }

    async fn act(&self, command: Command) -> Result<(), Refusal> {
        let (reply, outcome) = oneshot::channel();
        let act = Input::Act {
            participant: Scene::CHAIR,
            command,
            reply,
        };
        self.hall.find(self.meeting).await?.send(act).await?;
        outcome.await.map_err(|_| Refusal::MeetingOver)?
    }
}

/// Done now or before, or too late for it.
const fn is_done(outcome: Result<(), Refusal>) -> bool {
    matches!(
        outcome,
        Ok(()) | Err(Refusal::AlreadySo | Refusal::WrongPhase | Refusal::MeetingOver)
    )
}
