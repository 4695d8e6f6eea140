//! One meeting of simulated delegates: who they are, what is done to them, what the chair's screen shows, and the truth.

use super::catalogue::{Fault, Harm};
use super::screen::Screen;
use super::truth::{Reception, Truth};
use crate::delegate::conduct::Conduct;
use crate::delegate::connection::Plan;
use crate::delegate::departures::Departures;
use crate::delegate::server::{Invitation, Server, ServerError, SessionCookie};
use crate::delegate::witness::{Beside, MediaSecond, Sight, Witnessed};
use crate::delegate::{Delegate, News};
use crate::impair::{Impairment, Link};
use crate::media::Wardrobe;
use lika::meeting::{Attendance, Command, ParticipantId, Phase};
use lika::protocol::{ServerMessage, SlotView};
use lika_sfu::Layer;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};
use thiserror::Error;
use tokio::sync::{mpsc, watch};
use tokio::task::AbortHandle;

/// What is seen and not taken in yet: some seconds of forty delegates.
const SIGHTS: usize = 1024;
/// Presses of the chair not sent yet.
const COMMANDS: usize = 64;
/// News waiting to be logged.
const NEWS: usize = 256;
/// A meeting that is not in session by then is not going to be.
const IN_SESSION_WITHIN: Duration = Duration::from_secs(120);

/// Why a meeting does not come about.
#[derive(Debug, Error)]
pub enum CouncilError {
    /// Somebody cannot sign in.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// It does not come so far.
    #[error("a meeting does not get to where {0}; is the machine overloaded?")]
    Stuck(&'static str),
}

/// A meeting in session.
pub(super) struct Council {
    server: Server,
    wardrobe: Arc<Wardrobe>,
    departures: Departures,
    seats: Vec<Seat>,
    witness: mpsc::Sender<Sight>,
    sights: mpsc::Receiver<Sight>,
    press: mpsc::Sender<Command>,
    news: mpsc::Sender<(usize, News)>,
    /// How many alerts the chair has acknowledged: all that came, or three in five minutes would stay.
    acknowledged: usize,
    pub(super) screen: Screen,
    pub(super) truth: Truth,
}

struct Seat {
    who: ParticipantId,
    cookie: SessionCookie,
    path: watch::Sender<Impairment>,
    conduct: watch::Sender<Conduct>,
    slots: Vec<SlotView>,
    attends: Option<AbortHandle>,
}

impl Council {
    /// Everybody signs in, is let in and is seen by everybody; the chair, the first of them, opens the meeting.
    ///
    /// # Errors
    /// [`CouncilError`].
    pub(super) async fn convene(
        server: &Server,
        invited: &[(ParticipantId, Invitation)],
        wardrobe: &Arc<Wardrobe>,
    ) -> Result<Self, CouncilError> {
        let (witness, sights) = mpsc::channel(SIGHTS);
        let (press, commands) = mpsc::channel(COMMANDS);
        let (news, told) = mpsc::channel(NEWS);
        tokio::spawn(log(told));
        let mut council = Self {
            server: server.clone(),
            wardrobe: Arc::clone(wardrobe),
            departures: Departures::default(),
            seats: Vec::new(),
            witness,
            sights,
            press,
            news,
            acknowledged: 0,
            screen: Screen::default(),
            truth: Truth::default(),
        };
        for (who, invitation) in invited {
            let cookie = server.follow(invitation).await?;
            council.seats.push(Seat {
                who: *who,
                cookie,
                path: watch::Sender::new(Impairment::None),
                conduct: watch::Sender::new(well(council.seats.len())),
                slots: Vec::new(),
                attends: None,
            });
        }
        let mut commands = Some(commands);
        (0..invited.len()).for_each(|index| council.come(index, commands.take()));
        council.open().await?;
        Ok(council)
    }

    async fn open(&mut self) -> Result<(), CouncilError> {
        let people = self.seats.len();
        self.get_to("everybody waits in the lobby", |now| {
            now.screen.count(Attendance::Lobby) + now.screen.count(Attendance::Inside) == people
        })
        .await?;
        self.press(Command::AdmitAll {});
        self.get_to("everybody is let in", |now| {
            now.screen.count(Attendance::Inside) == people
        })
        .await?;
        self.press(Command::Open {});
        self.get_to("the chair has opened it", |now| now.screen.phase == Phase::Open)
            .await?;
        self.get_to("everybody sees everybody", |now| now.is_calm()).await
    }

    async fn get_to(&mut self, place: &'static str, so: impl Fn(&Self) -> bool) -> Result<(), CouncilError> {
        let there = self.until(IN_SESSION_WITHIN, so).await;
        there.then_some(()).ok_or(CouncilError::Stuck(place))
    }

    /// Everybody is inside, every picture moves, and no alert stands.
    pub(super) fn is_calm(&self) -> bool {
        let people = self.seats.len();
        self.screen.count(Attendance::Inside) == people
            && self.screen.open().next().is_none()
            && self.truth.all_move(people, Instant::now())
    }

    /// How it stands, for people.
    pub(super) fn condition(&self) -> String {
        let alerts = self
            .screen
            .open()
            .map(|alert| format!("{:?} {:?} {:?}", alert.about, alert.direction, alert.cause));
        format!(
            "{} of {} inside, every picture moves: {}, alerts: {}",
            self.screen.count(Attendance::Inside),
            self.seats.len(),
            self.truth.all_move(self.seats.len(), Instant::now()),
            alerts.collect::<Vec<_>>().join("; ")
        )
    }

    pub(super) fn people(&self) -> impl Iterator<Item = ParticipantId> {
        self.seats.iter().map(|seat| seat.who)
    }

