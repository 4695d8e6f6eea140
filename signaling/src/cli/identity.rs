//! `lika identity`: the keys that identities in rosters are hashed with.

use crate::config::Config;
use anyhow::ensure;
use clap::Subcommand;
use lika_auth::RosterKeys;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Put a new key first; those before it are kept for the meetings convened with them
    RotateKey {
        /// The configuration
        #[arg(long, default_value = super::CONFIG)]
        config: PathBuf,
    },
    /// Forget old keys for good; whoever was hashed with them is no longer recognised
    ForgetKeys {
        /// The configuration
        #[arg(long, default_value = super::CONFIG)]
        config: PathBuf,
        /// How many of the newest are kept
        #[arg(long, value_parser = clap::value_parser!(u8).range(1..=8))]
        keep: u8,
    },
}

pub(super) fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::RotateKey { config } => rotate(&key_file(&config)?),
        Command::ForgetKeys { config, keep } => forget(&key_file(&config)?, usize::from(keep)),
    }
}

/// There must be one: the server makes the first, so that it is the server's own.
fn key_file(config: &Path) -> anyhow::Result<PathBuf> {
    let config = Config::read(config)?;
    let file = config.identity.key_file(&config.storage.data_dir);
    ensure!(
        file.exists(),
        "there is no key file {}; the server makes it when it first starts. If there was one, restore it from its backup",
        file.display()
    );
    Ok(file)
}

fn rotate(file: &Path) -> anyhow::Result<()> {
    let mut keys = RosterKeys::open(file)?;
    keys.rotate(file)?;
    let (path, old) = (file.display(), keys.count() - 1);
    writeln!(
        io::stdout(),
        "En ny nyckel är först i {path}.\n\
         Starta om servern: först då används den. Säkerhetskopiera filen, på ett annat ställe än databaserna. Äldre nycklar\n\
         som finns kvar: {old}; sammanträden som redan är kallade behöver dem. När de är över:\n\
         lika identity forget-keys --keep 1\n\
         \n\
         A new key is first in {path}.\n\
         Restart the server: only then is it used. Back up the file, elsewhere than the databases. Older keys kept: {old};\n\
         meetings already convened need them. When those are over: lika identity forget-keys --keep 1"
    )?;
    Ok(())
}

fn forget(file: &Path, keep: usize) -> anyhow::Result<()> {
    let mut keys = RosterKeys::open(file)?;
    let before = keys.count();
    let path = file.display();
    if before <= keep {
        writeln!(
            io::stdout(),
            "{path} har inga äldre nycklar; inget har ändrats.\n{path} has no older keys; nothing was changed."
        )?;
        return Ok(());
    }
    keys.keep(keep, file)?;
    let gone = before - keep;
    writeln!(
        io::stdout(),
        "Borttagna nycklar: {gone}; kvar: {keep}. Den som hashats med en borttagen nyckel känns inte igen längre. Starta om\n\
         servern, säkerhetskopiera filen och förstör äldre kopior av den: då kan ingen längre ta reda på personnumren bakom\n\
         de gamla hasharna, inte heller i säkerhetskopior av databasen.\n\
         \n\
         Keys forgotten: {gone}; kept: {keep}. Whoever was hashed with a forgotten key is no longer recognised. Restart the\n\
         server, back up the file and destroy older copies of it: then nobody can find out the numbers behind the old hashes\n\
         any more, not in backups of the database either."
    )?;
    Ok(())
}
