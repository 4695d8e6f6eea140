//! Who served, who was there, and the alarms.

use super::{Writer, paragraph, table};
use crate::equal_terms::{Cause, Level};
use crate::report::account::Served;
use crate::report::alarm::{Alarm, State};
use lika_auth::html::escape;
use std::collections::BTreeMap;

impl Writer<'_> {
    pub(super) fn service(&self) -> String {
        let texts = self.words.texts();
        let mut served: Vec<&Served> = self.page.account.service.iter().collect();
        if served.is_empty() {
            return self.nothing(texts.no_service, texts.no_service_told);
        }
        served.sort_by_key(|served| (served.mandate, served.from_ms));
        let rows: Vec<Vec<String>> = served.iter().map(|served| self.served(served)).collect();
        table(
            &[
                texts.mandate,
                texts.who,
                texts.role,
                texts.from,
                texts.to,
                texts.place,
                texts.why,
            ],
            &rows,
        )
    }

    fn served(&self, served: &Served) -> Vec<String> {
        let texts = self.words.texts();
        let person = self.page.account.people.iter().find(|one| one.id == served.participant);
        let party = person.and_then(|one| one.party.as_deref());
        let role = person.map_or("", |one| self.words.role(one.role));
        let until = served.ended.map_or(i64::MAX, |(at_ms, _)| at_ms);
        let mut places: Vec<&str> = Vec::new();
        for stay in person.iter().flat_map(|one| &one.stays) {
            let during = stay.from_ms < until && stay.to_ms.is_none_or(|to_ms| to_ms > served.from_ms);
            let place = self.words.place(stay.place);
            if during && !places.contains(&place) {
                places.push(place);
            }
        }
        let mut why = vec![self.words.began(served.began).to_owned()];
        why.extend(served.ended.map(|(_, ending)| self.words.ended(ending).to_owned()));
        why.extend(served.reasons.iter().map(|reason| self.text(reason).to_owned()));
        let who = party.map_or_else(
            || self.name(served.participant),
            |party| format!("{} ({party})", self.name(served.participant)),
        );
        [
            served.mandate.to_string(),
            who,
            role.to_owned(),
            self.page.times.clock(served.from_ms),
            served
                .ended
                .map_or_else(|| texts.still.to_owned(), |(at_ms, _)| self.page.times.clock(at_ms)),
            places.join(", "),
            why.join("; "),
        ]
        .iter()
        .map(|cell| escape(cell))
        .collect()
    }

    pub(super) fn presence(&self) -> String {
        let texts = self.words.texts();
        let times = &self.page.times;
        let rows: Vec<Vec<String>> = self
            .page
            .account
            .people
            .iter()
            .filter(|one| !one.stays.is_empty())
            .map(|one| {
                let stays: Vec<String> = one
                    .stays
                    .iter()
                    .map(|stay| {
                        let to = stay
                            .to_ms
                            .map_or_else(|| texts.still.to_owned(), |to_ms| times.clock(to_ms));
                        format!("{} {}–{to}", self.words.place(stay.place), times.clock(stay.from_ms))
                    })
                    .collect();
                vec![
                    escape(&self.name(one.id)),
                    escape(self.words.role(one.role)),
                    escape(one.party.as_deref().unwrap_or("")),
                    escape(&stays.join(", ")),
                ]
            })
            .collect();
        table(&[texts.who, texts.role, texts.party, texts.place], &rows)
    }

    pub(super) fn alarms(&self) -> String {
        let texts = self.words.texts();
        let (red, slight): (Vec<&Alarm>, Vec<&Alarm>) = self
            .page
            .account
            .alarms
            .iter()
            .partition(|alarm| alarm.worst.level == Level::Red);
        let mut html = if red.is_empty() {
            self.nothing(texts.no_alarms, texts.no_alarms_told)
        } else {
            let rows: Vec<Vec<String>> = red.iter().map(|alarm| self.alarm(alarm)).collect();
            let headings = [texts.from, texts.to, texts.what, texts.figure_others, texts.acts];
            paragraph(texts.alarms_explained) + &table(&headings, &rows)
        };
        if !slight.is_empty() {
            html += &format!("<h3>{}</h3>{}", escape(texts.slight), paragraph(texts.slight_explained));
            html += &self.slight(&slight);
        }
        html
    }

    fn alarm(&self, alarm: &Alarm) -> Vec<String> {
        let texts = self.words.texts();
        let times = &self.page.times;
        let found = self.found(alarm);
        let mut until = match alarm.until_ms {
            Some(at_ms) => times.clock(at_ms),
            None if alarm.unseen_from_ms.is_some() => texts.secret.to_owned(),
            None => texts.still.to_owned(),
        };
        if alarm.cut_off {
            let how = if alarm.subject.cause == Cause::Reported {
                texts.unanswered
            } else {
                texts.cut_off
            };
            until += &format!(" ({how})");
        }
        let acts: Vec<String> = alarm
            .acts
            .iter()
            .map(|(at_ms, act)| {
                let done = self.words.act(*act, &self.name(act.by()));
                format!("<li>{} {}</li>", times.clock(*at_ms), escape(&done))
            })
            .collect();
        vec![
            times.clock(alarm.since_ms),
            escape(&until),
            escape(&found),
            escape(&self.words.affected(alarm.worst.affected)),
            if acts.is_empty() {
                escape(texts.no_acts)
            } else {
                format!("<ul>{}</ul>", acts.concat())
            },
        ]
    }

    /// Text: how an alarm stood at a moment. As long as a report stands, it is unanswered.
    pub(super) fn found_then(&self, alarm: &Alarm, state: State) -> String {
        let texts = self.words.texts();
        let notes = [
            (state.unseen, texts.may_be_over),
            (
                !state.unseen && alarm.subject.cause == Cause::Reported,
                texts.unanswered,
            ),
            (state.settled, texts.settled),
            (state.unstable, texts.unstable),
        ];
        let notes: Vec<&str> = notes
            .iter()
            .filter(|(holds, _)| *holds)
            .map(|(_, note)| *note)
            .collect();
        let found = self.fault(alarm.subject, state.reading.level, state.reading.figure);
        if notes.is_empty() {
            return found;
        }
        format!("{found} ({})", notes.join("; "))
    }

    /// Text.
    fn found(&self, alarm: &Alarm) -> String {
        let found = self.fault(alarm.subject, alarm.worst.level, alarm.worst.figure);
        if alarm.unstable {
            return format!("{found} ({})", self.words.texts().unstable);
        }
        found
    }

    /// By person and cause: there may be many of them.
    fn slight(&self, alarms: &[&Alarm]) -> String {
        let mut counted: BTreeMap<(String, String), u32> = BTreeMap::new();
        for alarm in alarms {
            let cause = self.words.cause(alarm.subject.cause, None);
            let (who, what) = match alarm.subject.about {
                Some(who) => {
                    let direction = self.words.direction(alarm.subject.direction);
                    (self.name(who), format!("{direction}: {cause}"))
                }
                None => (self.words.texts().server.to_owned(), cause),
            };
            *counted.entry((who, what)).or_default() += 1;
        }
        let rows: Vec<Vec<String>> = counted
            .iter()
            .map(|((who, what), times)| vec![escape(who), escape(what), times.to_string()])
            .collect();
        let texts = self.words.texts();
        table(&[texts.who, texts.finding, texts.times], &rows)
    }
}
