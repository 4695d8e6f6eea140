//! The delegates' media against the real relay: ICE, DTLS and SRTP on loopback, without signaling between.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it fails")]

use lika::protocol::{Report, SlotReport};
use lika_loadtests::delegate::conduct::{Camera, Conduct};
use lika_loadtests::delegate::connection::Plan;
use lika_loadtests::delegate::media::{Media, Message, Order, Progress};
use lika_loadtests::impair::{Impairment, Link};
use lika_loadtests::media::Wardrobe;
use lika_sfu::worker::{Worker, WorkerConfig};
use lika_sfu::{Answer, Audience, Command, Event, JoinError, Layer, PeerId, Reception, RoomId};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::timeout;

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const ROOM: RoomId = RoomId(1);
const PATIENCE: Duration = Duration::from_secs(20);

/// A relay and what it tells.
struct Relay {
    worker: Worker,
    events: mpsc::UnboundedReceiver<Event>,
}

impl Relay {
    fn start() -> Self {
        let (tell, events) = mpsc::unbounded_channel();
        let config = WorkerConfig {
            bind: (LOOPBACK, 0).into(),
            public_ips: vec![LOOPBACK],
            tcp_port: None,
            core: None,
            number: 0,
        };
        let worker = Worker::spawn(&config, move |event| drop(tell.send(event))).unwrap();
        Self { worker, events }
    }

    async fn answer(&self, peer: PeerId, offer: String) -> Result<Answer, JoinError> {
        let (reply, answer) = oneshot::channel();
        let reply = Box::new(move |result| drop(reply.send(result)));
        let (audience, reception) = (Audience::LISTENING, Reception::Everyone);
        let join = Command::Join {
            room: ROOM,
            peer,
            offer,
            audience,
            reception,
            reply,
        };
        self.worker.send(join).unwrap();
        answer.await.unwrap()
    }

    fn set_audience(&self, peer: PeerId, audience: Audience) {
        self.worker.send(Command::SetAudience { peer, audience }).unwrap();
    }
}

/// One delegate's media, and its switches.
struct Seat {
    peer: PeerId,
    orders: mpsc::Sender<Order>,
    messages: mpsc::Receiver<Message>,
    path: watch::Sender<Impairment>,
    conduct: watch::Sender<Conduct>,
}

impl Seat {
    /// Comes in and waits until sound and picture flow; everybody already there and to come gets a slot.
    async fn take(relay: &Relay, number: usize, wardrobe: &Arc<Wardrobe>) -> Self {
        let (path, link) = watch::channel(Impairment::None);
        let (conduct, conduct_seen) = watch::channel(Conduct::WELL);
        let (to_us, messages) = mpsc::channel(64);
        let (orders, from_us) = mpsc::channel(16);
        let layers = vec![Layer::Low, Layer::Mid, Layer::High];
        let plan = Plan {
            layers,
            slots: 3,
            bind: LOOPBACK,
            link: Link::new(link),
        };
        let media = Media::new(number, plan, Arc::clone(wardrobe), conduct_seen, to_us);
        tokio::spawn(media.run(from_us));
        orders.send(Order::Connect { attempt: 1, slots: 3 }).await.unwrap();
        orders.send(Order::Occupied(vec![0, 1, 2])).await.unwrap();
        let mut seat = Self {
            peer: PeerId(number as u64),
            orders,
            messages,
            path,
            conduct,
        };
        let Message::Attempt(1, Progress::Offered(sdp)) = seat.next().await else {
            panic!("an offer comes first")
        };
        let answer = relay.answer(seat.peer, sdp).await.unwrap();
        assert_eq!(answer.slots, 3);
        seat.orders
            .send(Order::Answer {
                attempt: 1,
                sdp: answer.sdp,
            })
            .await
            .unwrap();
        while !matches!(seat.next().await, Message::Attempt(1, Progress::Up)) {}
        seat
    }

    async fn next(&mut self) -> Message {
        timeout(PATIENCE, self.messages.recv())
            .await
            .expect("media say something")
            .expect("media live")
    }

