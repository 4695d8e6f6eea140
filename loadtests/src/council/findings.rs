//! What a test found, for machines (JSON), and from which tables and pictures are made.

use super::business::Done;
use super::course::{Course, FULL, Sample};
use super::hindrance::Hindrance;
use super::objections::{Objection, objections};
use super::session::Held;
use super::tally::{Shares, Worst};
use super::words;
use crate::company::Setting;
use crate::impair::Network;
use crate::language::Language;
use lika::equal_terms::{Direction, Level};
use serde::Serialize;
use std::collections::BTreeMap;

/// What a test found.
#[derive(Clone, Debug, Serialize)]
pub struct Findings {
    /// Whether equal terms held: nobody who served was red at any second after the start-up, and all of it was measured.
    pub approved: bool,
    /// What speaks against that; nothing: it is approved.
    pub objections: Vec<Objection>,
    /// The verdict in a sentence, in the language asked for.
    pub verdict: String,
    /// Who fared worst, by name; `null`: everybody was green all the time.
    pub worst_participant: Option<String>,
    /// The same in figures.
    pub worst: Option<Worst>,
    /// People in the meeting, the chair included.
    pub delegates: usize,
    /// Seconds of which the chair's page heard.
    pub seconds: usize,
    /// Seconds that passed meanwhile.
    pub counted_for_s: f64,
    /// The network that delegates sat behind.
    pub network: Option<Network>,
    /// How many of them did.
    pub behind_network: usize,
    /// Whether pictures were as heavy as a page sends them at most.
    pub full_pictures: bool,
    /// Machines that ran delegates.
    pub machines: usize,
    /// Whether it was ended before its time.
    pub interrupted: bool,
    /// Why the meeting did not get going.
    pub stuck: Option<String>,
    /// Who dropped out, by number, and why.
    pub gone: BTreeMap<usize, String>,
    /// Machines that went away with their delegates, and why.
    pub machines_lost: BTreeMap<String, String>,
    /// The number of the test's meeting, if it could not be closed and is on the server still.
    pub left_open: Option<u64>,
    /// How many participants were red at all.
    pub participants_red: usize,
    /// Seconds in which an alert about the server or its network was red.
    pub relay_red_s: u32,
    /// Everybody.
    pub participants: Vec<Participant>,
    /// What the meeting did.
    pub procedure: Done,
    /// What the server took.
    pub server: ServerTook,
    /// What passed between server and delegates, counted at the delegates, headers included.
    pub bandwidth: Bandwidth,
    /// What the machines took that ran the delegates.
    pub load: LoadTook,
    /// Every second.
    pub course: Vec<Sample>,
    /// The worst level of each participant in every second: a letter each, `g`, `a`, `r`, `u` not measured, `s` paused.
    pub strips: BTreeMap<usize, String>,
}

/// One participant.
#[derive(Clone, Debug, Serialize)]
pub struct Participant {
    /// From 1; the first is the chair.
    pub number: usize,
    /// Name.
    pub name: String,
    /// Shares of the time, by direction.
    pub directions: BTreeMap<Direction, Shares>,
    /// To the server, in kbit/s.
    pub up_kbit_s: f64,
    /// From the server, in kbit/s.
    pub down_kbit_s: f64,
    /// Round trip, mean, in milliseconds.
    pub round_trip_ms: Option<f64>,
}

/// What the server took.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ServerTook {
    /// Where it is known from: `process` or `metrics`; `null`: it is not known (give `--metrics-url`).
    pub source: Option<&'static str>,
    /// Cores in the mean; `null` in spite of a source: it did not answer during the test.
    pub cpu_cores_mean: Option<f64>,
    /// Cores in the busiest second.
    pub cpu_cores_max: Option<f64>,
    /// Memory at most, in MB (10^6).
    pub memory_mb_max: Option<f64>,
    /// Memory in the mean of the first and of the last tenth of the test: whether it grows.
    pub memory_mb_from_to: Option<(f64, f64)>,
    /// The same of files and sockets open.
    pub descriptors_from_to: Option<(f64, f64)>,
}

/// Bandwidth, Mbit/s.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Bandwidth {
    /// To the server, mean.
    pub to_server_mbit_s_mean: f64,
    /// In the heaviest second.
    pub to_server_mbit_s_max: f64,
    /// From the server, mean: what its uplink must carry.
    pub from_server_mbit_s_mean: f64,
    /// In the heaviest second.
    pub from_server_mbit_s_max: f64,
}

