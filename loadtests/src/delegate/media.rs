//! The delegate's media: one task owns the peer connection, what is sent and the meters of what comes.

mod talk;

pub use talk::{Message, Order, Progress};

use super::conduct::{Camera, Conduct};
use super::connection::{Connection, Event, Place, Plan};
use super::departures::Departures;
use super::incoming::{Incoming, listen, listen_to_requests};
use super::report::{OwnSecond, SlotSecond, flattered, report};
use super::slots::SlotMeters;
use super::witness::{MediaSecond, Sight, Witnessed};
use crate::media::Wardrobe;
use crate::receive::frames;
use crate::send::sound::VOICE;
use crate::send::{LayerSender, SoundSender};
use futures_util::stream::{BoxStream, SelectAll, StreamExt};
use lika::protocol::{CameraState, PictureLayer};
use rtc::rtp::Packet;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};
use tokio::time::MissedTickBehavior;
use webrtc::error::Result;
use webrtc::peer_connection::RTCPeerConnectionState;

/// Events of one connection waiting: one for each slot's sound and picture, and some.
const EVENTS: usize = 512;
/// How often holes in received pictures are looked at.
const REPAIR_TICK: Duration = Duration::from_millis(100);
/// A connection that is not up by then is made anew.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
/// Bits a second of the lowest layer until the server says (docs/allocation.md).
const LOWEST_BPS: u32 = 120_000;
/// RFC 6464: the level is in the lower seven bits.
const LEVEL: u8 = 0x7f;

/// The media of one delegate.
pub struct Media {
    number: usize,
    plan: Plan,
    wardrobe: Arc<Wardrobe>,
    conduct: watch::Receiver<Conduct>,
    messages: mpsc::Sender<Message>,
    attempt: u32,
    connection: Option<Connection>,
    events: Option<mpsc::Receiver<Event>>,
    incoming: SelectAll<BoxStream<'static, Incoming>>,
    own: Option<Own>,
    slots: Vec<SlotMeters>,
    occupied: Vec<u16>,
    highest: PictureLayer,
    lowest_bps: u32,
    speaking: bool,
    connecting_since: Option<Instant>,
    remote_level: Option<u8>,
    camera: Camera,
    camera_since: Instant,
    /// Since when the microphone has given nothing although its owner speaks.
    dead_since: Option<Instant>,
    witness: Option<mpsc::Sender<Sight>>,
    departures: Departures,
}

/// The own streams while the connection is up.
struct Own {
    sound: SoundSender,
    layers: Vec<(LayerSender, u32)>,
}

impl Media {
    /// Prepares; [`Media::run`] works.
    #[must_use]
    pub fn new(
        number: usize,
        plan: Plan,
        wardrobe: Arc<Wardrobe>,
        conduct: watch::Receiver<Conduct>,
        messages: mpsc::Sender<Message>,
    ) -> Self {
        Self {
            number,
            plan,
            wardrobe,
            conduct,
            messages,
            attempt: 0,
            connection: None,
            events: None,
            incoming: SelectAll::new(),
            own: None,
            slots: Vec::new(),
            occupied: Vec::new(),
            highest: PictureLayer::High,
            lowest_bps: LOWEST_BPS,
            speaking: false,
            connecting_since: None,
            remote_level: None,
            camera: Camera::Moving,
            camera_since: Instant::now(),
            dead_since: None,
            witness: None,
            departures: Departures::default(),
        }
    }

    /// Tells every second to a witness, and notes when speech leaves.
    #[must_use]
    pub fn witnessed(mut self, witness: Option<mpsc::Sender<Sight>>, departures: Departures) -> Self {
        self.witness = witness;
        self.departures = departures;
        self
    }

