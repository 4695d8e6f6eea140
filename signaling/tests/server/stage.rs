//! A server on this machine with one meeting, and the people who come to it.

use crate::browser::Browser;
use futures_util::{SinkExt, StreamExt};
use lika::clock::Clock;
use lika::config::Config;
use lika::convene::{Convened, Notice};
use lika::data::Data;
use lika::http::tls::self_signed;
use lika::meeting::view::apply;
use lika::meeting::{Attendance, Command, ParticipantId};
use lika::protocol::{ClientMessage, IdentityView, MeetingView, PROTOCOL, Refusal, ServerMessage};
use lika::server::Server;
use lika_auth::{AdminToken, RosterKeys};
use reqwest::header::{COOKIE, ORIGIN, SET_COOKIE};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::fs::Permissions;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{self, Message, Utf8Bytes};
use tokio_tungstenite::{Connector, MaybeTlsStream, WebSocketStream, client_async_tls_with_config};

pub(crate) const CHAIR: ParticipantId = ParticipantId(1);
pub(crate) const SECRETARY: ParticipantId = ParticipantId(2);
pub(crate) const MEMBER: ParticipantId = ParticipantId(3);
pub(crate) const OTHER_MEMBER: ParticipantId = ParticipantId(4);

/// The origin of the page; the port is another, which nothing depends on.
pub(crate) const ORIGIN_URL: &str = "https://localhost";
/// Far more than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);
pub(crate) const HOUR_MS: i64 = 3_600_000;

/// A guest who is invited to the first item alone, and the agenda: an open item and a secret one.
const GUESTS: &str = "{ role = 'guest', name = 'Föredragande', item = 1 },";
const AGENDA: &str = "item = [{ title = 'Ärende 1' }, { title = 'Ärende 2', secret = true }]";

fn roster(guests: &str, agenda: &str) -> String {
    format!(
        "
        title = 'Sammanträde 1'
        body = 'Kommunfullmäktige'
        participant = [
            {{ role = 'chair', name = 'Ordförande', mandate = 1, party = 'Parti A' }},
            {{ role = 'secretary', name = 'Sekreterare' }},
            {{ role = 'member', name = 'Ledamot 1', mandate = 2, party = 'Parti B' }},
            {{ role = 'member', name = 'Ledamot 2', mandate = 3, party = 'Parti C' }},
            {guests}
        ]
        {agenda}
        "
    )
}

pub(crate) const GUEST: ParticipantId = ParticipantId(5);

pub(crate) struct Stage {
    pub(crate) directory: TempDir,
    pub(crate) config: Config,
    pub(crate) convened: Convened,
    pub(crate) tcp: SocketAddr,
    /// The port for Prometheus.
    pub(crate) metrics: Option<SocketAddr>,
    /// The relay's port.
    pub(crate) udp: Option<SocketAddr>,
    tls: Arc<ClientConfig>,
    running: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

impl Stage {
    /// A started server with one meeting, whose invitations last an hour.
    pub(crate) async fn set() -> Self {
        Self::set_until(|_| {}, HOUR_MS).await
    }

    /// At an address that the relying party reaches the test provider under.
    pub(crate) async fn for_logins() -> Self {
        let at_its_address = |config: &mut Config| {
            config.server.listen.set_port(own_port());
            config.server.public_url = format!("https://localhost:{}", config.server.listen.port());
        };
        Self::set_with(&roster(GUESTS, AGENDA), at_its_address, HOUR_MS).await
    }

    /// The same, with administrators: by a group, and by a token of the machine, which is given back.
    pub(crate) async fn with_administrators() -> (Self, String) {
        let token = AdminToken::random().unwrap().reveal().to_string();
        let written = token.clone();
        let administered = move |config: &mut Config| {
            let file = config.storage.data_dir.join("admin.token");
            std::fs::write(&file, written + "\n").unwrap();
            std::fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
            config.identity.admin_token_file = Some(file);
            config.identity.admin_group = Some("lika-admin".into());
            config.server.listen.set_port(own_port());
            config.server.public_url = format!("https://localhost:{}", config.server.listen.port());
        };
        (
            Self::set_with(&roster(GUESTS, AGENDA), administered, HOUR_MS).await,
            token,
        )
    }

