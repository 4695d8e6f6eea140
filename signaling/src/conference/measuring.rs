//! Once a second: the relay's sample and the pages' reports become a verdict, its alerts become events, and everybody
//! is told how they stand.

use super::Conference;
use super::endpoint::Endpoint;
use crate::equal_terms::{Duties, Input, Judge, Judged, Presence, Profile, Second, Transition, Verdict};
use crate::meeting::{EndpointId, Meeting, Participant, ParticipantId, Phase, Role};
use crate::protocol::{Battery, DeviceView, Network, QualityView, Report, ServerMessage};
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
    pub(super) judge: Judge,
    pub(super) samples: Samples,
    /// Of the second judged last.
    pub(super) last: Option<Verdict>,
    /// Nobody was there to be judged.
    pub(super) rests: bool,
    judged: Instant,
    /// Each with the time when it came.
    reports: BTreeMap<EndpointId, Vec<(i64, Report)>>,
    /// What pages last said of their devices.
    devices: BTreeMap<EndpointId, Device>,
}

struct Device {
    hidden: bool,
    battery: Option<Battery>,
    network: Option<Network>,
}

impl Measuring {
    pub(super) fn new(judge: Judge, mut samples: Samples, now_ms: i64) -> Self {
        samples.begin(judge.profile(), now_ms);
        Self {
            judge,
            samples,
            last: None,
            rests: false,
            judged: Instant::now(),
            reports: BTreeMap::new(),
            devices: BTreeMap::new(),
        }
    }

    /// Begins anew with another profile.
    pub(super) fn judge_by(&mut self, profile: Profile, now_ms: i64) {
        self.judge = Judge::new(profile);
        self.samples.begin(self.judge.profile(), now_ms);
        self.last = None;
    }

    pub(super) fn reported(&mut self, endpoint: EndpointId, came_ms: i64, report: Report) {
        let device = Device {
            hidden: report.hidden,
            battery: report.battery,
            network: report.network,
        };
        self.devices.insert(endpoint, device);
        let reports = self.reports.entry(endpoint).or_default();
        if reports.len() < MAX_REPORTS {
            reports.push((came_ms, report));
        }
    }

    fn take(&mut self, input: Input) -> Judged {
        let judged = self.judge.take(&input);
        let spoken = Spoken::of(&input, &judged);
        self.samples.record(input, spoken);
        if let Judged::Second(verdict) = &judged {
            self.last = Some(verdict.clone());
        }
        judged
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
        if !self.judge_is_needed(&second) {
            return;
        }
        self.judge_input(Input::Second(second)).await;
        self.show_quality(now);
    }

    /// What the judge is told is recorded together with what the judge says; what that changes is noticed.
    pub(super) async fn judge_input(&mut self, input: Input) {
        let began = Instant::now();
        let judged = self.measuring.take(input);
        self.metrics.judged(began.elapsed());
        for observation in judged.transitions().iter().flat_map(Transition::observations) {
            self.notice(observation).await;
        }
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
        let silent_ms = people
            .into_iter()
            .filter_map(|(who, silent)| Some((who, u32::try_from(silent.as_millis()).ok()?)))
            .collect();
        let at_ms = self.clock.now_ms();
        self.judge_input(Input::Silences { at_ms, silent_ms }).await;
    }

    fn second(&mut self, sample: Option<&RoomSample>) -> Second {
        let mut second = Second {
            at_ms: self.clock.now_ms(),
            floor: self.meeting.shown(),
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
            for (came_ms, report) in &reports {
                second.add_report(endpoint.participant, *came_ms, report, |slot| endpoint.in_slot(slot));
            }
        }
        second
    }

    /// Whoever should be taking part.
    fn presence(&self, one: &Participant) -> Option<Presence> {
        if !self.meeting.is_measured(one.id()) {
            return None;
        }
        let endpoints = self
            .endpoints
            .values()
            .filter(|endpoint| endpoint.participant == one.id());
        Some(Presence {
            participant: one.id(),
            duties: self.duties(one),
            chamber: one.role() == Role::Chamber,
            suspended: matches!(self.meeting.phase(), Phase::Adjourned { .. })
                || one.pause().is_some()
                || self.meeting.is_disqualified(one.id()),
            microphone_open: self.meeting.microphone_open(one.id()),
            enlarges: endpoints.filter_map(|endpoint| endpoint.enlarges).next(),
        })
    }

    fn duties(&self, one: &Participant) -> Duties {
        let mut devices = self
            .endpoints
            .values()
            .filter(|endpoint| endpoint.participant == one.id())
            .peekable();
        let encoder_alone = devices.peek().is_some() && devices.all(|endpoint| !endpoint.has_page());
        Duties::of(one.role(), encoder_alone)
    }

    /// What the pages that are still there say of their devices.
    fn devices(&mut self) -> Vec<DeviceView> {
        let endpoints = &self.endpoints;
        self.measuring.devices.retain(|id, _| endpoints.contains_key(id));
        let view = |(id, device): (&EndpointId, &Device)| {
            Some(DeviceView {
                participant: endpoints.get(id)?.participant,
                hidden: device.hidden,
                battery: device.battery,
                network: device.network,
            })
        };
        self.measuring.devices.iter().filter_map(view).collect()
    }

    /// Chair and secretary see everybody and who is reached by whom, others themselves; the secretary sees what the
    /// pages say of their devices.
    fn show_quality(&mut self, now: Instant) {
        let Some(verdict) = self.measuring.last.clone() else {
            return;
        };
        let everybody: Vec<QualityView> = verdict.participants.iter().map(QualityView::from).collect();
        let devices = self.devices();
        for endpoint in self.endpoints.values_mut() {
            let who = endpoint.participant;
            let sees_everybody = watches(&self.meeting, who);
            let sees_devices = sees_everybody && role(&self.meeting, who) == Some(Role::Secretary);
            let participants = if sees_everybody {
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
                    matrix: sees_everybody.then(|| verdict.matrix.clone()),
                    devices: if sees_devices { devices.clone() } else { Vec::new() },
                },
                now,
            );
        }
    }
}

/// Chair and secretary, once they are inside.
pub(super) fn watches(meeting: &Meeting, who: ParticipantId) -> bool {
    let leads =
        meeting.acting_chair() == Some(who) || matches!(role(meeting, who), Some(Role::Chair | Role::Secretary));
    leads && meeting.is_inside(who)
}

fn role(meeting: &Meeting, who: ParticipantId) -> Option<Role> {
    meeting.roster().find(who).map(Participant::role)
}

impl Endpoint {
    fn in_slot(&self, slot: u16) -> Option<ParticipantId> {
        self.media.as_ref()?.slots.get(usize::from(slot)).copied().flatten()
    }
}
