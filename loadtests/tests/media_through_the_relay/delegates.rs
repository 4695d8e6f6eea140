//! The delegates among themselves.

use crate::relay::{PATIENCE, Relay};
use crate::seat::{Seat, moving};
use lika::protocol::Report;
use lika_loadtests::delegate::conduct::{Camera, Conduct};
use lika_loadtests::delegate::media::Order;
use lika_loadtests::impair::Impairment;
use lika_loadtests::media::Wardrobe;
use lika_sfu::{Audience, Event};
use std::sync::Arc;
use tokio::time::timeout;

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
