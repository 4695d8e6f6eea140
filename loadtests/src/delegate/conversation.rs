//! The delegate's side of the signaling protocol, without the wire: messages in, what follows from them out.

use lika::meeting::{Attendance, ParticipantId};
use lika::protocol::{
    Change, ClientMessage, MeetingView, PROTOCOL, ParticipantView, PictureLayer, Refusal, ServerMessage, SlotView,
};

/// What the delegate does because of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// The conversation begins, or goes on after a break.
    Welcomed {
        /// Whether the relay still has the delegate's media.
        media_alive: bool,
    },
    /// Offer a fresh peer connection.
    Connect,
    /// The relay's answer to the newest offer.
    Answer(String),
    /// Open (true) or close the own microphone.
    Speak(bool),
    /// Which receive slots have somebody in them.
    Occupied(Vec<u16>),
    /// What to send of the picture.
    Publish {
        /// No layer above this one.
        highest: PictureLayer,
        /// Bits a second of the lowest.
        lowest_bps: u32,
    },
    /// Something was missed: connect anew for a snapshot.
    Resynchronize,
    /// The delegate's place in the meeting is another.
    Attendance(Attendance),
    /// The newest offer was not answered; a new one may be, later.
    OfferRefused(Refusal),
    /// The meeting is over for this delegate.
    End(Refusal),
}

/// Where the conversation stands; outlives single connections.
#[derive(Debug, Default)]
pub struct Conversation {
    resume: Option<String>,
    last_seq: Option<u32>,
    me: Option<ParticipantId>,
    negotiation: u32,
    participants: Vec<ParticipantView>,
    speaking: bool,
    attendance: Attendance,
}

impl Conversation {
    /// The first message of a connection.
    #[must_use]
    pub fn hello(&self) -> ClientMessage {
        let last_seq = self.resume.as_ref().and(self.last_seq);
        ClientMessage::Hello {
            protocol: PROTOCOL,
            resume: self.resume.clone(),
            last_seq,
            // A delegate is one device: what it comes back with is where it is.
            take_over: true,
        }
    }

    /// An offer of a fresh peer connection.
    pub fn offer(&mut self, sdp: String) -> ClientMessage {
        self.negotiation += 1;
        ClientMessage::Offer {
            negotiation: self.negotiation,
            fresh: true,
            sdp,
        }
    }

    /// How many others are in the meeting, or were a moment ago: so many receive slots are wanted.
    #[must_use]
    pub fn others(&self) -> usize {
        let inside = |p: &ParticipantView| matches!(p.attendance, Attendance::Inside | Attendance::Lost);
        let there = |p: &&ParticipantView| Some(p.id) != self.me && inside(p);
        self.participants.iter().filter(there).count()
    }

    /// Takes a message of the server.
    pub fn receive(&mut self, message: ServerMessage) -> Vec<Action> {
        match message {
            ServerMessage::Welcome {
                you,
                resume,
                media_alive,
                seq,
                meeting,
                slots,
                ..
            } => {
                self.me = Some(you);
                self.resume = Some(resume);
                self.last_seq = Some(seq);
                self.welcome(*meeting, &slots, media_alive)
            }
            ServerMessage::Event { seq, change } => self.event(seq, change),
            ServerMessage::Answer { negotiation, sdp, .. } if negotiation == self.negotiation => {
                vec![Action::Answer(sdp)]
            }
            ServerMessage::OfferRefused { negotiation, reason } if negotiation == self.negotiation => {
                vec![Action::OfferRefused(reason)]
            }
            ServerMessage::MediaEnded {} => vec![Action::Connect],
            ServerMessage::Slots { slots } => vec![occupied(&slots)],
            ServerMessage::Publish {
                highest, lowest_bps, ..
            } => vec![Action::Publish { highest, lowest_bps }],
            ServerMessage::Error { reason } => self.error(reason),
            _ => Vec::new(),
        }
    }

    fn welcome(&mut self, meeting: MeetingView, slots: &[SlotView], media_alive: bool) -> Vec<Action> {
        self.participants = meeting.participants;
        let mut actions = vec![occupied(slots)];
        actions.extend(self.own_changes());
        actions.push(Action::Welcomed { media_alive });
        actions
    }

    fn event(&mut self, seq: u32, change: Change) -> Vec<Action> {
        if self.last_seq.is_none_or(|last| seq != last.wrapping_add(1)) {
            // Without what was missed the view is wrong. The token keeps the media; no number asks for a snapshot.
            self.last_seq = None;
            return vec![Action::Resynchronize];
        }
        self.last_seq = Some(seq);
        match change {
            Change::Participant { participant } => {
                match self.participants.iter_mut().find(|p| p.id == participant.id) {
                    Some(known) => *known = participant,
                    None => self.participants.push(participant),
                }
            }
            Change::ParticipantGone { participant } => self.participants.retain(|p| p.id != participant),
            _ => {}
        }
        self.own_changes()
    }

    fn own_changes(&mut self) -> Vec<Action> {
        let Some(own) = self.participants.iter().find(|p| Some(p.id) == self.me) else {
            return Vec::new();
        };
        let mut actions = Vec::new();
        if std::mem::replace(&mut self.speaking, own.microphone_open) != own.microphone_open {
            actions.push(Action::Speak(own.microphone_open));
        }
        if std::mem::replace(&mut self.attendance, own.attendance) != own.attendance {
            actions.push(Action::Attendance(own.attendance));
        }
        actions
    }

