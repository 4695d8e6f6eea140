//! Once a second: the relay's sample and the pages' reports become a verdict, its alerts become events, and everybody
//! is told how they stand.

use super::Conference;
use super::endpoint::Endpoint;
use crate::equal_terms::{Duties, Input, Judge, Presence, Second, Transition, Verdict};
use crate::meeting::{Attendance, EndpointId, Meeting, Participant, ParticipantId, Phase, Role};
use crate::protocol::{QualityView, Report, ServerMessage};
use crate::samples::{Samples, Spoken};
use lika_sfu::PeerId;
use lika_sfu::sample::RoomSample;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

/// If the relay has sent no sample for this long, the second is judged without one: what is missing is then unknown, and
/// soon an alert.
const SAMPLE_OVERDUE: Duration = Duration::from_millis(1500);
/// Reports of one endpoint kept for one second. A page sends one; more say nothing more.
const MAX_REPORTS: usize = 2;

pub(super) struct Measuring {
    judge: Judge,
    pub(super) samples: Samples,
    judged: Instant,
    reports: BTreeMap<EndpointId, Vec<Report>>,
}

impl Measuring {
    pub(super) fn new(judge: Judge, mut samples: Samples, now_ms: i64) -> Self {
        samples.begin(judge.profile(), now_ms);
        Self {
            judge,
            samples,
            judged: Instant::now(),
            reports: BTreeMap::new(),
        }
    }

    pub(super) fn reported(&mut self, endpoint: EndpointId, report: Report) {
        let reports = self.reports.entry(endpoint).or_default();
        if reports.len() < MAX_REPORTS {
            reports.push(report);
        }
    }

    pub(super) fn is_overdue(&self, now: Instant) -> bool {
        now - self.judged >= SAMPLE_OVERDUE
    }
}

impl Conference {
    pub(super) async fn judge(&mut self, sample: Option<&RoomSample>, now: Instant) {
        self.measuring.judged = now;
        if *self.meeting.phase() == Phase::Closed {
            return;
        }
        let second = self.second(sample);
        let verdict = self.measuring.judge.judge(&second);
        let samples = &mut self.measuring.samples;
        samples.record(Input::Second(second), Spoken::of(&verdict));
        for observation in verdict.transitions.iter().flat_map(Transition::observations) {
            self.notice(observation).await;
        }
        self.show_quality(&verdict, now);
    }

    /// The relay tells silences when they are full, not with the sample.
    pub(super) async fn fell_silent(&mut self, peers: &[(PeerId, Duration)]) {
        if *self.meeting.phase() == Phase::Closed {
            return;
        }
        let silent: BTreeMap<PeerId, Duration> = peers.iter().copied().collect();
        let mut people: BTreeMap<ParticipantId, Duration> = BTreeMap::new();
        for (peer, participant) in self
            .endpoints
            .values()
            .filter_map(|one| Some((one.peer()?, one.participant)))
        {
            // A person is as silent as the least silent of their devices.
            let of_peer = silent.get(&peer).copied().unwrap_or_default();
            let of_person = people.entry(participant).or_insert(of_peer);
            *of_person = of_peer.min(*of_person);
        }
        let silent_ms: BTreeMap<_, _> = people
            .into_iter()
            .filter_map(|(who, silent)| Some((who, u32::try_from(silent.as_millis()).ok()?)))
            .collect();
        let at_ms = self.clock.now_ms();
        let transitions = self.measuring.judge.judge_silences(at_ms, &silent_ms);
        let input = Input::Silences {
            at_ms,
            silent_ms: silent_ms.into_iter().collect(),
        };
        let samples = &mut self.measuring.samples;
        samples.record(input, Spoken::between(at_ms, &transitions));
        for observation in transitions.iter().flat_map(Transition::observations) {
            self.notice(observation).await;
        }
    }

    fn second(&mut self, sample: Option<&RoomSample>) -> Second {
        let mut second = Second {
            at_ms: self.clock.now_ms(),
            floor: self.meeting.floor(),
            ..Second::default()
        };
        second.present = self
            .meeting
            .roster()
            .iter()
            .filter_map(|one| self.presence(one))
            .collect();
        if let Some(sample) = sample {
            let whose: BTreeMap<_, _> = self
                .endpoints
                .values()
                .filter_map(|one| Some((one.peer()?, one.participant)))
                .collect();
            second.add_sample(sample, |peer| whose.get(&peer).copied());
        }
        for (id, reports) in std::mem::take(&mut self.measuring.reports) {
            let Some(endpoint) = self.endpoints.get(&id) else {
                continue;
            };
            for report in &reports {
                second.add_report(endpoint.participant, report, |slot| endpoint.in_slot(slot));
            }
        }
        second
    }

    /// Whoever should be taking part: inside, or inside until the connection was lost.
    fn presence(&self, one: &Participant) -> Option<Presence> {
        if !matches!(one.attendance(), Attendance::Inside | Attendance::Lost) {
            return None;
        }
        let endpoints = self
            .endpoints
            .values()
            .filter(|endpoint| endpoint.participant == one.id());
        Some(Presence {
            participant: one.id(),
            duties: self.duties(one),
            suspended: matches!(self.meeting.phase(), Phase::Adjourned { .. }) || one.pause().is_some(),
            microphone_open: self.meeting.microphone_open(one.id()),
            enlarges: endpoints.filter_map(|endpoint| endpoint.enlarges).next(),
        })
    }

    /// Who is there with an encoder alone neither hears nor sees.
    fn duties(&self, one: &Participant) -> Duties {
        let mut devices = self
            .endpoints
            .values()
            .filter(|endpoint| endpoint.participant == one.id())
            .peekable();
        let encoder_alone = devices.peek().is_some() && devices.all(|endpoint| !endpoint.has_page());
        let receives = !encoder_alone;
        Duties {
            hears: receives,
            sees: receives,
            ..Duties::PERSON
        }
    }

    /// Chair and secretary see everybody, others themselves.
    fn show_quality(&mut self, verdict: &Verdict, now: Instant) {
        let everybody: Vec<QualityView> = verdict.participants.iter().map(QualityView::from).collect();
        for endpoint in self.endpoints.values_mut() {
            let who = endpoint.participant;
            let participants = if sees_everybodys_quality(&self.meeting, who) {
                everybody.clone()
            } else {
                everybody
                    .iter()
                    .filter(|view| view.participant == who)
                    .cloned()
                    .collect()
            };
            endpoint.tell(
                &ServerMessage::Quality {
                    at_ms: verdict.at_ms,
                    participants,
                    matrix: None,
                    devices: Vec::new(),
                },
                now,
            );
        }
    }
}

fn sees_everybodys_quality(meeting: &Meeting, who: ParticipantId) -> bool {
    let role = meeting.roster().find(who).map(Participant::role);
    let leads = meeting.acting_chair() == Some(who) || matches!(role, Some(Role::Chair | Role::Secretary));
    leads && meeting.is_inside(who)
}

impl Endpoint {
    fn in_slot(&self, slot: u16) -> Option<ParticipantId> {
        self.media.as_ref()?.slots.get(usize::from(slot)).copied().flatten()
    }
}
