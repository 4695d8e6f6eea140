//! `lika-loadtests capacity`: how many delegates a server and its line carry on equal terms, and what gives first.

mod limit;
mod search;

pub use limit::Limit;

use crate::council::{Circumstances, Findings, Target, TargetArgs, TargetError, left_open, shortest};
use crate::language::Language;
use crate::terminal::{Progress, Stop};
use search::Search;
use serde::Serialize;
use std::fmt::Write as _;
use std::time::Duration;

/// The smallest council.
const LEAST: u16 = 3;

/// What `capacity` is told on the command line.
#[derive(Clone, Debug, clap::Args)]
pub struct CapacityArgs {
    /// Against which server, and with what
    #[command(flatten)]
    pub target: TargetArgs,
    /// The first size tried
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(3..=128))]
    pub from: u16,
    /// The largest size tried
    #[arg(long, default_value_t = 128, value_parser = clap::value_parser!(u16).range(3..=128))]
    pub most: u16,
    /// How long each meeting lasts at least, once all are there; a large one lasts as long as its roll call takes
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u16).range(15..=3600))]
    pub seconds: u16,
}

/// What was found.
#[derive(Clone, Debug, Serialize)]
pub struct Capacity {
    /// The largest meeting on equal terms; `null`: none.
    pub carried: Option<u16>,
    /// Whether there was one, and the search came to its end.
    pub approved: bool,
    /// What was in the way of a larger one; `null`: the largest that was to be tried was carried.
    pub limit: Option<Limit>,
    /// In a sentence.
    pub verdict: String,
    /// Whether it was ended before its time.
    pub interrupted: bool,
    /// Why it could not go on: the meetings before stand.
    pub failure: Option<String>,
    /// Every meeting that was tried.
    pub tried: Vec<Tried>,
    /// Meetings that could not be closed and are on the server still, also one that was broken off.
    pub left_open: Vec<u64>,
}

/// One meeting.
#[derive(Clone, Debug, Serialize)]
pub struct Tried {
    /// People.
    pub delegates: usize,
    /// How many of them were behind the network.
    pub behind_network: usize,
    /// Whether equal terms held.
    pub approved: bool,
    /// The verdict on it.
    pub verdict: String,
    /// Cores that the server used in the mean, if known.
    pub server_cores: Option<f64>,
    /// Its memory at most, in MB, if known.
    pub server_memory_mb: Option<f64>,
    /// Share of the busiest load machine's cores, mean.
    pub machine_busy: f64,
    /// From the server, mean, in Mbit/s.
    pub from_server_mbit_s: f64,
}

/// Searches.
///
/// # Errors
/// [`TargetError`]: nothing could be tested.
pub async fn capacity(args: &CapacityArgs) -> Result<Capacity, TargetError> {
    let mut stop = Stop::listen()?;
    let mut target = Target::open(&args.target, args.most, &mut stop).await?;
    let language = args.target.language;
    let mut search = Search::new(args.from, LEAST, args.most);
    let mut found = Found::default();
    while let Some(people) = search.next() {
        let total = length(args.seconds, people);
        let mut progress = Progress::new(total);
        progress.step(&trying(language, people));
        let held = match target.hold(people, total, None, &mut progress, &mut stop).await {
            Ok(held) => held,
            Err(error) if found.tried.is_empty() => return Err(error),
            Err(error) => {
                found.failure = Some(error.told(language));
                break;
            }
        };
        let findings = Findings::of(
            &held,
            &Circumstances {
                setting: &target.setting(people),
                machines: target.machines(),
                source: target.watch.source(),
                language,
            },
        );
        progress.step(&findings.verdict);
        found.left_open.extend(findings.left_open);
        if held.interrupted {
            found.interrupted = true;
            break;
        }
        search.tried(findings.approved);
        found.take_in(findings, search.passed() == Some(people));
    }
    if let Some(findings) = &found.best {
        target.report(findings);
    }
    Ok(found.capacity(language, &search, args.most, target.is_local))
}

/// How long a meeting of so many lasts.
fn length(seconds: u16, people: u16) -> Duration {
    Duration::from_secs(seconds.into()).max(shortest(people))
}

/// What has been found so far.
#[derive(Default)]
struct Found {
    tried: Vec<Tried>,
    best: Option<Findings>,
    /// The smallest meeting that failed.
    worst: Option<Findings>,
    interrupted: bool,
    failure: Option<String>,
    left_open: Vec<u64>,
}

impl Found {
    fn take_in(&mut self, findings: Findings, passed: bool) {
        self.tried.push(Tried {
            delegates: findings.delegates,
            behind_network: findings.behind_network,
            approved: findings.approved,
            verdict: findings.verdict.clone(),
            server_cores: findings.server.cpu_cores_mean,
            server_memory_mb: findings.server.memory_mb_max,
            machine_busy: findings.load.busy_mean,
            from_server_mbit_s: findings.bandwidth.from_server_mbit_s_mean,
        });
        let place = if passed { &mut self.best } else { &mut self.worst };
        *place = Some(findings);
    }

