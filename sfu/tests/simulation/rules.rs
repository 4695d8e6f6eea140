//! Who may hear and see whom, as the simulation gave its orders: the relay is judged by it, not by what it thinks itself.

use super::person::{Made, SOUND};
use lika_sfu::{Audience, Command, PeerId, Reception, RoomId};
use std::collections::BTreeMap;

/// What holds at one moment.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    members: BTreeMap<PeerId, Member>,
    programmes: BTreeMap<RoomId, Option<PeerId>>,
}

#[derive(Clone, Copy, Debug)]
struct Member {
    room: RoomId,
    audience: Audience,
    reception: Reception,
}

impl Rules {
    /// Somebody has joined.
    pub fn joined(&mut self, peer: PeerId, room: RoomId, audience: Audience, reception: Reception) {
        let member = Member {
            room,
            audience,
            reception,
        };
        self.members.insert(peer, member);
    }

    /// An order was given.
    pub fn ordered(&mut self, command: &Command) {
        match command {
            Command::SetAudience { peer, audience } => {
                if let Some(member) = self.members.get_mut(peer) {
                    member.audience = *audience;
                }
            }
            Command::SetProgramme { room, source } => {
                self.programmes.insert(*room, *source);
            }
            Command::Leave { peer } => {
                self.members.remove(peer);
            }
            Command::CloseRoom { room } => self.members.retain(|_, member| member.room != *room),
            Command::Join { .. } | Command::Renegotiate { .. } | Command::SelectLayer { .. } => {}
        }
    }

    /// Whether `receiver` may have this packet.
    pub fn allow(&self, receiver: PeerId, made: Made) -> bool {
        let maker = PeerId(made.source);
        let (Some(to), Some(from)) = (self.members.get(&receiver), self.members.get(&maker)) else {
            return false;
        };
        let programme = self.programmes.get(&to.room).copied().flatten();
        let entitled = match to.reception {
            Reception::Nothing => false,
            Reception::Programme => programme == Some(maker),
            Reception::Everyone => true,
        };
        let circles = if made.layer == SOUND {
            from.audience.sound_to.meets(to.audience.hears)
        } else {
            from.audience.picture_to.meets(to.audience.sees)
        };
        maker != receiver && to.room == from.room && entitled && circles
    }
}
