//! The story of a meeting, from its events.

use super::alarm::{Alarm, Alarms};
use super::finding::Finding;
use super::strips::Recording;
use crate::equal_terms::Level;
use crate::journal::Stored;
use crate::meeting::pause::Reason as PauseReason;
use crate::meeting::{
    Answer, Attendance, Choice, Clock, Despite, Event, ItemId, Measured, Meeting, ParticipantId, ProfileMark, Role,
    service,
};
use crate::sha256::Sha256;
use std::collections::{BTreeMap, BTreeSet};

/// Everything the report tells.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// The meeting's title.
    pub title: String,
    /// The body that met.
    pub body: String,
    /// When it was opened, in milliseconds since 1970-01-01 UTC, as all times here.
    pub opened_ms: Option<i64>,
    /// When it was closed.
    pub closed_ms: Option<i64>,
    /// How many events the journal has of it.
    pub events: u64,
    /// The hash of the last of them.
    pub head: Sha256,
    /// Everybody who is invited.
    pub people: Vec<Person>,
    /// Who served, and when.
    pub service: Vec<Served>,
    /// The items of the agenda.
    pub items: BTreeMap<ItemId, Text>,
    /// What happened, in order.
    pub entries: Vec<Entry>,
    /// Every alert, amber ones too.
    pub alarms: Vec<Alarm>,
    /// The threshold profiles that were judged by.
    pub profiles: Vec<ProfileMark>,
}

/// Words that somebody wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The words.
    pub text: String,
    /// Whether they were written at a secret item.
    pub secret: bool,
}

/// Somebody who is invited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Who.
    pub id: ParticipantId,
    /// What they are.
    pub role: Role,
    /// The party of their seat.
    pub party: Option<String>,
    /// When they were inside, and where.
    pub stays: Vec<Stay>,
}

/// A time inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stay {
    /// Where.
    pub place: Place,
    /// From when.
    pub from_ms: i64,
    /// Until when; `None`: still, when the journal ends.
    pub to_ms: Option<i64>,
}

/// Where somebody takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// By a device of their own.
    Remote,
    /// In the chamber.
    Chamber,
}

/// A time of service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    /// Who.
    pub participant: ParticipantId,
    /// Which mandate.
    pub mandate: u16,
    /// From when.
    pub from_ms: i64,
    /// Why they began.
    pub began: service::Beginning,
    /// Reasons given, at its beginning and end.
    pub reasons: Vec<Text>,
    /// Until when, and why they ended.
    pub ended: Option<(i64, service::Ending)>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The number of its event.
    pub seq: u64,
    /// When it was stored.
    pub at_ms: i64,
    /// What.
    pub what: What,
    /// What was measured then.
    pub finding: Option<Finding>,
    /// How it is to be read instead.
    pub corrections: Vec<Correction>,
}

/// A correction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// When.
    pub at_ms: i64,
    /// By whom.
    pub by: ParticipantId,
    /// How it should be read.
    pub text: Text,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the events' own words; meeting::Event has them")]
pub enum What {
    Opened {
        by: ParticipantId,
    },
    Adjourned {
        by: ParticipantId,
        reason: Text,
    },
    Resumed {
        by: ParticipantId,
    },
    Postponed {
        by: ParticipantId,
        reason: Text,
    },
    Closed {
        by: ParticipantId,
    },
    Restarted,
    ItemBegun {
        item: ItemId,
        moved_out: Vec<ParticipantId>,
    },
    ItemEnded {
        item: ItemId,
    },
    ItemDeferred {
        item: ItemId,
        by: ParticipantId,
        reason: Text,
    },
    Vouched {
        participant: ParticipantId,
        by: ParticipantId,
    },
    ChairTaken {
        by: ParticipantId,
    },
    PauseBegan {
        participant: ParticipantId,
        reason: PauseReason,
    },
    PauseEnded {
        participant: ParticipantId,
    },
    ClockExtended {
        clock: Clock,
        until_ms: i64,
        by: ParticipantId,
    },
    Disqualified {
        participant: ParticipantId,
        item: ItemId,
        reason: Text,
    },
    QuorumLost {
        there: u16,
        needed: u16,
    },
    QuorumRegained {
        there: u16,
    },
    RollCall {
        by: ParticipantId,
        called: usize,
        answers: Vec<(ParticipantId, Answer, Option<Level>)>,
    },
    DeliberationClosed {
        by: ParticipantId,
    },
    DeliberationReopened {
        by: ParticipantId,
    },
    PresenceConfirmed {
        participants: Vec<ParticipantId>,
        by: ParticipantId,
    },
    QuestionPut {
        question: Text,
    },
    VoteRequested {
        participant: ParticipantId,
    },
    Vote(Vote),
    Decided(Decision),
    Reserved {
        participant: ParticipantId,
    },
    Corrected {
        event: u64,
    },
}

