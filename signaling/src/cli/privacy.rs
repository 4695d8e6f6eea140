//! `lika privacy`: what is stored of people beside the journal, and erasing it. The journal has pseudonyms and salted
//! commitments, stays as it is and goes on to verify.

use super::hold::{hold, must_have_a_journal};
use crate::clock::Clock;
use crate::config::Config;
use crate::data::{IDENTITIES, PEOPLE};
use crate::journal::{Journal, Reader, Stored};
use crate::meeting::{Event, Meeting, MeetingId, ParticipantId, Phase, Role};
use anyhow::Context as _;
use clap::Subcommand;
use lika_auth::copies;
use lika_auth::store::{Kept, Whose};
use lika_auth::{Identity, IdentityStore, PeopleStore};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Say what is stored about whom in a meeting: kinds and counts, never the values
    Show {
        /// The configuration
        #[arg(long, default_value = super::CONFIG)]
        config: PathBuf,
        /// The meeting's number
        #[arg(long)]
        meeting: u64,
    },
    /// Erase one participant's name, identity, invitations, sessions and bearer tokens, for good
    Erase {
        /// The configuration
        #[arg(long, default_value = super::CONFIG)]
        config: PathBuf,
        /// The meeting's number
        #[arg(long)]
        meeting: u64,
        /// The participant's number in its roster
        #[arg(long)]
        participant: u32,
    },
    /// Erase everybody's identities, invitations, sessions and bearer tokens in meetings that ended long ago, for good
    Weed {
        /// The configuration
        #[arg(long, default_value = super::CONFIG)]
        config: PathBuf,
        /// How long ago
        #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u16).range(1..))]
        older_than: u16,
        /// Erase names too
        #[arg(long)]
        names: bool,
        /// Say what would be erased, and erase nothing
        #[arg(long)]
        dry_run: bool,
    },
}

pub(super) fn run(command: Command) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match command {
        Command::Show { config, meeting } => {
            let stores = Stores::open(&Config::read(&config)?.storage.data_dir)?;
            show(&stores, MeetingId(meeting), Clock::system().now_ms(), &mut out)
        }
        Command::Erase {
            config,
            meeting,
            participant,
        } => {
            let whom = Identity { meeting, participant };
            let directory = Config::read(&config)?.storage.data_dir;
            let held = hold(&directory)?;
            erase(&mut Stores::open(&directory)?, whom, &mut out)?;
            remove_copies(&directory, &mut out)?;
            warn_of_running_server(held.as_ref(), &mut out)
        }
        Command::Weed {
            config,
            older_than,
            names,
            dry_run,
        } => {
            let directory = Config::read(&config)?.storage.data_dir;
            let held = hold(&directory)?;
            let now_ms = Clock::system().now_ms();
            let retention = Retention {
                now_ms,
                ended_before_ms: now_ms - i64::from(older_than) * DAY_MS,
                names,
                dry_run,
            };
            let weeded = retention.weed(&mut Stores::open(&directory)?, &mut out)?;
            if weeded {
                remove_copies(&directory, &mut out)?;
                warn_of_running_server(held.as_ref(), &mut out)
            } else {
                Ok(())
            }
        }
    }
}

/// The stores of a data directory, beside a running server or without one.
struct Stores {
    journal: Reader,
    identities: IdentityStore,
    people: PeopleStore,
}

impl Stores {
    fn open(directory: &Path) -> anyhow::Result<Self> {
        must_have_a_journal(directory)?;
        Ok(Self {
            journal: Reader::open(directory)?,
            identities: IdentityStore::open_beside(&directory.join(IDENTITIES))?,
            people: PeopleStore::open_beside(&directory.join(PEOPLE))?,
        })
    }

    fn kept(&self, whose: Whose) -> anyhow::Result<(usize, Kept)> {
        Ok((self.people.kept(whose)?, self.identities.kept(whose)?))
    }
}

/// What an update kept of the databases (see [`lika_auth::copies`]) has what is erased in it.
fn remove_copies(directory: &Path, out: &mut impl Write) -> anyhow::Result<()> {
    let removed = copies::remove(&directory.join(IDENTITIES))? + copies::remove(&directory.join(PEOPLE))?;
    if removed > 0 {
        writeln!(
            out,
            "Kopiorna från före uppdateringen är också borta: {removed}.\n\
             The copies from before the update are gone too: {removed}."
        )?;
    }
    Ok(())
}

