//! The judge: takes in what happens, gives verdicts.

use super::alerts::{AlertKey, Alerts, Findings};
use super::board::{Board, Finding};
use super::edge::{Edge, Reported};
use super::judging::Complaints;
use super::person::{Downlink, Person, SETTLES_MS};
use super::rows::{LINK, RowName};
use super::second::{LegMeasured, PageReport, Received, Second};
use super::verdict::{DirectionVerdict, Verdict};
use super::{Direction, Input, Level, Profile, Transition};
use crate::meeting::ParticipantId;
use std::collections::{BTreeMap, BTreeSet};

/// Judges one meeting. Its state is bounded by who is present and by the profile's longest window, and can be rebuilt
/// by judging the last minute's inputs again.
#[derive(Clone, Debug)]
pub struct Judge {
    pub(super) profile: Profile,
    pub(super) people: BTreeMap<ParticipantId, Person>,
    pub(super) edges: BTreeMap<(ParticipantId, ParticipantId), Edge>,
    alerts: Alerts,
    /// What the senders' own legs show, or showed until just now, and when.
    pub(super) own_legs: BTreeMap<AlertKey, (Level, i64)>,
    /// What receivers complained of in the last second.
    pub(super) complaints: Complaints,
    /// When most people last had a fault of the network in the same direction at once.
    relay_faults: BTreeMap<Direction, i64>,
}

/// What a sender's own leg showed explains what receivers report until it is out of their windows, and this much longer:
/// their reports are about the second before.
const REPORTS_ARE_LATE_MS: i64 = 2000;

/// What the judge makes of an input.
#[derive(Clone, Debug, PartialEq)]
pub enum Judged {
    /// Of a second: how everybody stands.
    Second(Verdict),
    /// Of what comes between two seconds: what it changed about the alerts.
    Between(Vec<Transition>),
}

impl Judged {
    /// What changed about the alerts: to journal and show.
    #[must_use]
    pub fn transitions(&self) -> &[Transition] {
        match self {
            Self::Second(verdict) => &verdict.transitions,
            Self::Between(transitions) => transitions,
        }
    }

    /// How everybody stands, after a second.
    #[must_use]
    pub const fn verdict(&self) -> Option<&Verdict> {
        match self {
            Self::Second(verdict) => Some(verdict),
            Self::Between(_) => None,
        }
    }
}

impl Judge {
    /// A judge who knows nothing yet.
    #[must_use]
    pub fn new(profile: Profile) -> Self {
        let alerts = Alerts::new(profile.alert);
        Self {
            profile,
            people: BTreeMap::new(),
            edges: BTreeMap::new(),
            alerts,
            own_legs: BTreeMap::new(),
            complaints: Complaints::new(),
            relay_faults: BTreeMap::new(),
        }
    }

    /// The profile that is judged by.
    #[must_use]
    pub const fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Takes in whatever happens; the one way in, so that what was recorded is judged as what was live.
    pub fn take(&mut self, input: &Input) -> Judged {
        match input {
            Input::Second(second) => Judged::Second(self.judge(second)),
            Input::Silences { at_ms, silent_ms } => Judged::Between(self.judge_silences(*at_ms, silent_ms)),
            Input::Confirmed { at_ms, participants } => Judged::Between(self.confirm(*at_ms, participants)),
        }
    }

    fn judge(&mut self, second: &Second) -> Verdict {
        let at_ms = second.at_ms;
        self.observe_people(second);
        self.observe_downlinks(second);
        self.observe_edges(second);
        let mut board = Board::default();
        let own = self.judge_people(at_ms, &mut board);
        self.remember_own_legs(at_ms, &board);
        let pairs = self.pairs(at_ms);
        let (found, complaints) = self.judge_pairs(at_ms, &pairs, &mut board);
        let matrix = self.matrix(at_ms, &pairs, &found, &own);
        let unknown = self.unknown(at_ms, &pairs);
        let participants = self
            .people
            .values()
            .map(|person| self.participant(person, &board, &unknown))
            .collect();
        self.complaints = complaints;
        let findings = self.findings(at_ms, board, unknown, &BTreeMap::new());
        Verdict {
            at_ms,
            participants,
            relay: findings.relay().map(DirectionVerdict::from).collect(),
            matrix,
            transitions: self.alerts.step(at_ms, &findings),
        }
    }

    fn remember_own_legs(&mut self, at_ms: i64, board: &Board) {
        let explains_ms = i64::from(self.profile.longest_window_s()) * 1000 + REPORTS_ARE_LATE_MS;
        self.own_legs
            .retain(|_, (_, shown_ms)| at_ms.saturating_sub(*shown_ms) <= explains_ms);
        for (key, level) in board.about_senders() {
            let shown = self.own_legs.entry(key).or_insert((level, at_ms));
            if level >= shown.0 {
                *shown = (level, at_ms);
            }
        }
    }

