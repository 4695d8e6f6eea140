//! `lika-loadtests faults`: known faults over real sockets against a real server, and whether the chair was told: of the
//! right person, in the right direction, in time, and of nothing else. What should have been told is computed from what the
//! delegates were really shown and played (`truth`), never from what was injected.

mod catalogue;
mod council;
mod outcome;
mod picture;
mod screen;
mod server;
mod table;
mod tally;
mod trial;
mod truth;

pub use council::CouncilError;
pub use tally::{Figures, Percentiles};

use crate::delegate::server::{Invitation, Server as Way};
use crate::local::{StartError, program_beside_this};
use crate::media::{MediaError, Wardrobe};
use crate::terminal::{say, told_to_stop};
use catalogue::{Fault, catalogue};
use council::Council;
use lika::meeting::ParticipantId;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use serde::Serialize;
use server::{Plan, Server};
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use thiserror::Error;
use tokio::sync::{Semaphore, mpsc, watch};
use trial::{Record, Task, Tried};

/// Delegates altogether whom a small machine carries at once, unless a single meeting is larger.
const DELEGATES_AT_ONCE: usize = 48;
/// Meetings held at the same time unless something else is asked for.
const MEETINGS: usize = 8;
/// A trial that others' trouble disturbs is made at most so often.
const TRIES: u32 = 4;
/// By then every meeting is in session, or the others go on without it.
const ALL_IN_SESSION_WITHIN: Duration = Duration::from_secs(300);
const REPEAT: usize = 20;
const REPEAT_QUICK: usize = 2;
/// As the profile `likvardig-1` has it.
const CLEAR_S: u32 = 30;
/// What `--quick` clears alerts after.
const CLEAR_QUICK_S: u32 = 5;

/// What `faults` is told on the command line.
#[derive(Clone, Debug, clap::Args)]
pub struct FaultsArgs {
    /// Under ten minutes: each fault twice, and alerts clear after 5 s instead of the profile's 30; nothing else differs
    #[arg(long)]
    pub quick: bool,
    /// Print the figures as JSON
    #[arg(long)]
    pub json: bool,
    /// Draw the figures into this file (SVG)
    #[arg(long, value_name = "FILE")]
    pub picture: Option<PathBuf>,
    /// People in each meeting, the chair included
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u8).range(4..=100))]
    pub delegates: u8,
    /// Meetings at the same time, each with its own trials [default: 8, at most 48 people altogether]
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=50))]
    pub meetings: Option<u8>,
    /// How often each fault is made [default: 20, with --quick 2]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub repeat: Option<u16>,
    /// Chooses victims, times and order
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Only faults whose name begins so; repeat for more
    #[arg(long = "fault", value_name = "NAME")]
    pub faults: Vec<String>,
    /// The server's program [default: lika beside this one]
    #[arg(long, value_name = "PATH")]
    pub server_binary: Option<PathBuf>,
}

