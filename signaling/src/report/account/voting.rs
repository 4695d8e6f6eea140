//! Votes and roll calls: several events, one entry each.

use super::{Entry, Text, What};
use crate::equal_terms::Level;
use crate::meeting::{Answer, Choice, Despite, Event, Measured, ParticipantId};
use crate::report::strips::worse;
use std::collections::BTreeSet;

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

/// An answer to a roll call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answered {
    /// Whose.
    pub who: ParticipantId,
    /// Which.
    pub answer: Answer,
    /// What was measured of them then.
    pub found: Found,
}

/// What was measured of one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Something.
    Level {
        /// The worst of their directions, and of the alarms about them.
        level: Level,
        /// How many of the others did not hear or did not see them.
        unreached: usize,
    },
    /// They sat in the chamber, whose devices stand for them.
    InChamber,
    /// Nothing.
    NotMeasured,
}

impl Found {
    /// `alarm`: the worst alarm about them, if one stood.
    pub(super) fn of(
        who: ParticipantId,
        measured: Option<&Measured>,
        alarm: Option<Level>,
        in_chamber: &BTreeSet<ParticipantId>,
    ) -> Self {
        let measured = measured.filter(|measured| measured.at_ms.is_some());
        let level = measured.and_then(|measured| measured.level_of(who));
        let unreached = measured.map_or(0, |measured| measured.matrix.out_of_reach_of(who).len());
        match worse(alarm, level) {
            Some(level) => Self::Level { level, unreached },
            None if in_chamber.contains(&who) => Self::InChamber,
            None => Self::NotMeasured,
        }
    }
}

/// The vote and the roll call that are going on.
#[derive(Default)]
pub(super) struct Going {
    vote: Option<usize>,
    roll_call: Option<usize>,
    /// The vote closed since the last decision.
    pub(super) result: Option<Vote>,
}

impl Going {
    /// An entry begins.
    pub(super) fn begin(&mut self, what: &What, at: usize) {
        match what {
            What::Vote(_) => self.vote = Some(at),
            What::RollCall { .. } => self.roll_call = Some(at),
            _ => {}
        }
    }

    /// Puts an event into the entry that it is part of, if it is part of one: which, and whether it ends it.
    pub(super) fn take(&mut self, event: &Event, found: Found, entries: &mut [Entry]) -> Option<(usize, bool)> {
        let ends = match event {
            Event::RollCallAnswered {
                participant, answer, ..
            } => {
                let at = self.roll_call?;
                if let What::RollCall { answers, .. } = &mut entries.get_mut(at)?.what {
                    answers.push(Answered {
                        who: *participant,
                        answer: *answer,
                        found,
                    });
                }
                return Some((at, false));
            }
            Event::RollCallEnded { .. } => return Some((self.roll_call.take()?, true)),
            _ => matches!(event, Event::VoteClosed { .. } | Event::VoteBrokenOff { .. }),
        };
        let at = self.vote?;
        let What::Vote(vote) = &mut entries.get_mut(at)?.what else {
            return None;
        };
        vote.take(event)?;
        if ends {
            self.vote = None;
            self.result = matches!(vote.end, Some(VoteEnd::Closed { .. })).then(|| vote.clone());
        }
        Some((at, ends))
    }
}

impl Vote {
    /// `None`: the event is none of a vote.
    fn take(&mut self, event: &Event) -> Option<()> {
        match event {
            Event::Voted {
                participant, choice, ..
            } => {
                self.votes.retain(|(who, _)| who != participant);
                self.votes.push((*participant, *choice));
            }
            Event::VoteSuspended {} => self.suspended += 1,
            Event::VoteResumed { despite, .. } => self.despite.extend(*despite),
            Event::VoteClosed {
                yes,
                no,
                abstained,
                absent,
                casting,
                ..
            } => {
                self.end = Some(VoteEnd::Closed {
                    yes: *yes,
                    no: *no,
                    abstained: *abstained,
                    absent: *absent,
                    casting: *casting,
                });
            }
            Event::VoteBrokenOff { .. } => self.end = Some(VoteEnd::BrokenOff),
            _ => return None,
        }
        Some(())
    }
}