fn warn_of_running_server(held: Option<&Journal>, out: &mut impl Write) -> anyhow::Result<()> {
    if held.is_none() {
        writeln!(
            out,
            "Servern är igång. Det som är raderat är raderat ur databaserna, men ett pågående sammanträde har namnen i minnet\n\
             och den som är inne är kvar: starta om servern.\n\
             The server is running. What is erased is gone from the databases, but a meeting under way has the names in its\n\
             memory, and whoever is inside stays: restart the server."
        )?;
    }
    Ok(())
}

fn show(stores: &Stores, id: MeetingId, now_ms: i64, out: &mut impl Write) -> anyhow::Result<()> {
    let events = stores.journal.read(id)?;
    let meeting = Meeting::replay(events.iter().map(|stored| &stored.event));
    let (sv, en) = phase(&meeting);
    let people = meeting.roster().iter().count();
    writeln!(out, "Sammanträde {}, {sv}: {people} i röstlängden", id.0)?;
    writeln!(out, "Meeting {}, {en}: {people} in the roster\n", id.0)?;
    writeln!(
        out,
        "{}",
        row(
            "deltagare",
            "roll",
            "namn",
            ["identitet", "inbjudan", "session", "åtkomst"]
        )
    )?;
    writeln!(
        out,
        "{}",
        row(
            "participant",
            "role",
            "name",
            ["identity", "invitation", "session", "bearer"]
        )
    )?;
    let mut programme = stores.identities.kept(Whose::Meeting(id.0))?.bearers;
    for one in meeting.roster().iter() {
        let ParticipantId(participant) = one.id();
        let meeting = id.0;
        let whose = Whose::Participant(Identity { meeting, participant });
        let (name, kept) = stores.kept(whose)?;
        programme = programme.saturating_sub(kept.bearers);
        let in_force = stores.identities.invitations_in_force(whose, now_ms)?;
        let invitations = format!("{in_force}/{}", kept.invitations);
        let [identities, sessions, bearers] = [kept.identities, kept.sessions, kept.bearers].map(|n| n.to_string());
        let counts = [&identities, &invitations, &sessions, &bearers].map(String::as_str);
        writeln!(
            out,
            "{}",
            row(&participant.to_string(), role(one.role()), &name.to_string(), counts)
        )?;
    }
    writeln!(
        out,
        "\nInbjudan: hur många som gäller av hur många som finns lagrade.\n\
         Invitation: how many can be used, of how many that are stored.\n\
         \nÅtkomstnycklar som hör till programmet och ingen deltagare: {programme}\n\
         Bearer tokens of the programme, no participant's: {programme}"
    )?;
    Ok(())
}

fn row(participant: &str, role: &str, name: &str, counts: [&str; 4]) -> String {
    let [identity, invitation, session, bearer] = counts;
    format!("{participant:<12} {role:<11} {name:<5} {identity:<10} {invitation:<11} {session:<8} {bearer}")
}

const fn role(role: Role) -> &'static str {
    match role {
        Role::Chair => "chair",
        Role::ViceChair => "vice_chair",
        Role::Secretary => "secretary",
        Role::Member => "member",
        Role::Substitute => "substitute",
        Role::Guest => "guest",
        Role::Chamber => "chamber",
    }
}

const fn phase(meeting: &Meeting) -> (&'static str, &'static str) {
    match meeting.phase() {
        Phase::Planned => ("planerat", "planned"),
        Phase::Open => ("öppet", "open"),
        Phase::Adjourned { .. } => ("ajournerat", "adjourned"),
        Phase::Closed => ("avslutat", "closed"),
    }
}

fn erase(stores: &mut Stores, whom: Identity, out: &mut impl Write) -> anyhow::Result<()> {
    let id = MeetingId(whom.meeting);
    let events = stores.journal.read(id)?;
    let meeting = Meeting::replay(events.iter().map(|stored| &stored.event));
    let known = meeting.roster().find(ParticipantId(whom.participant));
    known.with_context(|| {
        let number = whom.participant;
        format!("{id} has no participant {number}; `lika privacy show` lists those there are")
    })?;
    let whose = Whose::Participant(whom);
    let (names, kept) = stores.kept(whose)?;
    // Also when there is nothing: traces may be left from the last time.
    stores.identities.forget(&[whose])?;
    stores.people.erase(&[whose])?;
    let (sv, en) = erased(names, kept);
    let Identity {
        meeting: number,
        participant,
    } = whom;
    writeln!(out, "Sammanträde {number}, deltagare {participant}, raderat: {sv}")?;
    writeln!(out, "Meeting {number}, participant {participant}, erased: {en}")?;
    if *meeting.phase() != Phase::Closed {
        writeln!(
            out,
            "Sammanträdet är inte avslutat: deltagaren kan inte komma in i det igen.\n\
             The meeting is not closed: the participant cannot enter it again."
        )?;
    }
    Ok(())
}

