//! Silences that the relay tells between two seconds.

use super::*;

fn raised(transitions: &[Transition]) -> Vec<(Option<u32>, Level)> {
    let raised = |transition: &Transition| match transition {
        Transition::Raised { alert } | Transition::Changed { alert, .. } => {
            assert_eq!((alert.key.direction, alert.cause), (Direction::Link, Cause::LinkLost));
            Some((alert.key.about.map(|about| about.0), alert.level))
        }
        _ => None,
    };
    transitions.iter().filter_map(raised).collect()
}

#[test]
fn a_lost_link_is_told_when_the_row_is_full() {
    let mut council = Council::of(6);
    council.settle();
    let at_ms = council.at_ms + 300;
    assert_eq!(council.fall_silent(at_ms, &[(3, 1900)]), []);
    let amber = council.fall_silent(at_ms, &[(3, 2000)]);
    assert_eq!(raised(&amber), [(Some(3), Level::Amber)]);
    let red = council.fall_silent(at_ms + 3000, &[(3, 5000)]);
    assert_eq!(raised(&red), [(Some(3), Level::Red)]);
    assert_eq!(council.fall_silent(at_ms + 3000, &[(3, 5000)]), [], "told once");
}

#[test]
fn a_silence_of_everybody_is_the_relays() {
    let mut council = Council::of(6);
    council.settle();
    let everybody: Vec<(u32, u32)> = (1..=6).map(|who| (who, 5000)).collect();
    let at_ms = council.at_ms + 300;
    let told = council.fall_silent(at_ms, &everybody);
    assert_eq!(raised(&told), [(None, Level::Red)]);
}

#[test]
fn who_is_not_in_the_meeting_is_not_judged() {
    let mut council = Council::of(3);
    council.settle();
    assert_eq!(council.fall_silent(20_300, &[(9, 5000)]), []);
}
