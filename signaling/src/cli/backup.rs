//! `lika backup` and `lika restore`

use super::journal::read_keys;
use crate::backup::{self, BackupError, Keys, Manifest, Restored};
use crate::clock::Clock;
use crate::config::Config;
use crate::report::clock_ms;
use anyhow::{Context as _, ensure};
use jiff::{Timestamp, civil};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The time in the name, UTC, in an order that is the names' too. To the millisecond: two may be made in one second.
const FILE_NAME: &str = "lika-%Y%m%dT%H%M%S%.3fZ.tar.gz";

#[derive(clap::Args)]
pub(super) struct BackupArgs {
    /// The configuration
    #[arg(long, default_value = super::CONFIG)]
    config: PathBuf,
    /// The file to write, or a directory to write a file named for the time in
    #[arg(long, value_name = "FILE.tar.gz")]
    to: PathBuf,
    /// Put the keys in too: whoever has the file can then sign as this installation and find out personal identity numbers
    #[arg(long)]
    with_keys: bool,
    /// With a directory after --to: remove the oldest of the backups in it, once the new one is there, until so many are left
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(1..))]
    keep: Option<u16>,
}

#[derive(clap::Args)]
pub(super) struct RestoreArgs {
    /// What `lika backup` wrote
    file: PathBuf,
    /// The configuration, whose storage.data_dir must be empty
    #[arg(long, default_value = super::CONFIG)]
    config: PathBuf,
    /// The public key of the installation (PEM), got from elsewhere than the backup, to check the journal by
    #[arg(long, value_name = "PUBLIC_KEY_FILE")]
    key: Option<PathBuf>,
}

pub(super) fn back_up(args: &BackupArgs) -> anyhow::Result<()> {
    let config = Config::read(&args.config)?;
    let (data_dir, now_ms) = (&config.storage.data_dir, Clock::system().now_ms());
    let roster_key = config.identity.key_file(data_dir);
    let keys = if args.with_keys {
        Keys::Included {
            roster_key: &roster_key,
        }
    } else {
        Keys::Left
    };
    let to = if args.to.is_dir() {
        args.to.join(file_name(now_ms)?)
    } else {
        ensure!(
            args.keep.is_none(),
            "--keep hör till en katalog efter --to / is for a directory after --to: {}",
            args.to.display()
        );
        args.to.clone()
    };
    let manifest = backup::back_up(data_dir, keys, &to, now_ms)?;
    tell_backup(&manifest, &to, &mut io::stdout())?;
    if let Some(keep) = args.keep {
        weed(&args.to, &to, usize::from(keep), &mut io::stdout())?;
    }
    backup::note(data_dir, now_ms).context(
        "säkerhetskopian finns, men kunde inte antecknas i storage.data_dir: statussidan visar en äldre / \
         the backup is there, but could not be noted in storage.data_dir: the status page shows an earlier one",
    )
}

/// Removes the oldest backups of a directory until so many are left; `made`, the newest, stays, whatever the others' names say.
fn weed(directory: &Path, made: &Path, keep: usize, out: &mut impl Write) -> anyhow::Result<()> {
    let in_directory = || directory.display().to_string();
    let entries = fs::read_dir(directory).with_context(in_directory)?;
    let names = entries
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok());
    let others = names.filter(|name| directory.join(name) != made);
    for name in surplus(others.collect(), keep.saturating_sub(1)) {
        let file = directory.join(name);
        fs::remove_file(&file).with_context(|| file.display().to_string())?;
        let file = file.display();
        writeln!(out, "Äldre kopia borttagen: {file}\nOlder backup removed: {file}")?;
    }
    Ok(())
}

/// Of a directory's files, the backups beyond the newest. Others than those named for their time are nobody's to remove.
fn surplus(mut names: Vec<String>, keep: usize) -> Vec<String> {
    names.retain(|name| is_named_for_its_time(name));
    names.sort_unstable();
    names.truncate(names.len().saturating_sub(keep));
    names
}

fn is_named_for_its_time(name: &str) -> bool {
    civil::DateTime::strptime(FILE_NAME, name).is_ok()
}

fn file_name(now_ms: i64) -> anyhow::Result<String> {
    let now = Timestamp::from_millisecond(now_ms).context("the machine's clock shows no date")?;
    Ok(now.strftime(FILE_NAME).to_string())
}

