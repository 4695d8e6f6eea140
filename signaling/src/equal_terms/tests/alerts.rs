//! When alerts are raised, change and clear.

use super::super::{Alert, AlertKey};
use super::*;
use std::collections::BTreeMap;

const WHO: ParticipantId = id(2);

impl Council {
    /// Every alert that was raised or changed, in order.
    pub(super) fn alerts(&self) -> Vec<Alert> {
        self.news()
            .into_iter()
            .filter_map(|(_, transition)| told(transition))
            .collect()
    }

    /// The transitions, without those that tell an alert of the same level and cause again.
    fn news(&self) -> Vec<&(i64, Transition)> {
        let mut latest = BTreeMap::new();
        let is_news = |(_, transition): &&(i64, Transition)| {
            told(transition).is_none_or(|alert| {
                let said = (alert.level, alert.cause);
                latest.insert(alert.key, said) != Some(said) || matches!(transition, Transition::Raised { .. })
            })
        };
        self.transitions.iter().filter(is_news).collect()
    }

    /// Every alert as it was raised.
    pub(super) fn raised(&self) -> Vec<Alert> {
        let raised = |(_, transition): &(i64, Transition)| match transition {
            Transition::Raised { alert } => Some(*alert),
            _ => None,
        };
        self.transitions.iter().filter_map(raised).collect()
    }

    /// What happened since `start_ms`: seconds after it, what, about whom, direction and level.
    fn story(&self, start_ms: i64) -> Vec<(i64, &'static str, Option<u32>, Direction, Level)> {
        let told = |&(at_ms, ref transition): &(i64, Transition)| {
            let (what, alert) = match transition {
                Transition::Raised { alert } => ("raised", alert),
                Transition::Changed { alert, .. } => ("changed", alert),
                Transition::Unstable { alert } => ("unstable", alert),
                Transition::Cleared { alert } => ("cleared", alert),
            };
            let about = alert.key.about.map(|about| about.0);
            ((at_ms - start_ms) / 1000, what, about, alert.key.direction, alert.level)
        };
        self.news().into_iter().map(told).collect()
    }
}

/// The alert as it was raised or changed.
fn told(transition: &Transition) -> Option<Alert> {
    match transition {
        Transition::Raised { alert } | Transition::Changed { alert, .. } => Some(*alert),
        Transition::Unstable { .. } | Transition::Cleared { .. } => None,
    }
}

fn lossy(second: &mut Second) {
    sound_of(second, WHO).lost = 20;
}

fn uncovered_after(seconds: u32, council: &mut Council) {
    council.pass(seconds, |second| report_of(second, WHO).camera = CameraState::Covered);
}

#[test]
fn a_cut_is_one_alert_within_six_seconds_and_clears_half_a_minute_after_the_windows_are_good() {
    let mut council = Council::with_speaker(6);
    council.settle();
    let start = council.at_ms;
    council.pass(20, |second| cut(second, WHO, start));
    council.pass(60, |_| ());
    let link = Direction::Link;
    let story = [
        (2, "raised", Some(2), link, Level::Amber),
        (5, "changed", Some(2), link, Level::Red),
        (60, "cleared", Some(2), link, Level::Red),
    ];
    assert_eq!(council.story(start), story);
    let since = council.alerts()[0].since_ms;
    assert_eq!(since, start, "since the break, not since the alert");
}

#[test]
fn a_cut_is_one_alert_wherever_in_the_second_it_comes_and_however_long_it_lasts() {
    for tenths in 1..=9 {
        for seconds in [3, 4, 6, 12] {
            let mut council = Council::with_speaker(6);
            council.settle();
            let start = council.at_ms + 1000 - tenths * 100;
            council.pass(seconds, |second| cut(second, WHO, start));
            // Back: everything that was sent meanwhile is missing, and the picture takes two seconds to start.
            council.pass(1, |second| {
                *sound_of(second, WHO) = SoundMeasured {
                    expected: 400,
                    lost: 350,
                    voiced: 0,
                    loudest: 90,
                }
            });
            council.pass(2, |second| {
                received_by(second, WHO).for_each(|received| received.frames = 0);
            });
            council.pass(60, |_| ());
            let raised: Vec<_> = council.raised().iter().map(|alert| alert.key).collect();
            let link = AlertKey {
                about: Some(WHO),
                direction: Direction::Link,
            };
            assert_eq!(
                raised,
                [link],
                "{tenths} tenths, {seconds} s: {:?}",
                council.transitions
            );
        }
    }
}

