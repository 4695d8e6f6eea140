//! An installation in a directory of its own, its server in a process of its own, and the people who come to it.

use crate::stage::{CHAIR, HOUR_MS, MEMBER, OTHER_MEMBER, Page, config, http, session_cookie, trusting};
use lika::clock::Clock;
use lika::config::Config;
use lika::convene::{Convened, Notice};
use lika::data::Data;
use lika::meeting::{Attendance, Command as Ask, ParticipantId, Phase};
use lika_auth::RosterKeys;
use rustls::ClientConfig;
use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Far more than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

const NOTICE: &str = "
    title = 'Sammanträde'
    body = 'Nämnden'
    participant = [
        { role = 'chair', name = 'Ordförande', mandate = 1, party = 'Parti A' },
        { role = 'secretary', name = 'Sekreterare' },
        { role = 'member', name = 'Ledamot 1', mandate = 2, party = 'Parti B' },
        { role = 'member', name = 'Ledamot 2', mandate = 3, party = 'Parti C' },
    ]
    item = [{ title = 'Ärende 1' }]
";

/// Certificate, configuration and data directory.
pub(crate) struct House {
    pub(crate) directory: TempDir,
    pub(crate) config: Config,
    /// One for each meeting.
    pub(crate) convened: Vec<Convened>,
    pub(crate) tls: Arc<ClientConfig>,
}

impl House {
    /// With one meeting.
    pub(crate) fn built() -> Self {
        Self::built_with(1, |_| {})
    }

    pub(crate) fn built_with(meetings: usize, configure: impl FnOnce(&mut Config)) -> Self {
        let mut house = Self::empty(configure);
        house.convened = (0..meetings).map(|_| house.convene()).collect();
        house
    }

    /// Without a data directory.
    pub(crate) fn empty(configure: impl FnOnce(&mut Config)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut config = config(directory.path());
        config.storage.data_dir = directory.path().join("data");
        configure(&mut config);
        let tls = trusting(&directory.path().join("certificate.pem"));
        let house = Self {
            directory,
            config,
            convened: Vec::new(),
            tls,
        };
        house.write_config();
        house
    }

    fn convene(&self) -> Convened {
        let data_dir = self.data_dir();
        let mut data = Data::open(&data_dir).unwrap();
        let keys = RosterKeys::open(&self.config.identity.key_file(&data_dir)).unwrap();
        let now_ms = Clock::system().now_ms();
        Notice::parse(NOTICE)
            .unwrap()
            .with_test_identities()
            .convene(&mut data, &keys, now_ms, now_ms + HOUR_MS)
            .unwrap()
    }

    pub(crate) fn write_config(&self) {
        std::fs::write(self.config_file(), toml::to_string(&self.config).unwrap()).unwrap();
    }

    pub(crate) fn config_file(&self) -> PathBuf {
        self.directory.path().join("lika.toml")
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.config.storage.data_dir.clone()
    }

    pub(crate) fn journal(&self) -> PathBuf {
        self.data_dir().join("journal.sqlite")
    }

    /// Runs the program with this configuration.
    pub(crate) fn lika(&self, arguments: &[&str]) -> Output {
        let mut command = lika();
        command.args(arguments).arg("--config").arg(self.config_file());
        command.output().unwrap()
    }

    /// What the program said, which must have succeeded.
    pub(crate) fn says(&self, arguments: &[&str]) -> String {
        let output = self.lika(arguments);
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    }

    /// Why the program did not do it.
    pub(crate) fn refuses(&self, arguments: &[&str]) -> String {
        let output = self.lika(arguments);
        assert!(!output.status.success(), "{}", text(&output.stdout));
        text(&output.stderr)
    }

    /// The server, ready.
    pub(crate) fn start(&self) -> Running {
        Running::serving(lika().arg("serve").arg("--config").arg(self.config_file()))
    }

    /// The path of an invitation to a meeting, the first being 0.
    pub(crate) fn invitation(&self, meeting: usize, who: ParticipantId) -> String {
        let invitations = &self.convened[meeting].invitations;
        let (_, token) = invitations.iter().find(|(one, _)| *one == who).unwrap();
        format!("/i/{}", token.reveal().as_str())
    }