fn tell_backup(manifest: &Manifest, to: &Path, out: &mut impl Write) -> io::Result<()> {
    let (count, megabytes) = (manifest.files.len(), manifest.bytes().div_ceil(1_000_000));
    let to = to.display();
    writeln!(
        out,
        "Säkerhetskopierat till {to}: {count} filer, {megabytes} MB; journalen är kontrollerad.\n\
         Backed up to {to}: {count} files, {megabytes} MB; the journal was checked."
    )?;
    if manifest.has_keys() {
        return writeln!(
            out,
            "Nycklarna är med. Förvara filen som en hemlighet.\nThe keys are in it. Keep the file as a secret."
        );
    }
    writeln!(
        out,
        "Nycklarna (evidence.key, roster.key) är inte med. Förvara dem på ett annat ställe, eller kör med --with-keys.\n\
         The keys (evidence.key, roster.key) are not in it. Keep them in another place, or run with --with-keys."
    )
}

pub(super) fn restore(args: &RestoreArgs) -> anyhow::Result<()> {
    let config = Config::read(&args.config)?;
    let data_dir = &config.storage.data_dir;
    let roster_key = config.identity.key_file(data_dir);
    let trusted = args.key.as_deref().map(read_keys).transpose()?.unwrap_or_default();
    let restored: Result<Restored, BackupError> =
        backup::restore(&args.file, data_dir, &roster_key, &trusted, Clock::system().now_ms());
    tell_restored(&restored?, data_dir, &roster_key, &mut io::stdout())?;
    Ok(())
}

fn tell_restored(restored: &Restored, data_dir: &Path, roster_key: &Path, out: &mut impl Write) -> io::Result<()> {
    let (directory, roster_key) = (data_dir.display(), roster_key.display());
    let made = clock_ms(restored.manifest.at_ms);
    writeln!(
        out,
        "Återställt till {directory} från {made}.\nRestored to {directory} from {made}.\n{}",
        restored.journal
    )?;
    writeln!(
        out,
        "Alla sessioner är avslutade: var och en kommer in med en ny länk eller en ny legitimering. Inbjudningar och nycklar \
         som återkallats efter säkerhetskopian gäller igen: återkalla dem på nytt.\n\
         All sessions have ended: everybody comes in with a new link or a new login. Invitations and tokens that were \
         revoked after the backup was made are good again: revoke them anew."
    )?;
    for name in &restored.api_tokens {
        writeln!(out, "API-nyckel i kraft / API token in force: {name}")?;
    }
    if restored.other_roster_key {
        writeln!(
            out,
            "{roster_key} finns redan och är en annan nyckel än säkerhetskopians: den är kvar. Om inloggningar inte känns \
             igen är det fel nyckel.\n\
             {roster_key} is there already and is another key than the backup's: it stays. If logins are not recognised, it \
             is the wrong key."
        )?;
    }
    if !restored.manifest.has_keys() {
        writeln!(
            out,
            "Nycklarna var inte med. Lägg tillbaka {directory}/evidence.key och {roster_key} innan servern startas, ägda av \
             serverns användare och läsbara bara för den. Är evidence.key förlorad: lika journal rotate-key --lost\n\
             The keys were not in it. Put {directory}/evidence.key and {roster_key} back before the server is started, owned \
             by the server's user and readable for it alone. If evidence.key is lost: lika journal rotate-key --lost"
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{file_name, surplus, weed};

    #[test]
    fn the_newest_are_kept_and_nothing_but_backups_is_removed() {
        let backups: Vec<String> = [5, 1, 4, 2, 3].map(|day| file_name(day * 86_400_000).unwrap()).into();
        let others = [
            "lika-before-the-update.tar.gz",
            "lika-19700102T000000.000Z.tar.gz.part",
            "notes",
        ]
        .map(str::to_owned);
        let all: Vec<String> = backups.into_iter().chain(others).collect();
        let oldest = ["lika-19700102T000000.000Z.tar.gz", "lika-19700103T000000.000Z.tar.gz"];
        assert_eq!(surplus(all.clone(), 3), oldest);
        assert!(surplus(all, 5).is_empty());
    }

    #[test]
    fn what_was_just_made_stays_also_where_others_are_named_for_later() {
        let directory = tempfile::tempdir().unwrap();
        let [made, later, latest] = [1, 2, 3].map(|day| directory.path().join(file_name(day * 86_400_000).unwrap()));
        for file in [&made, &later, &latest] {
            std::fs::write(file, "").unwrap();
        }
        weed(directory.path(), &made, 2, &mut Vec::new()).unwrap();
        assert!(made.exists() && latest.exists() && !later.exists());
        weed(directory.path(), &made, 1, &mut Vec::new()).unwrap();
        assert!(made.exists() && !latest.exists());
    }
}
