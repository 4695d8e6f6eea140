//! The program itself.

use crate::stage::{CHAIR, ORIGIN_URL, Page, config, http, session_cookie, trusting};
use lika::config::{Config, EXAMPLE, Provider, callback_url};
use lika::convene::Notice;
use lika::data::Data;
use lika::meeting::{Command as Ask, Event, MeetingId, ParticipantId, Phase};
use lika_auth::oidc::Family;
use lika_auth::test_provider::{Authentication, Client, Settings, SigningAlgorithm, TestProvider};
use lika_auth::{RosterKeys, Secret};
use std::fs::Permissions;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

const ROSTER: &str = "
    title = 'Sammanträde 1'
    body = 'Nämnd'
    participant = [{ role = 'chair', name = 'Ordförande' }, { role = 'member', name = 'Ledamot 1' }]
";

pub(crate) fn lika(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lika"))
        .args(arguments)
        .output()
        .unwrap()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

pub(crate) fn written(config: &Config, directory: &Path) -> PathBuf {
    let path = directory.join("lika.toml");
    std::fs::write(&path, toml::to_string(config).unwrap()).unwrap();
    path
}

/// A server in a process of its own; killed when dropped.
pub(crate) struct Process {
    child: Child,
    pub(crate) tcp: SocketAddr,
}

impl Process {
    pub(crate) fn serve(config: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_lika"))
            .args(["serve", "--config"])
            .arg(config)
            .env("LIKA_LOG_FORMAT", "json")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
        let tcp = log
            .by_ref()
            .map(Result::unwrap)
            .find_map(|line| address(&line))
            .expect("it did not start");
        // The log must be read on, or the server would wait for its reader.
        std::thread::spawn(move || log.for_each(drop));
        Self { child, tcp }
    }

    /// As `kill -9` does.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn address(line: &str) -> Option<SocketAddr> {
    let entry: serde_json::Value = serde_json::from_str(line).ok()?;
    entry.get("fields")?.get("tcp")?.as_str()?.parse().ok()
}

#[test]
fn the_example_is_printed_and_good_but_for_its_certificate() {
    let printed = lika(&["config", "example"]);
    assert_eq!(text(&printed.stdout), EXAMPLE);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("lika.toml");
    std::fs::write(&path, EXAMPLE).unwrap();
    let checked = lika(&["config", "check", "--config", path.to_str().unwrap()]);
    assert!(!checked.status.success());
    assert!(
        text(&checked.stderr).contains("server.tls has no certificate"),
        "{}",
        text(&checked.stderr)
    );
}

#[test]
fn a_wrong_key_is_named_with_the_nearest_one() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("lika.toml");
    std::fs::write(&path, "[media]\npublic_ip = ['192.0.2.1']\n").unwrap();
    for arguments in [["config", "check", "--config"].as_slice(), &["serve", "--config"]] {
        let refused = lika(&[arguments, &[path.to_str().unwrap()]].concat());
        assert!(!refused.status.success());
        let error = text(&refused.stderr);
        assert!(
            error.contains("unknown key `public_ip`, did you mean `public_ips`?"),
            "{error}"
        );
    }
}

#[test]
fn the_check_reads_the_turn_servers_secret_and_does_not_show_it() {
    let directory = tempfile::tempdir().unwrap();
    let secret = directory.path().join("turn.secret");
    let mut config = config(directory.path());
    config.turn.urls = vec!["turns:turn.example.se:443?transport=tcp".into()];
    config.turn.secret_file = Some(secret.clone());
    let path = written(&config, directory.path());
    let check = || lika(&["config", "check", "--config", path.to_str().unwrap()]);
    let missing = text(&check().stderr);
    assert!(missing.contains("turn.secret_file"), "{missing}");
    std::fs::write(&secret, "hemligt").unwrap();
    let short = text(&check().stderr);
    assert!(
        short.contains("fewer than 22 characters") && !short.contains("hemligt"),
        "{short}"
    );
    std::fs::write(&secret, "0123456789abcdef0123456789abcdef").unwrap();
    assert!(check().status.success());
}