/// A vote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vote {
    /// What a yes means.
    pub yes: Text,
    /// What a no means.
    pub no: Text,
    /// How many might vote.
    pub voters: usize,
    /// Each vote.
    pub votes: Vec<(ParticipantId, Choice)>,
    /// How often it was suspended since equal terms broke.
    pub suspended: u32,
    /// Why it was opened or resumed although equal terms were broken.
    pub despite: Vec<Despite>,
    /// How it ended; `None`: it goes on.
    pub end: Option<VoteEnd>,
}

/// How a vote ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VoteEnd {
    /// With a result.
    Closed {
        /// Yes.
        yes: u16,
        /// No.
        no: u16,
        /// Abstained.
        abstained: u16,
        /// Did not vote.
        absent: u16,
        /// The chair's casting vote.
        casting: Option<Choice>,
    },
    /// Without.
    BrokenOff,
}

/// A decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Its number.
    pub number: u32,
    /// At which item.
    pub item: Option<ItemId>,
    /// What was decided.
    pub text: Text,
    /// Who wielded the gavel.
    pub by: ParticipantId,
    /// When the gavel fell.
    pub at_ms: i64,
    /// Why, although something stood against it.
    pub despite: Option<Despite>,
    /// Whether it was entered afterwards.
    pub afterwards: bool,
    /// The vote before it.
    pub vote: Option<Vote>,
}

impl Account {
    /// The story that events and samples tell.
    #[must_use]
    pub fn of(events: &[Stored], recording: Option<&Recording>) -> Self {
        let mut telling = Telling::default();
        if let Some(recording) = recording {
            telling.profiles.clone_from(&recording.profiles);
        }
        events.iter().for_each(|stored| telling.take(stored));
        telling.end(events.last())
    }

    /// The decisions, in order.
    pub fn decisions(&self) -> impl Iterator<Item = (&Entry, &Decision)> {
        self.entries.iter().filter_map(|entry| match &entry.what {
            What::Decided(decision) => Some((entry, decision)),
            _ => None,
        })
    }
}

#[derive(Default)]
struct Telling {
    meeting: Meeting,
    opened_ms: Option<i64>,
    closed_ms: Option<i64>,
    stays: BTreeMap<ParticipantId, Vec<Stay>>,
    in_chamber: BTreeSet<ParticipantId>,
    service: Vec<Served>,
    entries: Vec<Entry>,
    /// Which entry tells of an event.
    told_in: BTreeMap<u64, usize>,
    alarms: Alarms,
    profiles: Vec<ProfileMark>,
    /// What was measured, and when: for the next event that is told of, of those decided together.
    measured: Option<(i64, Finding)>,
    vote: Option<usize>,
    roll_call: Option<usize>,
    /// The vote closed since the last decision.
    result: Option<Vote>,
    secret: BTreeMap<u64, bool>,
}

