//! How many people this machine's processor carries: measured by doing for a second what the relay does most.

use super::finding::{Finding, failed, good, warning};
use crate::config::Config;
use lika_sfu::worker::{Speed, speed};
use std::io;
use std::thread::available_parallelism;
use std::time::Duration;

/// How long sealing and sending is timed.
const FOR: Duration = Duration::from_secs(1);
/// A thread takes no new meeting above this share of its time.
const SHARE: f64 = 0.7;
/// A packet costs the relay this many times what sealing and sending alone cost: it also comes, is read and is weighed
/// (docs/measurements.md).
const WHOLE: f64 = 1.5;
/// Packets a second of one picture in a full meeting.
const PICTURE: f64 = 20.0;
/// Packets a second of sound: three microphones that are heard, fifty packets each.
const SOUND: f64 = 150.0;
/// A large council.
const COUNCIL: u32 = 101;
/// An ordinary one.
const ORDINARY: u32 = 40;
/// A committee.
const COMMITTEE: u32 = 15;

pub(super) fn check(config: &Config) -> Vec<Finding> {
    let cores = available_parallelism().map_or(1, usize::from);
    let workers = usize::from(config.media.workers.get());
    let mut findings = vec![judge(speed(FOR))];
    findings.extend(share(cores, workers));
    findings
}

/// The largest meeting in which everybody sees everybody: n (n - 1) pictures, and the sound to all.
fn largest(per_packet: Duration) -> u32 {
    let packets = SHARE / (per_packet.as_secs_f64() * WHOLE);
    let needed = |people: u32| {
        let (people, others) = (f64::from(people), f64::from(people.saturating_sub(1)));
        people * others * PICTURE + others * SOUND
    };
    (1..=COUNCIL)
        .take_while(|&people| needed(people) <= packets)
        .last()
        .unwrap_or(0)
}

fn judge(measured: io::Result<Speed>) -> Finding {
    let per_packet = match measured.map(|speed| speed.per_packet()) {
        Ok(Some(per_packet)) => per_packet,
        Ok(None) => return not_measured("0"),
        Err(error) => return not_measured(&error.to_string()),
    };
    let (people, took) = (largest(per_packet), per_packet.as_secs_f64() * 1e6);
    let (many_sv, many_en) = if people >= COUNCIL {
        ("minst ", "at least ")
    } else {
        ("ungefär ", "about ")
    };
    let (sv, en) = (
        format!(
            "Att kryptera och skicka ett paket tar {took:.1} µs: processorn räcker till {many_sv}{people} deltagare som alla ser varandra, i ett sammanträde."
        ),
        format!(
            "Sealing and sending a packet takes {took:.1} µs: the processor carries {many_en}{people} participants who all see each other, in one meeting."
        ),
    );
    let (remedy_sv, remedy_en) = (
        "Ge den virtuella maskinen snabbare eller reserverad processor, och stoppa annat som kör. lika-loadtests council provar på riktigt.",
        "Give the virtual machine a faster or reserved processor, and stop what else is running. lika-loadtests council tries it for real.",
    );
    match people {
        ..COMMITTEE => failed(format!("{sv} {remedy_sv}"), format!("{en} {remedy_en}")),
        COMMITTEE..ORDINARY => warning(format!("{sv} {remedy_sv}"), format!("{en} {remedy_en}")),
        ORDINARY.. => good(sv, en),
    }
}

fn not_measured(error: &str) -> Finding {
    warning(
        format!("Processorn kunde inte mätas: {error}. Prova med lika-loadtests council."),
        format!("The processor could not be measured: {error}. Try with lika-loadtests council."),
    )
}

/// Besides the relay's threads somebody must judge, write and answer.
fn share(cores: usize, workers: usize) -> Option<Finding> {
    (workers >= cores && cores > 1 || cores == 1).then(|| {
        let needed = workers + 1;
        warning(
            format!("Maskinen har {cores} kärnor för {workers} relätrådar och resten av lika. Ge den minst {needed}, eller sänk media.workers."),
            format!("The machine has {cores} cores for {workers} threads of the relay and the rest of lika. Give it at least {needed}, or lower media.workers."),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::{COUNCIL, judge, largest, share, speed};
    use lika_auth::oidc::Outcome;
    use lika_sfu::worker::Speed;
    use std::io;
    use std::time::Duration;

    #[test]
    fn a_slower_processor_carries_fewer() {
        let people = |nanoseconds| largest(Duration::from_nanos(nanoseconds));
        assert_eq!(people(1_000), COUNCIL);
        assert!(people(8_000) < people(4_000) && people(4_000) < COUNCIL);
        assert_eq!(people(10_000_000), 1, "nobody to send to");
    }

    #[test]
    fn the_figure_decides() {
        let outcome = |packets| {
            judge(Ok(Speed {
                packets,
                took: Duration::from_secs(1),
            }))
            .outcome
        };
        assert_eq!(outcome(700_000), Outcome::Ok);
        assert_eq!(outcome(50_000), Outcome::Warning);
        assert_eq!(outcome(5_000), Outcome::Failed);
        assert_eq!(outcome(0), Outcome::Warning);
        assert_eq!(judge(Err(io::ErrorKind::Other.into())).outcome, Outcome::Warning);
    }

    #[test]
    fn the_relay_leaves_a_core_to_the_others() {
        assert_eq!(share(2, 1), None);
        assert!(share(1, 1).is_some() && share(4, 4).is_some());
    }

    #[test]
    fn this_machine_is_measured() {
        let speed = speed(Duration::from_millis(20)).unwrap();
        assert!(speed.packets > 0 && speed.per_packet().unwrap() > Duration::ZERO);
    }
}
