//! Whether keys and tokens are there, and lika reads them and nobody else does.

use super::finding::{Finding, failed, good, warning};
use super::service::Service;
use crate::config::Config;
use crate::journal::{FILE as JOURNAL, KEY_FILE};
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// Readable by others than its owner.
const OTHERS: u32 = 0o077;
/// Readable by everybody; a group may be lika's.
const EVERYBODY: u32 = 0o007;

/// A file that is nobody else's business.
struct Secret {
    file: PathBuf,
    setting: &'static str,
    forbidden: u32,
}

pub(super) fn check(config: &Config) -> Vec<Finding> {
    let data_dir = &config.storage.data_dir;
    let directory = fs::metadata(data_dir);
    let mut findings = vec![data_directory(data_dir, &directory)];
    findings.push(evidence_key(data_dir, directory.as_ref().ok()));
    let service = Service::of(data_dir);
    findings.extend(configured(config).iter().map(|one| look_at(one, service.as_ref())));
    findings.extend(service.iter().flat_map(|service| kept_out(config, service)));
    findings
}

/// Of the other files that the configuration names, those that the service may not read.
fn kept_out(config: &Config, service: &Service) -> Vec<Finding> {
    let tls = &config.server.tls;
    let of_tls = [&tls.cert_file]
        .into_iter()
        .chain(tls.acme.as_ref().map(|acme| &acme.ca_file));
    let providers = config.identity.provider.iter();
    let of_providers = providers.flat_map(|one| [&one.private_key_file, &one.client_secret_file, &one.ca_file]);
    let shared = of_tls.chain(of_providers).flatten();
    let alone = config.identity.key_file(&config.storage.data_dir);
    let shared = shared.filter_map(|file| service.kept_out(file, false));
    shared.chain(service.kept_out(&alone, true)).collect()
}

fn configured(config: &Config) -> Vec<Secret> {
    let (tls, identity, turn) = (&config.server.tls, &config.identity, &config.turn);
    let one = |file: &Option<PathBuf>, setting, forbidden| {
        file.clone().map(|file| Secret {
            file,
            setting,
            forbidden,
        })
    };
    let secrets = [
        one(&tls.key_file, "server.tls.key_file", EVERYBODY),
        one(&turn.secret_file, "turn.secret_file", EVERYBODY),
        one(&identity.admin_token_file, "identity.admin_token_file", OTHERS),
    ];
    secrets.into_iter().flatten().collect()
}

fn data_directory(directory: &Path, found: &io::Result<Metadata>) -> Finding {
    let shown = directory.display();
    match found {
        Ok(there) if there.permissions().mode() & EVERYBODY == 0 => good(
            format!("{shown} är stängd för andra."),
            format!("{shown} is closed to others."),
        ),
        Ok(_) => failed(
            format!("{shown} kan läsas av alla på maskinen. Kör: chmod 700 {shown}"),
            format!("{shown} can be read by everybody on this machine. Run: chmod 700 {shown}"),
        ),
        Err(error) if error.kind() == io::ErrorKind::NotFound => warning(
            format!(
                "{shown} finns inte än. Den skapas när lika startar; har den funnits: återställ säkerhetskopian först."
            ),
            format!(
                "{shown} is not there yet. It is made when lika starts; if it was there before: restore the backup first."
            ),
        ),
        Err(error) => failed(
            format!("{shown} kan inte läsas: {error}. Kör som lika (sudo -u lika) eller root."),
            format!("{shown} cannot be read: {error}. Run this as lika (sudo -u lika) or root."),
        ),
    }
}

