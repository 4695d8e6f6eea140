//! The decisions, and the course of the meeting.

use super::{Writer, list, paragraph, table};
use crate::equal_terms::Level;
use crate::meeting::{Clock, ParticipantId};
use crate::report::account::{Answered, Decision, Entry, Found, Place, Vote, VoteEnd, What};
use crate::report::finding::Finding;
use crate::report::source::Withheld;
use crate::report::words::{Texts, Told};
use lika_auth::html::escape;

/// What stands above the alarms of a moment, and above what was measured beside them.
type Headings = fn(&Texts) -> (&'static str, &'static str);
const AT_GAVEL: Headings = |texts| (texts.alarms_at_gavel, texts.measured_at_gavel);
const THEN: Headings = |texts| (texts.alarms_then, texts.measured_then);

impl Writer<'_> {
    pub(super) fn decisions(&self) -> String {
        let cards: String = self
            .page
            .account
            .decisions()
            .map(|(entry, decision)| self.decision(entry, decision))
            .collect();
        if cards.is_empty() {
            let texts = self.words.texts();
            return self.nothing(texts.no_decisions, texts.no_decisions_told);
        }
        cards
    }

    fn decision(&self, entry: &Entry, decision: &Decision) -> String {
        let texts = self.words.texts();
        let by = self.name(decision.by);
        let mut html = format!(
            "<article class=\"card\" id=\"decision-{}\">\n<h3>{} {} · {}</h3>\n",
            decision.number,
            escape(texts.decision),
            decision.number,
            self.page.times.clock(decision.at_ms)
        );
        if let Some(item) = decision.item {
            html += &format!("<p class=\"quiet\">{}</p>", escape(&self.item(item)));
        }
        html += &format!("<p class=\"words\">{}</p>", escape(self.text(&decision.text)));
        if let Some(vote) = &decision.vote {
            html += &format!("<p>{}: {}</p>", escape(texts.vote), escape(&self.result(vote)));
        }
        html += &if decision.afterwards {
            self.afterwards(entry, decision)
        } else {
            self.measured_then(decision.at_ms, AT_GAVEL, entry.finding.as_ref())
        };
        if let Some(despite) = decision.despite {
            html += &paragraph(&self.words.went_on(&by, despite));
        }
        html += &self.corrections(entry);
        html + "</article>\n"
    }

    /// What was measured when a decision was entered is not what was measured when the gavel fell.
    fn afterwards(&self, entry: &Entry, decision: &Decision) -> String {
        let texts = self.words.texts();
        let entered = paragraph(&self.words.afterwards(&self.page.times.clock(entry.at_ms)));
        let none = || self.nothing(texts.no_alarm_at_gavel, texts.no_alarm_at_gavel_told);
        let stood = self
            .alarms_at(decision.at_ms, texts.alarms_at_gavel)
            .unwrap_or_else(none);
        entered + &stood + &self.finding_beside(texts.measured_at_entry, entry.finding.as_ref())
    }

    /// Beside an alarm that stood nothing is said to have been flawless.
    fn measured_then(&self, at_ms: i64, headings: Headings, finding: Option<&Finding>) -> String {
        let (alarms, measured) = headings(self.words.texts());
        match self.alarms_at(at_ms, alarms) {
            Some(stood) => stood + &self.finding_beside(measured, finding),
            None => self.finding(finding),
        }
    }

    /// The alarms that stood at a moment; `None`: no alarm did.
    fn alarms_at(&self, at_ms: i64, heading: &str) -> Option<String> {
        let alarms = self.page.account.alarms.iter();
        let stood: Vec<String> = alarms
            .filter_map(|alarm| Some((alarm, alarm.stood_at(at_ms)?)))
            .filter(|(_, state)| state.reading.level == Level::Red)
            .map(|(alarm, state)| self.found_then(alarm, state))
            .collect();
        (!stood.is_empty()).then(|| paragraph(heading) + &list(stood.into_iter()))
    }

    fn corrections(&self, entry: &Entry) -> String {
        let times = &self.page.times;
        entry
            .corrections
            .iter()
            .map(|one| {
                format!(
                    "<p class=\"correction\"><b>{}</b> {} {}, {}: {}</p>",
                    escape(self.words.texts().correction),
                    times.day(one.at_ms),
                    times.clock(one.at_ms),
                    escape(&self.name(one.by)),
                    escape(self.text(&one.text))
                )
            })
            .collect()
    }

    pub(super) fn course(&self) -> String {
        let texts = self.words.texts();
        let account = self.page.account;
        let told = account.entries.iter();
        let told = told.map(|entry| (entry.seq, vec![self.page.times.clock(entry.at_ms), self.entry(entry)]));
        let withheld = account.origin.withheld.iter();
        let withheld = withheld.map(|one| (one.seq, self.withheld(one)));
        let mut rows: Vec<(u64, Vec<String>)> = told.chain(withheld).collect();
        rows.sort_by_key(|(seq, _)| *seq);
        let rows: Vec<Vec<String>> = rows.into_iter().map(|(_, row)| row).collect();
        table(&[texts.time, texts.what], &rows)
    }

    fn withheld(&self, withheld: &Withheld) -> Vec<String> {
        let (from, to) = (
            self.page.times.clock(withheld.from_ms),
            self.page.times.clock(withheld.to_ms),
        );
        vec![from.clone(), escape(&self.words.left_out(withheld.events, &from, &to))]
    }

    fn entry(&self, entry: &Entry) -> String {
        let mut html = match &entry.what {
            What::Decided(decision) => {
                let told = self.words.told(Told::Decided {
                    number: decision.number,
                    by: &self.name(decision.by),
                });
                return format!("<a href=\"#decision-{}\">{}</a>", decision.number, escape(&told));
            }
            What::RollCall { by, called, answers } => {
                let told = Told::RollCall {
                    by: &self.name(*by),
                    answered: answers.len(),
                    called: *called,
                };
                escape(&self.words.told(told)) + &self.answers(answers)
            }
            What::Vote(vote) => self.vote(vote),
            What::ItemBegun { item, moved_out } => {
                let mut html = escape(&self.words.told(Told::ItemBegun {
                    item: &self.item(*item),
                }));
                if !moved_out.is_empty() {
                    let who = self.names(moved_out);
                    html += &paragraph(&self.words.told(Told::MovedOut { who: &who }));
                }
                html
            }
            other => escape(&self.sentence(other)),
        };
        let texts = self.words.texts();
        let (begun, ended) = match &entry.what {
            What::Vote(_) => (Some(texts.vote_opened), Some(texts.vote_closed)),
            What::RollCall { .. } => (None, Some(texts.roll_call_ended)),
            _ => (None, None),
        };
        for (finding, heading) in [(&entry.finding, begun), (&entry.at_end, ended)] {
            if let Some(finding) = finding {
                html += &heading.map(paragraph).unwrap_or_default();
                html += &self.measured_then(finding.at_ms.unwrap_or(entry.at_ms), THEN, Some(finding));
            }
        }
        html + &self.corrections(entry)
    }

    fn answers(&self, answers: &[Answered]) -> String {
        let texts = self.words.texts();
        let rows: Vec<Vec<String>> = answers
            .iter()
            .map(|one| {
                let found = match one.found {
                    Found::Level { level, unreached: 0 } => self.words.level(level).to_owned(),
                    Found::Level { level, unreached } => {
                        format!("{}: {}", self.words.level(level), self.words.unreached(unreached))
                    }
                    Found::InChamber => self.words.place(Place::Chamber).to_owned(),
                    Found::NotMeasured => texts.not_judged.to_owned(),
                };
                vec![
                    escape(&self.name(one.who)),
                    escape(&self.words.answer(one.answer)),
                    escape(&found),
                ]
            })
            .collect();
        table(&[texts.who, texts.answer, texts.measured], &rows)
    }

    fn vote(&self, vote: &Vote) -> String {
        let told = Told::Vote {
            yes: self.text(&vote.yes),
            no: self.text(&vote.no),
            voters: vote.voters,
        };
        let mut html = escape(&self.words.told(told)) + &paragraph(&self.result(vote));
        if vote.suspended > 0 {
            html += &paragraph(&self.words.suspended(vote.suspended));
        }
        for despite in &vote.despite {
            html += &paragraph(self.words.despite(*despite));
        }
        if !vote.yes.secret || self.page.secret {
            let votes: Vec<String> = vote
                .votes
                .iter()
                .map(|(who, choice)| format!("{}: {}", self.name(*who), self.words.choice(*choice)))
                .collect();
            html += &paragraph(&votes.join(", "));
        }
        html
    }

    /// Text.
    fn result(&self, vote: &Vote) -> String {
        match vote.end {
            Some(VoteEnd::Closed {
                yes,
                no,
                abstained,
                absent,
                casting,
            }) => self.words.result([yes, no, abstained, absent], casting),
            Some(VoteEnd::BrokenOff) => self.words.vote_without_result(true).to_owned(),
            None => self.words.vote_without_result(false).to_owned(),
        }
    }

    /// Text.
    fn sentence(&self, what: &What) -> String {
        let name = |who: &ParticipantId| self.name(*who);
        let told = |told: Told<'_>| self.words.told(told);
        match what {
            What::Opened { by } => told(Told::Opened { by: &name(by) }),
            What::Adjourned { by, reason } => told(Told::Adjourned {
                by: &name(by),
                reason: self.text(reason),
            }),
            What::Resumed { by } => told(Told::Resumed { by: &name(by) }),
            What::Postponed { by, reason } => told(Told::Postponed {
                by: &name(by),
                reason: self.text(reason),
            }),
            What::Closed { by } => told(Told::Closed { by: &name(by) }),
            What::Restarted => self.words.texts().restarted.to_owned(),
            What::ItemEnded { item } => told(Told::ItemEnded {
                item: &self.item(*item),
            }),
            What::ItemDeferred { item, by, reason } => told(Told::ItemDeferred {
                item: &self.item(*item),
                by: &name(by),
                reason: self.text(reason),
            }),
            What::Vouched { participant, by } => told(Told::Vouched {
                who: &name(participant),
                by: &name(by),
            }),
            What::ChairTaken { by } => told(Told::ChairTaken { by: &name(by) }),
            What::PauseBegan { participant, reason } => told(Told::PauseBegan {
                who: &name(participant),
                reason: self.words.pause(*reason),
            }),
            What::PauseEnded { participant } => told(Told::PauseEnded {
                who: &name(participant),
            }),
            What::ClockExtended { clock, until_ms, by } => self.extended(*clock, *until_ms, &name(by)),
            What::Disqualified {
                participant,
                item,
                reason,
            } => told(Told::Disqualified {
                who: &name(participant),
                item: &self.item(*item),
                reason: self.text(reason),
            }),
            other => self.step(other),
        }
    }

    /// Text.
    fn extended(&self, clock: Clock, until_ms: i64, by: &str) -> String {
        let until = self.page.times.clock(until_ms);
        match clock {
            Clock::Reconnect { participant } => self.words.told(Told::ReconnectExtended {
                who: &self.name(participant),
                until: &until,
                by,
            }),
            Clock::Adjournment {} => self.words.told(Told::AdjournmentExtended { until: &until, by }),
        }
    }

    /// Text: the steps on the way to a decision.
    fn step(&self, what: &What) -> String {
        let name = |who: &ParticipantId| self.name(*who);
        let told = |told: Told<'_>| self.words.told(told);
        match what {
            What::QuorumLost { there, needed } => told(Told::QuorumLost {
                there: *there,
                needed: *needed,
            }),
            What::QuorumRegained { there } => told(Told::QuorumRegained { there: *there }),
            What::DeliberationClosed { by } => told(Told::DeliberationClosed { by: &name(by) }),
            What::DeliberationReopened { by } => told(Told::DeliberationReopened { by: &name(by) }),
            What::PresenceConfirmed { participants, by } => told(Told::PresenceConfirmed {
                who: participants.len(),
                by: &name(by),
            }),
            What::QuestionPut { question } => told(Told::QuestionPut {
                question: self.text(question),
            }),
            What::VoteRequested { participant } => told(Told::VoteRequested {
                who: &name(participant),
            }),
            What::VoteRequestWithdrawn { participant } => told(Told::VoteRequestWithdrawn {
                who: &name(participant),
            }),
            What::Reserved { participant } => told(Told::Reserved {
                who: &name(participant),
            }),
            What::ReservationWithdrawn { participant } => told(Told::ReservationWithdrawn {
                who: &name(participant),
            }),
            What::Corrected { event } => told(Told::Corrected { event: *event }),
            // Each has a form of its own.
            _ => String::new(),
        }
    }
}