    /// Judges how long participants have been silent, between two seconds: a lost link is told when the row is full, not
    /// up to a second later. The other rows wait for the second's end.
    fn judge_silences(&mut self, at_ms: i64, silent_ms: &[(ParticipantId, u32)]) -> Vec<Transition> {
        let affected = u32::try_from(self.people.len().saturating_sub(1)).unwrap_or(u32::MAX);
        let told: BTreeMap<ParticipantId, u32> = silent_ms.iter().copied().collect();
        let mut board = Board::default();
        for (participant, silent_ms) in silent_ms.iter().filter(|(who, _)| self.people.contains_key(who)) {
            let figure = f64::from(*silent_ms) / 1000.0;
            let found = Finding {
                level: self.profile.level(RowName::Link, figure),
                row: &LINK,
                figure,
                affected,
            };
            let key = AlertKey {
                about: Some(*participant),
                direction: Direction::Link,
            };
            board.note(key, found);
        }
        let findings = self.findings(at_ms, board, BTreeSet::new(), &told);
        self.alerts.step(at_ms, &findings)
    }

    /// A presence check found these people seen and heard. What was found about them is over, and what is measured of
    /// them begins anew as if they had just come in; a link that is broken stays so.
    fn confirm(&mut self, at_ms: i64, participants: &[ParticipantId]) -> Vec<Transition> {
        let longest = self.profile.longest_window_s();
        let confirmed: BTreeSet<ParticipantId> = participants
            .iter()
            .copied()
            .filter(|who| self.people.contains_key(who))
            .collect();
        for (_, person) in self.people.iter_mut().filter(|(who, _)| confirmed.contains(who)) {
            person.begin_anew(at_ms, longest);
        }
        let theirs = |(sender, receiver): &(_, _)| confirmed.contains(sender) || confirmed.contains(receiver);
        for (_, edge) in self.edges.iter_mut().filter(|(pair, _)| theirs(pair)) {
            *edge = Edge::new(at_ms, longest);
        }
        self.alerts.confirm(&confirmed)
    }

    /// From whom nothing comes, for so long that it is red, and since when; `told`: silences since the last second.
    fn gone(&self, at_ms: i64, told: &BTreeMap<ParticipantId, u32>) -> BTreeMap<ParticipantId, i64> {
        let since = |(who, person): (&ParticipantId, &Person)| {
            let known_s = person.silent_s_at(at_ms);
            let silent_s = told.get(who).map_or(0.0, |ms| f64::from(*ms) / 1000.0).max(known_s);
            let gone = self.profile.level(RowName::Link, silent_s) == Level::Red;
            gone.then_some((*who, at_ms.saturating_sub((silent_s * 1000.0).round() as i64)))
        };
        self.people.iter().filter_map(since).collect()
    }

    /// What the board says to the alerts: faults that most people share are the relay's.
    fn findings(
        &mut self,
        at_ms: i64,
        mut board: Board,
        unknown: BTreeSet<AlertKey>,
        told: &BTreeMap<ParticipantId, u32>,
    ) -> Findings {
        let present: BTreeSet<ParticipantId> = self.people.keys().copied().collect();
        let is_suspended = |who: &&ParticipantId| self.people.get(who).is_some_and(|one| one.presence.suspended);
        let suspended: BTreeSet<ParticipantId> = present.iter().filter(is_suspended).copied().collect();
        let active: BTreeSet<ParticipantId> = present.difference(&suspended).copied().collect();
        let mut unknown = unknown;
        let mut of_relay: BTreeSet<Direction> = board.about_relay().collect();
        let was_relays = self.relay_faults.contains_key(&Direction::Link);
        for (participant, person) in &self.people {
            let Some(break_s) = person.break_s(at_ms, self.profile.longest_window_s()) else {
                continue;
            };
            let is_broken = board.get(*participant, Direction::Link).is_some();
            let whose = (is_broken || !was_relays).then_some(*participant);
            unknown.extend(board.give_to_link(*participant, whose, break_s));
        }
        let shared = board.give_to_relay(&active);
        of_relay.extend(shared.iter().map(|key| key.direction));
        unknown.extend(shared);
        self.remember_relay_faults(at_ms, &of_relay);
        if !self.relay_faults.is_empty() {
            unknown.extend(board.give_rest_to_relay(|key| self.own_legs.contains_key(&key)));
        }
        Findings {
            bad: board.alerts(at_ms),
            unknown,
            suspended,
            present,
            gone: self.gone(at_ms, told),
        }
    }

    /// What is left in people's windows of a fault of the relay's is still the relay's, although it leaves them one after
    /// the other.
    fn remember_relay_faults(&mut self, at_ms: i64, shown: &BTreeSet<Direction>) {
        let explains_ms = i64::from(self.profile.longest_window_s()) * 1000 + SETTLES_MS + REPORTS_ARE_LATE_MS;
        self.relay_faults
            .retain(|_, shown_ms| at_ms.saturating_sub(*shown_ms) <= explains_ms);
        self.relay_faults
            .extend(shown.iter().map(|direction| (*direction, at_ms)));
    }
}

