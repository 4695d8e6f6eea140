//! `lika doctor reach`: whether sound and picture reach this server from outside, tried by a second device, as a
//! telephone on a mobile network. The device opens a page of this program, which connects to a relay of this program on
//! the configured ports; both are gone afterwards.

mod page;
mod probe;

use super::finding::{Finding, failed, good, warning};
use super::report::{Form, Language, Report};
use crate::cli::as_owner;
use crate::clock::Clock;
use crate::config::Config;
use crate::http::listener::Listener;
use crate::http::tls::{Source, Tls};
use anyhow::{Context as _, bail};
use lika_auth::oidc::Text;
use page::Attempt;
use probe::Probe;
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// The ways that a device tries.
const WAYS: usize = 2;
/// With what the service may: read its certificate, and open a port below 1024.
const AS_THE_SERVICE: &str = "systemd-run --pty --wait --collect --property=User=lika \
                              --property=AmbientCapabilities=CAP_NET_BIND_SERVICE lika doctor reach";

#[derive(clap::Args)]
pub(super) struct Args {
    /// The configuration
    #[arg(long, default_value = crate::cli::CONFIG)]
    config: PathBuf,
    /// In one language; left out: Swedish with English beneath
    #[arg(long)]
    language: Option<Language>,
    /// How long to wait for the device
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=120))]
    minutes: u16,
}

pub(super) fn reach(args: &Args) -> anyhow::Result<()> {
    let config = Config::read(&args.config)?;
    if config.server.tls.acme.is_some() {
        as_owner::must_not_be_roots(&args.config, AS_THE_SERVICE)?;
    }
    let mut report = Report::new(io::stdout(), Form::Text(args.language));
    let runtime = tokio::runtime::Runtime::new()?;
    let attempts = runtime.block_on(invite(&config, args))?;
    for finding in judge(&attempts, config.media.tcp) {
        report.say(super::Check::Addresses, finding.outcome, &finding.text)?;
    }
    super::verdict(report.failed())
}

/// Shows the way to the page and waits until a device has tried every way.
async fn invite(config: &Config, args: &Args) -> anyhow::Result<BTreeMap<String, Attempt>> {
    let advice = "lika körs kanske: stoppa det mellan två sammanträden (sudo systemctl stop lika) / lika may be running: \
                  stop it between two meetings (sudo systemctl stop lika)";
    let tls = Tls::open(&config.server, &config.storage.data_dir, Clock::system().now_ms())?;
    let listener = Listener::bind(config.server.listen, tls.config, config.limits.connections)
        .await
        .context(advice)?;
    // An authority's certificate is shown as long as its state is asked for, and made now if there is none.
    let mut current = JoinSet::new();
    if let Source::Authority(authority) = tls.source {
        current.spawn(authority.keep_current(|_ends| {}));
    }
    let (probe, mut attempts) = Probe::start(config).context(advice)?;
    let listener = if config.media.tcp {
        listener.with_relay(Arc::downgrade(probe.pool()))
    } else {
        listener
    };
    let address = format!("{}/reach/{}", config.server.public_url, probe.token());
    show(&address, args.language, &mut io::stdout())?;
    let mut tried = BTreeMap::new();
    let waiting = async {
        while tried.len() < WAYS {
            let Some(attempt) = attempts.recv().await else { return };
            tried.insert(attempt.way.clone(), attempt);
        }
    };
    let waiting = timeout(Duration::from_secs(60 * u64::from(args.minutes)), waiting);
    let stop = async { drop(waiting.await) };
    listener.serve(page::routes(probe), stop).await;
    if tried.is_empty() {
        bail!(
            "ingen enhet öppnade sidan: prova adressen i serverns egen webbläsare, och kontrollera att brandväggen släpper in \
             TCP till {listen} / no device opened the page: try the address in a browser on the server itself, and check that \
             the firewall admits TCP to {listen}",
            listen = config.server.listen
        );
    }
    Ok(tried)
}

fn show(address: &str, language: Option<Language>, out: &mut impl Write) -> anyhow::Result<()> {
    let picture = QrCode::new(address)?
        .render::<Dense1x2>()
        // Terminals are dark: what is dark on paper is what they leave dark.
        .dark_color(Dense1x2::Dark)
        .light_color(Dense1x2::Light)
        .build();
    writeln!(out, "\n{picture}\n\n{address}\n")?;
    if language != Some(Language::En) {
        writeln!(
            out,
            "Öppna adressen med en annan enhet på ett annat nät: en telefon med mobildata och utan wifi. Sidan provar ljud- och \
             bildvägen själv, utan kamera och mikrofon."
        )?;
    }
    if language != Some(Language::Sv) {
        writeln!(
            out,
            "Open the address with another device on another network: a telephone on mobile data without Wi-Fi. The page tries \
             the way of sound and picture by itself, without camera and microphone."
        )?;
    }
    Ok(out.flush()?)
}