    /// Works until nobody gives orders any more.
    pub async fn run(mut self, mut orders: mpsc::Receiver<Order>) {
        let mut seconds = tokio::time::interval(Duration::from_secs(1));
        let mut repairs = tokio::time::interval(REPAIR_TICK);
        seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        repairs.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut conduct = self.conduct.clone();
        loop {
            let due = self.own.as_ref().map(Own::next);
            let done = tokio::select! {
                order = orders.recv() => match order {
                    Some(order) => self.obey(order).await,
                    None => break,
                },
                event = next_event(&mut self.events) => self.happened(event).await,
                Some(incoming) = self.incoming.next() => self.take_in(incoming),
                () = sleep_until(due) => self.send(Instant::now()).await,
                _ = repairs.tick() => self.repair(Instant::now()).await,
                _ = seconds.tick() => self.second(Instant::now()).await,
                Ok(()) = conduct.changed() => self.behave(),
            };
            if let Err(error) = done {
                self.fail(&error.to_string()).await;
            }
        }
        self.drop_connection().await;
    }

    async fn obey(&mut self, order: Order) -> Result<()> {
        match order {
            Order::Connect { attempt, slots } => {
                self.attempt = attempt;
                self.connect(slots).await
            }
            Order::Answer { attempt, sdp } => match &self.connection {
                Some(connection) if attempt == self.attempt => connection.accept(sdp).await,
                _ => Ok(()),
            },
            Order::Speak(speaking) => {
                self.speaking = speaking;
                self.behave()
            }
            Order::Occupied(occupied) => {
                self.occupied = occupied;
                Ok(())
            }
            Order::Publish { highest, lowest_bps } => {
                (self.highest, self.lowest_bps) = (highest, lowest_bps);
                self.behave()
            }
        }
    }

    async fn connect(&mut self, slots: u16) -> Result<()> {
        self.drop_connection().await;
        let (to_us, events) = mpsc::channel(EVENTS);
        self.plan.slots = slots;
        self.highest = PictureLayer::High;
        let (connection, sdp) = Connection::offer(&self.plan, to_us).await?;
        self.slots.resize_with(usize::from(slots), SlotMeters::default);
        self.connection = Some(connection);
        self.events = Some(events);
        self.connecting_since = Some(Instant::now());
        self.tell(Progress::Offered(sdp)).await;
        Ok(())
    }

    async fn happened(&mut self, event: Event) -> Result<()> {
        match event {
            Event::State(RTCPeerConnectionState::Connected) if self.own.is_none() => self.start_sending().await?,
            Event::State(state @ (RTCPeerConnectionState::Failed | RTCPeerConnectionState::Closed)) => {
                self.fail(&format!("the connection is {state}")).await;
            }
            Event::Track(track) => {
                if let Some(connection) = &self.connection {
                    self.incoming.push(listen(track, connection.places()));
                }
            }
            Event::State(_) => {}
        }
        Ok(())
    }

    async fn start_sending(&mut self) -> Result<()> {
        let Some(connection) = &self.connection else {
            return Ok(());
        };
        let streams = connection.own_streams().await?;
        let now = Instant::now();
        let (speech, silence) = (self.wardrobe.speech(self.number), Arc::clone(&self.wardrobe.silence));
        self.remote_level = streams.level_extension;
        let figure = self.wardrobe.figure(self.number);
        // Where delegates share a figure they are not in step.
        let offset = self.number * 7;
        let layer = |(layer, stream)| (LayerSender::new(stream, layer, Arc::clone(&figure), offset, now), 0);
        self.own = Some(Own {
            sound: SoundSender::new(
                streams.sound,
                streams.level_extension,
                streams.sound_repeats,
                speech,
                silence,
                now,
            ),
            layers: streams.layers.into_iter().map(layer).collect(),
        });
        self.incoming.push(listen_to_requests(connection.picture()));
        self.connecting_since = None;
        self.behave()?;
        self.tell(Progress::Up).await;
        Ok(())
    }

