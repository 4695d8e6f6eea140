//! A simulated delegate's media at the relay.

use crate::relay::{LOOPBACK, PATIENCE, Relay};
use lika::protocol::{Report, SlotReport};
use lika_loadtests::delegate::conduct::Conduct;
use lika_loadtests::delegate::connection::Plan;
use lika_loadtests::delegate::media::{Media, Message, Order, Progress};
use lika_loadtests::impair::{Impairment, Link};
use lika_loadtests::media::Wardrobe;
use lika_sfu::{Layer, PeerId};
use std::sync::Arc;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

/// One delegate's media, and its switches.
pub(crate) struct Seat {
    pub(crate) peer: PeerId,
    pub(crate) orders: mpsc::Sender<Order>,
    messages: mpsc::Receiver<Message>,
    pub(crate) path: watch::Sender<Impairment>,
    pub(crate) conduct: watch::Sender<Conduct>,
}

impl Seat {
    /// Comes in and waits until sound and picture flow; everybody already there and to come gets a slot.
    pub(crate) async fn take(relay: &Relay, number: usize, wardrobe: &Arc<Wardrobe>) -> Self {
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
            full_pictures: false,
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
    pub(crate) async fn report(&mut self, what: &str, holds: impl Fn(&Report) -> bool) -> Report {
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

pub(crate) fn moving(slot: &SlotReport) -> bool {
    slot.frames_decoded >= 8 && slot.width > 0 && slot.frozen_ms == 0
}
