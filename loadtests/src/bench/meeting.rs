//! All participants on one thread: who sends when, what came, and when somebody first saw everybody. The thread never
//! sleeps: waking it would be work on the relay's core that no network card asks for.

use super::junk::{Junk, Overheard};
use super::latency::Latencies;
use super::participant::{Arrival, Identity, Part, Participant};
use super::relay::Relay;
use super::socket::{Inbox, dropped, readable};
use super::stamp::{Kind, Stamp};
use super::{BenchError, Load};
use crate::send::cadence::Cadence;
use std::net::SocketAddr;
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

/// A participant that is not there by then never comes.
const JOIN_PATIENCE: Duration = Duration::from_secs(10);
/// Packets of sound a second.
const SOUND_RATE: u32 = 50;
/// Overhead of header, descriptor and tag, part of the rate that is asked for.
const OVERHEAD: usize = 12 + 16;
/// What fits an Ethernet frame with headers and tag.
const MAX_PAYLOAD: usize = 1300;

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

/// What is counted while it counts.
#[derive(Default)]
pub(super) struct Window {
    /// Counters of each source's sound and picture when the window opened and closed.
    pub(super) opened: Vec<(u32, u32)>,
    pub(super) closed: Option<Vec<(u32, u32)>>,
    /// Packets that came.
    pub(super) received: u64,
    /// Packets that should have come.
    pub(super) expected: u64,
    /// Bytes of those that came, sealed.
    pub(super) bytes: u64,
    /// Groups of packets that reached a socket together.
    pub(super) runs: u64,
    pub(super) latencies: Latencies,
    /// How late the participants sent: they were busy with something else.
    pub(super) lateness: Latencies,
    /// Datagrams that came to participants who had no room for them.
    pub(super) dropped: u64,
    /// Junk sent meanwhile.
    pub(super) junk: u64,
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
            window.expect(closed, self.load.receivers_of_each());
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

impl Window {
    /// Closes: what was sent since it opened should reach so many others.
    fn expect(&mut self, closed: Vec<(u32, u32)>, others: u64) {
        let sent = |((sound_0, picture_0), (sound_1, picture_1)): (&(u32, u32), &(u32, u32))| {
            u64::from(sound_1 - sound_0) + u64::from(picture_1 - picture_0)
        };
        self.expected = self.opened.iter().zip(&closed).map(sent).sum::<u64>() * others;
        self.closed = Some(closed);
    }

    /// Share of the packets that did not come.
    pub(super) fn loss(&self) -> f64 {
        1.0 - self.received as f64 / self.expected.max(1) as f64
    }

    fn count(&mut self, stamp: &Stamp, came: Duration, bytes: usize, starts_run: bool) {
        let source = usize::from(stamp.source);
        let number = |counters: &(u32, u32)| {
            if stamp.kind == Kind::Sound {
                counters.0
            } else {
                counters.1
            }
        };
        let after_opening = self
            .opened
            .get(source)
            .is_some_and(|opened| stamp.counter >= number(opened));
        let closed = self.closed.as_ref().and_then(|closed| closed.get(source));
        if after_opening && closed.is_none_or(|closed| stamp.counter < number(closed)) {
            self.received += 1;
            self.bytes += bytes as u64;
            self.runs += u64::from(starts_run);
            self.latencies.add(came.saturating_sub(stamp.sent));
        }
    }
}

/// When the participant at `index` sends: evenly spread among all, so that packets do not come in step.
fn cadences(load: Load, index: usize, now: Instant) -> (Cadence, Option<Cadence>) {
    let offset = |rate: u32, among: usize| Duration::from_secs(1) / rate.max(1) * index as u32 / among.max(1) as u32;
    let picture = Cadence::new(now + offset(load.fps, load.senders()), load.fps);
    let sound = Cadence::new(now + offset(SOUND_RATE, load.microphones), SOUND_RATE);
    (picture, (index < load.microphones).then_some(sound))
}

impl Load {
    /// What the participant at `index` does.
    const fn part(self, index: usize) -> Part {
        let receives = match self.publishers {
            Some(publishers) => index >= publishers,
            None => true,
        };
        let others = match self.publishers {
            Some(publishers) => publishers,
            None => self.participants - 1,
        };
        Part {
            source: index as u16,
            sends: self.sends(index),
            slots: if receives { others } else { 0 },
            reports: self.reports,
        }
    }

    const fn sends(self, index: usize) -> bool {
        index < self.senders()
    }

