//! The matrix: how every sender reaches every receiver, sound and picture, in one second.

use super::Level;
use crate::meeting::ParticipantId;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Every sender -> receiver edge at one second. A row is a sender, a letter in it a receiver, both in the order of
/// `people`: `-` no edge (oneself, or nothing is expected), `u` unknown, `s` suspended, `g` green, `a` amber, `r` red.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Matrix {
    /// Whom rows and columns are about.
    pub people: Vec<ParticipantId>,
    /// Who is heard by whom.
    pub sound: Vec<String>,
    /// Who is seen by whom.
    pub picture: Vec<String>,
}

/// One edge's cell of a matrix.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell {
    pub(super) sender: ParticipantId,
    pub(super) receiver: ParticipantId,
    /// `None`: not expected to be heard or to hear.
    pub(super) sound: Option<Level>,
    /// `None`: not expected to be seen or to see.
    pub(super) picture: Option<Level>,
}

impl Matrix {
    /// `people` in order of their numbers; pairs that have no cell have no edge.
    pub(super) fn new(people: Vec<ParticipantId>, cells: &[Cell]) -> Self {
        let size = people.len();
        let mut sound = vec![vec![NO_EDGE; size]; size];
        let mut picture = sound.clone();
        let place = |who| people.binary_search(&who);
        for cell in cells {
            let (Ok(row), Ok(column)) = (place(cell.sender), place(cell.receiver)) else {
                continue;
            };
            sound[row][column] = letter(cell.sound);
            picture[row][column] = letter(cell.picture);
        }
        let rows = |letters: Vec<Vec<char>>| letters.into_iter().map(String::from_iter).collect();
        Self {
            people,
            sound: rows(sound),
            picture: rows(picture),
        }
    }
}

impl Matrix {
    /// The same with the edges of one person alone.
    #[must_use]
    pub fn about(self, who: ParticipantId) -> Self {
        let Self { people, sound, picture } = self;
        let cell = |sender, receiver, level| {
            let theirs = sender == who || receiver == who;
            if theirs { level } else { NO_EDGE }
        };
        let row = |(&sender, row): (&ParticipantId, String)| {
            let cells = people.iter().zip(row.chars());
            cells.map(|(&receiver, level)| cell(sender, receiver, level)).collect()
        };
        let (sound, picture) = (
            people.iter().zip(sound).map(row).collect(),
            people.iter().zip(picture).map(row).collect(),
        );
        Self { people, sound, picture }
    }

    /// Who does not hear or does not see somebody: the red edges of their rows.
    #[must_use]
    pub fn out_of_reach_of(&self, who: ParticipantId) -> Vec<ParticipantId> {
        let Some(place) = self.people.iter().position(|one| *one == who) else {
            return Vec::new();
        };
        let rows = [self.sound.get(place), self.picture.get(place)];
        let red = |column: usize| {
            let mut cells = rows.iter().flatten();
            cells.any(|row| row.chars().nth(column) == Some(RED))
        };
        let receivers = self.people.iter().enumerate();
        receivers
            .filter(|&(column, _)| red(column))
            .map(|(_, one)| *one)
            .collect()
    }
}

const RED: char = 'r';
const NO_EDGE: char = '-';

const fn letter(level: Option<Level>) -> char {
    match level {
        None => NO_EDGE,
        Some(Level::Unknown) => 'u',
        Some(Level::Suspended) => 's',
        Some(Level::Green) => 'g',
        Some(Level::Amber) => 'a',
        Some(Level::Red) => RED,
    }
}
