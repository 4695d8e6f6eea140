//! Whether the OpenID Connect providers can be used, without logging anybody in.

use super::finding::{Check, text};
use super::report::Report;
use crate::clock::Clock;
use crate::config::{Config, Provider};
use anyhow::Context as _;
use lika_auth::RosterKeys;
use lika_auth::oidc::{Finding, Outcome, RelyingParty, Text};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

pub(super) fn oidc(config: &Config, only: Option<&str>, report: &mut Report<impl Write>) -> anyhow::Result<()> {
    let providers = chosen(config, only)?;
    if config.identity.test_identities {
        report.say(Check::Oidc, Outcome::Warning, &test_identities())?;
    }
    let (outcome, text) = roster_keys(config);
    report.say(Check::Oidc, outcome, &text)?;
    if providers.is_empty() {
        report.say(Check::Oidc, Outcome::Warning, &no_provider())?;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    for provider in providers {
        let about = format!("{}, {}", provider.name, provider.issuer);
        report.provider(&config.server.public_url, &provider.id, &about)?;
        for (outcome, text) in files(provider) {
            report.say(Check::Oidc, outcome, &text)?;
        }
        match relying_party(provider, &config.server.public_url) {
            Err(text) => report.say(Check::Oidc, Outcome::Failed, &text)?,
            Ok(relying_party) => {
                let findings = runtime.block_on(relying_party.diagnose(Clock::system().now_ms()));
                for Finding { outcome, text, .. } in findings {
                    report.say(Check::Oidc, outcome, &text)?;
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
        "Ingen leverantör är inställd: den personliga länken är det enda som krävs för att delta. Lägg till [[identity.provider]] i inställningarna; /usr/share/doc/lika/examples/identity har ett exempel för varje slags leverantör.",
        "There is no provider: the personal link is all it takes to take part. Add [[identity.provider]] to the configuration; /usr/share/doc/lika/examples/identity has an example for each family of providers.",
    )
}
