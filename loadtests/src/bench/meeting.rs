//! All participants on one thread: who sends when, what came, and when somebody first saw everybody. The thread never
//! sleeps: waking it would be work on the relay's core that no network card asks for.

use super::BenchError;
use super::junk::{Junk, Overheard};
use super::load::Load;
use super::participant::{Arrival, Identity, Participant};
use super::relay::Relay;
use super::socket::{Inbox, dropped, readable};
use super::stamp::{Kind, Stamp};
use super::window::Window;
use crate::send::cadence::Cadence;
use std::net::SocketAddr;
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

/// A participant that is not there by then never comes.
const JOIN_PATIENCE: Duration = Duration::from_secs(10);
/// Packets of sound a second.
const SOUND_RATE: u32 = 50;
/// The meeting and its figures.
pub(super) struct Meeting {
    load: Load,
    identity: Identity,
    inbox: Inbox,
    seats: Vec<Seat>,
    next_peer: u64,
    sending: bool,
    junk: Option<Junk>,
    window: Option<Window>,
}

/// One participant's place.
struct Seat {
    peer: u64,
    participant: Participant,
    picture: Cadence,
    sound: Option<Cadence>,
    arrival: Arrivals,
}

/// What a newcomer has seen, and when.
struct Arrivals {
    asked: Instant,
    /// How many others send.
    expected: usize,
    first_media: Option<Duration>,
    pictures: Vec<bool>,
    all_pictures: Option<Duration>,
}

/// Between asking to join and media, at a newcomer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Welcome {
    pub(super) first_media: Duration,
    pub(super) all_pictures: Duration,
}

impl Meeting {
    pub(super) fn new(load: Load) -> Result<Self, BenchError> {
        Ok(Self {
            load,
            identity: Identity::generate()?,
            inbox: Inbox::new(),
            seats: Vec::new(),
            next_peer: 1,
            sending: true,
            junk: None,
            window: None,
        })
    }

    /// From now on `per_second` datagrams a second that belong to nobody go to the relay as well.
    pub(super) fn flood(&mut self, relay: SocketAddr, per_second: u32) -> Result<(), BenchError> {
        let Some(seat) = self.seats.first() else { return Ok(()) };
        let (theirs, own) = seat.participant.credentials();
        let overheard = Overheard {
            relay: theirs,
            participant: own,
        };
        self.junk = Some(Junk::new(per_second, relay, &overheard)?);
        Ok(())
    }

    /// The flood is over.
    pub(super) fn dry(&mut self) {
        self.junk = None;
    }

    /// The next participant comes, with everybody there sending, and is awaited.
    pub(super) fn join(&mut self, relay: &mut Relay) -> Result<(), BenchError> {
        let index = self.seats.len();
        let seat = self.seat(relay, index)?;
        self.seats.push(seat);
        self.run_until(Instant::now() + JOIN_PATIENCE, |seats| {
            seats.iter().all(|seat| seat.participant.is_up())
        })?;
        let up = self.seats.iter().all(|seat| seat.participant.is_up());
        if up {
            Ok(())
        } else {
            Err(BenchError::Handshake(
                "a participant did not get through ICE and DTLS in 10 s",
            ))
        }
    }

    /// The participant at `index` goes, and comes back as somebody new.
    pub(super) fn rejoin(&mut self, relay: &mut Relay, index: usize) -> Result<Welcome, BenchError> {
        if let Some(seat) = self.seats.get_mut(index) {
            relay.leave(seat.peer)?;
        }
        let newcomer = self.seat(relay, index)?;
        if let Some(seat) = self.seats.get_mut(index) {
            *seat = newcomer;
        }
        let seen = |seats: &[Seat]| seats.get(index).and_then(|seat| seat.arrival.welcome());
        self.run_until(Instant::now() + JOIN_PATIENCE, |seats| seen(seats).is_some())?;
        seen(&self.seats).ok_or(BenchError::Handshake("a newcomer did not see everybody in 10 s"))
    }

    /// Lets the meeting go on for a while.
    pub(super) fn run(&mut self, time: Duration) -> Result<(), BenchError> {
        self.run_until(Instant::now() + time, |_| false)
    }

    /// Counts for `time`, then waits `tail` in silence for what is still under way.
    pub(super) fn measure(&mut self, time: Duration, tail: Duration) -> Result<Window, BenchError> {
        let (dropped_before, junk_before) = (self.dropped()?, self.junk_sent());
        self.window = Some(Window {
            opened: self.sent(),
            ..Window::default()
        });
        self.run(time)?;
        self.sending = false;
        let closed = self.sent();
        let junk = self.junk_sent() - junk_before;
        if let Some(window) = &mut self.window {
            window.close(closed, self.load.receivers_of_each());
        }
        self.run(tail)?;
        Ok(Window {
            dropped: self.dropped()?.saturating_sub(dropped_before),
            junk,
            ..self.window.take().unwrap_or_default()
        })
    }

    fn dropped(&self) -> Result<u64, BenchError> {
        let of_each = self.seats.iter().map(|seat| dropped(&seat.participant.socket()));
        of_each.sum::<std::io::Result<u64>>().map_err(BenchError::Socket)
    }

    fn junk_sent(&self) -> u64 {
        self.junk.as_ref().map_or(0, |junk| junk.sent)
    }

    /// Sends again after a measurement.
    pub(super) fn resume(&mut self) {
        self.sending = true;
        let now = Instant::now();
        for (index, seat) in self.seats.iter_mut().enumerate() {
            (seat.picture, seat.sound) = cadences(self.load, index, now);
        }
    }

    fn sent(&self) -> Vec<(u32, u32)> {
        self.seats.iter().map(|seat| seat.participant.sent()).collect()
    }

