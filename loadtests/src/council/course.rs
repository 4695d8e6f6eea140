//! The test second by second: delay, loss, freezes, bandwidth, and what server and machines took. Pure.

use crate::company::{CompanySecond, PersonSecond};
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// A machine that has not told anything for so long is not counted any more.
const SILENT: Duration = Duration::from_secs(3);
/// Parts of a test whose first and last are compared.
const TENTHS: usize = 10;
/// A machine as busy as this has nothing left.
pub(super) const FULL: f64 = 0.98;

/// What the server took in a second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct ServerSecond {
    /// Cores used.
    pub(super) cores: f64,
    /// Bytes of memory.
    pub(super) memory: u64,
    /// Files and sockets open; `None`: not known.
    pub(super) descriptors: Option<u64>,
}

/// One second of the whole test.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Sample {
    /// Seconds since counting began, at its end.
    pub at_s: f64,
    /// How long it was, in seconds: a busy machine is late.
    pub lasted_s: f64,
    /// Round trip in the median, in milliseconds.
    pub round_trip_ms: Option<f64>,
    /// Round trip of whoever has the longest.
    pub round_trip_worst_ms: Option<f64>,
    /// How long speech was under way from delegate to delegate, mean, in milliseconds.
    pub speech_ms: Option<f64>,
    /// Share of the sound that was made up, mean of all.
    pub sound_lost: f64,
    /// The same of whoever heard worst.
    pub sound_lost_worst: f64,
    /// Share of the second that pictures stood still, mean of all.
    pub frozen: f64,
    /// The same of whoever saw worst.
    pub frozen_worst: f64,
    /// To the server, in Mbit/s, headers included, counted at the delegates.
    pub to_server_mbit_s: f64,
    /// From the server.
    pub from_server_mbit_s: f64,
    /// Cores that the server used; `None`: nobody told.
    pub server_cores: Option<f64>,
    /// Its memory, in MB (10^6).
    pub server_memory_mb: Option<f64>,
    /// Files and sockets that it had open.
    pub server_descriptors: Option<f64>,
    /// How busy the busiest machine of the test was, as a share of all its cores.
    pub machine_busy: f64,
    /// Cores that the delegates used on all machines.
    pub delegates_cores: f64,
}

/// What a participant had over the whole test.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Own {
    seconds: f64,
    up: u64,
    down: u64,
    /// Milliseconds times seconds, and these seconds.
    round_trips: (f64, f64),
}

impl Own {
    /// kbit/s to and from the server, and the mean round trip in milliseconds.
    pub(super) fn means(&self) -> (f64, f64, Option<f64>) {
        let kbit_s = |bytes: u64| {
            if self.seconds > 0.0 {
                bytes as f64 * 8.0 / 1e3 / self.seconds
            } else {
                0.0
            }
        };
        let (sum, seconds) = self.round_trips;
        (
            kbit_s(self.up),
            kbit_s(self.down),
            (seconds > 0.0).then(|| sum / seconds),
        )
    }

    fn add(&mut self, second: &PersonSecond, lasted_s: f64) {
        self.seconds += lasted_s;
        self.up += second.up_bytes;
        self.down += second.down_bytes;
        if let Some(ms) = second.round_trip_ms {
            self.round_trips = (self.round_trips.0 + ms * lasted_s, self.round_trips.1 + lasted_s);
        }
    }
}

/// What has come of the second that is under way, and all before.
#[derive(Debug, Default)]
pub(super) struct Course {
    pub(super) samples: Vec<Sample>,
    pub(super) own: BTreeMap<usize, Own>,
    /// The newest second of each company, and when it came.
    companies: BTreeMap<usize, (Instant, CompanySecond)>,
    /// How many cores each machine has.
    cores: BTreeMap<usize, f64>,
    /// The least share of memory that any machine had left.
    memory_left: Option<f64>,
}

impl Course {
    /// A machine's second has come. Where the test `counts` already it belongs to everybody's means.
    pub(super) fn take_in(&mut self, now: Instant, company: usize, second: CompanySecond, counts: bool) {
        if counts {
            for one in &second.people {
                self.own.entry(one.number).or_default().add(one, second.lasted_s);
            }
            let left = second.machine.memory_left;
            self.memory_left = Some(self.memory_left.map_or(left, |least| least.min(left)));
        }
        self.cores.insert(company, second.machine.cores);
        self.companies.insert(company, (now, second));
    }

    /// A second has ended that lasted `lasted_s`, `at_s` after counting began.
    pub(super) fn end_second(&mut self, now: Instant, at_s: f64, lasted_s: f64, server: Option<ServerSecond>) {
        self.companies
            .retain(|_, (heard, _)| now.duration_since(*heard) <= SILENT);
        let companies: Vec<&CompanySecond> = self.companies.values().map(|(_, second)| second).collect();
        let sample = sample(&companies, server);
        self.samples.push(Sample {
            at_s,
            lasted_s,
            ..sample
        });
    }