impl Telling {
    fn take(&mut self, stored: &Stored) {
        let (event, at_ms) = (&stored.event, stored.at_ms);
        if let Event::Measured { measured } = event {
            self.meeting.apply(event);
            if !self.profiles.contains(&measured.profile) {
                self.profiles.push(measured.profile.clone());
            }
            self.measured = Some((at_ms, self.finding(measured)));
            return;
        }
        let secret_before = self.meeting.agenda().is_secret_now();
        self.meeting.apply(event);
        let secret = secret_before || self.meeting.agenda().is_secret_now();
        self.secret.insert(stored.seq, secret);
        self.alarms.take(event, at_ms);
        self.serve(event, secret);
        match event {
            Event::NotedInChamber { participant, there, .. } => {
                if *there {
                    self.in_chamber.insert(*participant);
                } else {
                    self.in_chamber.remove(participant);
                }
            }
            Event::Opened { .. } => self.opened_ms = Some(at_ms),
            Event::Closed { .. } => self.closed_ms = Some(at_ms),
            _ => {}
        }
        self.follow_stays(at_ms);
        self.measured = self.measured.take().filter(|(then, _)| *then == at_ms);
        self.tell(stored, secret);
    }

    fn finding(&self, measured: &Measured) -> Finding {
        let serving = self.service.iter().filter(|served| served.ended.is_none());
        let serving = serving.map(|served| served.participant).collect();
        Finding::of(measured, &serving, &self.in_chamber, self.meeting.roster())
    }

    fn serve(&mut self, event: &Event, secret: bool) {
        let written = |reason: &Option<String>| reason.clone().map(|text| Text { text, secret });
        match event {
            Event::ServiceBegan {
                participant,
                mandate,
                why,
                reason,
                at_ms,
                ..
            } => self.service.push(Served {
                participant: *participant,
                mandate: *mandate,
                from_ms: *at_ms,
                began: *why,
                reasons: written(reason).into_iter().collect(),
                ended: None,
            }),
            Event::ServiceEnded {
                participant,
                mandate,
                why,
                reason,
                at_ms,
                ..
            } => {
                let mut serving = self.service.iter_mut().rev().filter(|served| served.ended.is_none());
                let served = serving.find(|served| served.participant == *participant && served.mandate == *mandate);
                if let Some(served) = served {
                    served.ended = Some((*at_ms, *why));
                    served.reasons.extend(written(reason));
                }
            }
            _ => {}
        }
    }

    fn follow_stays(&mut self, at_ms: i64) {
        let over = self.closed_ms.is_some();
        for one in self.meeting.roster().iter() {
            let place = if over {
                None
            } else if self.in_chamber.contains(&one.id()) {
                Some(Place::Chamber)
            } else if one.attendance() == Attendance::Inside {
                Some(if one.role() == Role::Chamber {
                    Place::Chamber
                } else {
                    Place::Remote
                })
            } else {
                None
            };
            let stays = self.stays.entry(one.id()).or_default();
            let now = stays.last_mut().filter(|stay| stay.to_ms.is_none());
            if now.as_ref().map(|stay| stay.place) == place {
                continue;
            }
            match now {
                // Both in the same breath: they were never there.
                Some(stay) if stay.from_ms == at_ms => drop(stays.pop()),
                Some(stay) => stay.to_ms = Some(at_ms),
                None => {}
            }
            stays.extend(place.map(|place| Stay {
                place,
                from_ms: at_ms,
                to_ms: None,
            }));
        }
    }

    fn tell(&mut self, stored: &Stored, secret: bool) {
        if let Event::Corrected { event, text, by } = &stored.event {
            return self.correct(stored, *event, text, *by, secret);
        }
        if let Some(at) = self.goes_on(&stored.event) {
            self.told_in.insert(stored.seq, at);
            if let Some(entry) = self.entries.get_mut(at)
                && let Some((_, finding)) = self.measured.take()
            {
                entry.finding = Some(finding);
            }
            return;
        }
        let Some(what) = self.what(&stored.event, secret) else {
            return;
        };
        let at = self.entries.len();
        match &what {
            What::Vote(_) => self.vote = Some(at),
            What::RollCall { .. } => self.roll_call = Some(at),
            _ => {}
        }
        self.push(stored, what);
    }

