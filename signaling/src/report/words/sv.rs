//! Svenska.

use super::{Texts, Told, Words};
use crate::equal_terms::{Cause, Direction, Level};
use crate::meeting::pause::Reason as PauseReason;
use crate::meeting::{Answer, Choice, Despite, Role, service};
use crate::report::account::Place;
use crate::report::alarm::Act;
use crate::report::severity::Severity;

pub(super) struct Swedish;

const TEXTS: Texts = Texts {
    report: "Rapport om deltagande på distans",
    basis: "Rapporten återger journalen och det som har mätts mellan anslutna enheter. Den säger inget om vad personer har \
            uppfattat. Ett larm är en mätning eller en deltagares egen anmälan; om lika villkor har brutits avgör \
            ordföranden. Deltagare i salen representeras av salens enheter.",
    meeting: "Sammanträde",
    body: "Organ",
    day: "Datum",
    opened: "Öppnat",
    closed: "Avslutat",
    not_yet: "nej",
    profile: "Tröskelprofil",
    program: "Programversion",
    journal: "Journal",
    zone: "Tider",
    signature: "Underskrift",
    signature_own: "läst ur installationens egen journal, vars kedja är hel; underskrifterna är inte prövade",
    signature_not_checked: "inte prövad mot någon nyckel: vem som helst kan ha gjort filen som rapporten bygger på",
    left_out: "Utelämnat",
    not_recorded: "inte sparad",
    serving: "Tjänstgörande",
    no_service: "Journalen anger inte vilka som tjänstgjorde.",
    no_service_told: "Det som återges här anger inte vilka som tjänstgjorde; händelser är utelämnade.",
    present: "Närvaro",
    mandate: "Mandat",
    who: "Vem",
    role: "Roll",
    party: "Parti",
    place: "Plats",
    from: "Från",
    to: "Till",
    why: "Anledning",
    still: "–",
    decisions: "Beslut",
    no_decisions: "Inga beslut är antecknade.",
    no_decisions_told: "Det som återges här har inga beslut; händelser är utelämnade.",
    decision: "Beslut",
    course: "Förlopp",
    time: "Tid",
    what: "Händelse",
    alarms: "Larm",
    alarms_explained: "Varje larm med orsak, tid och vad ordföranden gjorde medan det stod. Värdet är det sämsta som \
                       antecknades.",
    no_alarms: "Inga larm.",
    no_alarms_told: "Det som återges här har inga larm; händelser är utelämnade.",
    slight: "Under larmgränsen",
    slight_explained: "Mindre avvikelser, som visas för sekreteraren.",
    finding: "Uppmätt",
    figure_others: "Berörda",
    acts: "Vad som gjordes",
    no_acts: "inget antecknat",
    cut_off: "mätningen avbröts",
    unanswered: "obesvarad",
    settled: "mätningen visade det inte längre",
    may_be_over: "kan ha upphört; händelser är utelämnade",
    unstable: "ostadigt",
    times: "Antal",
    quality: "Kvalitet över tid",
    quality_explained: "En rad per riktning. I varje kolumn visas den sämsta sekunden.",
    no_samples: "Mätvärdena är inte sparade, är gallrade eller finns inte i den här filen. Kvaliteten över tid kan inte \
                 visas.",
    gaps: "Luckor i mätvärdena",
    not_judged: "inte mätt",
    secret: "[utelämnat: sekretess]",
    flawless: "Inga uppmätta brister mellan anslutna enheter; deltagare i salen representeras av salens enheter.",
    no_alarming_flaws: "Inga uppmätta brister över larmgränsen mellan anslutna enheter; deltagare i salen representeras av \
                        salens enheter.",
    no_measurement: "Mätvärden saknas.",
    exceptions: "Uppmätta undantag:",
    no_exceptions: "Inga uppmätta undantag.",
    alarms_at_gavel: "Larm som stod vid klubbslaget:",
    no_alarm_at_gavel: "Inget larm stod vid klubbslaget.",
    no_alarm_at_gavel_told: "Av det som återges här stod inget larm vid klubbslaget; händelser är utelämnade.",
    measured_at_entry: "Uppmätt när beslutet infördes, inte vid klubbslaget:",
    measured_at_gavel: "Uppmätt just vid klubbslaget; ett larm står kvar en stund sedan mätvärdena har blivit bättre:",
    alarms_then: "Larm som stod då:",
    measured_then: "Uppmätt just då; ett larm står kvar en stund sedan mätvärdena har blivit bättre:",
    correction: "Rättelse",
    vote: "Omröstning",
    vote_opened: "När omröstningen öppnades:",
    vote_closed: "När omröstningen avslutades:",
    roll_call_ended: "När uppropet avslutades:",
    yes: "Ja",
    no: "Nej",
    answer: "Svar",
    measured: "Uppmätt då",
    server: "Servern eller dess nät",
    restarted: "Servern startade om. Mätningen började på nytt.",
};