/// What the delegates' machines took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct LoadTook {
    /// Cores of all these machines.
    pub cores: f64,
    /// Share of the busiest machine's cores, mean over time.
    pub busy_mean: f64,
    /// In the busiest second.
    pub busy_max: f64,
    /// Share of the time in which a machine had nothing left.
    pub full_share: f64,
    /// Cores that the delegates themselves used, mean.
    pub delegates_cores_mean: f64,
    /// Share of memory left at the least, of the machine that had least.
    pub memory_left: f64,
}

/// What the findings are made of.
pub(crate) struct Circumstances<'a> {
    pub(crate) setting: &'a Setting,
    pub(crate) machines: usize,
    pub(crate) source: Option<&'static str>,
    pub(crate) language: Language,
}

impl Findings {
    pub(crate) fn of(held: &Held, of: &Circumstances<'_>) -> Self {
        let people = usize::from(of.setting.people);
        let (tally, course) = (&held.tally, &held.course);
        let worst = tally.worst();
        let objections = objections(held, people);
        let mut findings = Self {
            approved: objections.is_empty(),
            objections,
            verdict: String::new(),
            worst_participant: worst.map(|worst| words::name(of.language, worst.number)),
            worst,
            delegates: people,
            seconds: tally.heard(),
            counted_for_s: held.counted_for.as_secs_f64(),
            network: of.setting.network,
            behind_network: of.setting.network.map_or(0, |_| of.setting.behind),
            full_pictures: of.setting.full_pictures,
            machines: of.machines,
            interrupted: held.interrupted,
            stuck: held.stuck.clone(),
            gone: held.gone.clone(),
            machines_lost: held.machines_lost.clone(),
            left_open: held.left_open,
            participants_red: tally.red(),
            relay_red_s: tally.relay_red,
            participants: (1..=people)
                .map(|number| participant(held, number, of.language))
                .collect(),
            procedure: held.done.clone(),
            server: server_took(course, of.source),
            bandwidth: bandwidth(course),
            load: load_took(course),
            course: course.samples.clone(),
            strips: strips(held, people),
        };
        findings.verdict = words::verdict(of.language, &findings);
        findings
    }

    /// Whether the meeting was held as it should have been, from beginning to end, so that what was bad was bad for those in it.
    pub(crate) fn was_held(&self) -> bool {
        let waited = || self.procedure.hindered.iter().all(Hindrance::is_about_terms);
        self.objections
            .iter()
            .all(|one| one.is_about_terms() || (matches!(one, Objection::Hindered) && waited()))
    }
}

fn participant(held: &Held, number: usize, language: Language) -> Participant {
    let own = held.course.own.get(&number).copied().unwrap_or_default();
    let (up_kbit_s, down_kbit_s, round_trip_ms) = own.means();
    Participant {
        number,
        name: words::name(language, number),
        directions: held.tally.shares(number),
        up_kbit_s,
        down_kbit_s,
        round_trip_ms,
    }
}

fn server_took(course: &Course, source: Option<&'static str>) -> ServerTook {
    ServerTook {
        source,
        cpu_cores_mean: course.mean(|sample| sample.server_cores),
        cpu_cores_max: course.most(|sample| sample.server_cores),
        memory_mb_max: course.most(|sample| sample.server_memory_mb),
        memory_mb_from_to: course.change(|sample| sample.server_memory_mb),
        descriptors_from_to: course.change(|sample| sample.server_descriptors),
    }
}

fn bandwidth(course: &Course) -> Bandwidth {
    let up = |sample: &Sample| Some(sample.to_server_mbit_s);
    let down = |sample: &Sample| Some(sample.from_server_mbit_s);
    Bandwidth {
        to_server_mbit_s_mean: course.mean(up).unwrap_or_default(),
        to_server_mbit_s_max: course.most(up).unwrap_or_default(),
        from_server_mbit_s_mean: course.mean(down).unwrap_or_default(),
        from_server_mbit_s_max: course.most(down).unwrap_or_default(),
    }
}

fn load_took(course: &Course) -> LoadTook {
    let busy = |sample: &Sample| Some(sample.machine_busy);
    let is_full = |sample: &Sample| Some(f64::from(u8::from(sample.machine_busy >= FULL)));
    LoadTook {
        cores: course.cores(),
        busy_mean: course.mean(busy).unwrap_or_default(),
        busy_max: course.most(busy).unwrap_or_default(),
        full_share: course.mean(is_full).unwrap_or_default(),
        delegates_cores_mean: course.mean(|sample| Some(sample.delegates_cores)).unwrap_or_default(),
        memory_left: course.memory_left(),
    }
}