    /// Sets what is sent by what the devices do now.
    fn behave(&mut self) -> Result<()> {
        let conduct = *self.conduct.borrow();
        if std::mem::replace(&mut self.camera, conduct.camera) != conduct.camera {
            self.camera_since = Instant::now();
        }
        let dead = conduct.microphone_dead && self.speaking;
        self.dead_since = dead.then(|| self.dead_since.unwrap_or_else(Instant::now));
        let figure = match conduct.camera {
            Camera::Covered => Arc::clone(&self.wardrobe.black),
            Camera::Moving | Camera::Frozen => self.wardrobe.figure(self.number),
        };
        if let Some(own) = &mut self.own {
            own.sound.speak(self.speaking && !conduct.listens);
            own.sound.break_off(conduct.microphone_broken);
            own.sound.go_dead(conduct.microphone_dead || conduct.hidden);
            for (n, (layer, _)) in own.layers.iter_mut().enumerate() {
                layer.show(&figure);
                layer.freeze(conduct.camera == Camera::Frozen || conduct.hidden);
                layer.activate(n <= layers_below(self.highest));
                if self.plan.full_pictures {
                    layer.fill(if n == 0 { self.lowest_bps } else { at_most_bps(n) });
                }
            }
        }
        for meters in &mut self.slots {
            meters.starve(conduct.starved);
        }
        Ok(())
    }

    async fn send(&mut self, now: Instant) -> Result<()> {
        let (Some(own), Some(connection)) = (&mut self.own, &self.connection) else {
            return Ok(());
        };
        let mut packets = Vec::new();
        own.sound.send(now, &mut packets)?;
        for packet in packets.drain(..) {
            // Silence is always the same few frames, whoever sends it; voice is somebody's own.
            if self.witness.is_some() && level_of(&packet, self.remote_level).is_some_and(|level| level <= VOICE) {
                self.departures.left(&frames(&packet).0, Instant::now());
            }
            connection.send_sound(packet).await?;
        }
        for (layer, frames) in &mut own.layers {
            *frames += layer.send(now, &mut packets)?;
        }
        for packet in packets {
            connection.send_picture(packet).await?;
        }
        Ok(())
    }

    fn take_in(&mut self, incoming: Incoming) -> Result<()> {
        let now = Instant::now();
        match incoming {
            Incoming::Opened {
                place: Place::Picture(slot),
                ssrc,
                track,
            } => {
                if let Some(meters) = self.slots.get_mut(usize::from(slot)) {
                    meters.shows(track, ssrc);
                }
            }
            Incoming::Opened { .. } => {}
            Incoming::Packet(Place::Sound(slot), packet) => {
                let level = level_of(&packet, self.remote_level);
                let witnessed = self.witness.is_some() && level.is_some_and(|level| level <= VOICE);
                let (newest, repeated) = frames(&packet);
                let under_way = witnessed.then(|| self.departures.under_way(&newest, now));
                if let Some(meters) = self.slots.get_mut(usize::from(slot)) {
                    meters.sound(now, &packet.header, (level, repeated), under_way.flatten());
                }
            }
            Incoming::Packet(Place::Picture(slot), packet) => {
                if let Some(meters) = self.slots.get_mut(usize::from(slot)) {
                    meters.picture(now, &packet);
                }
            }
            Incoming::KeyFrameRequest(ssrc) => {
                let layers = self.own.iter_mut().flat_map(|own| &mut own.layers);
                layers
                    .filter(|(layer, _)| layer.ssrc() == ssrc)
                    .for_each(|(layer, _)| layer.request_key_frame());
            }
        }
        Ok(())
    }

    async fn repair(&mut self, now: Instant) -> Result<()> {
        if self
            .connecting_since
            .is_some_and(|since| now.duration_since(since) > CONNECT_TIMEOUT)
        {
            self.fail("the connection did not come up").await;
        }
        for meters in &mut self.slots {
            meters.repair(now).await?;
        }
        Ok(())
    }

