//! A real `lika serve` on loopback with temporary data, and the meetings it is to hold.

use crate::delegate::server::{Invitation, Server as Way};
use crate::local::{Local, Prepared, StartError};
use lika::meeting::ParticipantId;
use std::fmt::Write as _;
use std::io;
use std::path::Path;
use tokio::process::Command;

/// A running server; it ends and its data go with this.
pub(super) struct Server {
    pub(super) way: Way,
    /// For each meeting, those invited who come, the chair first.
    pub(super) meetings: Vec<Vec<(ParticipantId, Invitation)>>,
    _local: Local,
}

/// What is to be held.
pub(super) struct Plan<'a> {
    pub(super) program: &'a Path,
    pub(super) meetings: usize,
    /// In each meeting, chair included.
    pub(super) delegates: usize,
    /// Seconds after which an alert clears; `None`: as the profile has it.
    pub(super) clear_s: Option<u32>,
}

impl Server {
    /// Convenes the meetings and starts the server.
    ///
    /// # Errors
    /// [`StartError`].
    pub(super) async fn start(plan: &Plan<'_>) -> Result<Self, StartError> {
        let prepared = Prepared::new(plan.program)?;
        let directory = prepared.directory();
        let quality = format!("[quality]\nprofile = \"{}\"\n", profile(directory, plan.clear_s)?);
        let config = prepared.configure(&quality)?;
        let roster = directory.join("roster.toml");
        std::fs::write(&roster, notice(plan.delegates))?;
        let mut meetings = Vec::new();
        for _ in 0..plan.meetings {
            meetings.push(convene(plan.program, &config, &roster).await?);
        }
        let local = prepared.serve().await?;
        Ok(Self {
            way: local.way().clone(),
            meetings,
            _local: local,
        })
    }
}

/// The profile's name, or the file of one that differs from it in nothing but how fast alerts clear.
fn profile(directory: &Path, clear_s: Option<u32>) -> io::Result<String> {
    const LIKVARDIG: &str = include_str!("../../../signaling/profiles/likvardig-1.toml");
    let Some(clear_s) = clear_s else {
        return Ok("likvardig-1".into());
    };
    let text = LIKVARDIG
        .replace("name = \"likvardig\"", "name = \"quick\"")
        .replace("relaxes = []", "relaxes = [\"alert.clear_s\"]")
        .replace("clear_s = 30", &format!("clear_s = {clear_s}"));
    let file = directory.join("quick-1.toml");
    std::fs::write(&file, text)?;
    Ok(file.display().to_string())
}

/// A board: a chair, a secretary who stays away, and members.
fn notice(delegates: usize) -> String {
    let mut text = String::from("title = \"Störningsprov\"\nbody = \"Nämnden\"\n");
    let mut invite = |role: &str, name: &str, mandate: Option<usize>| {
        let mandate = mandate.map_or_else(String::new, |mandate| format!("mandate = {mandate}\n"));
        let _ = write!(text, "[[participant]]\nrole = \"{role}\"\nname = \"{name}\"\n{mandate}");
    };
    invite("chair", "Ordförande", Some(1));
    invite("secretary", "Sekreterare", None);
    for number in 2..=delegates {
        invite("member", &format!("Ledamot {number}"), Some(number));
    }
    text
}

async fn convene(program: &Path, config: &Path, roster: &Path) -> Result<Vec<(ParticipantId, Invitation)>, StartError> {
    let mut create = Command::new(program);
    create
        .args(["meeting", "create", "--config"])
        .arg(config)
        .arg("--roster")
        .arg(roster);
    let output = create.output().await?;
    if !output.status.success() {
        return Err(StartError::NotConvened(
            String::from_utf8_lossy(&output.stderr).into_owned(),
        ));
    }
    let told = String::from_utf8_lossy(&output.stdout);
    told.lines().filter_map(invited).collect()
}

/// A line of `lika meeting create`: number, role, name and link. The secretary stays away.
fn invited(line: &str) -> Option<Result<(ParticipantId, Invitation), StartError>> {
    let mut fields = line.split('\t');
    let number = fields.next()?.parse().ok()?;
    let role = fields.next()?;
    let link = fields.nth(1)?;
    let invitation = Invitation::parse(link).map_err(StartError::from);
    (role != "Secretary").then(|| Ok((ParticipantId(number), invitation?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use lika::convene::Notice;
    use lika::equal_terms::Profile;

    #[test]
    fn what_is_written_can_be_read() {
        let directory = tempfile::tempdir().unwrap();
        let file = profile(directory.path(), Some(5)).unwrap();
        let quick = Profile::parse(&std::fs::read_to_string(&file).unwrap()).unwrap();
        assert_eq!(quick.id(), "quick-1");
        assert_eq!(Notice::parse(&notice(6)).unwrap().participants.len(), 7);
    }

    #[test]
    fn the_links_are_read_and_the_secretarys_is_left() {
        assert!(invited("# sammanträde 1: Störningsprov").is_none());
        assert!(invited("2\tSecretary\tSekreterare\thttps://x/i/abc").is_none());
        let (who, invitation) = invited("3\tMember\tLedamot 2\thttps://x/i/abc").unwrap().unwrap();
        assert_eq!((who, invitation), (ParticipantId(3), Invitation::parse("abc").unwrap()));
    }
}