/// Why there are no figures.
#[derive(Debug, Error)]
pub enum FaultsError {
    /// No server.
    #[error(transparent)]
    Start(#[from] StartError),
    /// No meeting.
    #[error(transparent)]
    Council(#[from] CouncilError),
    /// The pictures and voices.
    #[error(transparent)]
    Media(#[from] MediaError),
    /// A fault that is not known.
    #[error("no fault begins with {0:?}; there are {1}")]
    Unknown(String, String),
    /// Ctrl-c or SIGTERM: the server is ended, too.
    #[error("stopped")]
    Stopped,
    /// The picture or the own program's place.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// What a campaign found.
#[derive(Clone, Debug, Serialize)]
pub struct Findings {
    /// The threshold profile that the server judged by.
    pub profile: String,
    /// People in each meeting.
    pub delegates: usize,
    /// Meetings at the same time.
    pub meetings: usize,
    /// How often each fault was made.
    pub repeat: usize,
    /// What chose victims, times and order.
    pub seed: u64,
    /// How long it took.
    pub seconds: f64,
    /// By the fault's name.
    pub faults: BTreeMap<String, Figures>,
    /// Of all together.
    pub total: Figures,
    /// Trials set aside and made anew, since others than the victims were beyond a red limit as well: the machine was too
    /// busy to measure on.
    pub disturbed: usize,
    /// Trials that could not be made at all for that reason.
    pub untried: usize,
    /// From the verdict (the server's clock when the second ended; between two seconds, when the alert was raised) to the
    /// alert at the chair's page, read and parsed, in milliseconds. Both clocks are the machine's.
    pub verdict_to_screen_ms: Percentiles,
    /// How many alerts that is.
    pub alerts: usize,
    /// Every trial that was not as it should be.
    pub failures: Vec<String>,
}

impl Findings {
    /// Whether everything that had to be told was told rightly and in time, and nothing else.
    #[must_use]
    pub fn hold(&self) -> bool {
        self.total.hold() && self.untried == 0
    }
}

/// Starts the server, holds the meetings, makes the faults and counts.
///
/// # Errors
/// [`FaultsError`].
pub async fn faults(args: &FaultsArgs) -> Result<Findings, FaultsError> {
    let started = Instant::now();
    let tasks = tasks(args)?;
    let delegates = usize::from(args.delegates);
    let most = MEETINGS.min(DELEGATES_AT_ONCE / delegates).min(tasks.len()).max(1);
    let meetings = args.meetings.map_or(most, usize::from);
    let program = match &args.server_binary {
        Some(program) => program.clone(),
        None => program_beside_this()?,
    };
    let server = Server::start(&Plan {
        program: &program,
        meetings,
        delegates,
        clear_s: args.quick.then_some(CLEAR_QUICK_S),
    })
    .await?;
    let asked = tasks.len();
    let Campaign {
        records,
        disturbed,
        to_screen_ms,
    } = tokio::select! {
        campaign = campaign(&server, tasks) => campaign?,
        () = told_to_stop() => return Err(FaultsError::Stopped),
    };
    let (faults, total) = tally::tally(&records);
    let failures = records.iter().filter(|record| !Figures::of_one(record).hold());
    let findings = Findings {
        profile: if args.quick {
            "likvardig-1, alerts clear after 5 s"
        } else {
            "likvardig-1"
        }
        .into(),
        delegates,
        meetings,
        repeat: repeat(args),
        seed: args.seed,
        seconds: started.elapsed().as_secs_f64().round(),
        faults,
        total,
        disturbed,
        untried: asked - records.len(),
        alerts: to_screen_ms.len(),
        verdict_to_screen_ms: tally::percentiles(to_screen_ms),
        failures: failures.map(|record| record.story.clone()).collect(),
    };
    if let Some(file) = &args.picture {
        std::fs::write(file, picture::draw(&findings))?;
    }
    Ok(findings)
}

fn repeat(args: &FaultsArgs) -> usize {
    let usual = if args.quick { REPEAT_QUICK } else { REPEAT };
    args.repeat.map_or(usual, usize::from)
}

/// Everything that is to be done, in random order.
fn tasks(args: &FaultsArgs) -> Result<VecDeque<Task>, FaultsError> {
    let all = catalogue();
    for name in &args.faults {
        if !all.iter().any(|fault| fault.name.starts_with(name.as_str())) {
            let names: Vec<&str> = all.iter().map(|fault| fault.name.as_str()).collect();
            return Err(FaultsError::Unknown(name.clone(), names.join(", ")));
        }
    }
    let asked =
        |fault: &&Fault| args.faults.is_empty() || args.faults.iter().any(|name| fault.name.starts_with(name.as_str()));
    let mut chance = StdRng::seed_from_u64(args.seed);
    let clear_s = if args.quick { CLEAR_QUICK_S } else { CLEAR_S };
    let mut tasks = Vec::new();
    for fault in all.iter().filter(asked) {
        for _ in 0..repeat(args) {
            tasks.push(Task {
                fault: fault.clone(),
                seed: chance.random(),
                clear: Duration::from_secs(clear_s.into()),
                quick: args.quick,
                tries: TRIES,
            });
        }
    }
    tasks.shuffle(&mut chance);
    Ok(tasks.into())
}

/// What a campaign is made of.
struct Campaign {
    records: Vec<Record>,
    disturbed: usize,
    to_screen_ms: Vec<f64>,
}

/// Each meeting takes the next task when it is done with one.
async fn campaign(server: &Server, tasks: VecDeque<Task>) -> Result<Campaign, FaultsError> {
    let asked = tasks.len();
    let (tell, mut told) = mpsc::channel::<(usize, Tried)>(asked.max(1));
    let floor = Floor {
        tasks: Arc::new(Mutex::new(tasks)),
        wardrobe: Arc::new(Wardrobe::open()?),
        door: Arc::new(Semaphore::new(1)),
        ready: watch::Sender::new(0),
        meetings: server.meetings.len(),
        tell,
    };
    let mut held = Vec::new();
    for (number, invited) in (1..).zip(&server.meetings) {
        let (floor, way, invited) = (floor.clone(), server.way.clone(), invited.clone());
        held.push(tokio::spawn(async move { floor.hold(number, &way, &invited).await }));
    }
    drop(floor);
    let (mut records, mut disturbed, mut to_screen_ms) = (Vec::new(), 0, Vec::new());
    while let Some((number, tried)) = told.recv().await {
        match tried {
            Tried::Done(record) => {
                let mark = if Figures::of_one(&record).hold() {
                    ""
                } else {
                    "NOT AS IT SHOULD BE: "
                };
                say(&format!(
                    "{}/{asked} meeting {number}: {mark}{}",
                    records.len() + 1,
                    record.story
                ));
                records.push(record);
            }
            Tried::Disturbed(why) => {
                say(&format!("meeting {number}: set aside: {why}"));
                disturbed += 1;
            }
        }
    }
    for meeting in held {
        to_screen_ms.extend(meeting.await.map_err(io::Error::other)??);
    }
    Ok(Campaign {
        records,
        disturbed,
        to_screen_ms,
    })
}

/// What the meetings share.
#[derive(Clone)]
struct Floor {
    tasks: Arc<Mutex<VecDeque<Task>>>,
    wardrobe: Arc<Wardrobe>,
    /// One meeting after another comes in: all handshakes at once are not what is measured.
    door: Arc<Semaphore>,
    /// How many are in session.
    ready: watch::Sender<usize>,
    meetings: usize,
    tell: mpsc::Sender<(usize, Tried)>,
}

impl Floor {
    /// Until no task is left. Returns how long alerts took to the chair's screen.
    async fn hold(
        &self,
        number: usize,
        server: &Way,
        invited: &[(ParticipantId, Invitation)],
    ) -> Result<Vec<f64>, FaultsError> {
        let entering = self.door.acquire().await.map_err(io::Error::other)?;
        let mut council = Council::convene(server, invited, &self.wardrobe).await?;
        drop(entering);
        self.ready.send_modify(|ready| *ready += 1);
        say(&format!("meeting {number} of {} is in session", self.meetings));
        council
            .until(ALL_IN_SESSION_WITHIN, |_| *self.ready.borrow() == self.meetings)
            .await;
        while let Some(task) = self.next() {
            let tried = trial::perform(&mut council, &task).await;
            if matches!(tried, Tried::Disturbed(_)) && task.tries > 1 {
                let tries = task.tries - 1;
                self.tasks().push_back(Task { tries, ..task });
            }
            // Whoever listened has ended, and so does this.
            let _ = self.tell.send((number, tried)).await;
        }
        Ok(std::mem::take(&mut council.screen.verdict_to_screen_ms))
    }

    fn next(&self) -> Option<Task> {
        self.tasks().pop_front()
    }

    fn tasks(&self) -> MutexGuard<'_, VecDeque<Task>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(faults: &[&str]) -> FaultsArgs {
        FaultsArgs {
            quick: true,
            json: false,
            picture: None,
            delegates: 6,
            meetings: None,
            repeat: None,
            seed: 7,
            faults: faults.iter().map(|&name| name.to_owned()).collect(),
            server_binary: None,
        }
    }

    #[test]
    fn a_seed_gives_the_same_order_and_victims() {
        let order = |seed| {
            let tasks = tasks(&FaultsArgs { seed, ..args(&[]) }).unwrap();
            tasks
                .iter()
                .map(|task| (task.fault.name.clone(), task.seed))
                .collect::<Vec<_>>()
        };
        assert_eq!(order(7), order(7));
        assert_ne!(order(7), order(8));
        assert_eq!(order(7).len(), 2 * catalogue().len());
    }

    #[test]
    fn faults_are_chosen_by_the_beginning_of_their_names() {
        let names = |chosen: &[&str]| tasks(&args(chosen)).unwrap().len();
        assert_eq!(names(&["uplink_loss"]), 12);
        assert_eq!(names(&["link_cut", "control"]), 4);
        let error = tasks(&args(&["gremlins"])).unwrap_err().to_string();
        assert!(error.contains("gremlins") && error.contains("link_cut"), "{error}");
    }
}