/// Taking in a second.
impl Judge {
    fn observe_people(&mut self, second: &Second) {
        let at_ms = second.at_ms;
        let longest = self.profile.longest_window_s();
        let here: BTreeSet<ParticipantId> = second.present.iter().map(|presence| presence.participant).collect();
        self.people.retain(|participant, _| here.contains(participant));
        let legs = endpoints_joined(&second.legs);
        for presence in &second.present {
            let leg = legs.get(&presence.participant);
            let new = || Person::new(*presence, at_ms, longest);
            let person = self.people.entry(presence.participant).or_insert_with(new);
            person.presence = *presence;
            for report in second
                .reports
                .iter()
                .filter(|report| report.participant == presence.participant)
            {
                person.observe_page(at_ms, report);
            }
            person.observe_leg(at_ms, leg, !second.legs.is_empty());
            if self.profile.level(RowName::Link, person.silent_s_at(at_ms)) >= Level::Amber {
                person.note_break(at_ms);
            }
        }
    }

    fn observe_edges(&mut self, second: &Second) {
        let at_ms = second.at_ms;
        let pairs = self.expected_pairs();
        self.edges.retain(|pair, _| pairs.contains(pair));
        let longest = self.profile.longest_window_s();
        let sent: BTreeMap<_, _> = second
            .edges
            .iter()
            .map(|edge| ((edge.sender, edge.receiver), edge))
            .collect();
        let pages = pages(&second.reports);
        for ids in pairs {
            let (Some(sender), Some(receiver)) = (self.people.get(&ids.0), self.people.get(&ids.1)) else {
                continue;
            };
            let edge = self.edges.entry(ids).or_insert_with(|| Edge::new(at_ms, longest));
            let reported = pages.get(&ids.1).map(|page| Reported {
                reports: page.reports,
                received: page.received.get(&ids.0).copied(),
                large: second.floor == Some(ids.0) || receiver.presence.enlarges == Some(ids.0),
            });
            let told = reported.is_some_and(|reported| reported.received.is_some());
            if told {
                edge.reported_at_ms = at_ms;
            }
            if !(sender.settled(at_ms) && receiver.settled(at_ms)) {
                continue;
            }
            edge.observe(at_ms, sent.get(&ids).copied(), reported, sender, receiver);
            if told && let Some(sender) = self.people.get_mut(&ids.0) {
                sender.observed_at_ms = at_ms;
            }
        }
    }

    fn observe_downlinks(&mut self, second: &Second) {
        let mut downlinks: BTreeMap<ParticipantId, Downlink> = BTreeMap::new();
        for edge in &second.edges {
            let downlink = downlinks.entry(edge.receiver).or_default();
            downlink.sent |= edge.picture_forwarded > 0;
            downlink.acknowledged |= edge.acknowledged;
        }
        for (participant, person) in &mut self.people {
            let downlink = downlinks.get(participant).copied().unwrap_or_default();
            person.observe_downlink(second.at_ms, downlink);
        }
    }

    /// Every sender with every receiver.
    fn expected_pairs(&self) -> BTreeSet<(ParticipantId, ParticipantId)> {
        let sends = |person: &&Person| person.presence.duties.heard || person.presence.duties.seen;
        let receives = |person: &&Person| person.presence.duties.reports();
        let id = |person: &Person| person.presence.participant;
        let senders = self.people.values().filter(sends);
        senders
            .flat_map(|sender| {
                self.people
                    .values()
                    .filter(receives)
                    .map(move |receiver| (id(sender), id(receiver)))
            })
            .filter(|(sender, receiver)| sender != receiver)
            .collect()
    }
}

/// A person with several endpoints is heard and seen through whichever brings most.
fn endpoints_joined(legs: &[LegMeasured]) -> BTreeMap<ParticipantId, LegMeasured> {
    let mut joined: BTreeMap<ParticipantId, LegMeasured> = BTreeMap::new();
    for leg in legs.iter().filter(|leg| leg.connected) {
        joined
            .entry(leg.participant)
            .and_modify(|first| *first = first.joined_with(leg))
            .or_insert(*leg);
    }
    joined
}

/// What one page's reports of a second add up to.
#[derive(Default)]
struct PageSecond {
    reports: u32,
    received: BTreeMap<ParticipantId, Received>,
}

fn pages(reports: &[PageReport]) -> BTreeMap<ParticipantId, PageSecond> {
    let mut pages: BTreeMap<ParticipantId, PageSecond> = BTreeMap::new();
    for report in reports {
        let page = pages.entry(report.participant).or_default();
        page.reports = page.reports.saturating_add(1);
        for received in &report.received {
            page.received
                .entry(received.sender)
                .and_modify(|sum| *sum = sum.added_to(*received))
                .or_insert(*received);
        }
    }
    pages
}