#[test]
fn a_meeting_is_created_listed_exported_and_verified() {
    let directory = tempfile::tempdir().unwrap();
    let config = written(&config(directory.path()), directory.path());
    let config = config.to_str().unwrap();
    let roster = directory.path().join("roster.toml");
    std::fs::write(&roster, ROSTER).unwrap();
    let created = lika(&[
        "meeting",
        "create",
        "--config",
        config,
        "--roster",
        roster.to_str().unwrap(),
    ]);
    assert!(created.status.success(), "{}", text(&created.stderr));
    assert_eq!(text(&created.stdout).matches("https://localhost/i/").count(), 2);
    assert!(text(&lika(&["meeting", "list", "--config", config]).stdout).contains("1\tplanned"));
    let export = directory.path().join("meeting.jsonl");
    let exported = lika(&[
        "meeting",
        "export",
        "--config",
        config,
        "1",
        "--out",
        export.to_str().unwrap(),
    ]);
    assert!(exported.status.success(), "{}", text(&exported.stderr));
    for file in [export, directory.path().join("journal.sqlite")] {
        let verified = lika(&["journal", "verify", file.to_str().unwrap()]);
        assert!(
            text(&verified.stdout).contains("The journal is whole"),
            "{}",
            text(&verified.stderr)
        );
    }
}

#[tokio::test]
async fn a_killed_server_loses_nothing_it_has_accepted() {
    let directory = tempfile::tempdir().unwrap();
    let config = written(&config(directory.path()), directory.path());
    let roster = directory.path().join("roster.toml");
    std::fs::write(&roster, ROSTER).unwrap();
    let arguments = [
        "meeting",
        "create",
        "--config",
        config.to_str().unwrap(),
        "--roster",
        roster.to_str().unwrap(),
    ];
    let created = text(&lika(&arguments).stdout);
    let link = created.split_whitespace().find(|word| word.contains("/i/")).unwrap();
    let tls = trusting(&directory.path().join("certificate.pem"));

    let server = Process::serve(&config);
    let entry = format!(
        "https://localhost:{}/i/{}",
        server.tcp.port(),
        link.rsplit('/').next().unwrap()
    );
    let cookie = session_cookie(&http(&tls).get(entry).send().await.unwrap());
    let mut chair = Page::open(server.tcp, &tls, &cookie, ORIGIN_URL).await;
    assert_eq!(chair.you, CHAIR);
    chair.command(Ask::Open {}).await.unwrap();
    server.kill();

    let server = Process::serve(&config);
    let chair = Page::open(server.tcp, &tls, &cookie, ORIGIN_URL).await;
    assert_eq!(chair.meeting.phase, Phase::Open);
    server.kill();
    let journal = directory.path().join("journal.sqlite");
    assert!(lika(&["journal", "verify", journal.to_str().unwrap()]).status.success());
}

/// A data directory with a meeting convened so many days ago, whose members' identities are known.
struct Archive {
    directory: tempfile::TempDir,
    config: PathBuf,
}

const DAY_MS: i64 = 86_400_000;
const MEMBER_NAME: &str = "Ledamot Exempel Ett";

impl Archive {
    fn made() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut settings = config(directory.path());
        settings.identity.test_identities = false;
        let config = written(&settings, directory.path());
        Self { directory, config }
    }

    fn convene(&self, days_ago: i64) -> MeetingId {
        let mut data = Data::open(self.directory.path()).unwrap();
        let keys = RosterKeys::open(&self.directory.path().join("roster.key")).unwrap();
        let at_ms = now_ms() - days_ago * DAY_MS;
        let roster = ROSTER.replace("Ledamot 1", MEMBER_NAME);
        let notice = Notice::parse(&roster).unwrap().with_test_identities();
        notice
            .convene(&mut data, &keys, at_ms, at_ms + 14 * DAY_MS)
            .unwrap()
            .meeting
    }

    fn close(&self, meeting: MeetingId, days_ago: i64) {
        let by = ParticipantId(1);
        let events = [Event::Opened { by }, Event::Closed { by }];
        let mut data = Data::open(self.directory.path()).unwrap();
        data.journal
            .append(meeting, 1, &events, now_ms() - days_ago * DAY_MS)
            .unwrap();
    }

    fn lika(&self, arguments: &[&str]) -> Output {
        let config = ["--config", self.config.to_str().unwrap()];
        lika(&[&arguments[..2], &config, &arguments[2..]].concat())
    }

    /// What it prints when it succeeds.
    fn says(&self, arguments: &[&str]) -> String {
        let output = self.lika(arguments);
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    }

    /// The hash of the identity of participant 2 in the meeting, if it is there.
    fn hash_of_member(&self, MeetingId(meeting): MeetingId) -> Option<Vec<u8>> {
        let db = rusqlite::Connection::open(self.directory.path().join("identity.sqlite")).unwrap();
        let query = "SELECT identity FROM roster WHERE meeting = ?1 AND participant = 2";
        db.query_row(query, [meeting], |row| row.get(0)).ok()
    }

    /// Whether these bytes are anywhere in the databases and their logs.
    fn has(&self, what: &[u8]) -> bool {
        let files = std::fs::read_dir(self.directory.path())
            .unwrap()
            .map(|file| file.unwrap().path());
        let databases = files.filter(|path| path.to_str().unwrap().contains(".sqlite"));
        databases
            .map(|path| std::fs::read(path).unwrap())
            .any(|file| file.windows(what.len()).any(|one| one == what))
    }

    fn verifies(&self) -> bool {
        let journal = self.directory.path().join("journal.sqlite");
        lika(&["journal", "verify", journal.to_str().unwrap()]).status.success()
    }
}

