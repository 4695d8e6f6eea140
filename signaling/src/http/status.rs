//! `GET /status`: for whoever looks after the server. Meetings as numbers, what is left to carry more, and what to see to.

use super::Doors;
use super::admin::{NotAllowed, Watcher};
use crate::conference::Overview;
use crate::equal_terms::Level;
use crate::journal::{Synchronised, TimeSource};
use crate::meeting::MeetingId;
use crate::metrics::Seen;
use crate::metrics::capacity::room_for;
use crate::metrics::label::{Label as _, Stage};
use crate::metrics::warning::{Warning, warnings};
use axum::Json;
use axum::extract::{Query, State};
use axum::http::header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use lika_auth::Scope;
use serde::Deserialize;
use serde_json::{Value, json};
use std::fmt::Write as _;

pub(super) const STYLE_PATH: &str = "/status.css";
/// How often a browser asks anew, in seconds, where it is told to: a page that renews itself interrupts who has it read out
/// (WCAG 2.2.1).
const REFRESH_S: u32 = 10;
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Swedish, unless the browser asks for English before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Language {
    #[default]
    Sv,
    En,
}

/// What may be asked for beside.
#[derive(Deserialize)]
pub(super) struct Asked {
    language: Option<Language>,
    /// Whether the page renews itself.
    #[serde(default)]
    renews: bool,
}

pub(super) async fn status(
    State(doors): State<Doors>,
    watcher: Result<Watcher, NotAllowed>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    let language = asked.language.unwrap_or_else(|| preferred(&headers));
    let wants_json = header(&headers, ACCEPT).contains("application/json");
    if let Err(reason) = watcher.and_then(|Watcher(caller)| caller.may(Scope::MeetingsRead, false)) {
        let refused = reason.into_response();
        return if wants_json || refused.status() != StatusCode::UNAUTHORIZED {
            refused
        } else {
            (refused.status(), Html(closed(language))).into_response()
        };
    }
    let (seen, now_s) = (doors.watch.look().await, doors.clock.now_ms() / 1000);
    let warnings = warnings(&seen, doors.watch.setup(), now_s);
    if wants_json {
        Json(for_programs(&seen, &warnings, now_s)).into_response()
    } else {
        Html(for_people(&seen, &warnings, now_s, language, asked.renews)).into_response()
    }
}

/// Its style; the content security policy allows none in the page itself.
pub(super) async fn style() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("status.css"))
}

fn header(headers: &HeaderMap, name: axum::http::HeaderName) -> &str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

/// What comes first in Accept-Language (RFC 9110 section 12.5.4), as browsers order it.
fn preferred(headers: &HeaderMap) -> Language {
    let languages = header(headers, ACCEPT_LANGUAGE).split(',');
    let known = |tag: &str| match tag.trim().get(..2)?.to_ascii_lowercase().as_str() {
        "sv" => Some(Language::Sv),
        "en" => Some(Language::En),
        _ => None,
    };
    languages.into_iter().find_map(known).unwrap_or_default()
}

fn for_programs(seen: &Seen, warnings: &[Warning], now_s: i64) -> Value {
    let meeting = |(id, one): &(MeetingId, Overview)| {
        json!({
            "meeting": id.0, "phase": one.stage.value(), "invited": one.invited, "inside": one.inside, "lost": one.lost,
            "lobby": one.lobby, "red": one.alerts_of(Level::Red), "amber": one.alerts_of(Level::Amber),
        })
    };
    let worker = |(number, one): (usize, &crate::metrics::WorkerSeen)| {
        json!({
            "worker": number, "busy_ratio": f64::from(one.load.busy) / 1000.0, "peers": one.load.peers,
            "up": one.counters.is_some(),
        })
    };
    let warning = |one: &Warning| json!({ "kind": one, "sv": one.swedish(), "en": one.english() });
    json!({
        "version": VERSION,
        "at_s": now_s,
        "draining": seen.draining,
        "meetings": seen.meetings.iter().map(meeting).collect::<Vec<_>>(),
        "relay": seen.workers.iter().enumerate().map(worker).collect::<Vec<_>>(),
        "room_for": room_for(&seen.workers),
        "connections": { "open": seen.connections.open, "limit": seen.connections.limit },
        "disk_free_bytes": seen.disk.map(|disk| disk.free),
        "certificate_ends_s": seen.certificate_ends_s,
        "backed_up_s": seen.backed_up_s,
        "clock_synchronised": seen.time.and_then(synchronised),
        "clock_ahead_ms": seen.clock_ahead_ms,
        "warnings": warnings.iter().map(warning).collect::<Vec<_>>(),
    })
}