    fn error(&mut self, reason: Refusal) -> Vec<Action> {
        match reason {
            Refusal::SignedOut | Refusal::TakenOver | Refusal::MeetingOver | Refusal::WrongProtocol => {
                vec![Action::End(reason)]
            }
            _ => Vec::new(),
        }
    }
}

fn occupied(slots: &[SlotView]) -> Action {
    Action::Occupied(
        slots
            .iter()
            .filter(|slot| slot.participant.is_some())
            .map(|slot| slot.slot)
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use lika::meeting::Role;

    const ME: ParticipantId = ParticipantId(3);

    fn participant(id: u32, microphone_open: bool) -> ParticipantView {
        ParticipantView {
            id: ParticipantId(id),
            name: format!("Ledamot {id}"),
            party: None,
            role: Role::Member,
            attendance: Attendance::Inside,
            microphone_open,
            pause: None,
            identity: None,
            serves: None,
            served_out: false,
            may_take_seat: false,
            in_chamber: false,
            disqualified: false,
        }
    }

    fn welcome(media_alive: bool) -> ServerMessage {
        ServerMessage::Welcome {
            protocol: PROTOCOL,
            you: ME,
            resume: "again".into(),
            media_alive,
            seq: 7,
            meeting: Box::new(MeetingView {
                participants: vec![participant(1, false), participant(3, false)],
                ..Default::default()
            }),
            slots: vec![
                SlotView {
                    slot: 0,
                    participant: Some(ParticipantId(1)),
                },
                SlotView {
                    slot: 1,
                    participant: None,
                },
            ],
            ice_servers: Vec::new(),
        }
    }

    fn event(seq: u32, participant: ParticipantView) -> ServerMessage {
        ServerMessage::Event {
            seq,
            change: Change::Participant { participant },
        }
    }

    #[test]
    fn a_newcomer_starts_from_nothing_and_a_returner_resumes() {
        let mut conversation = Conversation::default();
        assert_eq!(
            conversation.hello(),
            ClientMessage::Hello {
                protocol: PROTOCOL,
                resume: None,
                last_seq: None,
                take_over: true
            }
        );
        let actions = conversation.receive(welcome(false));
        let welcomed = |media_alive| Action::Welcomed { media_alive };
        assert_eq!(
            actions,
            [
                Action::Occupied(vec![0]),
                Action::Attendance(Attendance::Inside),
                welcomed(false)
            ]
        );
        assert_eq!(
            conversation.hello(),
            ClientMessage::Hello {
                protocol: PROTOCOL,
                resume: Some("again".into()),
                last_seq: Some(7),
                take_over: true
            }
        );
        assert_eq!(
            conversation.receive(welcome(true)),
            [Action::Occupied(vec![0]), welcomed(true)]
        );
    }

    #[test]
    fn the_microphone_follows_the_view() {
        let mut conversation = Conversation::default();
        conversation.receive(welcome(true));
        assert_eq!(
            conversation.receive(event(8, participant(1, true))),
            [],
            "another's microphone"
        );
        assert_eq!(
            conversation.receive(event(9, participant(3, true))),
            [Action::Speak(true)]
        );
        assert_eq!(conversation.receive(event(10, participant(3, true))), []);
        assert_eq!(
            conversation.receive(event(11, participant(3, false))),
            [Action::Speak(false)]
        );
    }

    #[test]
    fn a_gap_asks_for_everything_again() {
        let mut conversation = Conversation::default();
        conversation.receive(welcome(true));
        assert_eq!(
            conversation.receive(event(9, participant(3, true))),
            [Action::Resynchronize]
        );
        let resume = Some("again".into());
        assert_eq!(
            conversation.hello(),
            ClientMessage::Hello {
                protocol: PROTOCOL,
                resume,
                last_seq: None,
                take_over: true
            }
        );
    }

    #[test]
    fn only_the_newest_offer_is_answered() {
        let mut conversation = Conversation::default();
        conversation.offer("first".into());
        conversation.offer("second".into());
        let answer = |negotiation| ServerMessage::Answer {
            negotiation,
            sdp: "v=0".into(),
            slots: 4,
        };
        assert_eq!(conversation.receive(answer(1)), []);
        assert_eq!(conversation.receive(answer(2)), [Action::Answer("v=0".into())]);
    }

    #[test]
    fn slots_are_wanted_for_all_others() {
        let mut conversation = Conversation::default();
        conversation.receive(welcome(true));
        conversation.receive(event(8, participant(9, false)));
        assert_eq!(conversation.others(), 2);
        let gone = ServerMessage::Event {
            seq: 9,
            change: Change::ParticipantGone {
                participant: ParticipantId(9),
            },
        };
        conversation.receive(gone);
        assert_eq!(conversation.others(), 1);
    }

    #[test]
    fn an_end_is_an_end_and_a_slip_is_not() {
        let mut conversation = Conversation::default();
        let error = |reason| ServerMessage::Error { reason };
        assert_eq!(
            conversation.receive(error(Refusal::MeetingOver)),
            [Action::End(Refusal::MeetingOver)]
        );
        assert_eq!(conversation.receive(error(Refusal::TooFast)), []);
        assert_eq!(conversation.receive(ServerMessage::MediaEnded {}), [Action::Connect]);
    }
}
