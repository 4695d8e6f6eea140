//! What is written to the log: which meeting and which participant, and never who that is.

use crate::stage::{CHAIR, MEMBER, OTHER_MEMBER, Stage};
use lika::meeting::{Command, ParticipantId};
use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// Everything that is logged by this process from now on.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// As the program logs, and more.
    fn begin() -> Self {
        let log = Self::default();
        let filter = EnvFilter::new("info,lika=debug,lika_auth=debug,lika_sfu=debug");
        let subscriber = tracing_subscriber::fmt()
            .json()
            .with_env_filter(filter)
            .with_writer(log.clone());
        subscriber.try_init().unwrap();
        log
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn the_log_of_a_meeting_has_numbers_and_nobodys_name_secret_or_identity() {
    let log = Log::begin();
    let (mut stage, admin) = Stage::with_administrators().await;
    // They come by invitation and by login, one is refused, a meeting is convened, the chair leads, somebody is lost.
    let mut browser = stage.browser();
    browser.logs_in(MEMBER.0, 3).await;
    let member = stage.page_with(&browser.session()).await;
    let mut chair = stage.page(CHAIR).await;
    chair
        .until(|view| view.is(MEMBER, lika::meeting::Attendance::Lobby))
        .await;
    chair.command(Command::AdmitAll {}).await.unwrap();
    chair.command(Command::Open {}).await.unwrap();
    let reason = "Ledamotens dator lade av".to_owned();
    chair.command(Command::Adjourn { reason }).await.unwrap();
    let guess = "A".repeat(22);
    stage.get(&format!("/i/{guess}")).await;
    let number = "199001019802";
    let roster = format!(
        "title = 'Budgeten'\nbody = 'Nämnden'\nparticipant = [{{ role = 'chair', name = 'Vera', identity = '{number}' }}]"
    );
    let convening = stage.http().post(stage.url("/api/meetings")).body(roster);
    convening.bearer_auth(&admin).send().await.unwrap();
    drop(member);
    let (session, resumed) = (browser.session(), chair.cookie.clone());
    drop(chair);
    stage.stop().await;

    let text = log.text();
    let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let about = |line: &serde_json::Value, whom: ParticipantId| {
        line["fields"]["meeting"] == 1 && line["fields"]["participant"] == whom.0
    };
    assert!(lines.iter().any(|line| about(line, CHAIR)) && lines.iter().any(|line| about(line, MEMBER)));
    let invitations = [CHAIR, MEMBER, OTHER_MEMBER].map(|who| stage.invitation(who).replace("/i/", ""));
    let cookie = |pair: &str| pair.split_once('=').unwrap().1.to_owned();
    let secrets = [
        admin,
        guess,
        number.into(),
        "19900101-9802".into(),
        cookie(&session),
        cookie(&resumed),
    ];
    let names = [
        "Ordförande",
        "Sekreterare",
        "Ledamot",
        "Kommunfullmäktige",
        "Sammanträde 1",
        "Budgeten",
        "Vera",
        "Ärende",
    ];
    let personal = secrets.into_iter().chain(invitations).chain(names.map(str::to_owned));
    for word in personal {
        let said = text.lines().find(|line| line.contains(&word));
        assert_eq!(said, None, "{word:?} is in the log");
    }
}
