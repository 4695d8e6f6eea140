//! The data directory in one file, and back. A backup is made beside a running server: each database is copied as it stands
//! at one moment, samples as far as they are whole.
//!
//! The order is what makes the copies fit together. Invitations and names come before the journal: a meeting that is
//! convened meanwhile is then in the journal alone and gets new invitations, where the other way round its number would be
//! given to another meeting, which the old invitations would open. Samples come after the journal, which says how far they
//! must go.

mod entry;
mod error;
mod latest;
mod make;
mod manifest;
mod restore;
mod staging;

pub use error::BackupError;
pub use latest::{latest_s, note};
pub use make::{Keys, back_up};
pub use manifest::Manifest;
pub use restore::{Restored, restore};