    /// Cores of all machines.
    pub(super) fn cores(&self) -> f64 {
        self.cores.values().sum()
    }

    /// The least share of memory that any machine had left.
    pub(super) fn memory_left(&self) -> f64 {
        self.memory_left.unwrap_or(1.0)
    }

    /// A figure's mean over time; `None`: nobody told it.
    pub(super) fn mean(&self, figure: impl Fn(&Sample) -> Option<f64>) -> Option<f64> {
        let told = self.samples.iter().filter_map(|one| Some((figure(one)?, one.lasted_s)));
        let (sum, seconds) = told.fold((0.0, 0.0), |(sum, seconds), (figure, lasted)| {
            (sum + figure * lasted, seconds + lasted)
        });
        (seconds > 0.0).then(|| sum / seconds)
    }

    /// A figure's mean in the first and in the last tenth of the test: whether it grew.
    pub(super) fn change(&self, figure: impl Fn(&Sample) -> Option<f64>) -> Option<(f64, f64)> {
        let tenth = self.samples.len().div_ceil(TENTHS);
        let mean = |samples: &[Sample]| {
            let told: Vec<f64> = samples.iter().filter_map(&figure).collect();
            (!told.is_empty()).then(|| told.iter().sum::<f64>() / told.len() as f64)
        };
        let (first, last) = (
            self.samples.get(..tenth)?,
            self.samples.get(self.samples.len() - tenth..)?,
        );
        mean(first).zip(mean(last))
    }

    /// A figure in the second in which it was highest.
    pub(super) fn most(&self, figure: impl Fn(&Sample) -> Option<f64>) -> Option<f64> {
        self.samples.iter().filter_map(figure).reduce(f64::max)
    }
}