    /// How many send: those at the first places.
    pub(super) const fn senders(self) -> usize {
        match self.publishers {
            Some(publishers) => publishers,
            None => self.participants,
        }
    }

    /// All who come.
    pub(super) const fn seats(self) -> usize {
        match self.publishers {
            Some(publishers) => publishers + self.participants,
            None => self.participants,
        }
    }

    /// How many receive each packet.
    const fn receivers_of_each(self) -> u64 {
        match self.publishers {
            Some(_) => self.participants as u64,
            None => self.participants as u64 - 1,
        }
    }

    /// How many packets the frame with this number has, so that all of them make the rate.
    fn packets_of(self, frame: u64) -> u64 {
        let before = |frame: u64| frame * u64::from(self.pps) / u64::from(self.fps.max(1));
        before(frame + 1) - before(frame)
    }

    /// Bytes of each picture packet's payload, so that all of it makes the rate.
    fn picture_payload(self) -> usize {
        let packet =
            usize::try_from(u64::from(self.kbps) * 1000 / 8 / u64::from(self.pps.max(1))).unwrap_or(usize::MAX);
        packet.saturating_sub(OVERHEAD).min(MAX_PAYLOAD)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOAD: Load = Load {
        participants: 3,
        publishers: None,
        reports: true,
        kbps: 150,
        pps: 20,
        fps: 10,
        microphones: 1,
    };

    fn stamp(source: u16, kind: Kind, counter: u32) -> Stamp {
        Stamp {
            source,
            kind,
            counter,
            sent: Duration::from_millis(10),
        }
    }

    #[test]
    fn a_picture_packet_makes_the_rate() {
        assert_eq!(LOAD.picture_payload() + OVERHEAD, 937);
    }

    #[test]
    fn frames_share_the_packets_of_a_second() {
        assert!((0..10).all(|frame| LOAD.packets_of(frame) == 2));
        let uneven = Load { pps: 25, ..LOAD };
        assert_eq!((0..10).map(|frame| uneven.packets_of(frame)).sum::<u64>(), 25);
    }

    #[test]
    fn only_what_was_sent_while_the_window_was_open_counts() {
        let mut window = Window {
            opened: vec![(5, 100), (0, 50), (0, 7)],
            ..Window::default()
        };
        let picture = Kind::Picture { key_frame: false };
        let came = Duration::from_millis(12);
        window.count(&stamp(0, picture, 99), came, 900, true);
        window.count(&stamp(0, picture, 100), came, 900, true);
        window.count(&stamp(0, Kind::Sound, 5), came, 80, false);
        window.expect(vec![(6, 101), (0, 51), (0, 7)], 2);
        window.count(&stamp(1, picture, 50), came, 900, true);
        window.count(&stamp(1, picture, 51), came, 900, true);
        assert_eq!((window.received, window.expected, window.runs), (3, 6, 2));
        assert_eq!(window.latencies.percentiles([0.5]), [2.0]);
    }

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
        arrivals.see(&stamp(0, Kind::Picture { key_frame: false }, 1));
        assert!(arrivals.first_media.is_some());
        arrivals.see(&stamp(0, Kind::Picture { key_frame: true }, 2));
        arrivals.see(&stamp(0, Kind::Picture { key_frame: true }, 3));
        assert!(arrivals.welcome().is_none());
        arrivals.see(&stamp(1, Kind::Picture { key_frame: true }, 1));
        assert!(arrivals.welcome().is_some());
    }

    #[test]
    fn publishers_send_to_participants_who_only_watch() {
        let load = Load {
            publishers: Some(2),
            ..LOAD
        };
        let parts: Vec<(bool, usize)> = (0..load.seats())
            .map(|index| (load.part(index).sends, load.part(index).slots))
            .collect();
        assert_eq!(parts, [(true, 0), (true, 0), (false, 2), (false, 2), (false, 2)]);
        assert_eq!(load.receivers_of_each(), 3);
        let parts: Vec<(bool, usize)> = (0..LOAD.seats())
            .map(|index| (LOAD.part(index).sends, LOAD.part(index).slots))
            .collect();
        assert_eq!(parts, [(true, 2); 3]);
        assert_eq!(LOAD.receivers_of_each(), 2);
    }

    #[test]
    fn senders_are_spread_and_only_open_microphones_sound() {
        let now = Instant::now();
        let (first, sound) = cadences(LOAD, 0, now);
        let (last, silent) = cadences(LOAD, 2, now);
        assert!(sound.is_some() && silent.is_none());
        assert_eq!(last.next() - first.next(), Duration::from_secs(1) / 10 * 2 / 3);
    }
}
