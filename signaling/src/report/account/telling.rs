//! The events become entries.

use super::people::Following;
use super::voting::Going;
use super::{Account, Correction, Entry, Found, Text, What};
use crate::journal::Stored;
use crate::meeting::{Event, Measured, Meeting, ParticipantId, ProfileMark};
use crate::report::alarm::Alarms;
use crate::report::finding::Finding;
use crate::report::source::Origin;
use std::collections::BTreeMap;

#[derive(Default)]
pub(super) struct Telling {
    meeting: Meeting,
    opened_ms: Option<i64>,
    closed_ms: Option<i64>,
    people: Following,
    entries: Vec<Entry>,
    /// Which entry tells of an event.
    told_in: BTreeMap<u64, usize>,
    alarms: Alarms,
    pub(super) profiles: Vec<ProfileMark>,
    /// What was measured, and when: for the next event that is told of, of those decided together.
    measured: Option<(i64, Measured)>,
    going: Going,
    secret: BTreeMap<u64, bool>,
    last_seq: u64,
    last_ms: i64,
    /// Events before this are left out: who serves now is not certain.
    in_doubt: bool,
}

impl Telling {
    pub(super) fn take(&mut self, stored: &Stored) {
        let (event, at_ms) = (&stored.event, stored.at_ms);
        if stored.seq > self.last_seq.saturating_add(1) {
            self.in_doubt = true;
            self.alarms.lose_sight(self.last_ms);
        }
        (self.last_seq, self.last_ms) = (stored.seq, at_ms);
        if let Event::Measured { measured } = event {
            self.meeting.apply(event);
            if !self.profiles.contains(&measured.profile) {
                self.profiles.push(measured.profile.clone());
            }
            self.measured = Some((at_ms, Measured::clone(measured)));
            return;
        }
        let secret_before = self.meeting.agenda().is_secret_now();
        self.meeting.apply(event);
        let secret = secret_before || self.meeting.agenda().is_secret_now();
        self.secret.insert(stored.seq, secret);
        self.alarms.take(event, at_ms);
        match event {
            Event::Opened { .. } => self.opened_ms = Some(at_ms),
            Event::Closed { .. } => self.closed_ms = Some(at_ms),
            _ => {}
        }
        let over = self.closed_ms.is_some();
        self.people.take(event, at_ms, secret, &self.meeting, over);
        self.measured = self.measured.take().filter(|(then, _)| *then == at_ms);
        self.tell(stored, secret);
    }

    /// Of what was measured for the event that is told of now.
    fn finding(&mut self) -> Option<Finding> {
        let (_, measured) = self.measured.take()?;
        let mut serving = self.people.serving();
        if self.in_doubt {
            serving.extend(measured.people.iter().map(|one| one.participant));
        }
        let in_chamber = &self.people.in_chamber;
        Some(Finding::of(&measured, &serving, in_chamber, self.meeting.roster()))
    }

    fn tell(&mut self, stored: &Stored, secret: bool) {
        if let Event::Corrected { event, text, by } = &stored.event {
            return self.correct(stored, *event, text, *by, secret);
        }
        let found = self.found(&stored.event);
        if let Some((at, ends)) = self.going.take(&stored.event, found, &mut self.entries) {
            self.told_in.insert(stored.seq, at);
            if ends {
                let finding = self.finding();
                if let Some(entry) = self.entries.get_mut(at) {
                    entry.at_end = finding;
                }
            } else if matches!(stored.event, Event::RollCallAnswered { .. }) {
                self.measured = None;
            }
            return;
        }
        if let Event::ItemBegun { .. } = stored.event {
            self.going.result = None;
        }
        let Some(mut what) = What::of(&stored.event, secret, self.opened_ms.is_some(), self.meeting.agenda()) else {
            return;
        };
        if let What::Decided(decision) = &mut what {
            decision.vote = self.going.result.take();
        }
        self.going.begin(&what, self.entries.len());
        self.push(stored, what);
    }

    /// Of whoever answers the roll call with this event.
    fn found(&self, event: &Event) -> Found {
        let Event::RollCallAnswered {
            participant, measured, ..
        } = event
        else {
            return Found::NotMeasured;
        };
        let then = self.measured.as_ref().map(|(_, measured)| measured);
        Found::of(*participant, then, *measured, &self.people.in_chamber)
    }

    fn push(&mut self, stored: &Stored, what: What) {
        self.told_in.insert(stored.seq, self.entries.len());
        let finding = self.finding();
        self.entries.push(Entry {
            seq: stored.seq,
            at_ms: stored.at_ms,
            what,
            finding,
            at_end: None,
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

    pub(super) fn end(self, origin: Origin) -> Account {
        let items = self.meeting.agenda().iter().map(|(id, item)| {
            let text = item.title.clone();
            let secret = item.secret;
            (id, Text { text, secret })
        });
        let items = items.collect();
        let (people, service) = self.people.end(&self.meeting);
        Account {
            title: self.meeting.title().to_owned(),
            body: self.meeting.body().to_owned(),
            opened_ms: self.opened_ms,
            closed_ms: self.closed_ms,
            origin,
            people,
            service,
            items,
            entries: self.entries,
            alarms: self.alarms.into_vec(),
            profiles: self.profiles,
        }
    }
}
