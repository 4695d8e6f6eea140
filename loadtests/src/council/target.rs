//! Against which server a test is held, and with what: what `council` and `capacity` have in common on the command line.

use super::findings::Findings;
use super::hall::Agents;
use super::report_file::ReportFile;
use super::session::{Held, HoldError, Test, hold};
use crate::agent::{AgentError, token as agent_token};
use crate::company::Setting;
use crate::convene::{BearerToken, ConveneError};
use crate::delegate::server::{Server, ServerError, Trust};
use crate::impair::Network;
use crate::language::Language;
use crate::local::{Local, Prepared, StartError, program_beside_this};
use crate::terminal::{Progress, Stop, say};
use crate::watch::{Watch, WatchError};
use lika_auth::Secret;
use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use thiserror::Error;

/// Open files and sockets of one delegate: signaling, media over UDP and TCP, and some to spare while it connects anew.
const FILES_OF_ONE: u64 = 6;
/// And of the rest of the program.
const FILES_BESIDE: u64 = 128;

/// What is told on the command line.
#[derive(Clone, Debug, clap::Args)]
pub struct TargetArgs {
    /// The server to test, https://host:port; a meeting that says that it is a test is convened there
    #[arg(
        long,
        value_name = "URL",
        required_unless_present = "local",
        conflicts_with = "local"
    )]
    pub server: Option<String>,
    /// Start a server on this machine, with temporary data, and test that
    #[arg(long)]
    pub local: bool,
    /// The program of that server [default: lika beside this one]
    #[arg(long, value_name = "PATH", requires = "local")]
    pub server_binary: Option<PathBuf>,
    /// A file with the token that may convene test meetings (lika token create --scope loadtest)
    #[arg(long, value_name = "FILE", required_unless_present = "local")]
    pub token_file: Option<PathBuf>,
    /// Accept any certificate: for tests on the same machine
    #[arg(long, conflicts_with = "ca")]
    pub insecure: bool,
    /// Accept certificates signed by this authority (PEM), or this very certificate
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// The server's metrics, for its CPU and memory
    #[arg(long, value_name = "URL", conflicts_with = "local")]
    pub metrics_url: Option<String>,
    /// The network that the delegates sit behind (docs/load-tests.md has the figures)
    #[arg(long, value_name = "NETWORK")]
    pub impair: Option<Network>,
    /// How many of the delegates do, the chair last [default: all but the chair]
    #[arg(long, value_name = "NUMBER", requires = "impair")]
    pub impaired: Option<usize>,
    /// Send pictures as they were recorded, about a quarter of what a page sends: for a machine that cannot carry more
    #[arg(long)]
    pub light_pictures: bool,
    /// Other machines that run the delegates, host:port with commas between (`lika-loadtests agent` runs there)
    #[arg(
        long,
        value_name = "HOST:PORT,...",
        value_delimiter = ',',
        requires = "agent_token_file"
    )]
    pub agents: Vec<String>,
    /// A file with the secret that the agents share with this machine
    #[arg(long, value_name = "FILE")]
    pub agent_token_file: Option<PathBuf>,
    /// The language of verdict, table and report
    #[arg(long, value_enum, default_value_t)]
    pub language: Language,
    /// Print the findings as JSON
    #[arg(long)]
    pub json: bool,
    /// Write a report with pictures into this file
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
}

