//! The equal-terms verdict: samples in, matrix and verdicts out. Pure: no clock, no I/O, no randomness.
//!
//! Once a second the caller gathers a [`Second`] and gives it to [`Judge::take`], the one way in. Each row of the
//! [`Profile`] is measured over its own window, bad edges are attributed to a person's direction, and what is bad becomes
//! an alert that is raised at once and clears slowly. The same inputs always give the same verdicts, so a recorded
//! meeting can be judged again. docs/equal-terms.md says what is measured and why.

mod alerts;
mod attribution;
mod board;
mod edge;
mod input;
mod judge;
mod judging;
mod matrix;
mod person;
mod profile;
mod rows;
mod second;
#[cfg(test)]
pub(crate) mod tests;
mod verdict;
mod window;

pub use alerts::{Alert, AlertKey, Transition};
pub use input::Input;
pub use judge::{Judge, Judged};
pub use matrix::Matrix;
pub use profile::{AlertTimes, Limits, Profile, ProfileError};
pub use rows::{RowName, Unit};
pub use second::{
    Duties, EdgeMeasured, LegMeasured, PageReport, PictureMeasured, Presence, Received, Second, SoundMeasured,
};
pub use verdict::{DirectionVerdict, ParticipantVerdict, Verdict};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What is measured about a participant, each by itself (requirement R2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The others hear this participant.
    Heard,
    /// The others see this participant.
    Seen,
    /// This participant hears the others.
    Hears,
    /// This participant sees the others.
    Sees,
    /// Delay mouth to ear, or lip sync.
    Delay,
    /// The connection itself.
    Link,
}

impl Direction {
    /// The same fault as the receivers have it.
    const fn as_received(self) -> Self {
        match self {
            Self::Heard => Self::Hears,
            Self::Seen => Self::Sees,
            other => other,
        }
    }
}

/// How one direction stands, ordered by how much it asks for attention.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Not measured: telemetry is missing. Never shown as green.
    #[default]
    Unknown,
    /// A declared pause, disqualification or adjournment suspends the rows.
    Suspended,
    /// Within the profile.
    Green,
    /// Below the amber threshold: the secretary is informed.
    Amber,
    /// Below the red threshold: an alarm (larm) to chair and secretary.
    Red,
}

impl Level {
    /// What weighs most as evidence of somebody: what is not known weighs more than amber.
    #[must_use]
    pub const fn weight(self) -> u8 {
        match self {
            Self::Green => 1,
            Self::Suspended => 2,
            Self::Amber => 3,
            Self::Unknown => 4,
            Self::Red => 5,
        }
    }
}

/// What was found wrong, one per row of the threshold profile. The page words it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// No RTP, RTCP or ICE check answered.
    LinkLost,
    /// The page sends no reports.
    TelemetryMissing,
    /// The device acknowledges nothing of what is sent to it.
    Unacknowledged,
    /// The line has no room for everybody's picture.
    PictureWithheld,
    /// The device does not decode what somebody's picture is encoded with.
    PictureUndecodable,
    /// The picture stands still.
    PictureFrozen,
    /// The camera is off.
    CameraOff,
    /// The picture is black or covered.
    CameraCovered,
    /// The microphone is open and captures nothing.
    MicrophoneDead,
    /// Sound packets are lost.
    SoundLoss,
    /// Sound is concealed while somebody speaks.
    SoundConcealed,
    /// Speech at the sender, nothing played at the receiver.
    SoundMissing,
    /// Too few frames a second.
    FrameRate,
    /// The picture is too small.
    PictureSize,
    /// Too long from mouth to ear.
    DelayLong,
    /// Sound and picture apart.
    LipSync,
    /// The member pressed "I am not taking part on equal terms".
    Reported,
}