    /// With another configuration, and invitations that last for `lasting_ms`.
    pub(crate) async fn set_until(configure: impl FnOnce(&mut Config), lasting_ms: i64) -> Self {
        Self::set_with(&roster("", ""), configure, lasting_ms).await
    }

    async fn set_with(roster: &str, configure: impl FnOnce(&mut Config), lasting_ms: i64) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut config = config(directory.path());
        configure(&mut config);
        let mut data = Data::open(directory.path()).unwrap();
        let keys = RosterKeys::open(&config.identity.key_file(directory.path())).unwrap();
        let now_ms = Clock::system().now_ms();
        let convened = Notice::parse(roster)
            .unwrap()
            .with_test_identities()
            .convene(&mut data, &keys, now_ms, now_ms + lasting_ms)
            .unwrap();
        drop(data);
        let tls = trusting(&directory.path().join("certificate.pem"));
        let tcp = config.server.listen;
        let mut stage = Self {
            directory,
            config,
            convened,
            tcp,
            metrics: None,
            udp: None,
            tls,
            running: None,
        };
        stage.start().await;
        stage
    }

    pub(crate) async fn start(&mut self) {
        self.start_by(Clock::system()).await;
    }

    /// With another clock.
    pub(crate) async fn start_by(&mut self, clock: Clock) {
        let server = Server::start(&self.config, clock).await.unwrap();
        self.tcp = server.tcp();
        self.metrics = server.metrics();
        self.udp = Some(server.udp());
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(server.serve(async move {
            let _ = stopped.await;
        }));
        self.running = Some((stop, serving));
    }

    pub(crate) async fn stop(&mut self) {
        let (stop, serving) = self.running.take().unwrap();
        drop(stop);
        timeout(PATIENCE, serving).await.unwrap().unwrap();
    }

    /// The path of somebody's invitation.
    pub(crate) fn invitation(&self, who: ParticipantId) -> String {
        let (_, token) = self.convened.invitations.iter().find(|(one, _)| *one == who).unwrap();
        format!("/i/{}", token.reveal().as_str())
    }

    /// A browser without a screen.
    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self.http(), &self.url(""))
    }

    pub(crate) fn http(&self) -> reqwest::Client {
        http(&self.tls)
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.tcp.port())
    }

    pub(crate) async fn get(&self, path: &str) -> reqwest::Response {
        self.http().get(self.url(path)).send().await.unwrap()
    }

    /// Opens the invitation; the session cookie, as the browser sends it back.
    pub(crate) async fn sign_in(&self, who: ParticipantId) -> String {
        session_cookie(&self.get(&self.invitation(who)).await)
    }

    /// Signs in and opens the page.
    pub(crate) async fn page(&self, who: ParticipantId) -> Page {
        self.page_with(&self.sign_in(who).await).await
    }

    /// Opens the page in a browser that is signed in.
    pub(crate) async fn page_with(&self, cookie: &str) -> Page {
        Page::open(self.tcp, &self.tls, cookie, &self.config.server.public_url).await
    }

    /// The same, in the place of another device.
    pub(crate) async fn page_taking_over(&self, cookie: &str) -> Page {
        let mut socket = connect(self.tcp, &self.tls, Some(cookie), &self.config.server.public_url)
            .await
            .unwrap();
        let hello = ClientMessage::Hello {
            protocol: PROTOCOL,
            resume: None,
            last_seq: None,
            take_over: true,
        };
        say(&mut socket, &hello).await;
        Page {
            cookie: cookie.into(),
            ..Page::welcomed(socket).await
        }
    }

    /// The page comes back after its connection has broken.
    pub(crate) async fn page_resuming(&self, cookie: &str, page: Page) -> Page {
        let resume = Some(page.resume);
        drop(page.socket);
        let mut socket = self.socket(Some(cookie), &self.config.server.public_url).await.unwrap();
        say(&mut socket, &hello(resume)).await;
        Page {
            cookie: cookie.into(),
            ..Page::welcomed(socket).await
        }
    }

    /// A WebSocket before `Hello`.
    pub(crate) async fn socket(&self, cookie: Option<&str>, origin: &str) -> Result<Socket, tungstenite::Error> {
        connect(self.tcp, &self.tls, cookie, origin).await
    }

    /// Chair and members inside, the meeting open.
    pub(crate) async fn in_session(&self) -> (Page, Page, Page) {
        let (mut chair, mut member) = (self.page(CHAIR).await, self.page(MEMBER).await);
        let mut other = self.page(OTHER_MEMBER).await;
        chair
            .until(|view| view.is(MEMBER, Attendance::Lobby) && view.is(OTHER_MEMBER, Attendance::Lobby))
            .await;
        chair.command(Command::AdmitAll {}).await.unwrap();
        chair.command(Command::Open {}).await.unwrap();
        for page in [&mut member, &mut other] {
            page.until(|view| view.meeting.phase == lika::meeting::Phase::Open && view.is(CHAIR, Attendance::Inside))
                .await;
        }
        (chair, member, other)
    }
}