/// The key that signs the journal: with it gone, the next start would fail; with it read, anybody could sign.
fn evidence_key(data_dir: &Path, directory: Option<&Metadata>) -> Finding {
    let file = data_dir.join(KEY_FILE);
    let shown = file.display();
    match fs::metadata(&file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && data_dir.join(JOURNAL).exists() => failed(
            format!("{shown} saknas fast det finns en journal: lika startar inte. Återställ den från säkerhetskopian."),
            format!("{shown} is missing although there is a journal: lika does not start. Restore it from its backup."),
        ),
        Err(error) if error.kind() == io::ErrorKind::NotFound => good(
            format!("{shown} skapas när lika startar första gången. Säkerhetskopiera den skild från databaserna."),
            format!("{shown} is made when lika first starts. Back it up apart from the databases."),
        ),
        Err(error) => failed(
            format!("{shown} kan inte läsas: {error}. Kör som lika (sudo -u lika) eller root."),
            format!("{shown} cannot be read: {error}. Run this as lika (sudo -u lika) or root."),
        ),
        Ok(key) if key.permissions().mode() & OTHERS != 0 => exposed(&file, "evidence.key"),
        Ok(key) if directory.is_some_and(|directory| directory.uid() != key.uid()) => failed(
            format!(
                "{shown} ägs av en annan användare än datakatalogen: lika kan inte läsa den. Kör: chown --reference={} {shown}",
                data_dir.display()
            ),
            format!(
                "{shown} belongs to another user than the data directory: lika cannot read it. Run: chown --reference={} {shown}",
                data_dir.display()
            ),
        ),
        Ok(_) => good(
            format!("{shown} kan bara läsas av sin ägare."),
            format!("{shown} can be read by its owner alone."),
        ),
    }
}

fn look_at(secret: &Secret, service: Option<&Service>) -> Finding {
    let (shown, setting) = (secret.file.display(), secret.setting);
    let kept_out = || service?.kept_out(&secret.file, secret.forbidden == OTHERS);
    match fs::metadata(&secret.file) {
        Ok(file) if file.permissions().mode() & secret.forbidden != 0 => exposed(&secret.file, setting),
        Ok(_) => kept_out().unwrap_or_else(|| {
            good(
                format!("{shown} är stängd för andra ({setting})."),
                format!("{shown} is closed to others ({setting})."),
            )
        }),
        Err(error) => failed(
            format!("{shown} kan inte läsas: {error}. Kontrollera {setting}."),
            format!("{shown} cannot be read: {error}. Check {setting}."),
        ),
    }
}

fn exposed(file: &Path, setting: &str) -> Finding {
    let shown = file.display();
    failed(
        format!(
            "{shown} kan läsas av andra ({setting}). Kör: chmod 600 {shown}, med lika som ägare. Kan någon ha läst den, byt den."
        ),
        format!(
            "{shown} can be read by others ({setting}). Run: chmod 600 {shown}, with lika as its owner. If somebody may have read it, replace it."
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::config::Config;
    use lika_auth::oidc::Outcome;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::Path;

    fn config(data_dir: &Path) -> Config {
        let mut config = Config::default();
        config.storage.data_dir = data_dir.into();
        config
    }

    fn mode(file: &Path, mode: u32) {
        fs::set_permissions(file, Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_first_start_makes_what_it_needs_and_a_lost_key_is_a_fault() {
        let directory = tempfile::tempdir().unwrap();
        let config = config(directory.path());
        let key = || check(&config)[1].outcome;
        assert_eq!(key(), Outcome::Ok, "before the first start");
        fs::write(directory.path().join("journal.sqlite"), "").unwrap();
        assert_eq!(key(), Outcome::Failed, "lost");
        let file = directory.path().join("evidence.key");
        fs::write(&file, "").unwrap();
        mode(&file, 0o600);
        assert_eq!(key(), Outcome::Ok);
        mode(&file, 0o640);
        assert_eq!(key(), Outcome::Failed, "read by others");
    }

    #[test]
    fn the_directory_and_every_secret_are_closed() {
        let directory = tempfile::tempdir().unwrap();
        mode(directory.path(), 0o700);
        let mut config = config(directory.path());
        let token = directory.path().join("admin.token");
        config.identity.admin_token_file = Some(token.clone());
        let outcomes = |config: &Config| check(config).iter().map(|one| one.outcome).collect::<Vec<_>>();
        assert_eq!(
            outcomes(&config),
            [Outcome::Ok, Outcome::Ok, Outcome::Failed],
            "no token"
        );
        fs::write(&token, "").unwrap();
        for (bits, expected) in [(0o600, Outcome::Ok), (0o640, Outcome::Failed)] {
            mode(&token, bits);
            assert_eq!(outcomes(&config)[2], expected);
        }
        mode(directory.path(), 0o755);
        assert_eq!(outcomes(&config)[0], Outcome::Failed);
        config.storage.data_dir = directory.path().join("nowhere");
        assert_eq!(outcomes(&config)[0], Outcome::Warning);
    }
}
