//! The faults: what each does, to whom, and what the chair must be told.

use crate::delegate::conduct::{Camera, Conduct};
use crate::impair::{Impairment, Kind, Loss, Way};
use lika::equal_terms::Direction;
use std::time::Duration;

/// One fault.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    /// As `--fault` takes it.
    pub(super) name: String,
    pub(super) harm: Harm,
    /// Who has the floor meanwhile.
    pub(super) speaker: Speaker,
    /// The directions of the victim that an alert may be about.
    pub(super) directions: &'static [Direction],
    /// A hard break is an alarm so many seconds after it, by the profile's row, whatever the truth says of degrees.
    pub(super) hard_s: Option<f64>,
}

/// What is done.
#[derive(Clone, Copy, Debug)]
pub(super) enum Harm {
    /// Nothing: nobody may be told anything.
    Nothing,
    /// To the victim's line.
    Line(Impairment),
    /// To the victim's devices or page.
    Devices(fn(&mut Conduct)),
    /// To the victim's line, while the victim's page says that all is well.
    Lie(Impairment),
    /// The victim's program ends without a goodbye.
    Kill,
    /// To everybody's line, for so long, or until it is mended.
    AllLines(Impairment, Option<Duration>),
}

/// Who speaks while the fault lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Speaker {
    Victim,
    SomebodyElse,
}

impl Fault {
    /// Whether it is everybody's, and so the relay's or its network's.
    pub(super) fn is_everybodys(&self) -> bool {
        matches!(self.harm, Harm::AllLines(..))
    }

    fn new(name: &str, harm: Harm, speaker: Speaker, directions: &'static [Direction]) -> Self {
        Self {
            name: name.into(),
            harm,
            speaker,
            directions,
            hard_s: None,
        }
    }

    fn hard(self, row_s: f64) -> Self {
        Self {
            hard_s: Some(row_s),
            ..self
        }
    }
}

/// What a bad way up does to others' view of the victim; a way that loses much can be a broken link, too.
const UP: &[Direction] = &[Direction::Heard, Direction::Seen];
const DOWN: &[Direction] = &[Direction::Hears, Direction::Sees];
const DELAYED: &[Direction] = &[Direction::Delay];
const BROKEN: &[Direction] = &[Direction::Link];
const EVERY: &[Direction] = &[
    Direction::Heard,
    Direction::Seen,
    Direction::Hears,
    Direction::Sees,
    Direction::Delay,
    Direction::Link,
];
const LOSSES: [u8; 6] = [3, 5, 7, 10, 15, 30];
const DELAYS_MS: [u64; 4] = [150, 300, 450, 600];
const JITTERS_MS: [u64; 2] = [100, 600];
/// A burst of a mobile network: 8 packets in the mean.
const BURSTS: Loss = Loss::Bursts {
    percent: 15.0,
    length: 8.0,
};
/// Bits a second of a line that is too thin: for the speaker's own pictures, and for everybody's towards one.
const THIN_UP: u32 = 100_000;
const THIN_DOWN: u32 = 100_000;
/// What an overloaded relay loses of what it sends, in percent, and how late the rest is.
const OVERLOADED: (f64, Duration) = (30.0, Duration::from_millis(100));
/// How long the whole network is away.
const DIP: Duration = Duration::from_secs(3);

/// Every fault, in the order of the table.
pub(super) fn catalogue() -> Vec<Fault> {
    let mut all = vec![Fault::new("control", Harm::Nothing, Speaker::SomebodyElse, EVERY)];
    for percent in LOSSES {
        let loss = Loss::Even(percent.into());
        all.push(uplink(
            &format!("uplink_loss_{percent}"),
            Way { loss, ..Way::default() },
        ));
    }
    for percent in LOSSES {
        let loss = Loss::Even(percent.into());
        all.push(downlink(
            &format!("downlink_loss_{percent}"),
            Way { loss, ..Way::default() },
        ));
    }
    let bursts = Way {
        loss: BURSTS,
        ..Way::default()
    };
    all.extend([uplink("uplink_bursts", bursts), downlink("downlink_bursts", bursts)]);
    for ms in JITTERS_MS {
        let jitter = Duration::from_millis(ms);
        all.push(longer(
            &format!("jitter_{ms}"),
            Way {
                jitter,
                ..Way::default()
            },
        ));
    }
    for ms in DELAYS_MS {
        let delay = Duration::from_millis(ms);
        all.push(longer(
            &format!("delay_{ms}"),
            Way {
                delay,
                ..Way::default()
            },
        ));
    }
    let thin = |rate| Way {
        rate: Some(rate),
        ..Way::default()
    };
    let without = |kind| Way {
        drops: Some(kind),
        ..Way::default()
    };
    all.extend([
        uplink("uplink_rate", thin(THIN_UP)),
        downlink("downlink_rate", thin(THIN_DOWN)),
        uplink("sound_up_lost", without(Kind::Sound)),
        downlink("sound_down_lost", without(Kind::Sound)),
        uplink("picture_up_lost", without(Kind::Picture)),
        downlink("picture_down_lost", without(Kind::Picture)),
    ]);
    all.extend(breaks());
    all.extend(of_everybody());
    all
}