    fn seat(&mut self, relay: &mut Relay, index: usize) -> Result<Seat, BenchError> {
        let asked = Instant::now();
        let peer = self.next_peer;
        self.next_peer += 1;
        let part = self.load.part(index);
        let (mut participant, offer) = Participant::new(part, relay.address, &self.identity, asked)?;
        let speaks = index < self.load.microphones;
        let answer = relay.join(peer, offer, speaks)?;
        participant.accept(&answer, &self.identity, Instant::now())?;
        let (picture, sound) = cadences(self.load, index, Instant::now());
        let pictures = vec![false; self.load.senders()];
        let arrival = Arrivals {
            asked,
            expected: part.slots,
            first_media: None,
            pictures,
            all_pictures: None,
        };
        Ok(Seat {
            peer,
            participant,
            picture,
            sound,
            arrival,
        })
    }

    fn run_until(&mut self, end: Instant, done: impl Fn(&[Seat]) -> bool) -> Result<(), BenchError> {
        loop {
            let now = Instant::now();
            self.act(now)?;
            if now >= end || done(&self.seats) {
                return Ok(());
            }
            let ready = readable(self.seats.iter().map(|seat| seat.participant.socket().as_raw_fd()));
            for index in ready.map_err(BenchError::Socket)? {
                self.receive(index)?;
            }
        }
    }

    /// Does what is due.
    fn act(&mut self, now: Instant) -> Result<(), BenchError> {
        let bytes = self.load.picture_payload();
        if let Some(junk) = self.junk.as_mut().filter(|_| self.sending) {
            junk.act(now)?;
        }
        for (index, seat) in self.seats.iter_mut().enumerate() {
            seat.participant.tick(now)?;
            if !self.sending || !seat.participant.is_up() || !self.load.sends(index) {
                continue;
            }
            while let Some((due, frame)) = seat.picture.beat(now).map(|frame| (seat.picture.due(frame), frame)) {
                if let Some(window) = &mut self.window {
                    window.lateness.add(now.saturating_duration_since(due));
                }
                for _ in 0..self.load.packets_of(frame) {
                    seat.participant.send_picture(now, bytes)?;
                }
            }
            if let Some(sound) = &mut seat.sound {
                while sound.beat(now).is_some() {
                    seat.participant.send_sound(now)?;
                }
            }
        }
        Ok(())
    }

    fn receive(&mut self, index: usize) -> Result<(), BenchError> {
        let Some(Seat {
            participant, arrival, ..
        }) = self.seats.get_mut(index)
        else {
            return Ok(());
        };
        let socket = participant.socket();
        let (window, now) = (&mut self.window, Instant::now());
        let (mut failure, mut previous) = (None, Duration::ZERO);
        let drained = self.inbox.drain(&socket, |came, datagram| {
            let length = datagram.len();
            match participant.receive(now, datagram) {
                Ok(Arrival::Media(stamp)) => {
                    arrival.see(&stamp);
                    if let Some(window) = window {
                        window.count(&stamp, came, length, came != previous);
                    }
                    previous = came;
                }
                Ok(Arrival::Other) => {}
                Err(error) => failure = Some(error),
            }
        });
        drained.map_err(BenchError::Socket)?;
        failure.map_or(Ok(()), Err)
    }
}

impl Arrivals {
    fn see(&mut self, stamp: &Stamp) {
        if self.all_pictures.is_some() {
            return;
        }
        self.first_media.get_or_insert_with(|| self.asked.elapsed());
        // Only a key frame shows something to a decoder that starts.
        if stamp.kind == (Kind::Picture { key_frame: true })
            && let Some(seen) = self.pictures.get_mut(usize::from(stamp.source))
        {
            *seen = true;
            if self.pictures.iter().filter(|seen| **seen).count() == self.expected {
                self.all_pictures = Some(self.asked.elapsed());
            }
        }
    }

    fn welcome(&self) -> Option<Welcome> {
        Some(Welcome {
            first_media: self.first_media?,
            all_pictures: self.all_pictures?,
        })
    }
}

/// When the participant at `index` sends: evenly spread among all, so that packets do not come in step.
fn cadences(load: Load, index: usize, now: Instant) -> (Cadence, Option<Cadence>) {
    let offset = |rate: u32, among: usize| Duration::from_secs(1) / rate.max(1) * index as u32 / among.max(1) as u32;
    let picture = Cadence::new(now + offset(load.fps, load.senders()), load.fps);
    let sound = Cadence::new(now + offset(SOUND_RATE, load.microphones), SOUND_RATE);
    (picture, (index < load.microphones).then_some(sound))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newcomer_has_seen_everybody_after_the_last_key_frame() {
        let pictures = vec![false; 3];
        let mut arrivals = Arrivals {
            asked: Instant::now(),
            expected: 2,
            first_media: None,
            pictures,
            all_pictures: None,
        };
        arrivals.see(&Stamp::early(0, Kind::Picture { key_frame: false }, 1));
        assert!(arrivals.first_media.is_some());
        arrivals.see(&Stamp::early(0, Kind::Picture { key_frame: true }, 2));
        arrivals.see(&Stamp::early(0, Kind::Picture { key_frame: true }, 3));
        assert!(arrivals.welcome().is_none());
        arrivals.see(&Stamp::early(1, Kind::Picture { key_frame: true }, 1));
        assert!(arrivals.welcome().is_some());
    }

    #[test]
    fn senders_are_spread_and_only_open_microphones_sound() {
        let now = Instant::now();
        let (first, sound) = cadences(Load::OF_THREE, 0, now);
        let (last, silent) = cadences(Load::OF_THREE, 2, now);
        assert!(sound.is_some() && silent.is_none());
        assert_eq!(last.next() - first.next(), Duration::from_secs(1) / 10 * 2 / 3);
    }
}
