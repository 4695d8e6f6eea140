//! The samples: everything that reached the judge of a meeting and what the judge said, so that the meeting can be
//! judged again. Beside the journal, with a retention of their own (requirement R36); docs/samples.md has the format.
//!
//! A thread for each meeting owns its files. It writes the lines, chains and compresses them; the meeting hands values
//! over and never waits for the disk, except for a [`Samples::mark`]. The chain is the thread's too: what is lost by a
//! full queue or a full disk is no part of it, and only the thread knows what the disk has taken.

mod chain;
mod keeping;
mod line;
mod read;
mod replay;
mod segments;
#[cfg(test)]
pub(crate) mod tests;
mod weed;
mod writer;

pub use chain::Chain;
pub use keeping::{Recorder, Samples};
pub(crate) use line::level;
pub use line::{Begun, Gap, Line, Spoken};
pub(crate) use read::text_of;
pub use read::{Lines, MAX_LINE_BYTES, ReadError, Texts};
pub use replay::{Compared, Judged, ReplayError, replay};
pub use segments::directory_of;
pub(crate) use segments::whole_segments;
pub use weed::{kept, weed, weed_unfinished};