fn synchronised(time: TimeSource) -> Option<bool> {
    match time.synchronised {
        Synchronised::Yes => Some(true),
        Synchronised::No => Some(false),
        Synchronised::Unknown => None,
    }
}

fn for_people(seen: &Seen, warnings: &[Warning], now_s: i64, language: Language, renews: bool) -> String {
    let mut body = String::new();
    let say = |sv: &'static str, en: &'static str| language.say(sv, en);
    let (other, there) = match language {
        Language::Sv => ("en", "In English"),
        Language::En => ("sv", "På svenska"),
    };
    let about = say("Lika, version", "Lika, version");
    let renewal = match (language, renews) {
        (Language::Sv, false) => format!("Uppdatera var {REFRESH_S}:e sekund"),
        (Language::Sv, true) => format!("Uppdateras var {REFRESH_S}:e sekund: sluta med det"),
        (Language::En, false) => format!("Update every {REFRESH_S} seconds"),
        (Language::En, true) => format!("Updated every {REFRESH_S} seconds: stop that"),
    };
    let (tag, toggled) = (say("sv", "en"), !renews);
    // A String takes everything that is written to it.
    let _ = write!(
        body,
        "<header>\n<h1>{}</h1>\n<p>{about} {VERSION}. {} UTC.</p>\n<p><a href=\"/status?language={tag}&amp;renews={toggled}\">{renewal}</a> \
         <a lang=\"{other}\" href=\"/status?language={other}&amp;renews={renews}\">{there}</a></p>\n</header>\n",
        say("Serverns tillstånd", "State of the server"),
        moment(now_s, "%Y-%m-%d %H:%M:%S")
    );
    body.push_str(&what_to_see_to(warnings, language));
    body.push_str(&meetings(&seen.meetings, language));
    body.push_str(&capacity(seen, language));
    body.push_str(&machine(seen, language));
    page(
        say("Serverns tillstånd", "State of the server"),
        language,
        if renews { REFRESH_S } else { 0 },
        &body,
    )
}

fn what_to_see_to(warnings: &[Warning], language: Language) -> String {
    let heading = language.say("Att åtgärda", "To see to");
    if warnings.is_empty() {
        let nothing = language.say("Inget. Allt är som det ska.", "Nothing. Everything is as it should be.");
        return format!("<section class=\"well\">\n<h2>{heading}</h2>\n<p>{nothing}</p>\n</section>\n");
    }
    let item = |one: &Warning| format!("<li>{}</li>\n", language.say(one.swedish(), one.english()));
    let items: String = warnings.iter().map(item).collect();
    format!("<section class=\"warn\">\n<h2>{heading}</h2>\n<ul>\n{items}</ul>\n</section>\n")
}