/// What came through, and what to do about what did not.
fn judge(attempts: &BTreeMap<String, Attempt>, tcp_is_on: bool) -> Vec<Finding> {
    let through = |way: &str| attempts.get(way).filter(|attempt| attempt.connected);
    let told = |way: &str| {
        let attempt = through(way)?;
        let took = attempt.milliseconds;
        Some(Text {
            sv: format!(
                "Ljud och bild når fram med {} ({took} ms till anslutning).",
                way.to_uppercase()
            ),
            en: format!(
                "Sound and picture come through by {} (connected after {took} ms).",
                way.to_uppercase()
            ),
        })
    };
    let udp = told("udp").map_or_else(
        || {
            failed(
                "UDP når inte fram. Öppna UDP-porten i media.bind i brandväggen och för den vidare hit, och kontrollera att media.public_ips är den adress som brandväggen har utåt. Prova också från ett annat nät: enhetens eget kan spärra UDP.",
                "UDP does not come through. Open the UDP port of media.bind in the firewall and pass it on to this machine, and check that media.public_ips is the firewall's outer address. Try from another network too: the device's own may block UDP.",
            )
        },
        |Text { sv, en }| good(sv, en),
    );
    let tcp = told("tcp").map_or_else(
        || {
            if tcp_is_on {
                warning(
                    "TCP når inte fram, så den vars nät spärrar UDP kan inte delta. HTTPS-porten måste nå lika själv: en proxy som avslutar TLS släpper inte igenom det. Se /usr/share/doc/lika/turn.md.",
                    "TCP does not come through, so nobody whose network blocks UDP can take part. The HTTPS port must reach lika itself: a proxy that ends TLS does not let it through. See /usr/share/doc/lika/turn.md.",
                )
            } else {
                warning(
                    "media.tcp är avstängt: den vars nät spärrar UDP kan inte delta utan en TURN-server. Se /usr/share/doc/lika/turn.md.",
                    "media.tcp is off: nobody whose network blocks UDP can take part without a TURN server. See /usr/share/doc/lika/turn.md.",
                )
            }
        },
        |Text { sv, en }| good(sv, en),
    );
    vec![udp, tcp]
}

#[cfg(test)]
mod tests {
    use super::page::Attempt;
    use super::{judge, show};
    use lika_auth::oidc::Outcome;
    use std::collections::BTreeMap;

    fn outcomes(udp: bool, tcp: bool) -> [Outcome; 2] {
        let attempt = |way: &str, connected| {
            let way = way.to_owned();
            let attempt = Attempt {
                way: way.clone(),
                connected,
                milliseconds: 30,
            };
            (way, attempt)
        };
        let attempts = BTreeMap::from([attempt("udp", udp), attempt("tcp", tcp)]);
        let found = judge(&attempts, true);
        [found[0].outcome, found[1].outcome]
    }

    #[test]
    fn udp_must_come_through_and_tcp_should() {
        assert_eq!(outcomes(true, true), [Outcome::Ok, Outcome::Ok]);
        assert_eq!(outcomes(true, false), [Outcome::Ok, Outcome::Warning]);
        assert_eq!(outcomes(false, true), [Outcome::Failed, Outcome::Ok]);
        let nothing = judge(&BTreeMap::new(), false);
        assert!(nothing[1].text.sv.contains("media.tcp är avstängt"));
        for found in [&nothing[1], &judge(&BTreeMap::new(), true)[1]] {
            let says_where = |told: &str| told.contains(" /usr/share/doc/lika/turn.md.");
            assert!(says_where(&found.text.sv) && says_where(&found.text.en), "{found:?}");
        }
    }

    #[test]
    fn the_address_is_shown_as_text_and_as_a_picture() {
        let mut out = Vec::new();
        show("https://lika.example.se/reach/abc", None, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("https://lika.example.se/reach/abc\n") && text.contains('█') && text.contains('▄'));
        assert!(text.contains("mobildata") && text.contains("mobile data"));
    }
}