/// A port below those that the system gives out, so that it can be known before it is bound.
fn own_port() -> u16 {
    static TAKEN: AtomicU32 = AtomicU32::new(0);
    let number = std::process::id() * 16 + TAKEN.fetch_add(1, Ordering::Relaxed);
    20_000 + u16::try_from(number % 10_000).unwrap()
}

/// A configuration for a data directory, on ports of the system's choice, with a certificate of its own.
pub(crate) fn config(directory: &Path) -> Config {
    let (certificate, key) = (directory.join("certificate.pem"), directory.join("key.pem"));
    let made = self_signed("localhost").unwrap();
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let mut config = Config::default();
    config.server.listen = SocketAddr::from(([127, 0, 0, 1], 0));
    config.server.public_url = ORIGIN_URL.into();
    config.server.tls.cert_file = Some(certificate);
    config.server.tls.key_file = Some(key);
    config.media.bind = SocketAddr::from(([127, 0, 0, 1], 0));
    config.storage.data_dir = directory.into();
    config.identity.test_identities = true;
    config.metrics.listen = SocketAddr::from(([127, 0, 0, 1], 0));
    config
}

/// A client that trusts this certificate alone.
pub(crate) fn trusting(certificate: &Path) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(certificate).unwrap()).unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().unwrap();
    Arc::new(builder.with_root_certificates(roots).with_no_client_auth())
}