fn now_ms() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_millis()
        .try_into()
        .unwrap()
}

const ERASE: [&str; 6] = ["privacy", "erase", "--meeting", "1", "--participant", "2"];

#[test]
fn an_erased_person_is_nowhere_in_the_files_and_the_journal_stays_whole() {
    let archive = Archive::made();
    let meeting = archive.convene(1);
    let hash = archive.hash_of_member(meeting).unwrap();
    assert!(archive.has(MEMBER_NAME.as_bytes()) && archive.has(&hash));
    let shown = archive.says(&["privacy", "show", "--meeting", "1"]);
    assert!(
        shown.contains("2            member      1     1          1/1         0        0"),
        "{shown}"
    );
    assert!(!shown.contains(MEMBER_NAME), "counts, never values");

    let erased = archive.says(&ERASE);
    assert!(
        erased.contains("erased: name 1, identity 1, invitation 1, session 0, bearer 0"),
        "{erased}"
    );
    assert!(!erased.contains("The server is running"), "{erased}");
    assert!(!archive.has(MEMBER_NAME.as_bytes()) && !archive.has(&hash));
    assert!(archive.has("Ordförande".as_bytes()), "nobody else");
    assert!(archive.verifies());
    let shown = archive.says(&["privacy", "show", "--meeting", "1"]);
    assert!(
        shown.contains("2            member      0     0          0/0         0        0"),
        "{shown}"
    );
    assert!(
        archive.says(&ERASE).contains("erased: name 0, identity 0"),
        "again is no error"
    );
}

#[test]
fn a_person_can_be_erased_beside_a_running_server() {
    let archive = Archive::made();
    let hash = archive.hash_of_member(archive.convene(1)).unwrap();
    let server = Process::serve(&archive.config);
    let erased = archive.says(&ERASE);
    assert!(erased.contains("The server is running"), "{erased}");
    assert!(!archive.has(MEMBER_NAME.as_bytes()) && !archive.has(&hash));
    server.kill();
    assert!(archive.verifies());
}

#[test]
fn whoever_is_not_there_cannot_be_erased_and_no_data_directory_is_made() {
    let archive = Archive::made();
    let nowhere = archive.lika(&ERASE);
    assert!(
        text(&nowhere.stderr).contains("check storage.data_dir"),
        "{}",
        text(&nowhere.stderr)
    );
    assert!(!archive.directory.path().join("people.sqlite").exists());
    archive.convene(1);
    let nobody = text(
        &archive
            .lika(&["privacy", "erase", "--meeting", "1", "--participant", "9"])
            .stderr,
    );
    assert!(nobody.contains("has no participant 9"), "{nobody}");
    let no_meeting = text(&archive.lika(&["privacy", "show", "--meeting", "9"]).stderr);
    assert!(no_meeting.contains("lika meeting list"), "{no_meeting}");
}

#[test]
fn meetings_that_ended_long_ago_are_weeded_and_those_to_come_are_not() {
    let archive = Archive::made();
    let (old, recent, never_held) = (archive.convene(100), archive.convene(100), archive.convene(100));
    let to_come = archive.convene(1);
    archive.close(old, 99);
    archive.close(recent, 10);
    let known = || [old, recent, never_held, to_come].map(|meeting| archive.hash_of_member(meeting).is_some());
    let weed = ["privacy", "weed", "--older-than", "30"];

    let tried = archive.says(&[&weed[..], &["--dry-run"]].concat());
    assert!(
        tried.contains("Meeting 1, would be erased: name 0, identity 2, invitation 2"),
        "{tried}"
    );
    assert_eq!(known(), [true; 4]);

    let weeded = archive.says(&weed);
    assert!(
        weeded.contains("Meeting 1, erased") && weeded.contains("Meeting 3, erased"),
        "{weeded}"
    );
    assert!(
        !weeded.contains("Meeting 2") && !weeded.contains("Meeting 4"),
        "{weeded}"
    );
    assert_eq!(known(), [false, true, false, true]);
    let names = archive.says(&["privacy", "show", "--meeting", "1"]);
    assert!(
        names.contains("2            member      1     0"),
        "names stay: {names}"
    );

    archive.says(&[&weed[..], &["--names"]].concat());
    let names = archive.says(&["privacy", "show", "--meeting", "1"]);
    assert!(names.contains("2            member      0     0"), "{names}");
    assert!(archive.verifies());
    assert!(!archive.lika(&["privacy", "weed", "--older-than", "0"]).status.success());
}

