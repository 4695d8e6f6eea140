//! A participant whose WebRTC is `str0m`: sends one sound and one picture, has one receive slot.

use crate::relay::{LOOPBACK, PATIENCE, Relay};
use crate::seat::{Seat, moving};
use lika_loadtests::delegate::media::Order;
use lika_loadtests::media::ivf::Ivf;
use lika_loadtests::media::{Sound, Wardrobe};
use lika_sfu::{Audience, Layer, PeerId, SrtpProfile};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};
use str0m::change::SdpAnswer;
use str0m::format::Codec;
use str0m::media::{Direction, Frequency, MediaData, MediaKind, MediaTime, Mid};
use str0m::net::{Protocol, Receive};
use str0m::{Candidate, Event, Input, Output, Rtc, RtcConfig};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::time::{sleep_until, timeout};

const SOUND_EVERY: Duration = Duration::from_millis(20);
const LEVEL: i8 = -20;

struct Peer {
    rtc: Rtc,
    socket: UdpSocket,
    sound: Outgoing,
    picture: Outgoing,
    voice: Arc<Sound>,
    film: Arc<Ivf>,
    tell: mpsc::UnboundedSender<MediaData>,
}

/// One own stream: where it stands.
struct Outgoing {
    mid: Mid,
    every: Duration,
    next: Instant,
    time: MediaTime,
    step: MediaTime,
    frame: usize,
}

impl Outgoing {
    fn new(mid: Mid, every: Duration, step: MediaTime) -> Self {
        Self {
            mid,
            every,
            next: Instant::now(),
            time: MediaTime::new(0, step.frequency()),
            step,
            frame: 0,
        }
    }

    fn advance(&mut self) {
        self.next += self.every;
        self.time += self.step;
        self.frame += 1;
    }
}

impl Peer {
    /// Joins and returns what comes in the receive slot from now on.
    async fn join(relay: &Relay, id: PeerId, wardrobe: &Wardrobe) -> mpsc::UnboundedReceiver<MediaData> {
        let socket = UdpSocket::bind((LOOPBACK, 0)).await.unwrap();
        let config = RtcConfig::new()
            .clear_codecs()
            .enable_opus(true, false)
            .enable_vp8(true);
        let mut rtc = config.build(Instant::now());
        rtc.add_local_candidate(Candidate::host(socket.local_addr().unwrap(), "udp").unwrap());

        let mut changes = rtc.sdp_api();
        let stream = || Some("str0m".to_owned());
        let sound = changes.add_media(MediaKind::Audio, Direction::SendOnly, stream(), None, None);
        let picture = changes.add_media(MediaKind::Video, Direction::SendOnly, stream(), None, None);
        changes.add_media(MediaKind::Audio, Direction::RecvOnly, None, None, None);
        changes.add_media(MediaKind::Video, Direction::RecvOnly, None, None, None);
        let (offer, pending) = changes.apply().unwrap();
        let answer = relay.answer(id, offer.to_sdp_string()).await.unwrap();
        assert_eq!(answer.slots, 1);
        let answer = SdpAnswer::from_sdp_string(&answer.sdp).unwrap();
        rtc.sdp_api().accept_answer(pending, answer).unwrap();

        let number = usize::try_from(id.0).unwrap();
        let film = Arc::new(wardrobe.figure(number).layer(Layer::Low).clone());
        let picture_every = Duration::from_secs(1) / film.rate;
        let (tell, received) = mpsc::unbounded_channel();
        let peer = Self {
            rtc,
            socket,
            sound: Outgoing::new(sound, SOUND_EVERY, MediaTime::new(960, Frequency::FORTY_EIGHT_KHZ)),
            picture: Outgoing::new(
                picture,
                picture_every,
                MediaTime::from_90khz(90_000 / u64::from(film.rate)),
            ),
            voice: wardrobe.speech(number),
            film,
            tell,
        };
        tokio::spawn(peer.run());
        received
    }

    /// Until nobody listens any more.
    async fn run(mut self) {
        let mut datagram = [0; 2000];
        while !self.tell.is_closed() {
            let deadline = self.drain().await;
            let wake = deadline.min(self.sound.next).min(self.picture.next);
            tokio::select! {
                received = self.socket.recv_from(&mut datagram) => {
                    let (len, source) = received.unwrap();
                    let destination = self.socket.local_addr().unwrap();
                    let receive = Receive::new(Protocol::Udp, source, destination, &datagram[..len]).unwrap();
                    self.rtc.handle_input(Input::Receive(Instant::now(), receive)).unwrap();
                }
                () = sleep_until(wake.into()) => self.act(Instant::now()),
            }
        }
    }