#[test]
fn that_a_link_is_back_is_told_at_once_and_so_is_that_it_is_gone_again() {
    let mut council = Council::of(4);
    council.settle();
    let latest = |council: &Council| {
        let alert = council
            .transitions
            .iter()
            .rev()
            .find_map(|(_, transition)| told(transition));
        alert.map(|alert| (alert.level, alert.gone_since_ms))
    };
    let start = council.at_ms;
    council.pass(4, |second| cut(second, WHO, start));
    assert_eq!(latest(&council), Some((Level::Amber, None)));
    council.pass(3, |second| cut(second, WHO, start));
    assert_eq!(latest(&council), Some((Level::Red, Some(start))));
    council.pass(1, |_| ());
    assert_eq!(latest(&council), Some((Level::Red, None)), "the alert stands");
    let again = council.at_ms;
    council.pass(6, |second| cut(second, WHO, again));
    assert_eq!(latest(&council), Some((Level::Red, Some(again))));
    council.pass(60, |_| ());
    assert!(matches!(
        council.transitions.last(),
        Some((_, Transition::Cleared { .. }))
    ));
}

#[test]
fn a_figure_that_moves_much_is_told_again_now_and_then() {
    let mut council = Council::of(4);
    council.settle();
    let start = council.at_ms;
    uncovered_after(27, &mut council);
    let told: Vec<_> = council
        .transitions
        .iter()
        .filter_map(|(at_ms, transition)| Some(((at_ms - start) / 1000, told(transition)?.figure)))
        .collect();
    assert_eq!(
        told,
        [(5, 5.0), (10, 10.0), (15, 15.0), (20, 20.0), (26, 26.0)],
        "at most every five seconds, and only if it is another by more than a fifth"
    );
}

#[test]
fn a_bad_network_after_a_break_is_told_once_the_break_is_out_of_the_windows() {
    let mut council = Council::of(4);
    council.settle();
    let start = council.at_ms;
    council.pass(8, |second| cut(second, WHO, start));
    council.pass(20, lossy);
    let heard = AlertKey {
        about: Some(WHO),
        direction: Direction::Heard,
    };
    assert!(
        council.raised().iter().any(|alert| alert.key == heard),
        "{:?}",
        council.transitions
    );
}

#[test]
fn a_participant_who_is_gone_from_the_relay_is_cut_as_well() {
    let mut council = Council::of(4);
    council.settle();
    let start = council.at_ms;
    council.pass(6, |second| {
        second.legs.retain(|leg| leg.participant != WHO);
        second.reports.retain(|report| report.participant != WHO);
    });
    let told: Vec<_> = council
        .story(start)
        .into_iter()
        .map(|(at, what, _, _, level)| (at, what, level))
        .collect();
    assert_eq!(told, [(2, "raised", Level::Amber), (5, "changed", Level::Red)]);
}

#[test]
fn short_breaks_that_keep_coming_are_not_hidden_by_the_link() {
    let mut council = Council::of(4);
    council.settle();
    for _ in 0..5 {
        let start = council.at_ms;
        council.pass(4, |second| cut(second, WHO, start));
        council.pass(2, |_| ());
    }
    assert!(
        council.alerts().iter().any(|alert| alert.level == Level::Red),
        "{:?}",
        council.alerts()
    );
}

#[test]
fn an_alert_clears_after_thirty_seconds_without_a_bad_one() {
    let mut council = Council::of(4);
    council.settle();
    let start = council.at_ms;
    council.pass(3, lossy);
    council.pass(60, |_| ());
    // Three seconds of 40 %: 8 % at the second, 12 % at the third; 8 % leaves amber with the window at the twelfth.
    let heard = Direction::Heard;
    let story = [
        (2, "raised", Some(2), heard, Level::Amber),
        (3, "changed", Some(2), heard, Level::Red),
        (41, "cleared", Some(2), heard, Level::Red),
    ];
    assert_eq!(council.story(start), story);
}

#[test]
fn a_red_that_only_fades_to_amber_becomes_amber_after_the_same_time() {
    let mut council = Council::of(4);
    council.settle();
    council.pass(12, lossy);
    council.pass(60, |second| sound_of(second, WHO).lost = 3);
    let levels: Vec<_> = council.alerts().iter().map(|alert| alert.level).collect();
    assert_eq!(levels, [Level::Amber, Level::Red, Level::Amber]);
}