    fn push(&mut self, stored: &Stored, what: What) {
        self.told_in.insert(stored.seq, self.entries.len());
        self.entries.push(Entry {
            seq: stored.seq,
            at_ms: stored.at_ms,
            what,
            finding: self.measured.take().map(|(_, finding)| finding),
            corrections: Vec::new(),
        });
    }

    /// Corrections stand next to what they correct, under its secrecy.
    fn correct(&mut self, stored: &Stored, event: u64, text: &str, by: ParticipantId, secret: bool) {
        let text = Text {
            text: text.to_owned(),
            secret: secret || self.secret.get(&event).copied().unwrap_or(false),
        };
        if !self.told_in.contains_key(&event) {
            self.push(stored, What::Corrected { event });
            self.told_in.insert(event, self.entries.len().saturating_sub(1));
        }
        let at = self.told_in.get(&event).copied();
        if let Some(entry) = at.and_then(|at| self.entries.get_mut(at)) {
            entry.corrections.push(Correction {
                at_ms: stored.at_ms,
                by,
                text,
            });
        }
    }

    /// The entry that an event is part of, if it is part of one that has begun.
    fn goes_on(&mut self, event: &Event) -> Option<usize> {
        match event {
            Event::RollCallAnswered {
                participant,
                answer,
                measured,
                ..
            } => {
                let at = self.roll_call?;
                if let What::RollCall { answers, .. } = &mut self.entries.get_mut(at)?.what {
                    answers.push((*participant, *answer, *measured));
                }
                Some(at)
            }
            Event::RollCallEnded { .. } => self.roll_call.take(),
            Event::Voted {
                participant, choice, ..
            } => self.in_vote(|vote| {
                vote.votes.retain(|(who, _)| who != participant);
                vote.votes.push((*participant, *choice));
            }),
            Event::VoteSuspended {} => self.in_vote(|vote| vote.suspended += 1),
            Event::VoteResumed { despite, .. } => self.in_vote(|vote| vote.despite.extend(*despite)),
            Event::VoteClosed {
                yes,
                no,
                abstained,
                absent,
                casting,
                ..
            } => {
                let end = VoteEnd::Closed {
                    yes: *yes,
                    no: *no,
                    abstained: *abstained,
                    absent: *absent,
                    casting: *casting,
                };
                let at = self.in_vote(|vote| vote.end = Some(end));
                if let Some(What::Vote(vote)) = at.and_then(|at| self.entries.get(at)).map(|entry| &entry.what) {
                    self.result = Some(vote.clone());
                }
                self.vote = None;
                at
            }
            Event::VoteBrokenOff { .. } => {
                let at = self.in_vote(|vote| vote.end = Some(VoteEnd::BrokenOff));
                self.vote = None;
                at
            }
            _ => None,
        }
    }

    fn in_vote(&mut self, change: impl FnOnce(&mut Vote)) -> Option<usize> {
        let at = self.vote?;
        if let What::Vote(vote) = &mut self.entries.get_mut(at)?.what {
            change(vote);
        }
        Some(at)
    }