#[test]
fn keys_are_rotated_and_old_ones_forgotten() {
    let archive = Archive::made();
    let file = archive.directory.path().join("roster.key");
    let rotate = ["identity", "rotate-key"];
    let missing = text(&archive.lika(&rotate).stderr);
    assert!(
        missing.contains("restore it from its backup") && !file.exists(),
        "{missing}"
    );
    archive.convene(1);
    let before = std::fs::read_to_string(&file).unwrap();
    let rotated = archive.says(&rotate);
    assert!(
        rotated.contains("Restart the server") && rotated.contains("Older keys kept: 1"),
        "{rotated}"
    );
    let after = std::fs::read_to_string(&file).unwrap();
    assert!(after.ends_with(&before) && after.lines().count() == 2);
    assert!(
        !after.lines().any(|key| rotated.contains(key)),
        "a key is never printed"
    );

    archive.says(&["identity", "forget-keys", "--keep", "1"]);
    assert_eq!(
        std::fs::read_to_string(&file).unwrap().trim(),
        after.lines().next().unwrap()
    );
    assert!(
        archive
            .says(&["identity", "forget-keys", "--keep", "1"])
            .contains("nothing was changed")
    );
    std::fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
    let exposed = text(&archive.lika(&rotate).stderr);
    assert!(
        exposed.contains("mode 644") && exposed.contains("chmod 600"),
        "{exposed}"
    );
}

/// A configuration with one provider, which has this issuer and secret.
fn with_provider(directory: &Path, issuer: &str, secret: &str) -> PathBuf {
    let mut config = config(directory);
    config.identity.test_identities = false;
    let file = directory.join("client.secret");
    std::fs::write(&file, secret).unwrap();
    std::fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
    RosterKeys::open(&config.identity.key_file(directory)).unwrap();
    let provider = format!(
        "id = 'bankid'\nname = 'BankID'\nfamily = 'swedish_oidc'\nissuer = '{issuer}'\nclient_id = 'lika'\n\
         client_secret_file = '{}'",
        file.display()
    );
    config.identity.provider = vec![toml::from_str(&provider).unwrap()];
    written(&config, directory)
}

fn doctor(config: &Path, more: &[&str]) -> (bool, String) {
    let output = lika(&[&["doctor", "oidc", "--config", config.to_str().unwrap()], more].concat());
    (output.status.success(), text(&output.stdout) + &text(&output.stderr))
}