fn erased(names: usize, kept: Kept) -> (String, String) {
    let Kept {
        identities,
        invitations,
        sessions,
        bearers,
    } = kept;
    (
        format!(
            "namn {names}, identitet {identities}, inbjudan {invitations}, session {sessions}, åtkomstnyckel {bearers}"
        ),
        format!("name {names}, identity {identities}, invitation {invitations}, session {sessions}, bearer {bearers}"),
    )
}

/// What is erased of which meetings.
struct Retention {
    now_ms: i64,
    ended_before_ms: i64,
    names: bool,
    dry_run: bool,
}

impl Retention {
    /// Whether anything was erased.
    fn weed(&self, stores: &mut Stores, out: &mut impl Write) -> anyhow::Result<bool> {
        let mut whose = Vec::new();
        for (id, _) in stores.journal.meetings()? {
            let events = stores.journal.read(id)?;
            if self.is_over(&events, stores.identities.invites(id.0, self.now_ms)?) {
                let (names, kept) = stores.kept(Whose::Meeting(id.0))?;
                whose.push(Whose::Meeting(id.0));
                self.tell(id, if self.names { names } else { 0 }, kept, out)?;
            }
        }
        if whose.is_empty() {
            writeln!(out, "Inget sammanträde är så gammalt.\nNo meeting is that old.")?;
        }
        if self.dry_run {
            return Ok(false);
        }
        stores.identities.weed(self.now_ms)?;
        stores.identities.forget(&whose)?;
        if self.names {
            stores.people.erase(&whose)?;
        }
        Ok(!whose.is_empty())
    }

    /// A meeting that nobody closed is over when nothing has happened in it for as long and no invitation is good any
    /// more: one that is convened a long time ahead is not.
    fn is_over(&self, events: &[Stored], invites: bool) -> bool {
        let closed = events
            .iter()
            .rfind(|stored| matches!(stored.event, Event::Closed { .. }));
        match closed {
            Some(closed) => closed.at_ms < self.ended_before_ms,
            None => !invites && last_used_ms(events).is_some_and(|last_ms| last_ms < self.ended_before_ms),
        }
    }

    fn tell(&self, MeetingId(meeting): MeetingId, names: usize, kept: Kept, out: &mut impl Write) -> io::Result<()> {
        let (sv, en) = erased(names, kept);
        let (done_sv, done_en) = if self.dry_run {
            ("skulle raderas", "would be erased")
        } else {
            ("raderas", "erased")
        };
        writeln!(out, "Sammanträde {meeting}, {done_sv}: {sv}")?;
        writeln!(out, "Meeting {meeting}, {done_en}: {en}")
    }
}

/// When something last happened; that the server started anew is nothing of the meeting's.
fn last_used_ms(events: &[Stored]) -> Option<i64> {
    let of_meeting = events
        .iter()
        .filter(|stored| !matches!(stored.event, Event::ServerRestarted {}));
    of_meeting.map(|stored| stored.at_ms).max()
}

#[cfg(test)]
mod tests {
    use super::{Retention, Stored};
    use crate::meeting::{Event, ParticipantId};
    use crate::sha256::Sha256;

    const BY: ParticipantId = ParticipantId(1);
    const RETENTION: Retention = Retention {
        now_ms: 2000,
        ended_before_ms: 1000,
        names: false,
        dry_run: false,
    };

    fn is_over(events: &[(i64, Event)], invites: bool) -> bool {
        let stored = |(at_ms, event): &(i64, Event)| Stored {
            seq: 1,
            at_ms: *at_ms,
            hash: Sha256::ZERO,
            event: event.clone(),
        };
        RETENTION.is_over(&events.iter().map(stored).collect::<Vec<_>>(), invites)
    }

    #[test]
    fn a_closed_meeting_is_over_from_its_closing_on() {
        let closed_at = |at_ms| [(1, Event::Opened { by: BY }), (at_ms, Event::Closed { by: BY })];
        assert!(is_over(&closed_at(999), true));
        assert!(!is_over(&closed_at(1000), false));
    }

    #[test]
    fn a_meeting_nobody_closed_is_over_when_nobody_can_come_any_more() {
        let opened = (1, Event::Opened { by: BY });
        assert!(is_over(std::slice::from_ref(&opened), false));
        assert!(!is_over(std::slice::from_ref(&opened), true), "convened long ahead");
        assert!(is_over(&[opened.clone(), (1500, Event::ServerRestarted {})], false));
        assert!(!is_over(&[opened, (1500, Event::Resumed { by: BY })], false));
    }
}
