//! Who carries a command out. What root writes among the server's files the server could not use afterwards, so commands
//! on them are carried out as the user whom the data directory belongs to.

use crate::config::Config;
use anyhow::{Context as _, bail};
use std::env;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The user and the group that a data directory belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Owner {
    user: u32,
    group: u32,
}

/// Carries the command out as the owner of the configuration's data directory: begins the program anew as that user, if
/// root runs it and the directory is somebody else's.
///
/// # Errors
/// This process may not become another user.
pub(super) fn become_owner(config: &Path) -> anyhow::Result<()> {
    let Some((directory, owner)) = somebody_elses(config) else {
        return Ok(());
    };
    let (user, directory) = (owner.user, directory.display());
    writeln!(
        io::stderr(),
        "Utförs som användare {user}, som {directory} tillhör; filer som anges måste den få läsa. / \
         Carried out as user {user}, whom {directory} belongs to; that user must be allowed to read the files that you name."
    )?;
    // Root's other groups are given up on the way.
    let failed = Command::new("/proc/self/exe")
        .args(env::args_os().skip(1))
        .uid(owner.user)
        .gid(owner.group)
        .exec();
    Err(failed).with_context(|| {
        format!("kör det som användare {user}, som {directory} tillhör / run this as user {user}, whom {directory} belongs to")
    })
}

/// Refuses root what would leave files in another user's data directory that the service cannot use.
///
/// # Errors
/// It is that; `instead` is what to run.
pub(super) fn must_not_be_roots(config: &Path, instead: &str) -> anyhow::Result<()> {
    let Some((directory, Owner { user, .. })) = somebody_elses(config) else {
        return Ok(());
    };
    let directory = directory.display();
    bail!(
        "{directory} tillhör användare {user}, som inte kan använda det som root skriver där. Kör i stället: {instead}\n\
         {directory} belongs to user {user}, who cannot use what root writes there. Run instead: {instead}"
    )
}

/// The data directory and its owner, if root asks and it is not root's. What is wrong with a configuration the command
/// itself says.
fn somebody_elses(config: &Path) -> Option<(PathBuf, Owner)> {
    let we_are = effective_user(&fs::read_to_string("/proc/self/status").ok()?)?;
    let directory = Config::read(config).ok()?.storage.data_dir;
    let found = fs::metadata(&directory).ok()?;
    let owner = Owner {
        user: found.uid(),
        group: found.gid(),
    };
    (we_are == 0 && owner.user != 0).then_some((directory, owner))
}

/// From `/proc/PID/status` (proc(5)): real, effective, saved and file system user.
fn effective_user(status: &str) -> Option<u32> {
    let users = status.lines().find_map(|line| line.strip_prefix("Uid:"))?;
    users.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::effective_user;

    #[test]
    fn the_effective_user_counts() {
        assert_eq!(
            effective_user("Name:\tlika\nUid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\n"),
            Some(2)
        );
        assert_eq!(effective_user("Name:\tlika\n"), None);
    }
}
