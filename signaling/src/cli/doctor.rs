//! `lika doctor`: whether what the installation depends on works.

use crate::clock::Clock;
use crate::config::{Config, Provider, callback_url, logout_url, signed_out_url};
use anyhow::{Context as _, bail};
use clap::{Subcommand, ValueEnum};
use lika_auth::RosterKeys;
use lika_auth::oidc::{Finding, Outcome, RelyingParty, Text};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Talk to the OpenID Connect providers and say what is wrong, without logging anybody in
    Oidc {
        /// The configuration
        #[arg(long)]
        config: PathBuf,
        /// This provider alone, by its id
        #[arg(long)]
        provider: Option<String>,
        /// In one language; left out: Swedish with English beneath
        #[arg(long)]
        language: Option<Language>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Language {
    /// Swedish
    Sv,
    /// English
    En,
}

pub(super) fn run(command: Command) -> anyhow::Result<()> {
    let Command::Oidc {
        config,
        provider,
        language,
    } = command;
    let config = Config::read(&config)?;
    let mut report = Report {
        out: io::stdout().lock(),
        language,
        failed: 0,
    };
    oidc(&config, provider.as_deref(), &mut report)?;
    match report.failed {
        0 => Ok(()),
        failed => bail!("{failed} fel, se ovan / {failed} failed, see above"),
    }
}

fn oidc(config: &Config, only: Option<&str>, report: &mut Report<impl Write>) -> anyhow::Result<()> {
    let providers = chosen(config, only)?;
    if config.identity.test_identities {
        report.check(Outcome::Warning, &test_identities())?;
    }
    let (outcome, text) = roster_keys(config);
    report.check(outcome, &text)?;
    if providers.is_empty() {
        report.check(Outcome::Warning, &no_provider())?;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    for provider in providers {
        report.heading(provider)?;
        report.addresses(&config.server.public_url, &provider.id)?;
        for (outcome, text) in files(provider) {
            report.check(outcome, &text)?;
        }
        match relying_party(provider, &config.server.public_url) {
            Err(text) => report.check(Outcome::Failed, &text)?,
            Ok(relying_party) => {
                let findings = runtime.block_on(relying_party.diagnose(Clock::system().now_ms()));
                for Finding { outcome, text, .. } in findings {
                    report.check(outcome, &text)?;
                }
            }
        }
    }
    Ok(())
}

fn chosen<'a>(config: &'a Config, only: Option<&str>) -> anyhow::Result<Vec<&'a Provider>> {
    let all = &config.identity.provider;
    let Some(only) = only else {
        return Ok(all.iter().collect());
    };
    let found = all.iter().find(|one| one.id == only).with_context(|| {
        let known: Vec<_> = all.iter().map(|one| one.id.as_str()).collect();
        format!("there is no provider {only:?} in the configuration; those there are: {known:?}")
    })?;
    Ok(vec![found])
}

fn relying_party(provider: &Provider, public_url: &str) -> Result<RelyingParty, Text> {
    let cannot = |error: &dyn std::fmt::Display| {
        text(
            format!(
                "Inställningen kan inte användas: {error}. Kontrollera sökvägen, att lika får läsa filen, och värdet."
            ),
            format!("The setting cannot be used: {error}. Check the path, that lika may read the file, and the value."),
        )
    };
    let settings = provider.settings(public_url).map_err(|error| cannot(&error))?;
    RelyingParty::new(settings).map_err(|error| cannot(&error))
}

/// Secrets that everybody on the machine can read. A file that is not there is said when it is used.
fn files(provider: &Provider) -> impl Iterator<Item = (Outcome, Text)> {
    let files = [&provider.private_key_file, &provider.client_secret_file];
    files.into_iter().flatten().filter_map(|file| {
        let mode = std::fs::metadata(file).ok()?.permissions().mode() & 0o777;
        let exposed = text(
            format!(
                "{} kan läsas av alla på datorn (mode {mode:03o}). Kör: chmod 640, och låt gruppen vara lika.",
                file.display()
            ),
            format!(
                "{} can be read by everybody on this computer (mode {mode:03o}). Run: chmod 640, with lika as the group.",
                file.display()
            ),
        );
        (mode & 0o007 != 0).then_some((Outcome::Failed, exposed))
    })
}

