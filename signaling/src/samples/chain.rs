//! The chain of a meeting's sample lines.

use crate::meeting::SamplesMark;
use crate::sha256::Sha256;

const PREFIX: &[u8] = b"lika sample v1\0";

/// How far the lines have come: their number, and the hash of the last, which builds on all before it:
/// SHA-256("lika sample v1\0" || hash of the line before, 32 zero bytes for the first || the line without its end).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chain {
    lines: u64,
    digest: Sha256,
}

impl Chain {
    /// Before the first line.
    pub const START: Self = Self {
        lines: 0,
        digest: Sha256::ZERO,
    };

    /// Where a chain stands that somebody has noted.
    #[must_use]
    pub const fn at(mark: SamplesMark) -> Self {
        Self {
            lines: mark.lines,
            digest: mark.digest,
        }
    }

    /// One line more, without its end.
    #[must_use]
    pub fn with(self, line: &[u8]) -> Self {
        Self {
            lines: self.lines.saturating_add(1),
            digest: Sha256::of(&[PREFIX, self.digest.as_bytes(), line]),
        }
    }

    /// How many lines there are.
    #[must_use]
    pub const fn lines(self) -> u64 {
        self.lines
    }

    /// What is noted in the journal.
    #[must_use]
    pub const fn mark(self) -> SamplesMark {
        SamplesMark {
            lines: self.lines,
            digest: self.digest,
        }
    }
}