impl Words for Swedish {
    fn tag(&self) -> &'static str {
        "sv"
    }

    fn texts(&self) -> &'static Texts {
        &TEXTS
    }

    fn number(&self, figure: f64) -> String {
        super::en::plain(figure).replace('.', ",")
    }

    fn participant(&self, number: u32) -> String {
        format!("Deltagare {number}")
    }

    fn role(&self, role: Role) -> &'static str {
        match role {
            Role::Chair => "ordförande",
            Role::ViceChair => "vice ordförande",
            Role::Secretary => "sekreterare",
            Role::Member => "ledamot",
            Role::Substitute => "ersättare",
            Role::Guest => "inbjuden",
            Role::Chamber => "salens enhet",
        }
    }

    fn place(&self, place: Place) -> &'static str {
        match place {
            Place::Remote => "på distans",
            Place::Chamber => "i salen",
        }
    }

    fn direction(&self, direction: Direction) -> &'static str {
        match direction {
            Direction::Heard => "Hörs",
            Direction::Seen => "Syns",
            Direction::Hears => "Hör",
            Direction::Sees => "Ser",
            Direction::Delay => "Fördröjning",
            Direction::Link => "Länk",
        }
    }

    fn stood(&self, who: &str, direction: Direction, severity: Severity) -> String {
        let named = self.direction(direction).to_lowercase();
        match (direction, severity) {
            (_, Severity::Suspended) => format!("mätningen av {who} vilade ({named})"),
            (_, Severity::Unknown) => format!("mätvärden saknas för {who} ({named})"),
            (_, Severity::Good) => format!("inget uppmätt om {who}"),
            (Direction::Heard, Severity::Lost) => format!("{who} hördes inte"),
            (Direction::Seen, Severity::Lost) => format!("{who} syntes inte"),
            (Direction::Hears, Severity::Lost) => format!("{who} hörde inte de andra"),
            (Direction::Sees, Severity::Lost) => format!("{who} såg inte de andra"),
            (Direction::Link, Severity::Lost) => format!("{who} hade tappat förbindelsen"),
            (Direction::Heard, Severity::Poor) => format!("{who} hördes dåligt"),
            (Direction::Seen, Severity::Poor) => format!("{who} syntes dåligt"),
            (Direction::Hears, Severity::Poor) => format!("{who} hörde de andra dåligt"),
            (Direction::Sees, Severity::Poor) => format!("{who} såg de andra dåligt"),
            (Direction::Link, Severity::Poor) => format!("{who} hade dålig förbindelse"),
            // Of delay and of lip sync alike.
            (Direction::Delay, Severity::Lost | Severity::Poor) => format!("{who} var i otakt"),
        }
    }

    fn unreported(&self, who: &str) -> String {
        format!("Det är okänt om {who} hörde och såg de andra")
    }

    fn reported(&self, who: &str) -> String {
        format!("{who} anmälde: ”Jag deltar inte på lika villkor”")
    }

    fn system_fault(&self, cause: &str) -> String {
        format!("Servern eller dess nät hade ett fel, som alla kan ha berörts av: {cause}")
    }

    fn cause(&self, cause: Cause, figure: Option<&str>) -> String {
        let with = |with: &str, without: &str| match figure {
            Some(figure) => with.replace("{}", figure),
            None => without.to_owned(),
        };
        match cause {
            Cause::LinkLost => with("inget svar på {} s", "inget svar"),
            Cause::TelemetryMissing => with("mätvärden saknades sedan {} s", "mätvärden saknades"),
            Cause::Unacknowledged => with(
                "enheten hade inte bekräftat något av det som sändes till den på {} s",
                "enheten bekräftade inget av det som sändes till den",
            ),
            Cause::MicrophoneDead => with(
                "mikrofonen var öppen men gav inget ljud sedan {} s",
                "mikrofonen var öppen men gav inget ljud",
            ),
            Cause::PictureWithheld => with(
                "nätet räckte inte till allas bild sedan {} s",
                "nätet räckte inte till allas bild",
            ),
            Cause::PictureUndecodable => with(
                "någons bild var i ett format som enheten inte läser, sedan {} s",
                "någons bild var i ett format som enheten inte läser",
            ),
            // Two rows of the profile have this cause, one in percent and one in seconds.
            Cause::PictureFrozen => "bilden stod still, helt eller stundtals".to_owned(),
            Cause::CameraOff => with("kameran var av sedan {} s", "kameran var av"),
            Cause::CameraCovered => with(
                "bilden var svart eller täckt sedan {} s",
                "bilden var svart eller täckt",
            ),
            Cause::SoundLoss => with("{} % av ljudet gick förlorat på vägen", "ljud gick förlorat på vägen"),
            Cause::SoundConcealed => with("{} % av talet föll bort", "delar av talet föll bort"),
            Cause::SoundMissing => with("talet hade inte kommit fram på {} s", "talet kom inte fram"),
            Cause::FrameRate => with("{} bilder i sekunden", "för få bilder i sekunden"),
            Cause::PictureSize => with("bilden var för liten ({} bildpunkter)", "bilden var för liten"),
            Cause::DelayLong => with("{} ms från mun till öra", "för lång tid från mun till öra"),
            Cause::LipSync => with("ljud och bild gick isär med {} ms", "ljud och bild gick isär"),
            Cause::Reported => "egen anmälan".to_owned(),
        }
    }

    fn level(&self, level: Level) -> &'static str {
        match level {
            Level::Unknown => "okänt",
            Level::Suspended => "vilar",
            Level::Green => "bra",
            Level::Amber => "sämre",
            Level::Red => "larm",
        }
    }

    fn began(&self, why: service::Beginning) -> &'static str {
        match why {
            service::Beginning::Opening => "vid öppnandet",
            service::Beginning::Arrival => "kom senare",
            service::Beginning::StepsIn => "trädde in som ersättare",
            service::Beginning::Returns => "återinträdde",
        }
    }

    fn ended(&self, why: service::Ending) -> &'static str {
        match why {
            service::Ending::Replaced => "ersattes",
            service::Ending::Absent => "antecknades som frånvarande",
            service::Ending::MemberCame => "ledamoten kom",
            service::Ending::Disqualified => "jäv",
            service::Ending::DisqualificationOver => "jävet upphörde",
            service::Ending::Dismissed => "fördes ut",
        }
    }

    fn choice(&self, choice: Choice) -> &'static str {
        match choice {
            Choice::Yes => "Ja",
            Choice::No => "Nej",
            Choice::Abstain => "Avstår",
        }
    }

    fn despite(&self, despite: Despite) -> &'static str {
        match despite {
            Despite::ConfirmedByMember => "ledamoten har bekräftat med röst eller telefon att den ser, hör och hörs",
            Despite::MeasurementAtFault => "mätningen är fel: ordföranden och salen ser och hör ledamoten",
            Despite::Repeated => "störningen var kort och det som sades har upprepats",
            Despite::QuorumException => "lagen låter färre besluta i ärendet (kommunallagen 5 kap. 45–46 §§)",
        }
    }

    fn went_on(&self, by: &str, despite: Despite) -> String {
        format!(
            "{by} gick vidare trots larm eller för få närvarande. Skäl: {}.",
            self.despite(despite)
        )
    }

    fn answer(&self, answer: Answer) -> String {
        match answer {
            Answer::Confirmed { sees, hears, heard } => {
                let one = |holds: bool, yes, no| if holds { yes } else { no };
                format!(
                    "Egen uppgift: {}, {}, {}",
                    one(sees, "ser", "ser inte"),
                    one(hears, "hör", "hör inte"),
                    one(heard, "hörs", "hörs inte")
                )
            }
            Answer::NotedPresent {} => "antecknad som närvarande".to_owned(),
            Answer::NotedAbsent {} => "svarade inte".to_owned(),
        }
    }

    fn pause(&self, reason: PauseReason) -> &'static str {
        match reason {
            PauseReason::Identify => "legitimering",
            PauseReason::Short => "kort paus",
        }
    }

    fn unmeasured(&self, who: &str) -> String {
        format!("mätvärden saknas för {who}")
    }

    fn chamber_unmeasured(&self) -> &'static str {
        "mätvärden saknas för salens enheter"
    }

    fn edge(&self, sender: &str, receiver: &str, sound: bool, level: Level) -> String {
        let medium = if sound { "ljudet" } else { "bilden" };
        match level {
            Level::Red => format!("{medium} från {sender} nådde inte {receiver} som det ska"),
            Level::Unknown | Level::Suspended | Level::Green | Level::Amber => {
                format!("mätvärden saknas för {medium} från {sender} till {receiver}")
            }
        }
    }

    fn act(&self, act: Act, by: &str) -> String {
        match act {
            Act::Acknowledged(_) => format!("{by} hade sett det"),
            Act::Adjourned(_) => format!("{by} ajournerade"),
            Act::PresenceConfirmed(_) => format!("{by} gjorde närvarokontroll"),
            Act::WentOn(_, despite) => format!("{by} gick vidare: {}", self.despite(despite)),
            Act::Deferred(_) => format!("{by} bordlade ärendet"),
            Act::Postponed(_) => format!("{by} sköt upp sammanträdet"),
            Act::Closed(_) => format!("{by} avslutade sammanträdet"),
            Act::AdjournmentExtended(_) => format!("{by} förlängde ajourneringen"),
            Act::Awaited(_) => format!("{by} gav mer tid att komma tillbaka"),
            Act::Replaced(_) => format!("{by} kallade in en ersättare"),
            Act::NotedAbsent(_) => format!("{by} antecknade personen som frånvarande"),
        }
    }

    fn unreached(&self, others: usize) -> String {
        format!("hördes eller syntes inte hos {others} av de andra")
    }

    fn affected(&self, others: u32) -> String {
        match others {
            0 => "–".to_owned(),
            1 => "1 annan".to_owned(),
            others => format!("{others} andra"),
        }
    }

    fn journal(&self, events: u64, head: &str) -> String {
        format!("{events} händelser, kontrollsumma {head}")
    }

    fn item(&self, number: u16, title: &str) -> String {
        format!("Ärende {number}: {title}")
    }

    fn result(&self, [yes, no, abstained, absent]: [u16; 4], casting: Option<Choice>) -> String {
        let casting = casting.map(|choice| format!(" Ordförandens utslagsröst: {}.", self.choice(choice)));
        format!(
            "{yes} ja, {no} nej, {abstained} avstod, {absent} röstade inte.{}",
            casting.unwrap_or_default()
        )
    }

    fn vote_without_result(&self, broken_off: bool) -> &'static str {
        if broken_off {
            "Omröstningen avbröts och räknas inte."
        } else {
            "Omröstningen är inte avslutad."
        }
    }

    fn suspended(&self, times: u32) -> String {
        format!("Omröstningen uppehölls {times} gång(er) av larm.")
    }

    fn column(&self, seconds: i64) -> String {
        format!("En kolumn är {seconds} s.")
    }

    fn seconds(&self, red: u32, unknown: u32) -> String {
        format!("larm {red} s, okänt {unknown} s")
    }

    fn gap(&self, clock: &str, lost: u64) -> String {
        if lost == 0 {
            format!("{clock}: slutet på en fil gick förlorat när servern stannade")
        } else {
            format!("{clock}: {lost} rader gick förlorade")
        }
    }

    fn signature_checked(&self, fingerprint: &str) -> String {
        format!(
            "prövad mot nyckeln med fingeravtryck {fingerprint}, eller en som hänger ihop med den genom nyckelbyten"
        )
    }

    fn left_out(&self, events: u64, from: &str, to: &str) -> String {
        let (events, are) = match events {
            1 => ("1 händelse".to_owned(), "är utelämnad"),
            events => (format!("{events} händelser"), "är utelämnade"),
        };
        let when = if from == to {
            from.to_owned()
        } else {
            format!("mellan {from} och {to}")
        };
        format!("{events} {when} {are} (sekretess); vad som hände då återges inte")
    }

    fn samples_left_out(&self, after: Option<&str>, before: Option<&str>) -> String {
        match (after, before) {
            (Some(after), Some(before)) => format!("mätvärden mellan {after} och {before} är utelämnade (sekretess)"),
            (Some(after), None) => format!("mätvärden efter {after} är utelämnade (sekretess)"),
            (None, Some(before)) => format!("mätvärden före {before} är utelämnade eller gallrade"),
            (None, None) => "mätvärden är utelämnade eller gallrade".to_owned(),
        }
    }

    fn afterwards(&self, clock: &str) -> String {
        format!("Infört i efterhand {clock}, efter slag med klubba.")
    }

    fn proof(&self, clock: &str, samples: bool) -> String {
        let kept = if samples {
            "mätvärdenas kontrollsumma står i journalen"
        } else {
            "mätvärdena är inte sparade"
        };
        format!("Mätt {clock}; {kept}.")
    }

    fn told(&self, told: Told<'_>) -> String {
        match told {
            Told::Opened { by } => format!("{by} öppnade sammanträdet."),
            Told::Adjourned { by, reason } => format!("{by} ajournerade. Skäl: {reason}"),
            Told::Resumed { by } => format!("{by} återupptog sammanträdet."),
            Told::Postponed { by, reason } => format!("{by} sköt upp resten av sammanträdet. Skäl: {reason}"),
            Told::Closed { by } => format!("{by} avslutade sammanträdet."),
            Told::ItemBegun { item } => format!("{item} togs upp."),
            Told::MovedOut { who } => format!("I lobbyn under ärendet: {who}."),
            Told::ItemEnded { item } => format!("{item} avslutades."),
            Told::ItemDeferred { item, by, reason } => format!("{item} bordlades av {by}. Skäl: {reason}"),
            Told::Vouched { who, by } => format!("{by} gick i god för {who}."),
            Told::ChairTaken { by } => format!("{by} tog över ordförandeskapet."),
            Told::PauseBegan { who, reason } => format!("{who} tog paus ({reason})."),
            Told::PauseEnded { who } => format!("{who} var tillbaka från pausen."),
            Told::ReconnectExtended { who, until, by } => format!("{by} väntade på {who} till {until}."),
            Told::AdjournmentExtended { until, by } => format!("{by} förlängde ajourneringen till {until}."),
            Told::Disqualified { who, item, reason } => format!("{who} var jävig. {item}. Skäl: {reason}"),
            Told::QuorumLost { there, needed } => {
                format!("För få för att besluta: {there} tjänstgjorde, {needed} behövs.")
            }
            Told::QuorumRegained { there } => format!("Beslutsför igen: {there} tjänstgjorde."),
            Told::RollCall { by, answered, called } => {
                format!("Upprop av {by}: {answered} av {called} svar antecknade.")
            }
            Told::DeliberationClosed { by } => format!("{by} förklarade överläggningen avslutad."),
            Told::DeliberationReopened { by } => format!("{by} öppnade överläggningen igen."),
            Told::PresenceConfirmed { who, by } => format!("Närvarokontroll: {by} bekräftade {who} tjänstgörande."),
            Told::QuestionPut { question } => format!("Proposition: {question}"),
            Told::VoteRequested { who } => format!("{who} begärde omröstning."),
            Told::VoteRequestWithdrawn { who } => format!("{who} tog tillbaka sin begäran om omröstning."),
            Told::Vote { yes, no, voters } => {
                format!("Omröstning, {voters} röstberättigade. Ja: {yes}; nej: {no}")
            }
            Told::Decided { number, by } => format!("Beslut {number}: klubbslag av {by}."),
            Told::Reserved { who } => format!("{who} reserverade sig."),
            Told::ReservationWithdrawn { who } => format!("{who} tog tillbaka sin reservation."),
            Told::Corrected { event } => format!("Rättelse av händelse {event} i journalen."),
        }
    }
}