    /// What an event is in the story; `None`: told elsewhere or nowhere.
    fn what(&mut self, event: &Event, secret: bool) -> Option<What> {
        let written = |text: &str| Text {
            text: text.to_owned(),
            secret,
        };
        Some(match event {
            Event::Opened { by } => What::Opened { by: *by },
            Event::Adjourned { by, reason, .. } => What::Adjourned {
                by: *by,
                reason: written(reason),
            },
            Event::Resumed { by } => What::Resumed { by: *by },
            Event::Postponed { by, reason } => What::Postponed {
                by: *by,
                reason: written(reason),
            },
            Event::Closed { by } => What::Closed { by: *by },
            Event::ServerRestarted {} if self.opened_ms.is_some() => What::Restarted,
            Event::ItemBegun { item, moved_out, .. } => {
                self.result = None;
                What::ItemBegun {
                    item: *item,
                    moved_out: moved_out.clone(),
                }
            }
            Event::ItemEnded { item, .. } => What::ItemEnded { item: *item },
            Event::ItemDeferred { item, by, reason } => What::ItemDeferred {
                item: *item,
                by: *by,
                reason: written(reason),
            },
            Event::Vouched { participant, by, .. } => What::Vouched {
                participant: *participant,
                by: *by,
            },
            Event::ChairTaken { by } => What::ChairTaken { by: *by },
            Event::PauseBegan {
                participant, reason, ..
            } => What::PauseBegan {
                participant: *participant,
                reason: *reason,
            },
            Event::PauseEnded { participant } => What::PauseEnded {
                participant: *participant,
            },
            Event::ClockExtended { clock, until_ms, by } => What::ClockExtended {
                clock: *clock,
                until_ms: *until_ms,
                by: *by,
            },
            Event::Disqualified {
                participant,
                item,
                reason,
                ..
            } => What::Disqualified {
                participant: *participant,
                item: *item,
                reason: written(reason),
            },
            Event::QuorumLost { there, needed } => What::QuorumLost {
                there: *there,
                needed: *needed,
            },
            Event::QuorumRegained { there } => What::QuorumRegained { there: *there },
            _ => return self.step(event, secret),
        })
    }

    /// The steps on the way to a decision.
    fn step(&mut self, event: &Event, secret: bool) -> Option<What> {
        let written = |text: &str| Text {
            text: text.to_owned(),
            secret,
        };
        Some(match event {
            Event::RollCallBegan { by, who } => What::RollCall {
                by: *by,
                called: who.len(),
                answers: Vec::new(),
            },
            Event::DeliberationClosed { by } => What::DeliberationClosed { by: *by },
            Event::DeliberationReopened { by } => What::DeliberationReopened { by: *by },
            Event::PresenceConfirmed { participants, by, .. } => What::PresenceConfirmed {
                participants: participants.clone(),
                by: *by,
            },
            Event::QuestionPut { question, .. } => What::QuestionPut {
                question: written(question),
            },
            Event::VoteRequested { participant } => What::VoteRequested {
                participant: *participant,
            },
            Event::VoteOpened {
                yes,
                no,
                voters,
                despite,
                ..
            } => What::Vote(Vote {
                yes: written(yes),
                no: written(no),
                voters: voters.len(),
                votes: Vec::new(),
                suspended: 0,
                despite: despite.iter().copied().collect(),
                end: None,
            }),
            Event::Decided {
                number,
                item,
                decision,
                by,
                at_ms,
                despite,
                afterwards,
            } => {
                let of_item = item.and_then(|item| self.meeting.agenda().find(item));
                What::Decided(Decision {
                    number: *number,
                    item: *item,
                    text: Text {
                        text: decision.clone(),
                        secret: secret || of_item.is_some_and(|item| item.secret),
                    },
                    by: *by,
                    at_ms: *at_ms,
                    despite: *despite,
                    afterwards: *afterwards,
                    vote: self.result.take(),
                })
            }
            Event::Reserved { participant } => What::Reserved {
                participant: *participant,
            },
            _ => return None,
        })
    }

    fn end(mut self, last: Option<&Stored>) -> Account {
        let people = self.meeting.roster().iter().map(|one| Person {
            id: one.id(),
            role: one.role(),
            party: one.seat().and_then(|seat| seat.party.clone()),
            stays: self.stays.remove(&one.id()).unwrap_or_default(),
        });
        let items = self.meeting.agenda().iter().map(|(id, item)| {
            let text = item.title.clone();
            let secret = item.secret;
            (id, Text { text, secret })
        });
        Account {
            title: self.meeting.title().to_owned(),
            body: self.meeting.body().to_owned(),
            opened_ms: self.opened_ms,
            closed_ms: self.closed_ms,
            events: last.map_or(0, |stored| stored.seq),
            head: last.map_or(Sha256::ZERO, |stored| stored.hash),
            people: people.collect(),
            items: items.collect(),
            service: self.service,
            entries: self.entries,
            alarms: self.alarms.into_vec(),
            profiles: self.profiles,
        }
    }
}