#[test]
fn a_cause_that_explains_more_changes_the_alert() {
    let mut council = Council::of(4);
    council.settle();
    let stopped = council.at_ms;
    council.pass(8, |second| {
        report_of(second, WHO).camera = CameraState::Off;
        let still_ms = u32::try_from(second.at_ms - stopped).unwrap();
        *picture_of(second, WHO) = PictureMeasured {
            frames: 0,
            since_last_frame_ms: still_ms,
            area: None,
        };
    });
    assert_eq!(council.alerts().last().map(|alert| alert.cause), Some(Cause::CameraOff));
    assert!(council.alerts().iter().all(|alert| alert.key
        == AlertKey {
            about: Some(WHO),
            direction: Direction::Seen
        }));
    let observations: Vec<_> = council.transitions.iter().flat_map(|(_, t)| t.observations()).collect();
    let over = observations
        .iter()
        .filter(|o| matches!(o, crate::meeting::Observation::AlertOver { .. }))
        .count();
    assert_eq!(
        over, 1,
        "the meeting's alert of the former cause ends: {observations:?}"
    );
}

#[test]
fn three_reds_in_five_minutes_are_unstable() {
    let mut council = Council::of(4);
    council.settle();
    for _ in 0..3 {
        uncovered_after(8, &mut council);
        council.pass(40, |_| ());
    }
    let unstable = council
        .transitions
        .iter()
        .filter(|(_, t)| matches!(t, Transition::Unstable { .. }))
        .count();
    assert_eq!(unstable, 1);
}

#[test]
fn three_reds_in_longer_are_not_unstable() {
    let mut council = Council::of(3);
    council.settle();
    for _ in 0..3 {
        uncovered_after(8, &mut council);
        council.pass(160, |_| ());
    }
    assert!(
        !council
            .transitions
            .iter()
            .any(|(_, t)| matches!(t, Transition::Unstable { .. }))
    );
}

#[test]
fn a_pause_raises_nothing_and_lets_what_stands_clear() {
    let mut council = Council::of(4);
    council.settle();
    let pause = |second: &mut Second| {
        second
            .present
            .iter_mut()
            .filter(|presence| presence.participant == WHO)
            .for_each(|p| p.suspended = true);
    };
    let verdict = council.pass(20, |second| {
        pause(second);
        lossy(second);
        received_of(second, WHO).for_each(|received| received.black = true);
    });
    assert_eq!(council.transitions, []);
    assert!(
        verdict.participants[1]
            .directions
            .iter()
            .all(|found| found.level == Level::Suspended)
    );
    council.pass(20, |_| ());
    council.pass(12, lossy);
    council.transitions.clear();
    council.pass(45, pause);
    assert!(
        matches!(council.transitions[..], [(_, Transition::Cleared { .. })]),
        "{:?}",
        council.transitions
    );
}

#[test]
fn in_an_adjournment_a_returning_member_clears_and_nobody_is_raised() {
    let mut council = Council::of(4);
    council.settle();
    let adjourned = |second: &mut Second| second.present.iter_mut().for_each(|presence| presence.suspended = true);
    let start = council.at_ms;
    council.pass(10, |second| cut(second, WHO, start));
    council.transitions.clear();
    council.pass(20, |second| {
        adjourned(second);
        cut(second, WHO, start);
        second
            .reports
            .iter_mut()
            .for_each(|report| report.camera = CameraState::Off);
    });
    assert_eq!(council.transitions, []);
    council.pass(40, adjourned);
    assert!(
        matches!(
            council.transitions[..],
            [
                (
                    _,
                    Transition::Changed {
                        alert: Alert {
                            gone_since_ms: None,
                            ..
                        },
                        ..
                    }
                ),
                (_, Transition::Cleared { .. })
            ]
        ),
        "{:?}",
        council.transitions
    );
}

#[test]
fn alerts_about_whoever_leaves_are_over() {
    let mut council = Council::of(4);
    council.settle();
    council.pass(12, lossy);
    council.transitions.clear();
    council.pass(1, |second| {
        second.present.retain(|presence| presence.participant != WHO);
    });
    assert!(
        matches!(council.transitions[..], [(_, Transition::Cleared { .. })]),
        "{:?}",
        council.transitions
    );
}

#[test]
fn what_is_not_measured_does_not_clear() {
    let mut council = Council::of(4);
    council.settle();
    council.pass(12, |second| {
        received_by(second, WHO).for_each(|received| received.frozen_ms = 500);
    });
    council.transitions.clear();
    council.pass(90, |second| second.reports.retain(|report| report.participant != WHO));
    let cleared = council
        .transitions
        .iter()
        .any(|(_, t)| matches!(t, Transition::Cleared { .. }));
    assert!(!cleared, "{:?}", council.transitions);
}
