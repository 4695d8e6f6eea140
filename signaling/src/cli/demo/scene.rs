//! The demonstration's meeting: its people, their invitations, and the server's configuration.

use super::Args;
use crate::config::Config;
use crate::convene::{Invitee, Matter, Notice, invite, link};
use crate::data::Data;
use crate::http::tls::self_signed;
use crate::meeting::{Meeting, MeetingId, ParticipantId, Phase, Role, Rulebook};
use anyhow::Context as _;
use lika_auth::{Assurance, RosterKeys};
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// Whoever tries it out may open a link in several browsers.
const DEVICES: u8 = 20;
/// How long the invitations last.
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// The people before the simulated delegates in the roster, with their names.
const CAST: [(Role, &str); 6] = [
    (Role::Chair, "Ordförande"),
    (Role::ViceChair, "Vice ordförande"),
    (Role::Secretary, "Sekreterare"),
    (Role::Chamber, "Sammanträdeslokalen"),
    (Role::Member, "Ledamot på plats"),
    (Role::Substitute, "Ersättare på plats"),
];
/// The agenda: title, and whether it is secret.
const ITEMS: [(&str, bool); 3] = [
    ("Budget för nästa år", false),
    ("Upphandling under sekretess", true),
    ("Medborgarförslag om cykelväg", false),
];
const PARTIES: [&str; 3] = ["Parti A", "Parti B", "Parti C"];

pub(super) struct Scene {
    pub(super) config: Config,
    pub(super) meeting: MeetingId,
    /// For the people of [`CAST`], in its order.
    links: Vec<String>,
    /// The simulated delegates with their links.
    pub(super) delegates: Vec<(ParticipantId, String)>,
}

impl Scene {
    /// Goes on with the directory's unfinished meeting, or convenes one; the invitations are new either way.
    pub(super) fn set(args: &Args, directory: &Path, now_ms: i64) -> anyhow::Result<Self> {
        let mut data = Data::open(directory)?;
        let config = configure(args, directory)?;
        let meeting = match unfinished(&data)? {
            Some(meeting) => meeting,
            None => {
                let keys = RosterKeys::open(&config.identity.key_file(directory))?;
                let notice = notice(args.delegates).with_test_identities();
                notice.convene(&mut data, &keys, now_ms, now_ms)?.meeting
            }
        };
        let roster = replay(&data, meeting)?;
        let everybody = roster.roster().iter().map(|one| (one.id(), DEVICES));
        let invitations = invite(&mut data.identities, meeting, everybody, now_ms + DAY_MS)?;
        let mut links = invitations
            .into_iter()
            .map(|(who, token)| (who, link(&config.server.public_url, &token)))
            .collect::<Vec<_>>();
        let delegates = links.split_off(CAST.len().min(links.len()));
        Ok(Self {
            config,
            meeting,
            links: links.into_iter().map(|(_, link)| link).collect(),
            delegates,
        })
    }

    /// The chair's participant.
    pub(super) const CHAIR: ParticipantId = ParticipantId(1);

    /// Prints who goes where.
    pub(super) fn tell(&self, simulated: bool) -> io::Result<()> {
        let mut out = io::stdout().lock();
        writeln!(
            out,
            "\nLika: demonstration. Öppna varje länk i ett eget webbläsarfönster (privat fönster eller annan webbläsare)."
        )?;
        writeln!(
            out,
            "Open each link in a browser of its own (a private window or another browser). The certificate is"
        )?;
        writeln!(out, "self-signed: the browser asks whether to go on.\n")?;
        for ((_, name), link) in CAST.iter().zip(&self.links) {
            writeln!(out, "  {name:<20} {link}")?;
        }
        writeln!(
            out,
            "\nSammanträdet öppnas av sig självt när ordföranden har kommit in; de simulerade ledamöterna släpps in."
        )?;
        writeln!(
            out,
            "The meeting opens by itself when the chair (Ordförande) is there, and the simulated delegates are let in."
        )?;
        if simulated {
            writeln!(
                out,
                "\nSkriv här, så ser ordföranden larmet / type here, and the chair sees the alert (N = 1–{}):",
                self.delegates.len()
            )?;
            writeln!(out, "  cut N              bryt anslutningen / cut the connection")?;
            writeln!(out, "  lossy N [percent]  tappa paket / lose packets")?;
            writeln!(out, "  freeze N           frys bilden / freeze the picture")?;
            writeln!(out, "  cover N            täck kameran / cover the camera")?;
            writeln!(out, "  restore N          allt som vanligt / back to normal")?;
        }
        writeln!(out, "  quit               avsluta / end\n")?;
        out.flush()
    }