fn sample(companies: &[&CompanySecond], server: Option<ServerSecond>) -> Sample {
    let people: Vec<&PersonSecond> = companies.iter().flat_map(|one| &one.people).collect();
    let measured: Vec<&PersonSecond> = people.iter().copied().filter(|one| one.measured).collect();
    let all = |figure: fn(&PersonSecond) -> f64| measured.iter().map(move |one| figure(one));
    let mean = |figure: fn(&PersonSecond) -> f64| all(figure).sum::<f64>() / measured.len().max(1) as f64;
    let mut round_trips: Vec<f64> = people.iter().filter_map(|one| one.round_trip_ms).collect();
    round_trips.sort_by(f64::total_cmp);
    let speech: Vec<f64> = people.iter().filter_map(|one| one.speech_ms).collect();
    let mbit_s = |bytes: fn(&PersonSecond) -> u64| -> f64 {
        let of =
            |one: &&CompanySecond| one.people.iter().map(bytes).sum::<u64>() as f64 / one.lasted_s.max(f64::EPSILON);
        companies.iter().map(of).sum::<f64>() * 8.0 / 1e6
    };
    let machines = || companies.iter().map(|one| &one.machine);
    Sample {
        round_trip_ms: round_trips.get(round_trips.len() / 2).copied(),
        round_trip_worst_ms: round_trips.last().copied(),
        speech_ms: (!speech.is_empty()).then(|| speech.iter().sum::<f64>() / speech.len() as f64),
        sound_lost: mean(|one| one.sound_lost),
        sound_lost_worst: all(|one| one.sound_lost).fold(0.0, f64::max),
        frozen: mean(|one| one.frozen),
        frozen_worst: all(|one| one.frozen).fold(0.0, f64::max),
        to_server_mbit_s: mbit_s(|one| one.up_bytes),
        from_server_mbit_s: mbit_s(|one| one.down_bytes),
        server_cores: server.map(|server| server.cores),
        server_memory_mb: server.map(|server| server.memory as f64 / 1e6),
        server_descriptors: server.and_then(|server| server.descriptors).map(|open| open as f64),
        machine_busy: machines().map(|busy| busy.share).fold(0.0, f64::max),
        delegates_cores: machines().map(|busy| busy.own).sum(),
        ..Sample::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::Busy;

    fn second(people: &[PersonSecond], machine: Busy, lasted_s: f64) -> CompanySecond {
        CompanySecond {
            people: people.to_vec(),
            machine,
            lasted_s,
        }
    }

    #[test]
    fn a_second_is_of_all_machines_and_the_worst_is_kept() {
        let now = Instant::now();
        let person = |number, down_bytes, sound_lost, round_trip_ms| PersonSecond {
            number,
            measured: true,
            down_bytes,
            sound_lost,
            round_trip_ms: Some(round_trip_ms),
            ..PersonSecond::default()
        };
        let busy = |share, own| Busy {
            share,
            own,
            cores: 2.0,
            memory_left: 0.5,
        };
        let mut course = Course::default();
        let both = [person(1, 125_000, 0.0, 10.0), person(2, 125_000, 0.0, 20.0)];
        course.take_in(now, 0, second(&both, busy(0.5, 0.6), 1.0), true);
        let third = [person(3, 250_000, 0.3, 90.0)];
        course.take_in(now, 1, second(&third, busy(0.9, 1.0), 1.0), true);
        let server = ServerSecond {
            cores: 0.4,
            memory: 50_000_000,
            descriptors: Some(95),
        };
        course.end_second(now, 1.0, 1.0, Some(server));
        let sample = course.samples[0];
        assert_eq!(
            (sample.round_trip_ms, sample.round_trip_worst_ms),
            (Some(20.0), Some(90.0))
        );
        assert!((sample.sound_lost - 0.1).abs() < 1e-9 && sample.sound_lost_worst == 0.3);
        assert_eq!((sample.from_server_mbit_s, sample.machine_busy), (4.0, 0.9));
        assert_eq!((sample.server_memory_mb, sample.delegates_cores), (Some(50.0), 1.6));
        assert_eq!(course.own[&3].means(), (0.0, 2000.0, Some(90.0)));
        course.take_in(now, 0, second(&both[..1], busy(0.5, 0.6), 1.0), true);
        course.end_second(now, 2.0, 1.0, None);
        assert_eq!(course.samples[1].from_server_mbit_s, 3.0, "who has left is not counted");
    }

    #[test]
    fn what_grows_shows_between_the_first_tenth_and_the_last() {
        let (mut course, now) = (Course::default(), Instant::now());
        let grown = |course: &Course| course.change(|sample| sample.server_memory_mb);
        assert_eq!(grown(&course), None);
        for second in 0..100u64 {
            let server = ServerSecond {
                cores: 0.4,
                memory: (50 + second / 10) * 1_000_000,
                descriptors: None,
            };
            course.end_second(now, second as f64, 1.0, Some(server));
        }
        assert_eq!(grown(&course), Some((50.0, 59.0)));
        assert_eq!(course.change(|sample| sample.server_descriptors), None);
    }

    fn sends(number: usize, up_bytes: u64) -> PersonSecond {
        PersonSecond {
            number,
            up_bytes,
            ..PersonSecond::default()
        }
    }

    #[test]
    fn a_second_that_came_late_is_as_long_as_it_was() {
        let now = Instant::now();
        let mut course = Course::default();
        for (at_s, bytes, lasted_s) in [(2.0, 250_000, 2.0), (3.0, 125_000, 1.0)] {
            course.take_in(now, 0, second(&[sends(1, bytes)], Busy::default(), lasted_s), true);
            course.end_second(now, at_s, lasted_s, None);
        }
        assert_eq!(course.most(|one| Some(one.to_server_mbit_s)), Some(1.0));
        assert_eq!(course.mean(|one| Some(one.to_server_mbit_s)), Some(1.0));
        assert_eq!(course.own[&1].means().0, 1000.0);
        let mean_of_times = course.mean(|one| Some(if one.at_s < 3.0 { 1.0 } else { 4.0 }));
        assert_eq!(mean_of_times, Some(2.0), "two seconds count twice");
    }

    #[test]
    fn an_agents_second_counts_once_however_often_the_own_machine_looks() {
        let now = Instant::now();
        let mut course = Course::default();
        course.take_in(now, 1, second(&[sends(3, 125_000)], Busy::default(), 1.0), false);
        course.take_in(now, 1, second(&[sends(3, 125_000)], Busy::default(), 1.0), true);
        for at_s in [1.0, 2.0] {
            course.end_second(now, at_s, 1.0, None);
        }
        assert_eq!(course.own[&3].means().0, 1000.0);
        let seconds: Vec<f64> = course.samples.iter().map(|one| one.to_server_mbit_s).collect();
        assert_eq!(seconds, [1.0, 1.0], "its newest stands until the next comes");
    }

    #[test]
    fn a_machine_that_has_fallen_silent_is_not_counted_on() {
        let now = Instant::now();
        let mut course = Course::default();
        course.take_in(now, 1, second(&[sends(3, 125_000)], Busy::default(), 1.0), true);
        course.end_second(now + SILENT, 3.0, 1.0, None);
        course.end_second(now + SILENT + Duration::from_secs(1), 4.0, 1.0, None);
        let seconds: Vec<f64> = course.samples.iter().map(|one| one.to_server_mbit_s).collect();
        assert_eq!(seconds, [1.0, 0.0]);
    }
}