    async fn second(&mut self, now: Instant) -> Result<()> {
        let Some(connection) = &self.connection else {
            return Ok(());
        };
        let round_trip_ms = connection.round_trip_ms().await;
        let Some(own) = &mut self.own else { return Ok(()) };
        let frames = own
            .layers
            .iter_mut()
            .map(|(_, frames)| std::mem::take(frames))
            .max()
            .unwrap_or(0);
        let conduct = *self.conduct.borrow();
        let camera_lasted = now.duration_since(self.camera_since);
        let camera = conduct.camera.state(camera_lasted);
        let voiced = own.sound.take_voiced();
        let own = OwnSecond {
            camera,
            covered: if camera == CameraState::Covered {
                camera_lasted
            } else {
                Duration::ZERO
            },
            silent: self
                .dead_since
                .map_or(Duration::ZERO, |since| now.duration_since(since)),
            loudest: own.sound.take_loudest(),
            frames,
            round_trip_ms,
        };
        let slots = self.take_slots(now, conduct.hidden);
        if !conduct.hidden {
            let honest = !conduct.lies;
            let said: Vec<_> = slots
                .iter()
                .map(|&slot| if honest { slot } else { flattered(slot) })
                .collect();
            self.offer_report(Message::Report(Box::new(report(own, &said))));
        }
        let second = MediaSecond {
            at: Some(now),
            camera,
            voiced,
            reported: !conduct.hidden,
            round_trip_ms,
            slots,
        };
        self.show_witness(second).await;
        Ok(())
    }

    /// The second of every slot that has somebody in it. On a page that is hidden nothing is seen or heard of it.
    fn take_slots(&mut self, now: Instant, hidden: bool) -> Vec<SlotSecond> {
        let mut seconds = Vec::with_capacity(self.occupied.len());
        for (slot, meters) in (0..).zip(&mut self.slots) {
            let second = meters.take(now, slot);
            let nothing = SlotSecond {
                slot,
                ..SlotSecond::default()
            };
            if self.occupied.contains(&slot) {
                seconds.push(if hidden { nothing } else { second });
            }
        }
        seconds
    }

    async fn show_witness(&mut self, second: MediaSecond) {
        if let Some(witness) = &self.witness {
            // A witness who has gone needs nothing more.
            let _ = witness.send((self.number, Witnessed::Second(Box::new(second)))).await;
        }
    }

    async fn fail(&mut self, reason: &str) {
        self.drop_connection().await;
        self.tell(Progress::Down(reason.to_owned())).await;
    }

    async fn drop_connection(&mut self) {
        if let Some(connection) = self.connection.take() {
            connection.close().await;
        }
        self.events = None;
        self.own = None;
        self.incoming.clear();
        self.slots.clear();
        self.connecting_since = None;
    }

    /// A report that nobody takes now is of no use later; the rest of the mailbox is for what must arrive.
    fn offer_report(&mut self, report: Message) {
        if self.messages.capacity() > self.messages.max_capacity() / 2 {
            let _ = self.messages.try_send(report);
        }
    }

    async fn tell(&mut self, progress: Progress) {
        // Nobody listening means that the delegate is leaving.
        let _ = self.messages.send(Message::Attempt(self.attempt, progress)).await;
    }
}

impl Own {
    fn next(&self) -> Instant {
        self.layers
            .iter()
            .map(|(layer, _)| layer.next())
            .fold(self.sound.next(), Instant::min)
    }
}

/// The level that a packet tells, -dBov; `extension`: its negotiated number.
fn level_of(packet: &Packet, extension: Option<u8>) -> Option<u8> {
    let value = packet.header.get_extension(extension?)?;
    value.first().map(|level| level & LEVEL)
}

/// What the page's encoder gives the layers above the lowest at most (signaling/web/src/media/simulcast.ts).
const fn at_most_bps(layer: usize) -> u32 {
    if layer == 1 { 500_000 } else { 1_500_000 }
}

/// How many layers are below this one.
const fn layers_below(layer: PictureLayer) -> usize {
    match layer {
        PictureLayer::Low => 0,
        PictureLayer::Mid => 1,
        PictureLayer::High => 2,
    }
}

async fn next_event(events: &mut Option<mpsc::Receiver<Event>>) -> Event {
    match events {
        Some(events) => match events.recv().await {
            Some(event) => event,
            None => std::future::pending().await,
        },
        None => std::future::pending().await,
    }
}

async fn sleep_until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due.into()).await,
        None => std::future::pending().await,
    }
}