fn breaks() -> [Fault; 8] {
    let devices = Harm::Devices;
    let deaf = Impairment::Ways {
        up: Way::default(),
        down: Way {
            loss: Loss::Even(100.0),
            ..Way::default()
        },
    };
    let cut = Harm::Line(Impairment::Cut);
    [
        Fault::new("link_cut", cut, Speaker::SomebodyElse, BROKEN).hard(5.0),
        Fault::new("process_killed", Harm::Kill, Speaker::SomebodyElse, BROKEN).hard(5.0),
        Fault::new(
            "camera_covered",
            devices(|conduct| conduct.camera = Camera::Covered),
            Speaker::SomebodyElse,
            &[Direction::Seen],
        )
        .hard(5.0),
        Fault::new(
            "picture_frozen",
            devices(|conduct| conduct.camera = Camera::Frozen),
            Speaker::SomebodyElse,
            &[Direction::Seen],
        )
        .hard(3.0),
        Fault::new(
            "microphone_dead",
            devices(|conduct| conduct.microphone_dead = true),
            Speaker::Victim,
            &[Direction::Heard],
        )
        .hard(2.0),
        // Tablets stop the camera of a page that is not in front, and its clock: nothing is seen, shown or reported.
        Fault::new(
            "page_hidden",
            devices(|conduct| conduct.hidden = true),
            Speaker::SomebodyElse,
            &[Direction::Seen, Direction::Sees, Direction::Hears, Direction::Link],
        )
        .hard(3.0),
        Fault::new(
            "page_lies",
            Harm::Lie(deaf),
            Speaker::SomebodyElse,
            &[Direction::Hears, Direction::Sees, Direction::Link],
        )
        // The row's 8 s count from the last report that told of anything, up to 1.5 s after the cut.
        .hard(9.5),
        Fault::new(
            "cpu_starved",
            devices(|conduct| conduct.starved = true),
            Speaker::SomebodyElse,
            &[Direction::Sees],
        ),
    ]
}

fn of_everybody() -> [Fault; 2] {
    let (percent, delay) = OVERLOADED;
    let overloaded = Impairment::Ways {
        up: Way::default(),
        down: Way {
            loss: Loss::Even(percent),
            delay,
            ..Way::default()
        },
    };
    let away = Impairment::Lossy(100);
    [
        Fault::new(
            "relay_overloaded",
            Harm::AllLines(overloaded, None),
            Speaker::SomebodyElse,
            EVERY,
        ),
        Fault::new(
            "network_dip",
            Harm::AllLines(away, Some(DIP)),
            Speaker::SomebodyElse,
            EVERY,
        ),
    ]
}

/// The speaker's way to the relay.
fn uplink(name: &str, up: Way) -> Fault {
    let down = Way::default();
    Fault::new(name, Harm::Line(Impairment::Ways { up, down }), Speaker::Victim, UP)
}

/// A listener's way from the relay.
fn downlink(name: &str, down: Way) -> Fault {
    let up = Way::default();
    Fault::new(
        name,
        Harm::Line(Impairment::Ways { up, down }),
        Speaker::SomebodyElse,
        DOWN,
    )
}

/// A speaker's line that takes long, both ways: what a round trip shows.
fn longer(name: &str, way: Way) -> Fault {
    let line = Harm::Line(Impairment::Ways { up: way, down: way });
    Fault::new(name, line, Speaker::Victim, DELAYED)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_fault_asked_for_is_there_once_and_has_directions() {
        let all = catalogue();
        let names: BTreeSet<&str> = all.iter().map(|fault| fault.name.as_str()).collect();
        assert_eq!(names.len(), all.len());
        for name in [
            "uplink_loss_30",
            "downlink_loss_3",
            "delay_450",
            "link_cut",
            "network_dip",
            "control",
        ] {
            assert!(names.contains(name), "{name}");
        }
        assert!(all.iter().all(|fault| !fault.directions.is_empty()));
    }
}