    fn capacity(self, language: Language, search: &Search, most: u16, is_local: bool) -> Capacity {
        let limit = self.worst.as_ref().map(|failed| limit::limit(failed, is_local));
        let is_whole = !self.interrupted && self.failure.is_none();
        let mut verdict = verdict(language, search, limit, most, !is_whole);
        if let Some(failure) = &self.failure {
            let _ = write!(verdict, " {failure}.");
        }
        Capacity {
            carried: search.passed(),
            approved: search.passed().is_some() && is_whole,
            limit,
            verdict,
            interrupted: !is_whole,
            failure: self.failure,
            tried: self.tried,
            left_open: self.left_open,
        }
    }
}

fn trying(language: Language, people: u16) -> String {
    match language {
        Language::Sv => format!("prövar {people} distansdeltagare"),
        Language::En => format!("trying {people} remote participants"),
    }
}

fn verdict(language: Language, search: &Search, limit: Option<Limit>, most: u16, interrupted: bool) -> String {
    let so_far = if interrupted {
        language.of(" (avbrutet i förtid)", " (interrupted)")
    } else {
        ""
    };
    let gives = limit.map(|limit| limit.told(language)).unwrap_or_default();
    match (language, search.passed(), search.failed()) {
        (_, None, None) => format!("{}{so_far}.", language.of("Inget hann prövas", "Nothing was tried")),
        (Language::Sv, Some(carried), None) if carried >= most => {
            format!("Minst {carried} distansdeltagare på lika villkor{so_far}; fler prövades inte.")
        }
        (Language::En, Some(carried), None) if carried >= most => {
            format!("At least {carried} remote participants on equal terms{so_far}; more were not tried.")
        }
        (Language::Sv, Some(carried), None) => format!("Minst {carried} distansdeltagare på lika villkor{so_far}."),
        (Language::En, Some(carried), None) => {
            format!("At least {carried} remote participants on equal terms{so_far}.")
        }
        (Language::Sv, Some(carried), Some(failed)) => {
            format!("{carried} distansdeltagare på lika villkor{so_far}, inte {failed}. Det som tog slut: {gives}.")
        }
        (Language::En, Some(carried), Some(failed)) => {
            format!("{carried} remote participants on equal terms{so_far}, not {failed}. What gave first: {gives}.")
        }
        (Language::Sv, None, Some(failed)) => {
            format!("Inte ens {failed} distansdeltagare på lika villkor{so_far}. Det som tog slut: {gives}.")
        }
        (Language::En, None, Some(failed)) => {
            format!("Not even {failed} remote participants on equal terms{so_far}. What gave first: {gives}.")
        }
    }
}

