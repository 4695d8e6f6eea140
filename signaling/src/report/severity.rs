//! How much may be said of a direction: no more than what was found, which its level alone does not tell.

use crate::equal_terms::{Cause, Level};

/// What is said of a direction of somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// It failed.
    Lost,
    /// It was poor.
    Poor,
    /// It is not known how it was.
    Unknown,
    /// It was not to be judged.
    Suspended,
    /// Nothing was found.
    Good,
}

impl Severity {
    /// As the pages of chair and secretary say it (signaling/web/src/language/alert.ts).
    #[must_use]
    pub const fn of(level: Level, cause: Option<Cause>) -> Self {
        match (level, cause) {
            (Level::Green, _) => Self::Good,
            (Level::Suspended, _) => Self::Suspended,
            (Level::Unknown, _) | (_, Some(Cause::TelemetryMissing)) => Self::Unknown,
            (Level::Red, Some(cause)) if takes_away(cause) => Self::Lost,
            (Level::Red | Level::Amber, _) => Self::Poor,
        }
    }
}

/// Whether a direction is gone altogether once this is red; otherwise it is poor.
const fn takes_away(cause: Cause) -> bool {
    match cause {
        Cause::LinkLost
        | Cause::Unacknowledged
        | Cause::PictureFrozen
        | Cause::CameraOff
        | Cause::CameraCovered
        | Cause::MicrophoneDead
        | Cause::SoundMissing => true,
        Cause::TelemetryMissing
        | Cause::PictureWithheld
        | Cause::PictureUndecodable
        | Cause::SoundLoss
        | Cause::SoundConcealed
        | Cause::FrameRate
        | Cause::PictureSize
        | Cause::DelayLong
        | Cause::LipSync
        | Cause::Reported => false,
    }
}