    pub(crate) async fn sign_in(&self, server: &Running, meeting: usize, who: ParticipantId) -> String {
        let url = server.url(&self.invitation(meeting, who));
        session_cookie(&http(&self.tls).get(url).send().await.unwrap())
    }

    pub(crate) async fn page(&self, server: &Running, cookie: &str) -> Page {
        Page::open(server.tcp, &self.tls, cookie, &self.config.server.public_url).await
    }

    /// Chair and members inside, the meeting open: their pages, which know their cookies.
    pub(crate) async fn in_session(&self, server: &Running, meeting: usize) -> [Page; 3] {
        let mut pages = Vec::new();
        for who in [CHAIR, MEMBER, OTHER_MEMBER] {
            let cookie = self.sign_in(server, meeting, who).await;
            pages.push(self.page(server, &cookie).await);
        }
        let mut pages: [Page; 3] = pages.try_into().ok().unwrap();
        let [chair, member, other] = &mut pages;
        chair
            .until(|view| view.is(MEMBER, Attendance::Lobby) && view.is(OTHER_MEMBER, Attendance::Lobby))
            .await;
        chair.command(Ask::AdmitAll {}).await.unwrap();
        chair.command(Ask::Open {}).await.unwrap();
        for page in [member, other] {
            page.until(|view| view.meeting.phase == Phase::Open).await;
        }
        pages
    }
}

/// A TCP port of this machine that nobody has.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The program, with nothing of the tests' environment that it could take for a setting.
pub(crate) fn lika() -> Command {
    Command::new(env!("CARGO_BIN_EXE_lika"))
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A server in a process of its own; killed when dropped.
pub(crate) struct Running {
    child: Child,
    pub(crate) tcp: SocketAddr,
    log: Receiver<String>,
    /// Every line read so far.
    pub(crate) said: Vec<String>,
}

impl Running {
    /// Started by this command, which must become the server.
    pub(crate) fn serving(command: &mut Command) -> Self {
        command.env("LIKA_LOG_FORMAT", "json").stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (sender, log) = channel();
        // Read on, or the server would wait for its reader.
        std::thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let mut running = Self {
            child,
            tcp: SocketAddr::from(([0; 4], 0)),
            log,
            said: Vec::new(),
        };
        let ready = running.logged("lika is ready");
        running.tcp = field(&ready, "tcp").unwrap().parse().unwrap();
        running
    }

    /// Waits for such a line unless there has been one.
    pub(crate) fn has_logged(&mut self, what: &str) {
        if !self.said.iter().any(|line| line.contains(what)) {
            self.logged(what);
        }
    }

    /// Waits for the next line of the log that has this in it.
    pub(crate) fn logged(&mut self, what: &str) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let Ok(line) = self.log.recv_timeout(left) else {
                panic!("{what:?} was not logged:\n{}", self.said.join("\n"));
            };
            self.said.push(line.clone());
            if line.contains(what) {
                return line;
            }
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.tcp.port())
    }

    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal, as `kill -TERM` does.
    pub(crate) fn signal(&self, name: &str) {
        let arguments = [format!("-{name}"), self.process().to_string()];
        assert!(Command::new("kill").args(arguments).status().unwrap().success());
    }

    /// As `systemctl stop` does.
    pub(crate) fn stop(mut self) -> ExitStatus {
        self.signal("TERM");
        self.ended()
    }

    /// As `kill -9` does.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits until it has stopped by itself.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        // The log ends with the process.
        while let Ok(line) = self.log.recv_timeout(PATIENCE) {
            self.said.push(line);
        }
        self.child.wait().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A field of a line of the log.
pub(crate) fn field(line: &str, name: &str) -> Option<String> {
    let entry: serde_json::Value = serde_json::from_str(line).ok()?;
    Some(entry.get("fields")?.get(name)?.as_str()?.to_owned())
}

/// Writes a new certificate for localhost and its key where the server reads them.
pub(crate) fn write_certificate(directory: &Path, certificate: &rcgen::CertifiedKey<rcgen::KeyPair>) {
    std::fs::write(directory.join("certificate.pem"), certificate.cert.pem()).unwrap();
    std::fs::write(directory.join("key.pem"), certificate.signing_key.serialize_pem()).unwrap();
}
