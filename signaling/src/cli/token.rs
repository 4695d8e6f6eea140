//! `lika token`: what programs may do with the API.

use crate::clock::Clock;
use crate::config::Config;
use crate::data::IDENTITIES;
use crate::report::clock_ms;
use anyhow::{Context as _, ensure};
use clap::Subcommand;
use lika_auth::{ApiGrant, IdentityStore, Scope};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Make an API token and print it, this once; works beside a running server
    Create {
        /// The configuration
        #[arg(long, default_value = super::CONFIG)]
        config: PathBuf,
        /// What lists and logs call it: the name of a system, not of a person
        #[arg(long)]
        name: String,
        /// What it is good for, several with commas: meetings:read, meetings:write, exports:read, exports:secret, loadtest
        #[arg(long, value_delimiter = ',', required = true)]
        scope: Vec<Scope>,
        /// For how many days
        #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u16).range(1..=1100))]
        days: u16,
    },
    /// List the tokens, without the tokens themselves
    List {
        /// The configuration
        #[arg(long, default_value = super::CONFIG)]
        config: PathBuf,
    },
    /// Take a token back; it is refused from now on
    Revoke {
        /// The configuration
        #[arg(long, default_value = super::CONFIG)]
        config: PathBuf,
        /// Its name
        name: String,
    },
}

pub(super) fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Create {
            config,
            name,
            scope,
            days,
        } => create(&config, name, scope, days),
        Command::List { config } => list(&config),
        Command::Revoke { config, name } => revoke(&config, &name),
    }
}

/// The server makes the file, as its own user.
fn store(config: &Path) -> anyhow::Result<IdentityStore> {
    let file = Config::read(config)?.storage.data_dir.join(IDENTITIES);
    ensure!(
        file.exists(),
        "{0} finns inte: starta servern en gång först / there is no {0}: start the server once first",
        file.display()
    );
    Ok(IdentityStore::open_beside(&file)?)
}

fn create(config: &Path, name: String, scopes: Vec<Scope>, days: u16) -> anyhow::Result<()> {
    let made_ms = Clock::system().now_ms();
    let grant = ApiGrant {
        name,
        scopes: scopes.into_iter().collect(),
        made_ms,
        expires_ms: made_ms + i64::from(days) * DAY_MS,
    };
    let token = store(config)?.grant_api(&grant)?;
    writeln!(io::stdout(), "{}", token.reveal().as_str())?;
    // Where a script keeps only the token.
    writeln!(
        io::stderr(),
        "Nyckeln visas bara nu. Gäller till {until} UTC: {scopes}\n\
         The token is shown this once. Good until {until} UTC: {scopes}",
        until = clock_ms(grant.expires_ms),
        scopes = grant.scopes
    )?;
    Ok(())
}

fn list(config: &Path) -> anyhow::Result<()> {
    let (grants, now_ms) = (store(config)?.api_grants()?, Clock::system().now_ms());
    let mut out = io::stdout();
    for grant in grants {
        let over = if grant.expires_ms <= now_ms {
            " (utgången / expired)"
        } else {
            ""
        };
        writeln!(
            out,
            "{}\t{}\t{} – {}{over}",
            grant.name,
            grant.scopes,
            clock_ms(grant.made_ms),
            clock_ms(grant.expires_ms)
        )?;
    }
    Ok(())
}

fn revoke(config: &Path, name: &str) -> anyhow::Result<()> {
    let there = store(config)?.revoke_api(name)?;
    there.then_some(()).with_context(|| {
        format!("ingen nyckel heter {name:?}; lika token list visar dem / no token is named {name:?}; lika token list shows them")
    })?;
    writeln!(io::stdout(), "{name}: återkallad / revoked")?;
    Ok(())
}
