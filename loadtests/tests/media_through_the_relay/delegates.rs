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

/// What is lost is said once more in the next packet (RED), or sent again (NACK, RTX), as by a browser. Else a tenth of the
/// sound would be missing, and the picture would stand still for a third of the time.
#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_loses_a_tenth_each_way_is_repaired() {
    const SECONDS: u32 = 20;
    let (relay, wardrobe) = (Relay::start(), Arc::new(Wardrobe::open().unwrap()));
    let mut hears = Seat::take(&relay, 1, &wardrobe).await;
    let speaks = Seat::take(&relay, 2, &wardrobe).await;
    relay.set_audience(speaks.peer, Audience::SPEAKING);
    speaks.orders.send(Order::Speak(true)).await.unwrap();
    let voice = |r: &Report| r.slots.iter().any(|slot| slot.energy > 1e-5 && moving(slot));
    hears.report("a voice and its picture", voice).await;
    hears.path.send_replace(Impairment::Lossy(10));
    let (mut samples, mut concealed, mut frozen_ms) = (0, 0, 0);
    for _ in 0..SECONDS {
        let report = hears.report("a second", |_| true).await;
        for slot in &report.slots {
            samples += slot.samples;
            concealed += slot.concealed;
            frozen_ms += slot.frozen_ms;
        }
    }
    let lost = f64::from(concealed) / f64::from(samples);
    println!(
        "{:.1} % of the sound made up, frozen {frozen_ms} of {} ms",
        lost * 100.0,
        SECONDS * 1000
    );
    assert!(lost < 0.05, "{concealed} of {samples} samples were made up");
    assert!(frozen_ms < 150 * SECONDS, "frozen for {frozen_ms} ms");
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
