//! Which configuration a command takes, and as whom it is carried out.

use crate::command_line::{lika, text, written};
use crate::stage::config;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};

/// A user that nothing else here belongs to.
const SERVICE: u32 = 64_990;

#[test]
fn every_command_looks_where_the_package_puts_the_configuration() {
    let commands = "serve; drain; backup; restore; meeting create; meeting token; meeting invite; meeting revoke; meeting list; \
                    meeting export; meeting report; meeting weed-samples; journal public-key; journal rotate-key; config check; \
                    doctor; doctor oidc; doctor reach; identity rotate-key; identity forget-keys; token create; token list; \
                    token revoke; privacy show; privacy erase; privacy weed";
    for command in commands.split("; ") {
        let words: Vec<&str> = command.split(' ').chain(["--help"]).collect();
        let said = text(&lika(&words).stdout);
        assert!(said.contains("[default: /etc/lika/lika.toml]"), "{command}: {said}");
    }
}

/// Everything in a directory that is not the service's.
fn strange(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let strange = entries.flat_map(|path| {
        let inside = if path.is_dir() { strange(&path) } else { Vec::new() };
        let itself = (fs::metadata(&path).unwrap().uid() != SERVICE).then_some(path);
        itself.into_iter().chain(inside)
    });
    strange.collect()
}

#[test]
fn what_root_runs_leaves_nothing_of_roots_among_the_services_files() {
    let directory = tempfile::tempdir().unwrap();
    let (data, backups) = (directory.path().join("data"), directory.path().join("backups"));
    for one in [&data, &backups] {
        fs::create_dir(one).unwrap();
        if chown(one, Some(SERVICE), Some(SERVICE)).is_err() {
            return eprintln!("not tested: only root can give a directory away");
        }
    }
    fs::set_permissions(directory.path(), Permissions::from_mode(0o755)).unwrap();
    let mut settings = config(directory.path());
    settings.storage.data_dir = data.clone();
    let path = written(&settings, directory.path());
    let roster = directory.path().join("roster.toml");
    let member = "participant = [{ role = 'chair', name = 'Ordförande' }]";
    fs::write(&roster, format!("title = 'Sammanträde'\nbody = 'Nämnden'\n{member}")).unwrap();

    let (config, roster) = (path.to_str().unwrap(), roster.to_str().unwrap());
    for command in [
        &["meeting", "create", "--roster", roster][..],
        &["token", "create", "--name", "diariet", "--scope", "meetings:read"],
        &["meeting", "list"],
        &["backup", "--to", backups.to_str().unwrap(), "--keep", "1"],
        &["identity", "rotate-key"],
        &["journal", "rotate-key"],
    ] {
        let done = lika(&[command, &["--config", config]].concat());
        let said = text(&done.stderr);
        assert!(
            done.status.success() && said.contains(&format!("user {SERVICE}")),
            "{command:?}: {said}"
        );
    }
    assert!(data.join("journal.sqlite").exists() && data.join("roster.key").exists());
    assert_eq!(strange(&data), Vec::<PathBuf>::new());
    assert_eq!(fs::read_dir(&backups).unwrap().count(), 1);

    let server = lika(&["serve", "--config", config]);
    assert!(!server.status.success() && text(&server.stderr).contains("systemctl start lika"));
}