    fn act(&mut self, now: Instant) {
        self.rtc.handle_input(Input::Timeout(now)).unwrap();
        if now >= self.sound.next {
            self.speak(now);
        } else if now >= self.picture.next {
            self.show(now);
        }
    }

    fn speak(&mut self, now: Instant) {
        let frame = &self.voice.frames[self.sound.frame % self.voice.frames.len()];
        let writer = self.rtc.writer(self.sound.mid).unwrap().audio_level(LEVEL, true);
        let opus = writer
            .payload_params()
            .find(|params| params.spec().codec == Codec::Opus);
        let payload_type = opus.unwrap().pt();
        writer
            .write(payload_type, now, self.sound.time, frame.to_vec())
            .unwrap();
        self.sound.advance();
    }

    fn show(&mut self, now: Instant) {
        let frame = &self.film.frames[self.picture.frame % self.film.frames.len()];
        let writer = self.rtc.writer(self.picture.mid).unwrap();
        let vp8 = writer.payload_params().find(|params| params.spec().codec == Codec::Vp8);
        let payload_type = vp8.unwrap().pt();
        writer
            .write(payload_type, now, self.picture.time, frame.data.to_vec())
            .unwrap();
        self.picture.advance();
    }

    /// Sends what is to be sent, tells what came, and says when there is more to do.
    async fn drain(&mut self) -> Instant {
        loop {
            match self.rtc.poll_output().unwrap() {
                Output::Timeout(at) => return at,
                Output::Transmit(out) => drop(self.socket.send_to(&out.contents, out.destination).await),
                Output::Event(Event::MediaData(data)) => drop(self.tell.send(data)),
                // The loop goes on from the key frame before: what follows can be decoded.
                Output::Event(Event::KeyframeRequest(_)) => {
                    self.picture.frame = self.film.key_frame_from(self.picture.frame % self.film.frames.len());
                }
                Output::Event(_) => {}
            }
        }
    }
}

/// So many whole frames, each of them one that was sent.
async fn frames(received: &mut mpsc::UnboundedReceiver<MediaData>, kind: Codec, count: usize, sent: &HashSet<Vec<u8>>) {
    let mut seen = 0;
    while seen < count {
        let next = timeout(PATIENCE, received.recv()).await;
        let data = next
            .unwrap_or_else(|_| panic!("{kind:?} stopped after {seen}"))
            .expect("str0m lives");
        if data.params.spec().codec == kind {
            assert!(
                sent.contains(&*data.data),
                "{kind:?} frame {seen} is none that was sent"
            );
            seen += 1;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn str0m_sees_and_hears_a_delegate_and_is_seen_and_heard() {
    let (mut relay, wardrobe) = (Relay::start(), Arc::new(Wardrobe::open().unwrap()));
    let mut delegate = Seat::take(&relay, 1, &wardrobe).await;
    assert_eq!(relay.profile_of(delegate.peer).await, SrtpProfile::AeadAes128Gcm);
    relay.set_audience(delegate.peer, Audience::SPEAKING);
    delegate.orders.send(Order::Speak(true)).await.unwrap();

    let id = PeerId(2);
    let mut received = Peer::join(&relay, id, &wardrobe).await;
    assert_eq!(relay.profile_of(id).await, SrtpProfile::AeadAes128Gcm);
    relay.set_audience(id, Audience::SPEAKING);
    let seen_and_heard = |slot: &_| moving(slot) && slot.samples >= 40_000 && slot.energy > 1e-5;
    delegate
        .report("str0m's picture and voice", |r| r.slots.iter().any(seen_and_heard))
        .await;

    let shown = wardrobe
        .figure(1)
        .layer(Layer::Low)
        .frames
        .iter()
        .map(|frame| frame.data.to_vec())
        .collect();
    frames(&mut received, Codec::Vp8, 20, &shown).await;
    let said = [&*wardrobe.speech(1), &*wardrobe.silence]
        .iter()
        .flat_map(|sound| sound.frames.iter().map(|f| f.to_vec()))
        .collect();
    frames(&mut received, Codec::Opus, 100, &said).await;
}
