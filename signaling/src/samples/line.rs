//! What a line says.

use crate::equal_terms::{Direction, Input, Judged, Level, Transition, Verdict};
use crate::meeting::{ParticipantId, SamplesMark};
use crate::sha256::Sha256;
use serde::{Deserialize, Serialize};

/// The order of the letters of [`Spoken::people`].
const ORDER: [Direction; 6] = [
    Direction::Heard,
    Direction::Seen,
    Direction::Hears,
    Direction::Sees,
    Direction::Delay,
    Direction::Link,
];

/// One line, JSON: `{"input":{…}}` and so on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// The first line of a file: where the chain stood before it.
    Segment(SamplesMark),
    /// A new judge, who knows nothing yet: the server has started.
    Begun(Begun),
    /// What the judge was told.
    Input(Input),
    /// What the judge said of the input before it.
    Verdict(Spoken),
    /// Lines that should have stood here are lost.
    Gap(Gap),
    /// In an export alone: the lines up to here are left out.
    SamplesWithheld(SamplesMark),
}

/// A judge begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// When, in milliseconds since 1970-01-01 UTC.
    pub at_ms: i64,
    /// The whole text of the threshold profile (TOML).
    pub profile: String,
    /// The version of the program.
    pub program: String,
}

/// Lines are lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// When that was noted, in milliseconds since 1970-01-01 UTC.
    pub at_ms: i64,
    /// How many; 0: not known, the end of a file was torn off when the server or its machine stopped.
    pub lost: u64,
}

/// What the judge said, short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spoken {
    /// When, in milliseconds since 1970-01-01 UTC.
    pub at_ms: i64,
    /// How each stood who was judged: a letter for heard, seen, hears, sees, delay and link in this order. `-` not
    /// expected of them, `u` unknown, `s` suspended, `g` green, `a` amber, `r` red. Empty between two seconds.
    pub people: Vec<(ParticipantId, String)>,
    /// How many alerts were raised, changed, found unstable or cleared.
    pub transitions: u32,
    /// SHA-256 of these, as a JSON array; `None` if there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Sha256>,
}

impl Line {
    /// The line without its end.
    ///
    /// # Errors
    /// None in practice; serde's signature has one.
    pub fn encode(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    /// What a line says.
    ///
    /// # Errors
    /// When it is not one.
    pub fn decode(line: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(line)
    }
}

impl Spoken {
    /// What the judge made of an input.
    #[must_use]
    pub fn of(input: &Input, judged: &Judged) -> Self {
        match judged {
            Judged::Second(verdict) => Self::about(verdict),
            Judged::Between(transitions) => Self::between(input.at_ms(), transitions),
        }
    }

    fn about(verdict: &Verdict) -> Self {
        let people = verdict.participants.iter().map(|one| {
            let letter = |direction: Direction| {
                let found = one.directions.iter().find(|found| found.direction == direction);
                found.map_or('-', |found| letter(found.level))
            };
            (one.participant, ORDER.map(letter).iter().collect())
        });
        Self {
            people: people.collect(),
            ..Self::between(verdict.at_ms, &verdict.transitions)
        }
    }

    fn between(at_ms: i64, transitions: &[Transition]) -> Self {
        let digest = || Some(Sha256::of(&[&serde_json::to_vec(transitions).ok()?]));
        Self {
            at_ms,
            people: Vec::new(),
            transitions: u32::try_from(transitions.len()).unwrap_or(u32::MAX),
            digest: if transitions.is_empty() { None } else { digest() },
        }
    }
}

/// The level that stands for a direction in somebody's letters.
#[must_use]
pub(crate) fn level(letters: &str, direction: Direction) -> Option<Level> {
    let at = ORDER.iter().position(|one| *one == direction)?;
    match letters.as_bytes().get(at)? {
        b'u' => Some(Level::Unknown),
        b's' => Some(Level::Suspended),
        b'g' => Some(Level::Green),
        b'a' => Some(Level::Amber),
        b'r' => Some(Level::Red),
        _ => None,
    }
}

const fn letter(level: Level) -> char {
    match level {
        Level::Unknown => 'u',
        Level::Suspended => 's',
        Level::Green => 'g',
        Level::Amber => 'a',
        Level::Red => 'r',
    }
}