pub(crate) fn http(tls: &Arc<ClientConfig>) -> reqwest::Client {
    let builder = reqwest::Client::builder().use_preconfigured_tls(ClientConfig::clone(tls));
    builder.redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

pub(crate) fn session_cookie(answer: &reqwest::Response) -> String {
    let set = answer.headers().get(SET_COOKIE).unwrap().to_str().unwrap();
    set.split(';').next().unwrap().to_owned()
}

pub(crate) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn connect(
    tcp: SocketAddr,
    tls: &Arc<ClientConfig>,
    cookie: Option<&str>,
    origin: &str,
) -> Result<Socket, tungstenite::Error> {
    let mut request = format!("wss://localhost:{}/ws", tcp.port())
        .into_client_request()
        .unwrap();
    request.headers_mut().insert(ORIGIN, origin.parse().unwrap());
    if let Some(cookie) = cookie {
        request.headers_mut().insert(COOKIE, cookie.parse().unwrap());
    }
    let stream = TcpStream::connect(tcp).await.unwrap();
    let connector = Some(Connector::Rustls(Arc::clone(tls)));
    Ok(client_async_tls_with_config(request, stream, None, connector).await?.0)
}

/// What comes next, or `None` when the server has closed.
pub(crate) async fn next(socket: &mut Socket) -> Option<ServerMessage> {
    loop {
        match timeout(PATIENCE, socket.next()).await.expect("the server says nothing") {
            Some(Ok(Message::Text(text))) => return Some(serde_json::from_str(&text).unwrap()),
            Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
            Some(Ok(_)) => {}
        }
    }
}

/// The next refusal that ends or answers something; other messages are passed over.
pub(crate) async fn next_error(socket: &mut Socket) -> Option<Refusal> {
    loop {
        if let ServerMessage::Error { reason } = next(socket).await? {
            return Some(reason);
        }
    }
}

pub(crate) async fn say(socket: &mut Socket, message: &ClientMessage) {
    say_text(socket, &serde_json::to_string(message).unwrap()).await;
}

pub(crate) async fn say_text(socket: &mut Socket, text: &str) {
    socket.send(Message::Text(Utf8Bytes::from(text))).await.unwrap();
}

pub(crate) fn hello(resume: Option<String>) -> ClientMessage {
    ClientMessage::Hello {
        protocol: PROTOCOL,
        resume,
        last_seq: None,
        take_over: false,
    }
}

/// A page that has been welcomed and follows the meeting.
pub(crate) struct Page {
    pub(crate) socket: Socket,
    pub(crate) you: ParticipantId,
    pub(crate) resume: String,
    pub(crate) media_alive: bool,
    pub(crate) seq: u32,
    pub(crate) meeting: MeetingView,
    pub(crate) last: Option<ServerMessage>,
    /// Whose page it is, as the browser proves it.
    pub(crate) cookie: String,
    /// Whether anybody has ever been seen lost.
    pub(crate) saw_lost: bool,
    commands: u32,
}

impl Page {
    /// What the person at the page has shown of who they are.
    pub(crate) fn own(&self) -> IdentityView {
        self.identity(self.you).unwrap()
    }

    /// The same of somebody, if the page is told.
    pub(crate) fn identity(&self, who: ParticipantId) -> Option<IdentityView> {
        let found = self.meeting.participants.iter().find(|one| one.id == who);
        found.and_then(|one| one.identity)
    }

    pub(crate) async fn open(tcp: SocketAddr, tls: &Arc<ClientConfig>, cookie: &str, origin: &str) -> Self {
        let mut socket = connect(tcp, tls, Some(cookie), origin).await.unwrap();
        say(&mut socket, &hello(None)).await;
        Self {
            cookie: cookie.into(),
            ..Self::welcomed(socket).await
        }
    }

    /// Reads the snapshot that `Hello` was answered with.
    pub(crate) async fn welcomed(mut socket: Socket) -> Self {
        match next(&mut socket).await {
            Some(ServerMessage::Welcome {
                you,
                resume,
                media_alive,
                seq,
                meeting,
                ..
            }) => {
                let (cookie, saw_lost) = (String::new(), false);
                Self {
                    socket,
                    you,
                    resume,
                    media_alive,
                    seq,
                    meeting: *meeting,
                    last: None,
                    cookie,
                    saw_lost,
                    commands: 0,
                }
            }
            other => panic!("not welcomed: {other:?}"),
        }
    }

    pub(crate) fn is(&self, who: ParticipantId, attendance: Attendance) -> bool {
        self.meeting
            .participants
            .iter()
            .any(|one| one.id == who && one.attendance == attendance)
    }

    pub(crate) fn microphone_open(&self, who: ParticipantId) -> bool {
        self.meeting
            .participants
            .iter()
            .any(|one| one.id == who && one.microphone_open)
    }

    /// Follows the meeting until it is so; the numbers of the events must have no gap.
    pub(crate) async fn until(&mut self, so: impl Fn(&Self) -> bool) {
        let becoming = async {
            while !so(self) {
                self.follow().await;
            }
        };
        timeout(2 * PATIENCE, becoming).await.expect("it does not become so");
    }

    /// Takes one message in.
    pub(crate) async fn follow(&mut self) {
        let message = next(&mut self.socket).await.expect("the server has closed");
        if let ServerMessage::Event { seq, change } = &message {
            assert_eq!(*seq, self.seq + 1, "a gap");
            self.seq = *seq;
            apply(&mut self.meeting, change);
            self.saw_lost |= self
                .meeting
                .participants
                .iter()
                .any(|one| one.attendance == Attendance::Lost);
        }
        self.last = Some(message);
    }

    pub(crate) async fn command(&mut self, command: Command) -> Result<(), Refusal> {
        self.commands += 1;
        let id = self.commands;
        say(&mut self.socket, &ClientMessage::Command { id, command }).await;
        loop {
            self.follow().await;
            match &self.last {
                Some(ServerMessage::Accepted { id: accepted }) if *accepted == id => return Ok(()),
                Some(ServerMessage::Refused { id: refused, reason }) if *refused == id => return Err(*reason),
                _ => {}
            }
        }
    }
}
