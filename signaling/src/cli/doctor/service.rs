//! Whether the service may read the files that the configuration names: root, who runs the doctor, may read everything.

use super::finding::{Finding, failed};
use std::collections::BTreeSet;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

const READ: u32 = 4;
/// Of a directory: to pass through it.
const SEARCH: u32 = 1;

/// The user that the service runs as.
pub(super) struct Service {
    user: u32,
    name: String,
    groups: BTreeSet<u32>,
}

impl Service {
    /// The owner of the data directory; `None`: there is none yet.
    pub(super) fn of(data_dir: &Path) -> Option<Self> {
        let owner = fs::metadata(data_dir).ok()?;
        let list = |file: &str| fs::read_to_string(file).unwrap_or_default();
        Some(Self::new(
            owner.uid(),
            owner.gid(),
            &list("/etc/passwd"),
            &list("/etc/group"),
        ))
    }

    /// With the groups that it is a member of (passwd(5), group(5)).
    fn new(user: u32, group: u32, users: &str, groups: &str) -> Self {
        let named = users.lines().find_map(|line| {
            let (name, rest) = line.split_once(':')?;
            (rest.split(':').nth(1)?.parse() == Ok(user)).then_some(name)
        });
        let member_of = groups.lines().filter_map(|line| {
            let (number, members) = line.splitn(3, ':').nth(2)?.split_once(':')?;
            members
                .split(',')
                .any(|one| Some(one) == named)
                .then_some(number)?
                .parse()
                .ok()
        });
        Self {
            user,
            name: named.map_or_else(|| user.to_string(), str::to_owned),
            groups: member_of.chain([group]).collect(),
        }
    }

    /// What to do about a file that it may not read; `None`: it may, or the file is not there. `alone`: the file is to be
    /// readable for the service alone.
    pub(super) fn kept_out(&self, file: &Path, alone: bool) -> Option<Finding> {
        let obstacle = self.obstacle(file)?;
        let (name, shown, at) = (&self.name, file.display(), obstacle.display());
        let remedy = if obstacle.is_dir() {
            format!("chmod o+x {at}")
        } else if alone {
            format!("chown {name} {at}; chmod 600 {at}")
        } else {
            format!("chgrp {name} {at}; chmod 640 {at}")
        };
        Some(failed(
            format!("Tjänsten ({name}) får inte läsa {shown}: {at} är stängd för den. Kör: {remedy}"),
            format!("The service ({name}) may not read {shown}: {at} is closed to it. Run: {remedy}"),
        ))
    }

    /// The directory or file that it does not get past, on the way by name and on the way that links lead.
    fn obstacle(&self, file: &Path) -> Option<PathBuf> {
        if self.user == 0 {
            return None;
        }
        let (named, real) = (std::path::absolute(file).ok()?, file.canonicalize().ok()?);
        let closed = |path: &Path, to: u32| fs::metadata(path).is_ok_and(|found| !self.may(&found, to));
        let directories = named.ancestors().skip(1).chain(real.ancestors().skip(1));
        // From the root down: the first that is closed is what to open first.
        let mut outermost_first: Vec<&Path> = directories.collect();
        outermost_first.sort_unstable_by_key(|path| path.components().count());
        let directory = outermost_first.into_iter().find(|path| closed(path, SEARCH));
        let obstacle = directory.or_else(|| closed(&real, READ).then_some(real.as_path()));
        obstacle.map(Path::to_owned)
    }

    /// By the permissions of owner, group or others: whichever comes first counts (path_resolution(7)).
    fn may(&self, found: &Metadata, to: u32) -> bool {
        let bits = if found.uid() == self.user {
            found.mode() >> 6
        } else if self.groups.contains(&found.gid()) {
            found.mode() >> 3
        } else {
            found.mode()
        };
        bits & to != 0
    }
}

#[cfg(test)]
mod tests {
    use super::Service;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    use std::path::Path;

    const USERS: &str = "root:x:0:0:root:/root:/bin/sh\nlika:x:990:991:Lika:/var/lib/lika:/usr/sbin/nologin\n";
    /// A user that no file here belongs to.
    const STRANGER: u32 = 990;

    fn mode(path: &Path, mode: u32) {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn its_groups_are_its_own_and_those_that_it_is_a_member_of() {
        let service = Service::new(
            990,
            991,
            USERS,
            "root:x:0:\nssl-cert:x:110:postgres,lika\nadm:x:4:likar\n",
        );
        assert_eq!(service.groups.into_iter().collect::<Vec<_>>(), [110, 991]);
        assert_eq!(service.name, "lika");
    }

    #[test]
    fn a_file_is_read_by_owner_group_or_others_and_so_is_the_way_to_it() {
        let directory = tempfile::Builder::new().tempdir_in("/tmp").unwrap();
        let (inner, file) = (directory.path().join("inner"), directory.path().join("inner/key.pem"));
        fs::create_dir(&inner).unwrap();
        fs::write(&file, "").unwrap();
        let (group, ours) = (fs::metadata(&file).unwrap().gid(), fs::metadata(&file).unwrap().uid());
        let stranger = Service::new(STRANGER, 991, USERS, "");
        let member = Service::new(STRANGER, group, USERS, "");
        let itself = Service::new(ours, group, USERS, "");
        let may = |service: &Service| service.obstacle(&file).is_none();
        for path in [directory.path(), &inner] {
            mode(path, 0o755);
        }
        for (bits, expected) in [
            (0o600, [false, false, true]),
            (0o640, [false, true, true]),
            (0o644, [true; 3]),
        ] {
            mode(&file, bits);
            assert_eq!([may(&stranger), may(&member), may(&itself)], expected, "{bits:o}");
        }
        mode(&inner, 0o700);
        assert_eq!(stranger.obstacle(&file), Some(inner.canonicalize().unwrap()));
        let advice = stranger.kept_out(&file, false).unwrap().text.en;
        assert!(advice.contains("chmod o+x") && advice.contains("inner"), "{advice}");
        mode(&inner, 0o711);
        assert!(may(&stranger));
        mode(&file, 0o600);
        assert!(stranger.kept_out(&file, true).unwrap().text.sv.contains("chown lika"));
        assert!(stranger.kept_out(&file, false).unwrap().text.sv.contains("chmod 640"));
        assert!(
            stranger.kept_out(&inner.join("none"), false).is_none(),
            "said elsewhere"
        );
    }
}