    /// The meeting goes on until it is so, or for so long. Returns whether it is so.
    pub(super) async fn until(&mut self, within: Duration, so: impl Fn(&Self) -> bool) -> bool {
        let deadline = tokio::time::Instant::now() + within;
        while !so(self) {
            match tokio::time::timeout_at(deadline, self.sights.recv()).await {
                Ok(Some((number, sight))) => self.take_in(number, sight),
                _ => return so(self),
            }
        }
        true
    }

    /// The meeting goes on for so long.
    pub(super) async fn pass(&mut self, time: Duration) {
        self.until(time, |_| false).await;
    }

    /// The chair gives the floor.
    pub(super) async fn give_floor(&mut self, participant: ParticipantId) -> bool {
        if self.screen.floor != Some(participant) {
            self.press(Command::GiveFloor { participant });
        }
        self.until(IN_SESSION_WITHIN, |now| now.screen.floor == Some(participant))
            .await
    }

    /// Makes a fault.
    pub(super) fn harm(&mut self, fault: &Fault, victim: usize) {
        let Some(seat) = self.seats.get_mut(victim) else {
            return;
        };
        match fault.harm {
            Harm::Nothing => {}
            Harm::Line(impairment) => {
                seat.path.send_replace(impairment);
            }
            Harm::Devices(change) => seat.conduct.send_modify(change),
            Harm::Lie(impairment) => {
                seat.path.send_replace(impairment);
                seat.conduct.send_modify(|conduct| conduct.lies = true);
            }
            Harm::Kill => {
                // What the dying program's connection would say on its way out does not get out.
                seat.path.send_replace(Impairment::Lossy(100));
                if let Some(attends) = seat.attends.take() {
                    attends.abort();
                }
            }
            Harm::AllLines(impairment, _) => {
                for seat in &self.seats {
                    seat.path.send_replace(impairment);
                }
            }
        }
    }

    /// Everything is well again, and whoever was gone comes back.
    pub(super) fn restore(&mut self) {
        for index in 0..self.seats.len() {
            let seat = &mut self.seats[index];
            if seat.attends.is_none() {
                // The old program's sockets keep their dead line.
                seat.path = watch::Sender::new(Impairment::None);
                seat.conduct = watch::Sender::new(well(index));
                self.come(index, None);
            } else {
                seat.path.send_replace(Impairment::None);
                seat.conduct.send_replace(well(index));
            }
        }
    }

    fn press(&self, command: Command) {
        if self.press.try_send(command).is_err() {
            tracing::warn!("the chair's page does not take what is pressed");
        }
    }

    fn come(&mut self, index: usize, commands: Option<mpsc::Receiver<Command>>) {
        let others = self.seats.len().saturating_sub(1);
        let seat = &mut self.seats[index];
        let link = Link::new(seat.path.subscribe());
        let plan = Plan {
            layers: vec![Layer::Low, Layer::Mid, Layer::High],
            slots: u16::try_from(others).unwrap_or(u16::MAX),
            bind: IpAddr::V4(Ipv4Addr::LOCALHOST),
            link: link.clone(),
            full_pictures: false,
        };
        let delegate = Delegate {
            number: index + 1,
            server: self.server.clone(),
            plan,
            wardrobe: Arc::clone(&self.wardrobe),
            conduct: seat.conduct.subscribe(),
            link,
            news: self.news.clone(),
            beside: Beside {
                witness: Some(self.witness.clone()),
                commands,
                enlarges_speaker: true,
                departures: self.departures.clone(),
            },
        };
        let cookie = seat.cookie.clone();
        seat.attends = Some(tokio::spawn(delegate.attend_signed_in(cookie)).abort_handle());
    }

    fn take_in(&mut self, number: usize, sight: Witnessed) {
        match sight {
            Witnessed::Said { at, clock, message } => {
                if let Some(seat) = self.seats.get_mut(number - 1)
                    && let ServerMessage::Welcome { slots, .. } | ServerMessage::Slots { slots } = &*message
                {
                    seat.slots.clone_from(slots);
                }
                if number == 1 {
                    self.screen.hear(at, clock, &message);
                    self.acknowledge();
                }
            }
            Witnessed::Second(second) => self.take_in_second(number, &second),
        }
    }

    fn take_in_second(&mut self, number: usize, second: &MediaSecond) {
        let (Some(seat), Some(at)) = (self.seats.get(number - 1), second.at) else {
            return;
        };
        let whose = |slot| seat.slots.iter().find(|one| one.slot == slot)?.participant;
        self.truth.take_in(&Reception {
            at,
            receiver: seat.who,
            floor: self.screen.floor,
            camera: second.camera,
            voiced: second.voiced,
            reported: second.reported,
            of: second
                .slots
                .iter()
                .filter_map(|slot| Some((whose(slot.slot)?, *slot)))
                .collect(),
        });
    }

    fn acknowledge(&mut self) {
        let new: Vec<_> = self
            .screen
            .alerts
            .iter()
            .skip(self.acknowledged)
            .map(|alert| alert.id)
            .collect();
        self.acknowledged = self.screen.alerts.len();
        new.into_iter()
            .for_each(|alert| self.press(Command::AcknowledgeAlert { alert }));
    }
}

/// How somebody behaves when all is well. The chair's microphone is open all the time; only whoever has the floor speaks,
/// or nobody could tell whose speech is under way.
fn well(index: usize) -> Conduct {
    Conduct {
        listens: index == 0,
        ..Conduct::WELL
    }
}

impl Drop for Council {
    fn drop(&mut self) {
        self.seats
            .iter()
            .filter_map(|seat| seat.attends.as_ref())
            .for_each(AbortHandle::abort);
    }
}

async fn log(mut news: mpsc::Receiver<(usize, News)>) {
    while let Some((number, news)) = news.recv().await {
        tracing::debug!(number, ?news, "delegate");
    }
}