/// The embedded provider on an address of its own; its issuer.
async fn provider(secret: &Secret<32>, redirect_uri: String, certificate: &Path) -> String {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let client = Client {
        id: "lika".into(),
        authentication: Authentication::Secret(secret.clone()),
        redirect_uris: vec![redirect_uri],
        post_logout_redirect_uris: Vec::new(),
        back_channel_logout_uri: None,
    };
    let settings = Settings {
        issuer: issuer.clone(),
        clients: vec![client],
        people: Vec::new(),
        algorithm: SigningAlgorithm::default(),
        http: lika_auth::oidc::http::trusting(certificate).unwrap(),
    };
    let provider = TestProvider::new(settings, now_ms).unwrap();
    tokio::spawn(async move { axum::serve(listener, provider.routes()).await });
    issuer
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_finds_a_good_provider_good_and_tells_what_to_register() {
    let directory = tempfile::tempdir().unwrap();
    let secret = Secret::random().unwrap();
    config(directory.path());
    let callback = callback_url("https://localhost", "bankid");
    let issuer = provider(&secret, callback.clone(), &directory.path().join("certificate.pem")).await;
    let path = with_provider(directory.path(), &issuer, &secret.reveal());
    let (good, said) = doctor(&path, &[]);
    assert!(good, "{said}");
    assert!(
        said.contains(&callback) && said.contains("https://localhost/sign-in/bankid/logout"),
        "{said}"
    );
    assert!(
        said.contains("Leverantören godtar hur servern styrker vem den är."),
        "{said}"
    );
    let (_, english) = doctor(&path, &["--language", "en", "--provider", "bankid"]);
    assert!(
        english.contains("The provider accepts") && !english.contains("Leverantören"),
        "{english}"
    );

    let wrong = with_provider(directory.path(), &issuer, "another-secret-than-the-registered");
    let (good, said) = doctor(&wrong, &["--language", "sv"]);
    assert!(
        !good && said.contains("FEL") && said.contains("invalid_client"),
        "{said}"
    );
    assert!(!said.contains("another-secret"), "{said}");
    let wrong = with_provider(directory.path(), &format!("{issuer}/"), &secret.reveal());
    let (good, said) = doctor(&wrong, &[]);
    assert!(!good && said.contains("Skriv issuer exakt"), "{said}");
}

#[test]
fn the_doctor_says_what_to_do_about_files_and_providers_that_are_not_there() {
    let directory = tempfile::tempdir().unwrap();
    let path = with_provider(directory.path(), "http://127.0.0.1:1", "0123456789");
    let (good, said) = doctor(&path, &[]);
    assert!(
        !good && said.contains("FAILED") && said.contains("Check issuer"),
        "{said}"
    );
    let (_, said) = doctor(&path, &["--provider", "freja"]);
    assert!(
        said.contains("no provider \"freja\"") && said.contains("bankid"),
        "{said}"
    );

    let (secret, key) = (
        directory.path().join("client.secret"),
        directory.path().join("roster.key"),
    );
    std::fs::set_permissions(&secret, Permissions::from_mode(0o644)).unwrap();
    std::fs::set_permissions(&key, Permissions::from_mode(0o644)).unwrap();
    let (_, said) = doctor(&path, &["--language", "en"]);
    assert!(said.contains("chmod 640") && said.contains("chmod 600"), "{said}");
    std::fs::remove_file(&secret).unwrap();
    std::fs::remove_file(&key).unwrap();
    let (good, said) = doctor(&path, &["--language", "en"]);
    assert!(!good && said.contains("client.secret cannot be read"), "{said}");
    assert!(
        said.contains("WARNING  There is no key file") && !key.exists(),
        "{said}"
    );

    let (good, said) = doctor(&written(&config(directory.path()), directory.path()), &[]);
    assert!(
        good && said.contains("[[identity.provider]]") && said.contains(" /usr/share/doc/lika/examples/identity "),
        "{said}"
    );
    assert!(said.contains("anybody can choose who they are"), "{said}");
}

/// The examples in deploy/identity.
const EXAMPLES: [(Family, &str); 6] = [
    (
        Family::SwedishOidc,
        include_str!("../../../deploy/identity/swedish-oidc.toml"),
    ),
    (Family::Signicat, include_str!("../../../deploy/identity/signicat.toml")),
    (Family::Idura, include_str!("../../../deploy/identity/idura.toml")),
    (Family::Freja, include_str!("../../../deploy/identity/freja.toml")),
    (Family::Inera, include_str!("../../../deploy/identity/inera.toml")),
    (Family::Generic, include_str!("../../../deploy/identity/generic.toml")),
];

#[test]
fn the_example_of_every_family_is_a_good_configuration_as_it_stands_and_with_all_it_suggests() {
    let directory = tempfile::tempdir().unwrap();
    let server = toml::to_string(&config(directory.path())).unwrap();
    let (secret, key) = (directory.path().join("secret"), directory.path().join("key.pem"));
    std::fs::write(&secret, "0123456789").unwrap();
    for (family, example) in EXAMPLES {
        let suggested: String = example
            .lines()
            .map(|line| line.strip_prefix("#= ").unwrap_or(line).to_owned() + "\n")
            .collect();
        for text in [example, &suggested] {
            let mut whole: toml::Table = toml::from_str(&server).unwrap();
            whole.remove("identity");
            whole.extend(toml::from_str::<toml::Table>(text).unwrap());
            let config: Config = whole.try_into().unwrap_or_else(|error| panic!("{family:?}: {error}"));
            config.validate().unwrap_or_else(|error| panic!("{family:?}: {error}"));
            let [one] = &config.identity.provider[..] else {
                panic!("{family:?} has one provider");
            };
            assert_eq!(one.family, family);
            let one = Provider {
                client_secret_file: one.client_secret_file.as_ref().map(|_| secret.clone()),
                private_key_file: one.private_key_file.as_ref().map(|_| key.clone()),
                ca_file: None,
                ..one.clone()
            };
            let settings = one.settings("https://lika.example.se").unwrap();
            settings
                .validate()
                .unwrap_or_else(|error| panic!("{family:?}: {error}"));
        }
    }
}
