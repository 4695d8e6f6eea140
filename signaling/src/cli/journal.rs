//! `lika journal`

use crate::clock::Clock;
use crate::config::Config;
use crate::journal::{Journal, PublicKey, lose_key, public_key, verify_file_by};
use anyhow::Context as _;
use clap::Subcommand;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Check every event, checkpoint and sample in a journal or an export, without a server
    Verify {
        /// journal.sqlite, or what `lika meeting export` wrote
        file: PathBuf,
        /// The public key of the installation (PEM), got from elsewhere than the file; without it only that the file
        /// fits together is tested
        #[arg(long, value_name = "PUBLIC_KEY_FILE")]
        key: Option<PathBuf>,
    },
    /// Print the public key that journals and exports are checked with
    PublicKey {
        /// The configuration
        #[arg(long, default_value = super::CONFIG)]
        config: PathBuf,
    },
    /// Make a new signing key, introduced by the old one; the server must be stopped
    RotateKey {
        /// The configuration
        #[arg(long, default_value = super::CONFIG)]
        config: PathBuf,
        /// The old key is gone for good: nothing introduces the new one
        #[arg(long)]
        lost: bool,
    },
}

pub(super) fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Verify { file, key } => verify(&file, key.as_deref()),
        Command::PublicKey { config } => print(&public_key(&Config::read(&config)?.storage.data_dir)?),
        Command::RotateKey { config, lost } => {
            let directory = Config::read(&config)?.storage.data_dir;
            let now_ms = Clock::system().now_ms();
            let key = if lost {
                lose_key(&directory, now_ms)?
            } else {
                Journal::open(&directory)?.rotate_key(now_ms)?
            };
            print(&key)
        }
    }
}

fn verify(file: &Path, key: Option<&Path>) -> anyhow::Result<()> {
    let keys = key.map(read_keys).transpose()?.unwrap_or_default();
    write!(io::stdout(), "{}", verify_file_by(file, &keys)?)?;
    Ok(())
}

/// The public keys in a file.
pub(super) fn read_keys(path: &Path) -> anyhow::Result<Vec<PublicKey>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    PublicKey::all_in(&text).with_context(|| {
        format!(
            "Filen {path} har ingen publik Ed25519-nyckel i PEM; lika journal public-key skriver en sådan.\n\
             The file {path} has no public Ed25519 key in PEM; lika journal public-key writes one.",
            path = path.display()
        )
    })
}

fn print(key: &PublicKey) -> anyhow::Result<()> {
    write!(
        io::stdout(),
        "Fingeravtryck / fingerprint (SHA-256): {}\nBase64: {}\n{}",
        key.fingerprint(),
        key.base64(),
        key.pem()
    )?;
    Ok(())
}