fn meetings(meetings: &[(MeetingId, Overview)], language: Language) -> String {
    let heading = language.say("Sammanträden", "Meetings");
    if meetings.is_empty() {
        let none = language.say(
            "Inget sammanträde är öppet eller kallat till.",
            "No meeting is open or convened.",
        );
        return format!("<section>\n<h2>{heading}</h2>\n<p>{none}</p>\n</section>\n");
    }
    let heads = match language {
        Language::Sv => [
            "Nummer",
            "Läge",
            "Inne",
            "Tappade",
            "I lobbyn",
            "Kallade",
            "Röda larm",
            "Gula larm",
        ],
        Language::En => [
            "Number",
            "Phase",
            "Inside",
            "Lost",
            "In the lobby",
            "Invited",
            "Red alerts",
            "Amber alerts",
        ],
    };
    let heads: String = heads
        .iter()
        .map(|head| format!("<th scope=\"col\">{head}</th>"))
        .collect();
    let row = |(id, one): &(MeetingId, Overview)| {
        let figures = [one.inside, one.lost, one.lobby, one.invited].map(|figure| format!("<td>{figure}</td>"));
        let alerts = [(Level::Red, "red"), (Level::Amber, "amber")].map(|(level, class)| match one.alerts_of(level) {
            0 => "<td>0</td>".to_owned(),
            count => format!("<td class=\"{class}\">{count}</td>"),
        });
        let phase = phase(one.stage, language);
        format!(
            "<tr><th scope=\"row\">{}</th><td>{phase}</td>{}{}</tr>\n",
            id.0,
            figures.concat(),
            alerts.concat()
        )
    };
    let rows: String = meetings.iter().map(row).collect();
    format!(
        "<section>\n<h2>{heading}</h2>\n<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"{heading}\">\n<table>\n\
         <thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n</div>\n</section>\n"
    )
}

const fn phase(stage: Stage, language: Language) -> &'static str {
    match stage {
        Stage::Planned => language.say("Inte öppnat", "Not opened"),
        Stage::Open => language.say("Pågår", "In session"),
        Stage::Adjourned => language.say("Ajournerat", "Adjourned"),
        Stage::Closed => language.say("Avslutat", "Closed"),
    }
}

fn capacity(seen: &Seen, language: Language) -> String {
    let heading = language.say("Kraft kvar", "Power left");
    let mut lines = String::new();
    for (number, worker) in seen.workers.iter().enumerate() {
        let percent = worker.load.busy / 10;
        let (thread, people, busy) = match language {
            Language::Sv => (
                format!("Relätråd {number}"),
                format!("{} anslutningar", worker.load.peers),
                format!("{percent} % av 70"),
            ),
            Language::En => (
                format!("Relay thread {number}"),
                format!("{} connections", worker.load.peers),
                format!("{percent} % of 70"),
            ),
        };
        let _ = writeln!(
            lines,
            "<dt>{thread}</dt><dd><meter min=\"0\" max=\"100\" low=\"50\" high=\"70\" optimum=\"0\" value=\"{percent}\">{percent} %\
             </meter> {busy}, {people}</dd>"
        );
    }
    let room = match (room_for(&seen.workers), language) {
        (Some(more), Language::Sv) => format!("Plats för ungefär {more} deltagare till i samma sammanträde."),
        (Some(more), Language::En) => format!("Room for about {more} more participants in the same meeting."),
        (None, Language::Sv) => {
            "Med så få inne går det inte att säga hur många fler som får plats. lika doctor mäter processorn; \
                                 lika-loadtests council provar på riktigt."
                .into()
        }
        (None, Language::En) => {
            "With so few inside nothing can be said of how many more there is room for. lika doctor measures \
                                 the processor; lika-loadtests council tries it for real."
                .into()
        }
    };
    format!("<section>\n<h2>{heading}</h2>\n<p>{room}</p>\n<dl>\n{lines}</dl>\n</section>\n")
}