/// The key file is not made here: whoever runs this may be another than the server.
fn roster_keys(config: &Config) -> (Outcome, Text) {
    let file = config.identity.key_file(&config.storage.data_dir);
    let found = std::fs::metadata(&file);
    if found.is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
        return (Outcome::Warning, no_key_file(&file));
    }
    match RosterKeys::open(&file) {
        Ok(keys) => (
            Outcome::Ok,
            text(
                format!("Nyckelfilen {} kan läsas. Nycklar: {}.", file.display(), keys.count()),
                format!("The key file {} can be read. Keys: {}.", file.display(), keys.count()),
            ),
        ),
        Err(error) => (
            Outcome::Failed,
            text(
                format!("Servern startar inte: {error}."),
                format!("The server does not start: {error}."),
            ),
        ),
    }
}

fn no_key_file(file: &Path) -> Text {
    text(
        format!(
            "Nyckelfilen {} finns inte. Den skapas när servern startar första gången; har den funnits ska den återställas från säkerhetskopian, annars känns ingen igen.",
            file.display()
        ),
        format!(
            "There is no key file {}. It is made when the server first starts; if there was one, restore it from its backup, or nobody is recognised.",
            file.display()
        ),
    )
}

fn test_identities() -> Text {
    text(
        "identity.test_identities är true: vem som helst kan välja vem hen är. Sätt false före ett riktigt sammanträde.",
        "identity.test_identities is true: anybody can choose who they are. Set it to false before a real meeting.",
    )
}

fn no_provider() -> Text {
    text(
        "Ingen leverantör är inställd: den personliga länken är det enda som krävs för att delta. Lägg till [[identity.provider]] i inställningarna; deploy/identity har ett exempel för varje slags leverantör.",
        "There is no provider: the personal link is all it takes to take part. Add [[identity.provider]] to the configuration; deploy/identity has an example for each family of providers.",
    )
}

fn text(sv: impl Into<String>, en: impl Into<String>) -> Text {
    Text {
        sv: sv.into(),
        en: en.into(),
    }
}

/// What is said, and how much of it was bad.
struct Report<W> {
    out: W,
    language: Option<Language>,
    failed: usize,
}

impl<W: Write> Report<W> {
    fn check(&mut self, outcome: Outcome, text: &Text) -> io::Result<()> {
        let (sv, en) = match outcome {
            Outcome::Ok => ("OK", "OK"),
            Outcome::Warning => ("VARNING", "WARNING"),
            Outcome::Failed => ("FEL", "FAILED"),
        };
        self.failed += usize::from(outcome == Outcome::Failed);
        if self.speaks(Language::Sv) {
            writeln!(self.out, "{sv:<8} {}", text.sv)?;
        }
        if self.speaks(Language::En) {
            writeln!(self.out, "{en:<8} {}", text.en)?;
        }
        Ok(())
    }

    fn heading(&mut self, provider: &Provider) -> io::Result<()> {
        writeln!(self.out, "\n# {}: {}, {}", provider.id, provider.name, provider.issuer)
    }

    fn addresses(&mut self, public_url: &str, id: &str) -> io::Result<()> {
        if self.speaks(Language::Sv) {
            writeln!(self.out, "Adresser som ska vara registrerade hos leverantören:")?;
        }
        if self.speaks(Language::En) {
            writeln!(self.out, "Addresses that must be registered at the provider:")?;
        }
        for (name, address) in [
            ("redirect_uri", callback_url(public_url, id)),
            ("post_logout_redirect_uri", signed_out_url(public_url)),
            ("backchannel_logout_uri", logout_url(public_url, id)),
        ] {
            writeln!(self.out, "  {name:<25} {address}")?;
        }
        Ok(())
    }

    fn speaks(&self, language: Language) -> bool {
        self.language.is_none_or(|only| only == language)
    }
}