/// Why nothing can be tested.
#[derive(Debug, Error)]
pub enum TargetError {
    /// No local server.
    #[error(transparent)]
    Start(#[from] StartError),
    /// No way to the server, or to its metrics.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// No token.
    #[error(transparent)]
    Convene(#[from] ConveneError),
    /// No agents.
    #[error(transparent)]
    Agent(#[from] AgentError),
    /// No meeting or no delegates.
    #[error(transparent)]
    Hold(#[from] HoldError),
    /// Too few open files.
    #[error(
        "this program may open {allowed} files and sockets, and {needed} are needed; raise the limit (ulimit -n {needed}, or \
         LimitNOFILE= of the unit)"
    )]
    Files {
        /// What the system allows at most.
        allowed: u64,
        /// What the delegates need.
        needed: u64,
    },
    /// Arguments that do not go together.
    #[error("{0}")]
    Argument(String),
    /// The server's metrics.
    #[error("--metrics-url: {0}")]
    Metrics(#[from] WatchError),
    /// Ctrl-c before there was a test.
    #[error("ended before anything was tested")]
    Stopped,
    /// The system.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The report.
    #[error("the report {path} cannot be written: {source}")]
    Report {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl TargetError {
    /// The same for people, in their language: what it means and what to do, and then the words of whatever failed.
    #[must_use]
    pub fn told(&self, language: Language) -> String {
        let meaning = match self {
            Self::Start(_) => language.of("Servern kunde inte startas", "The server could not be started"),
            Self::Server(_) | Self::Hold(HoldError::Convene(ConveneError::Server(_))) => language.of(
                "Servern kan inte nås: kontrollera adress, certifikat och brandvägg",
                "The server cannot be reached: check address, certificate and firewall",
            ),
            Self::Convene(ConveneError::TokenFile { .. }) => {
                language.of("Filen med token kan inte användas", "The token file cannot be used")
            }
            Self::Hold(HoldError::Convene(ConveneError::Token(_))) => language.of(
                "Servern godtar inte denna token",
                "The server does not accept the token",
            ),
            Self::Convene(_) | Self::Hold(HoldError::Convene(_)) => language.of(
                "Testsammanträdet kunde inte kallas",
                "The test's meeting could not be convened",
            ),
            Self::Agent(_) => language.of("Agenterna kan inte användas", "The agents cannot be used"),
            Self::Hold(HoldError::Hall(_)) => {
                language.of("Deltagarna kunde inte startas", "The delegates could not be started")
            }
            Self::Files { .. } => language.of("För få öppna filer tillåts", "Too few open files are allowed"),
            Self::Argument(_) => language.of("Argumenten går inte ihop", "The arguments do not go together"),
            Self::Metrics(_) => language.of(
                "Serverns mätvärden kan inte läsas: kontrollera adressen, eller utelämna --metrics-url",
                "The server's metrics cannot be read: check the address, or leave out --metrics-url",
            ),
            Self::Stopped => language.of("Avbrutet", "Ended"),
            Self::Io(_) => language.of("Operativsystemet vägrade", "The operating system refused"),
            Self::Report { .. } => language.of("Rapporten kunde inte skrivas", "The report could not be written"),
        };
        format!("{meaning}. {self}")
    }
}

/// A server that can be tested.
pub(crate) struct Target {
    server: Server,
    address: String,
    token: BearerToken,
    pub(crate) watch: Watch,
    agents: Option<Agents>,
    args: TargetArgs,
    report: Option<ReportFile>,
    /// Of the largest meeting of the test.
    most_people: u16,
    pub(crate) is_local: bool,
    _local: Option<(Local, tempfile::TempDir)>,
}

impl Target {
    /// Makes sure that everything is there; starts the server if it is to be local.
    ///
    /// # Errors
    /// [`TargetError`].
    pub(crate) async fn open(args: &TargetArgs, most_people: u16, stop: &mut Stop) -> Result<Self, TargetError> {
        args.check(most_people)?;
        tokio::select! {
            opened = Self::prepare(args, most_people) => opened,
            () = stop.told() => Err(TargetError::Stopped),
        }
    }

    async fn prepare(args: &TargetArgs, most_people: u16) -> Result<Self, TargetError> {
        allow_files(u64::from(most_people) * FILES_OF_ONE + FILES_BESIDE)?;
        let report = report_file(args)?;
        let agents = agents(args)?;
        if args.local {
            return Self::start(args, most_people, agents, report).await;
        }
        let address = args.server.clone().unwrap_or_default();
        let trust = Trust::chosen(args.ca.as_deref(), args.insecure);
        let token = args.token_file.as_deref().unwrap_or(Path::new(""));
        let watch = match &args.metrics_url {
            Some(url) => Watch::metrics(url, &trust)?,
            None => Watch::Nothing,
        };
        // What was asked for and cannot be had is better told before the test than after it.
        watch.taken().await?;
        Ok(Self {
            server: Server::new(&address, &trust)?,
            address,
            token: BearerToken::read(token)?,
            watch,
            agents,
            args: args.clone(),
            report,
            most_people,
            is_local: false,
            _local: None,
        })
    }

    async fn start(
        args: &TargetArgs,
        most_people: u16,
        agents: Option<Agents>,
        report: Option<ReportFile>,
    ) -> Result<Self, TargetError> {
        let program = match &args.server_binary {
            Some(program) => program.clone(),
            None => program_beside_this()?,
        };
        let prepared = Prepared::new(&program)?;
        let secrets = tempfile::Builder::new().prefix("lika-loadtests-").tempdir()?;
        let token_file = secrets.path().join("admin.token");
        let token: Secret<32> = Secret::random().map_err(io::Error::other)?;
        std::fs::write(&token_file, token.reveal().as_str())?;
        std::fs::set_permissions(&token_file, Permissions::from_mode(0o600))?;
        prepared.configure(&format!(
            "[identity]\nadmin_token_file = \"{}\"\n",
            token_file.display()
        ))?;
        let local = prepared.serve().await?;
        Ok(Self {
            server: local.way().clone(),
            address: local.way().origin(),
            token: BearerToken::read(&token_file)?,
            watch: local.pid().map_or(Watch::Nothing, Watch::Process),
            agents,
            args: args.clone(),
            report,
            most_people,
            is_local: true,
            _local: Some((local, secrets)),
        })
    }

    /// What the delegates of a meeting of `people` have in common. In a smaller one than the largest of the test fewer are
    /// behind the network than were asked for; the chair is where everybody of the largest was to be.
    pub(crate) fn setting(&self, people: u16) -> Setting {
        let (everybody, largest) = (usize::from(people), usize::from(self.most_people));
        let members = everybody.saturating_sub(1);
        Setting {
            server: self.address.clone(),
            people,
            network: self.args.impair,
            behind: match self.args.impaired {
                Some(asked) if asked >= largest => everybody,
                Some(asked) => asked.min(members),
                None => members,
            },
            full_pictures: !self.args.light_pictures,
        }
    }

    /// Writes the report, if one is wanted. Where that does not succeed it is said: what was found is no worse for it.
    pub(crate) fn report(&mut self, findings: &Findings) {
        let language = self.args.language;
        let Some(report) = &mut self.report else {
            return;
        };
        let path = report.path().to_owned();
        match report.write(language, findings) {
            Ok(()) => say(&format!("{}: {}", language.of("rapport", "report"), path.display())),
            Err(source) => say(&TargetError::Report { path, source }.told(language)),
        }
    }

    /// Machines that run delegates.
    pub(crate) fn machines(&self) -> usize {
        1 + self.agents.as_ref().map_or(0, |agents| agents.addresses.len())
    }

    /// Holds a meeting.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) async fn hold(
        &self,
        people: u16,
        total: Duration,
        spoil: Option<usize>,
        progress: &mut Progress,
        stop: &mut Stop,
    ) -> Result<Held, TargetError> {
        let test = Test {
            server: &self.server,
            token: &self.token,
            watch: &self.watch,
            agents: self.agents.as_ref(),
            setting: self.setting(people),
            total,
            spoil,
            language: self.args.language,
        };
        Ok(hold(&test, progress, stop).await?)
    }
}

impl TargetArgs {
    /// Whether the arguments go together, for meetings of at most so many.
    fn check(&self, most_people: u16) -> Result<(), TargetError> {
        let everybody = usize::from(most_people);
        match self.impaired {
            Some(impaired) if !(1..=everybody).contains(&impaired) => Err(TargetError::Argument(format!(
                "--impaired must be 1 to {everybody}, not {impaired}"
            ))),
            _ => Ok(()),
        }
    }
}

fn report_file(args: &TargetArgs) -> Result<Option<ReportFile>, TargetError> {
    let Some(path) = &args.html else {
        return Ok(None);
    };
    let path = path.clone();
    ReportFile::open(&path)
        .map(Some)
        .map_err(|source| TargetError::Report { path, source })
}

fn agents(args: &TargetArgs) -> Result<Option<Agents>, TargetError> {
    match &args.agent_token_file {
        Some(file) if !args.agents.is_empty() => Ok(Some(Agents {
            addresses: args.agents.clone(),
            token: agent_token(file)?,
        })),
        _ => Ok(None),
    }
}

/// Raises the limit of open files as far as the system lets a program do so by itself (setrlimit(2)).
fn allow_files(needed: u64) -> Result<(), TargetError> {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: both calls get a valid pointer to a limit of this function's own.
    #[allow(unsafe_code)]
    let raised = unsafe {
        libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) == 0 && {
            let is_enough = limit.rlim_cur >= needed;
            limit.rlim_cur = limit.rlim_cur.max(limit.rlim_max.min(needed));
            is_enough || libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) == 0
        }
    };
    if !raised {
        return Err(io::Error::last_os_error().into());
    }
    if limit.rlim_cur < needed {
        return Err(TargetError::Files {
            allowed: limit.rlim_cur,
            needed,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_of_files_is_raised_or_said() {
        allow_files(64).unwrap();
        let error = TargetError::Files {
            allowed: 1024,
            needed: 4000,
        };
        assert!(
            error.told(Language::Sv).starts_with("För få öppna filer") && error.to_string().contains("ulimit -n 4000")
        );
        assert!(matches!(
            allow_files(u64::MAX / 2),
            Err(TargetError::Files { .. } | TargetError::Io(_))
        ));
    }
}