fn machine(seen: &Seen, language: Language) -> String {
    let unknown = || language.say("okänt", "unknown").to_owned();
    let of = |open: u64, limit: u64| match language {
        Language::Sv => format!("{open} av {limit}"),
        Language::En => format!("{open} of {limit}"),
    };
    let disk = seen.disk.map(|disk| {
        let gigabytes = format!("{:.1} GB", disk.free as f64 / 1e9);
        match language {
            Language::Sv => gigabytes.replace('.', ","),
            Language::En => gigabytes,
        }
    });
    let clock = seen.time.and_then(synchronised).map(|follows| {
        let said = if follows {
            language.say("följer en tidsserver", "follows a time server")
        } else {
            language.say("följer ingen tidsserver", "follows no time server")
        };
        said.to_owned()
    });
    let lines = [
        (
            language.say("Anslutningar till HTTPS-porten", "Connections to the HTTPS port"),
            Some(of(seen.connections.open.into(), seen.connections.limit.into())),
        ),
        (
            language.say("Öppna filer", "Open files"),
            seen.descriptors.map(|files| of(files.open, files.limit)),
        ),
        (language.say("Ledigt på disken", "Free on the disk"), disk),
        (
            language.say("Certifikatet gäller till", "The certificate is valid until"),
            seen.certificate_ends_s.map(|end| moment(end, "%Y-%m-%d")),
        ),
        (language.say("Klockan", "The clock"), clock),
        (
            language.say("Senaste säkerhetskopian (UTC)", "Latest backup (UTC)"),
            Some(backed_up(seen.backed_up_s, language)),
        ),
    ];
    let line =
        |(name, value): (&str, Option<String>)| format!("<dt>{name}</dt><dd>{}</dd>\n", value.unwrap_or_else(unknown));
    let lines: String = lines.into_iter().map(line).collect();
    let heading = language.say("Maskinen", "The machine");
    format!("<section>\n<h2>{heading}</h2>\n<dl>\n{lines}</dl>\n</section>\n")
}

fn backed_up(made_s: Option<i64>, language: Language) -> String {
    match made_s {
        Some(made) => moment(made, "%Y-%m-%d %H:%M"),
        None => language.say("ingen", "none").to_owned(),
    }
}

/// For who is no administrator.
fn closed(language: Language) -> String {
    let heading = language.say("Bara för administratörer", "For administrators only");
    let advice = language.say(
        "Logga in med ett konto i gruppen identity.admin_group, eller hämta sidan med den lokala administratörens token.",
        "Log in with an account of the group identity.admin_group, or fetch the page with the local administrator's token.",
    );
    let way = language.say("Logga in", "Log in");
    let body = format!("<h1>{heading}</h1>\n<p>{advice}</p>\n<p><a class=\"button\" href=\"/sign-in\">{way}</a></p>\n");
    page(heading, language, 0, &body)
}

fn page(title: &str, language: Language, refresh_s: u32, body: &str) -> String {
    let tag = language.say("sv", "en");
    let refresh = if refresh_s > 0 {
        format!("<meta http-equiv=\"refresh\" content=\"{refresh_s}\">\n")
    } else {
        String::new()
    };
    format!(
        "<!doctype html>\n<html lang=\"{tag}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n{refresh}<title>{title} – Lika</title>\n\
         <link rel=\"stylesheet\" href=\"{}\">\n<link rel=\"stylesheet\" href=\"{STYLE_PATH}\">\n</head>\n<body>\n\
         <main class=\"status\">\n{body}</main>\n</body>\n</html>\n",
        super::notice::STYLE_PATH
    )
}

fn moment(at_s: i64, form: &str) -> String {
    let at = jiff::Timestamp::from_second(at_s);
    at.map(|at| at.strftime(form).to_string()).unwrap_or_default()
}

impl Language {
    const fn say(self, sv: &'static str, en: &'static str) -> &'static str {
        match self {
            Self::Sv => sv,
            Self::En => en,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Language, preferred};
    use axum::http::HeaderMap;
    use axum::http::header::ACCEPT_LANGUAGE;

    #[test]
    fn swedish_unless_english_comes_first() {
        for (asked, expected) in [
            ("", Language::Sv),
            ("en-GB,en;q=0.9,sv;q=0.8", Language::En),
            ("sv-SE,sv;q=0.9,en;q=0.8", Language::Sv),
            ("fi,en;q=0.5", Language::En),
            ("*", Language::Sv),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT_LANGUAGE, asked.parse().unwrap())]);
            assert_eq!(preferred(&headers), expected, "{asked}");
        }
    }
}