    /// The first report from now on for which `holds`.
    async fn report(&mut self, what: &str, holds: impl Fn(&Report) -> bool) -> Report {
        let mut last = None;
        let waited = timeout(PATIENCE, async {
            loop {
                match self.messages.recv().await {
                    Some(Message::Report(report)) if holds(&report) => return *report,
                    Some(Message::Report(report)) => last = Some(report),
                    Some(Message::Attempt(_, Progress::Down(reason))) => panic!("{what}: media went down: {reason}"),
                    Some(_) => {}
                    None => panic!("{what}: media ended"),
                }
            }
        });
        match waited.await {
            Ok(report) => report,
            Err(_) => panic!("{what} never came; last report {last:#?}"),
        }
    }
}

fn moving(slot: &SlotReport) -> bool {
    slot.frames_decoded >= 8 && slot.width > 0 && slot.frozen_ms == 0
}

#[tokio::test(flavor = "multi_thread")]
async fn delegates_see_each_other_and_hear_who_has_the_floor() {
    let (relay, wardrobe) = (Relay::start(), Arc::new(Wardrobe::open().unwrap()));
    let mut first = Seat::take(&relay, 1, &wardrobe).await;
    let mut second = Seat::take(&relay, 2, &wardrobe).await;
    let mut third = Seat::take(&relay, 3, &wardrobe).await;
    for seat in [&mut first, &mut second, &mut third] {
        let report = seat
            .report("two moving pictures and a whole second of its own", |r| {
                r.slots.iter().filter(|s| moving(s)).count() == 2 && r.frames_encoded >= 18
            })
            .await;
        assert!(
            report.slots.iter().all(|slot| slot.energy == 0.0),
            "closed microphones: {report:?}"
        );
        assert_eq!(report.microphone_level, 127);
    }
    relay.set_audience(second.peer, Audience::SPEAKING);
    second.orders.send(Order::Speak(true)).await.unwrap();
    for seat in [&mut first, &mut third] {
        let heard = |r: &Report| {
            r.slots
                .iter()
                .filter(|slot| slot.samples >= 40_000 && slot.energy > 1e-5)
                .count()
                == 1
        };
        seat.report("one voice", heard).await;
    }
    second.report("own level", |r| r.microphone_level < 40).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_show_in_what_the_others_report_and_go_away() {
    let (relay, wardrobe) = (Relay::start(), Arc::new(Wardrobe::open().unwrap()));
    let mut watching = Seat::take(&relay, 1, &wardrobe).await;
    let mut faulty = Seat::take(&relay, 2, &wardrobe).await;
    let seen = |r: &Report| r.slots.iter().any(moving);
    watching.report("a moving picture", seen).await;

    faulty.conduct.send_modify(|conduct| conduct.camera = Camera::Frozen);
    let frozen = |r: &Report| r.slots.iter().any(|s| s.frames_decoded == 0 && s.frozen_ms >= 900);
    watching.report("a frozen picture", frozen).await;
    faulty.report("nothing encoded", |r| r.frames_encoded == 0).await;
    faulty.conduct.send_modify(|conduct| *conduct = Conduct::WELL);
    watching.report("a moving picture again", seen).await;

    faulty.path.send_replace(Impairment::Cut);
    watching.report("the picture of a cut delegate stops", frozen).await;
    faulty.path.send_replace(Impairment::None);
    watching.report("a moving picture after the cut", seen).await;
    faulty.report("the cut delegate sees again", seen).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leaving_delegate_says_goodbye() {
    let (mut relay, wardrobe) = (Relay::start(), Arc::new(Wardrobe::open().unwrap()));
    let seat = Seat::take(&relay, 1, &wardrobe).await;
    let peer = seat.peer;
    drop(seat);
    let gone = async {
        while let Some(event) = relay.events.recv().await {
            if matches!(event, Event::Disconnected { peer: gone, .. } if gone == peer) {
                return;
            }
        }
    };
    timeout(PATIENCE, gone).await.expect("the relay hears of it");
}