fn strips(held: &Held, people: usize) -> BTreeMap<usize, String> {
    let letter = |level: Option<&Level>| match level {
        Some(Level::Green) => 'g',
        Some(Level::Amber) => 'a',
        Some(Level::Red) => 'r',
        Some(Level::Suspended) => 's',
        Some(Level::Unknown) | None => 'u',
    };
    let strip = |number| {
        let seconds = held.tally.course.iter().map(|second| letter(second.get(&number)));
        (number, seconds.collect())
    };
    (1..=people).map(strip).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::super::hindrance::Deed;
    use super::*;
    use lika::equal_terms::Cause;
    use lika::meeting::ParticipantId;
    use lika::protocol::{DirectionView, QualityView};
    use std::time::{Duration, Instant};

    pub(crate) fn setting(people: u16) -> Setting {
        Setting {
            server: "https://x".into(),
            people,
            network: None,
            behind: 0,
            full_pictures: true,
        }
    }

    /// A test of 200 s from beginning to end in which member 7 was so in one second.
    pub(crate) fn held(people: u32, level: Level, cause: Option<Cause>) -> Held {
        let now = Instant::now();
        let mut held = Held {
            counted_for: Duration::from_secs(200),
            closed: true,
            done: Done {
                answers: people as usize,
                speeches: 3,
                ..Done::default()
            },
            ..Held::default()
        };
        let serving = (1..=people).map(|n| (ParticipantId(n), n as usize)).collect();
        for second in 0..200 {
            let bad = |who| second == 50 && who == 7;
            let view = |who: u32| QualityView {
                participant: ParticipantId(who),
                directions: vec![DirectionView {
                    direction: Direction::Heard,
                    level: if bad(who) { level } else { Level::Green },
                    cause: cause.filter(|_| bad(who)),
                    figure: None,
                }],
            };
            let quality: Vec<QualityView> = (1..=people).map(view).collect();
            held.tally.count(&quality, &serving, None);
            held.course.end_second(now, f64::from(second), 1.0, None);
        }
        held
    }

    pub(crate) fn findings(held: &Held, people: u16, language: Language) -> Findings {
        Findings::of(
            held,
            &Circumstances {
                setting: &setting(people),
                machines: 1,
                source: None,
                language,
            },
        )
    }

    #[test]
    fn amber_is_told_and_approved() {
        let held = held(40, Level::Amber, Some(Cause::SoundConcealed));
        let swedish = findings(&held, 40, Language::Sv);
        assert!(swedish.approved);
        assert_eq!(
            swedish.verdict,
            "40 distansdeltagare: godkänt. Sämst: ledamot 7, ljud upp, 0,5 % av tiden gult (ljudet hackar)."
        );
        let english = findings(&held, 40, Language::En);
        assert_eq!(
            english.verdict,
            "40 remote participants: approved. Worst: member 7, sound up, 0.5 % of the time amber (the sound breaks up)."
        );
        assert_eq!(english.worst_participant.as_deref(), Some("Member 7"));
        assert_eq!(english.participants[0].name, "Chair");
    }

    #[test]
    fn one_red_second_of_one_member_is_not_approved() {
        let held = held(40, Level::Red, Some(Cause::LinkLost));
        let findings = findings(&held, 40, Language::Sv);
        assert!(!findings.approved);
        assert_eq!(
            findings.verdict,
            "40 distansdeltagare: inte godkänt. Ledamot 7, ljud upp, 0,5 % av tiden rött (förbindelsen bröts)."
        );
        assert_eq!(findings.strips[&7].matches('r').count(), 1);
    }

    #[test]
    fn green_all_the_time_names_nobody() {
        let findings = findings(&held(6, Level::Green, None), 6, Language::Sv);
        assert_eq!(findings.verdict, "6 distansdeltagare: godkänt. Alla gröna hela tiden.");
        assert_eq!((findings.worst_participant, findings.approved), (None, true));
    }

    #[test]
    fn what_did_not_get_going_or_was_not_measured_is_not_approved() {
        let mut nothing = Held::default();
        assert!(!findings(&nothing, 6, Language::Sv).approved);
        nothing.stuck = Some("Sammanträdet kom inte igång: 3 av 6 är anslutna.".into());
        let told = findings(&nothing, 6, Language::Sv).verdict;
        assert!(
            told.starts_with("6 distansdeltagare: inte godkänt. Sammanträdet kom inte igång"),
            "{told}"
        );
    }

    /// The verdict on a test of six that is green, but for what is `done` to it: not approved, in both languages.
    fn spoilt(done: impl Fn(&mut Held)) -> [String; 2] {
        let mut held = held(6, Level::Green, None);
        done(&mut held);
        [Language::Sv, Language::En].map(|language| {
            let found = findings(&held, 6, language);
            let (_, because) = found.verdict.split_once(": ").unwrap();
            assert!(!found.approved && !found.objections.is_empty(), "{because}");
            let because = because
                .strip_prefix("inte godkänt")
                .or(because.strip_prefix("not approved"));
            because.unwrap().to_owned()
        })
    }

    #[test]
    fn what_was_cut_short_is_not_approved() {
        let told = spoilt(|held| held.interrupted = true);
        assert_eq!(
            told,
            [
                ". Avbrutet i förtid (200 av 200 s mättes).",
                ". Ended before its time (200 of 200 s were measured)."
            ]
        );
    }

    #[test]
    fn nor_is_what_was_measured_for_a_part_of_the_time_only() {
        let told = spoilt(|held| held.counted_for = Duration::from_secs(297));
        assert_eq!(
            told,
            [
                ". Bara 200 av 297 s kunde mätas.",
                ". Only 200 of 297 s could be measured."
            ]
        );
        let mut nearly = held(6, Level::Green, None);
        nearly.counted_for = Duration::from_secs(209);
        assert!(
            findings(&nearly, 6, Language::Sv).approved,
            "the edges, and a twentieth"
        );
    }

    #[test]
    fn nor_one_of_which_somebody_was_not_measured() {
        let told = spoilt(|held| {
            let others = (1..6).map(|n| (ParticipantId(n), n as usize)).collect();
            let last = [(ParticipantId(6), 6)].into();
            (0..30).for_each(|_| held.tally.miss(&last, None));
            assert!(held.tally.unmeasured(0).iter().all(|one| one.number == 6));
            held.tally.miss(&others, None);
        });
        assert_eq!(
            told[0],
            ". Ledamot 6, ljud upp, kunde inte mätas 13,0 % av tiden (som mest 30 s i rad)."
        );
        assert!(
            told[1].contains("Member 6, sound up, could not be measured for 13.0 %"),
            "{told:?}"
        );
    }

    #[test]
    fn nor_one_that_lost_a_delegate_or_a_machine() {
        let told = spoilt(|held| {
            held.gone.insert(3, "signed_out".into());
        });
        assert_eq!(
            told,
            [
                ". Ledamot 3 föll bort: blev utloggad.",
                ". Member 3 dropped out: was signed out."
            ]
        );
        let told = spoilt(|held| {
            held.machines_lost.insert("10.0.0.5:7400".into(), "silent".into());
        });
        assert_eq!(told[0], ". Lastmaskinen föll bort: 10.0.0.5:7400, silent.");
    }

    #[test]
    fn nor_one_in_which_the_order_of_business_could_not_be_followed() {
        let told = spoilt(|held| {
            held.done.hindered = vec![Hindrance {
                deed: Deed::RollCall,
                refusal: None,
            }];
        });
        assert_eq!(told[0], ". Ärendegången hindrades: uppropet (hann inte bli klart).");
        let told = spoilt(|held| held.done.answers = 5);
        assert_eq!(
            told[0],
            ". Sammanträdet hann för lite: 5 av 6 svarade vid uppropet, anföranden 3."
        );
        assert!(spoilt(|held| held.done.speeches = 0)[1].contains("speeches 0"));
        assert_eq!(
            spoilt(|held| held.closed = false)[0],
            ". Sammanträdet kunde inte avslutas i tid."
        );
    }

    #[test]
    fn an_alarm_about_the_server_is_told_as_what_it_is() {
        let told = spoilt(|held| held.tally.relay_red = 4);
        assert_eq!(
            told,
            [
                ". Larm om servern eller dess nät (4 s).",
                ". An alarm about the server or its network stood (4 s)."
            ]
        );
    }

    #[test]
    fn only_what_was_bad_for_those_in_it_says_anything_of_what_gave_first() {
        let red = findings(&held(6, Level::Red, None), 6, Language::Sv);
        assert!(red.was_held());
        let mut dropped = held(7, Level::Red, None);
        dropped.gone.insert(3, "left".into());
        assert!(!findings(&dropped, 7, Language::Sv).was_held());
    }

    #[test]
    fn machines_find_what_they_are_promised() {
        let json = serde_json::to_value(findings(&held(6, Level::Amber, None), 6, Language::Sv)).unwrap();
        assert_eq!(json["approved"], true);
        let heard = &json["participants"][5]["directions"]["heard"];
        assert_eq!(heard["green"], 1.0, "{json}");
        for key in [
            "server",
            "bandwidth",
            "load",
            "procedure",
            "worst_participant",
            "course",
            "strips",
        ] {
            assert!(json.get(key).is_some(), "{key}");
        }
    }
}