/// The findings for people.
#[must_use]
pub fn for_people(language: Language, capacity: &Capacity) -> String {
    let mut text = format!("{}\n\n", capacity.verdict);
    let _ = writeln!(
        text,
        "{:>10}{:>14}{:>14}{:>12}{:>12}{:>14}{:>12}",
        language.of("deltagare", "people"),
        language.of("bakom nätet", "behind net"),
        language.of("utfall", "outcome"),
        language.of("server, CPU", "server CPU"),
        language.of("minne, MB", "memory MB"),
        language.of("lastmaskin", "load machine"),
        "Mbit/s ↓"
    );
    for one in &capacity.tried {
        let known = |figure: Option<f64>, decimals| {
            figure.map_or_else(|| "–".into(), |figure| language.number(figure, decimals))
        };
        let outcome = if one.approved {
            language.of("godkänt", "approved")
        } else {
            language.of("inte godkänt", "not approved")
        };
        let _ = writeln!(
            text,
            "{:>10}{:>14}{outcome:>14}{:>12}{:>12}{:>14}{:>12}",
            one.delegates,
            one.behind_network,
            known(one.server_cores, 2),
            known(one.server_memory_mb, 0),
            language.percent(one.machine_busy),
            language.number(one.from_server_mbit_s, 1)
        );
    }
    for &meeting in &capacity.left_open {
        let _ = write!(text, "\n{}.\n", left_open(language, meeting));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::council::{Deed, Hindrance, LoadTook, Objection, ServerTook};
    use lika::protocol::Refusal;

    fn searched(outcomes: &[bool]) -> Search {
        let mut search = Search::new(20, LEAST, 60);
        outcomes.iter().for_each(|passed| search.tried(*passed));
        search
    }

    #[test]
    fn the_verdict_names_what_gave_first() {
        let told = verdict(
            Language::Sv,
            &searched(&[true, false]),
            Some(Limit::ServerCpu),
            60,
            false,
        );
        assert_eq!(
            told,
            "20 distansdeltagare på lika villkor, inte 30. Det som tog slut: serverns CPU."
        );
        let told = verdict(Language::En, &searched(&[true, true, true, true]), None, 60, false);
        assert!(told.starts_with("At least 60"), "{told}");
        let told = verdict(Language::Sv, &searched(&[]), None, 60, true);
        assert!(told.contains("avbrutet"), "{told}");
    }

    /// A search in which 20 passed; then it ends.
    fn after_one(end: impl Fn(&mut Found)) -> Capacity {
        let mut found = Found::default();
        end(&mut found);
        found.capacity(Language::Sv, &searched(&[true]), 60, true)
    }

    #[test]
    fn a_search_that_did_not_come_to_its_end_is_not_approved_and_tells_what_it_found() {
        let cut_short = after_one(|found| found.interrupted = true);
        assert_eq!((cut_short.carried, cut_short.approved), (Some(20), false));
        let failed = after_one(|found| found.failure = Some("Servern svarar inte".into()));
        assert_eq!(
            (failed.carried, failed.approved, failed.interrupted),
            (Some(20), false, true)
        );
        assert_eq!(
            failed.verdict,
            "Minst 20 distansdeltagare på lika villkor (avbrutet i förtid). Servern svarar inte."
        );
        assert!(after_one(|_| {}).approved);
    }

    #[test]
    fn a_meeting_that_is_left_open_is_named_with_how_to_close_it() {
        let capacity = after_one(|found| found.left_open.push(17));
        for (language, way) in [(Language::Sv, "Avsluta det"), (Language::En, "Close it")] {
            let told = for_people(language, &capacity);
            assert!(
                told.contains(way) && told.contains("lika meeting invite 17 1"),
                "{told}"
            );
        }
        assert_eq!(serde_json::to_value(&capacity).unwrap()["left_open"][0], 17);
        assert!(!for_people(Language::En, &after_one(|_| {})).contains("invite"));
    }

    #[test]
    fn a_large_meeting_lasts_as_long_as_its_roll_call_takes() {
        assert_eq!(
            [length(30, 20), length(30, 128)].map(|length| length.as_secs()),
            [30, 79]
        );
    }

    #[test]
    fn a_busy_load_machine_is_not_blamed_on_the_server() {
        let mut failed = crate::council::findings_of_a_failed_test();
        failed.load = LoadTook {
            busy_mean: 0.97,
            memory_left: 0.5,
            delegates_cores_mean: 1.6,
            ..LoadTook::default()
        };
        assert_eq!(limit::limit(&failed, false), Limit::LoadMachineCpu);
        failed.server = ServerTook {
            cpu_cores_mean: Some(0.3),
            cpu_cores_max: Some(0.4),
            ..ServerTook::default()
        };
        assert_eq!(limit::limit(&failed, true), Limit::SharedCpu);
        failed.load.busy_mean = 0.4;
        assert_eq!(limit::limit(&failed, false), Limit::Line);
        failed.server = ServerTook::default();
        assert_eq!(limit::limit(&failed, false), Limit::ServerOrLine);
        failed.load.memory_left = 0.01;
        assert_eq!(limit::limit(&failed, false), Limit::LoadMachineMemory);
        assert_eq!(limit::limit(&failed, true), Limit::SharedMemory);
    }

    #[test]
    fn a_busy_second_blames_nobody_and_many_do() {
        let mut failed = crate::council::findings_of_a_failed_test();
        failed.load = LoadTook {
            busy_mean: 0.3,
            busy_max: 1.0,
            full_share: 0.01,
            memory_left: 0.5,
            ..LoadTook::default()
        };
        assert_eq!(limit::limit(&failed, false), Limit::ServerOrLine);
        failed.load.full_share = 0.6;
        assert_eq!(limit::limit(&failed, false), Limit::LoadMachineCpu);
    }

    #[test]
    fn what_is_not_known_is_not_said_to_have_had_room() {
        let mut failed = crate::council::findings_of_a_failed_test();
        failed.worst = None;
        assert_eq!(limit::limit(&failed, false), Limit::ServerOrLine);
        failed.server.cpu_cores_max = Some(0.2);
        assert_eq!(limit::limit(&failed, true), Limit::Unknown);
    }

    #[test]
    fn a_meeting_that_was_not_held_tells_of_no_limit() {
        let mut failed = crate::council::findings_of_a_failed_test();
        failed.load.busy_mean = 0.97;
        assert_eq!(limit::limit(&failed, false), Limit::LoadMachineCpu);
        failed.objections = vec![Objection::Hindered, Objection::Red { participants: 1 }];
        let waited = Hindrance {
            deed: Deed::Gavel,
            refusal: Some(Refusal::EqualTermsBroken),
        };
        failed.procedure.hindered = vec![waited];
        assert_eq!(
            limit::limit(&failed, false),
            Limit::LoadMachineCpu,
            "a gavel that waited"
        );
        failed.procedure.hindered.push(Hindrance {
            deed: Deed::Vote,
            refusal: None,
        });
        assert_eq!(limit::limit(&failed, false), Limit::NotHeld);
    }
}