    /// Where the self-signed certificate is.
    pub(super) fn certificate(&self) -> Option<&Path> {
        self.config.server.tls.cert_file.as_deref()
    }
}

fn notice(delegates: u16) -> Notice {
    let cast = CAST.map(|(role, name)| (role, name.to_owned()));
    let delegates = (1..=delegates).map(|number| (Role::Member, format!("Ledamot {number}")));
    let elected = |role| !matches!(role, Role::Secretary | Role::Chamber);
    let seated = |role| elected(role) && role != Role::Substitute;
    let mut mandates = 1..;
    let participants = cast.into_iter().chain(delegates).zip(PARTIES.into_iter().cycle());
    let invitee = |((role, name), party): ((Role, String), &str)| Invitee {
        role,
        name,
        mandate: seated(role).then(|| mandates.next()).flatten(),
        party: elected(role).then(|| party.to_owned()),
        // The only one, and so the first of every party's list.
        order_of_entry: (role == Role::Substitute).then_some(1),
        item: None,
        identity: None,
    };
    Notice {
        title: "Kommunfullmäktige (demonstration)".into(),
        body: "Kommunfullmäktige".into(),
        starts: None,
        ends: None,
        place: None,
        test: false,
        rulebook: Rulebook::default(),
        requires: Assurance::Open,
        fresh_within_hours: 12,
        participants: participants.map(invitee).collect(),
        items: ITEMS
            .map(|(title, secret)| Matter {
                title: title.into(),
                secret,
                requires: None,
            })
            .into(),
    }
}

fn unfinished(data: &Data) -> anyhow::Result<Option<MeetingId>> {
    for (meeting, _) in data.journal.meetings()? {
        if *replay(data, meeting)?.phase() != Phase::Closed {
            return Ok(Some(meeting));
        }
    }
    Ok(None)
}

fn replay(data: &Data, meeting: MeetingId) -> anyhow::Result<Meeting> {
    Ok(Meeting::replay(
        data.journal.read(meeting)?.iter().map(|stored| &stored.event),
    ))
}

fn configure(args: &Args, directory: &Path) -> anyhow::Result<Config> {
    let mut config = Config::default();
    // Nobody else reaches a demonstration, unless it is told under which address.
    let public: IpAddr = args.host.parse().unwrap_or(Ipv4Addr::LOCALHOST.into());
    let bind = if public.is_loopback() {
        public
    } else {
        Ipv4Addr::UNSPECIFIED.into()
    };
    let host = if public.is_ipv6() {
        format!("[{}]", args.host)
    } else {
        args.host.clone()
    };
    config.server.listen = SocketAddr::new(bind, args.port);
    config.server.public_url = format!("https://{host}:{}", args.port);
    config.media.bind = SocketAddr::new(bind, args.udp_port);
    config.media.public_ips = vec![public];
    config.storage.data_dir = directory.into();
    config.quality.profile.clone_from(&args.profile);
    config.metrics.enabled = false;
    let (certificate, key) = (directory.join("certificate.pem"), directory.join("key.pem"));
    if !certificate.exists() {
        let made = self_signed(&args.host)?;
        write_private(&key, &made.signing_key.serialize_pem())?;
        write_private(&certificate, &made.cert.pem())?;
    }
    config.server.tls.cert_file = Some(certificate);
    config.server.tls.key_file = Some(key);
    config.identity.test_identities = true;
    config.validate()?;
    Ok(config)
}

fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path);
    let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
    written.with_context(|| format!("cannot write {}", path.display()))
}
