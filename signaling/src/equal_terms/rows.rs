//! The rows of the verdict as data: what is measured, where, and which cause and direction it speaks of.

use super::edge::Edge;
use super::person::Person;
use super::{Cause, Direction};
use serde::{Deserialize, Serialize};
use std::fmt;

/// One row. The limits are the profile's.
pub(super) struct Row {
    pub(super) name: RowName,
    pub(super) cause: Cause,
    /// Whether the network is at fault: only then can many such findings be the relay's.
    pub(super) path: bool,
    pub(super) measure: Measure,
}

/// Where a row is measured. `None` from a measure: too little evidence, the row says nothing.
pub(super) enum Measure {
    /// At the participant's own leg or page.
    Own(Direction, fn(&Person, Span) -> Option<f64>),
    /// Between two participants.
    Between(Medium, fn(&Edge, Span) -> Option<f64>),
}

/// The moment judged and the row's window before it.
#[derive(Clone, Copy)]
pub(super) struct Span {
    pub(super) at_ms: i64,
    pub(super) window_s: u32,
}

/// What an edge carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Medium {
    Sound,
    Picture,
    /// Both ways at once.
    Delay,
    /// Sound and picture together.
    LipSync,
}

impl Medium {
    /// What is wrong with the sender if the edge is bad because of them.
    pub(super) const fn of_sender(self) -> Direction {
        match self {
            Self::Sound => Direction::Heard,
            Self::Picture => Direction::Seen,
            Self::Delay | Self::LipSync => Direction::Delay,
        }
    }

    /// What is wrong with the receiver if the edge is bad because of them.
    pub(super) const fn of_receiver(self) -> Direction {
        match self {
            Self::Sound => Direction::Hears,
            Self::Picture => Direction::Sees,
            Self::Delay | Self::LipSync => Direction::Delay,
        }
    }
}

const fn own(name: RowName, cause: Cause, path: bool, to: Direction, measure: fn(&Person, Span) -> Option<f64>) -> Row {
    Row {
        name,
        cause,
        path,
        measure: Measure::Own(to, measure),
    }
}

const fn between(name: RowName, cause: Cause, medium: Medium, measure: fn(&Edge, Span) -> Option<f64>) -> Row {
    Row {
        name,
        cause,
        path: true,
        measure: Measure::Between(medium, measure),
    }
}

/// The row that explains every other: nothing comes at all.
pub(super) const LINK: Row = own(RowName::Link, Cause::LinkLost, true, Direction::Link, Person::silent_s);

/// Every row, the one that explains most first: of two rows at the same level, the earlier names the cause.
pub(super) const ROWS: &[Row] = &[
    LINK,
    own(
        RowName::TelemetryMissing,
        Cause::TelemetryMissing,
        true,
        Direction::Link,
        Person::unreported_s,
    ),
    own(
        RowName::Unacknowledged,
        Cause::Unacknowledged,
        true,
        Direction::Sees,
        Person::unacknowledged_s,
    ),
    own(
        RowName::PictureWithheld,
        Cause::PictureWithheld,
        true,
        Direction::Sees,
        Person::withheld_s,
    ),
    own(
        RowName::PictureUndecodable,
        Cause::PictureUndecodable,
        true,
        Direction::Sees,
        Person::undecodable_s,
    ),
    own(
        RowName::CameraOff,
        Cause::CameraOff,
        false,
        Direction::Seen,
        Person::camera_off_s,
    ),
    own(
        RowName::CameraCovered,
        Cause::CameraCovered,
        false,
        Direction::Seen,
        Person::camera_covered_s,
    ),
    Row {
        path: false,
        ..between(
            RowName::CameraCovered,
            Cause::CameraCovered,
            Medium::Picture,
            Edge::black_s,
        )
    },
    own(
        RowName::MicrophoneDead,
        Cause::MicrophoneDead,
        false,
        Direction::Heard,
        Person::microphone_dead_s,
    ),
    between(
        RowName::SoundMissing,
        Cause::SoundMissing,
        Medium::Sound,
        Edge::unheard_s,
    ),
    own(
        RowName::SoundLoss,
        Cause::SoundLoss,
        true,
        Direction::Heard,
        Person::sound_loss_percent,
    ),
    between(
        RowName::SoundConcealed,
        Cause::SoundConcealed,
        Medium::Sound,
        Edge::concealed_percent,
    ),
    between(
        RowName::SoundLoss,
        Cause::SoundLoss,
        Medium::Sound,
        Edge::sound_loss_percent,
    ),
    own(
        RowName::PictureFreeze,
        Cause::PictureFrozen,
        true,
        Direction::Seen,
        Person::longest_freeze_s,
    ),
    own(
        RowName::PictureFrozen,
        Cause::PictureFrozen,
        true,
        Direction::Seen,
        Person::frozen_percent,
    ),
    between(
        RowName::PictureFreeze,
        Cause::PictureFrozen,
        Medium::Picture,
        Edge::longest_freeze_s,
    ),
    between(
        RowName::PictureFrozen,
        Cause::PictureFrozen,
        Medium::Picture,
        Edge::frozen_percent,
    ),
    own(
        RowName::FrameRate,
        Cause::FrameRate,
        true,
        Direction::Seen,
        Person::frame_rate,
    ),
    between(RowName::FrameRate, Cause::FrameRate, Medium::Picture, Edge::frame_rate),
    between(
        RowName::FrameRateEnlarged,
        Cause::FrameRate,
        Medium::Picture,
        Edge::frame_rate_enlarged,
    ),
    between(
        RowName::PictureSizeEnlarged,
        Cause::PictureSize,
        Medium::Picture,
        Edge::size_enlarged,
    ),
    own(
        RowName::ChamberSizeSent,
        Cause::PictureSize,
        false,
        Direction::Seen,
        Person::chamber_size,
    ),
    between(
        RowName::ChamberSizeReceived,
        Cause::PictureSize,
        Medium::Picture,
        Edge::size_chamber,
    ),
    between(RowName::Delay, Cause::DelayLong, Medium::Delay, Edge::delay_ms),
    between(
        RowName::SoundAhead,
        Cause::LipSync,
        Medium::LipSync,
        Edge::sound_ahead_ms,
    ),
    between(
        RowName::SoundBehind,
        Cause::LipSync,
        Medium::LipSync,
        Edge::sound_behind_ms,
    ),
];

/// A row's name in the profile file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowName {
    /// Nothing authentic came.
    Link,
    /// The page does not report.
    TelemetryMissing,
    /// What is sent to the receiver is not acknowledged.
    Unacknowledged,
    /// The relay holds back a picture, since the receiver's line has no room for it.
    PictureWithheld,
    /// There is a picture that the receiver's device does not decode.
    PictureUndecodable,
    /// The camera is off.
    CameraOff,
    /// The picture is black or covered.
    CameraCovered,
    /// The microphone is open and captures nothing.
    MicrophoneDead,
    /// Speech of which nothing was played.
    SoundMissing,
    /// Sound made up while somebody speaks.
    SoundConcealed,
    /// Sound packets missing after repair.
    SoundLoss,
    /// How much of the window the picture stood still.
    PictureFrozen,
    /// The longest standstill.
    PictureFreeze,
    /// Frames a second of every picture.
    FrameRate,
    /// Frames a second of whoever is enlarged or has the floor.
    FrameRateEnlarged,
    /// Size of whoever is enlarged or has the floor.
    PictureSizeEnlarged,
    /// Size of the chamber's picture as its camera sends it.
    ChamberSizeSent,
    /// Size of the chamber's picture as it is decoded.
    ChamberSizeReceived,
    /// Mouth to ear.
    Delay,
    /// The sound comes before the picture.
    SoundAhead,
    /// The sound comes after the picture.
    SoundBehind,
}

/// The unit of a row's figures and limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// s
    Seconds,
    /// ms
    Milliseconds,
    /// Percent
    Percent,
    /// Frames a second
    FramesPerSecond,
    /// Width times height
    Pixels,
}

impl Unit {
    /// The greatest limit that makes sense.
    pub(super) const fn most(self) -> f64 {
        match self {
            Self::Seconds => 600.0,
            Self::Milliseconds => 10_000.0,
            Self::Percent => 100.0,
            Self::FramesPerSecond => 120.0,
            Self::Pixels => 33_177_600.0,
        }
    }

    /// The range of a limit, for people.
    pub(super) const fn range(self) -> &'static str {
        match self {
            Self::Seconds => "more than 0 and at most 600 seconds",
            Self::Milliseconds => "more than 0 and at most 10000 milliseconds",
            Self::Percent => "more than 0 and at most 100 percent",
            Self::FramesPerSecond => "more than 0 and at most 120 frames a second",
            Self::Pixels => "more than 0 and at most 33177600 pixels (7680x4320)",
        }
    }
}

/// Which way a figure gets worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Worse {
    Above,
    Below,
}

impl RowName {
    /// Every row a profile must have.
    pub const ALL: [Self; 21] = [
        Self::Link,
        Self::TelemetryMissing,
        Self::Unacknowledged,
        Self::PictureWithheld,
        Self::PictureUndecodable,
        Self::CameraOff,
        Self::CameraCovered,
        Self::MicrophoneDead,
        Self::SoundMissing,
        Self::SoundConcealed,
        Self::SoundLoss,
        Self::PictureFrozen,
        Self::PictureFreeze,
        Self::FrameRate,
        Self::FrameRateEnlarged,
        Self::PictureSizeEnlarged,
        Self::ChamberSizeSent,
        Self::ChamberSizeReceived,
        Self::Delay,
        Self::SoundAhead,
        Self::SoundBehind,
    ];

    /// The unit of its figures.
    #[must_use]
    pub const fn unit(self) -> Unit {
        match self {
            Self::Link
            | Self::TelemetryMissing
            | Self::Unacknowledged
            | Self::PictureWithheld
            | Self::PictureUndecodable
            | Self::CameraOff
            | Self::CameraCovered
            | Self::MicrophoneDead
            | Self::SoundMissing
            | Self::PictureFreeze => Unit::Seconds,
            Self::SoundConcealed | Self::SoundLoss | Self::PictureFrozen => Unit::Percent,
            Self::FrameRate | Self::FrameRateEnlarged => Unit::FramesPerSecond,
            Self::PictureSizeEnlarged | Self::ChamberSizeSent | Self::ChamberSizeReceived => Unit::Pixels,
            Self::Delay | Self::SoundAhead | Self::SoundBehind => Unit::Milliseconds,
        }
    }

    /// Whether it is added up over a window; the others measure how long something has lasted.
    pub(super) const fn pooled(self) -> bool {
        !self.lasting()
    }

    /// Whether its figure is how long the fault has lasted, so that it tells when the fault began.
    pub(super) const fn lasting(self) -> bool {
        matches!(
            self,
            Self::Link
                | Self::TelemetryMissing
                | Self::Unacknowledged
                | Self::PictureWithheld
                | Self::PictureUndecodable
                | Self::CameraOff
                | Self::CameraCovered
                | Self::MicrophoneDead
                | Self::SoundMissing
        )
    }

    pub(super) const fn worse(self) -> Worse {
        match self.unit() {
            Unit::FramesPerSecond | Unit::Pixels => Worse::Below,
            Unit::Seconds | Unit::Milliseconds | Unit::Percent => Worse::Above,
        }
    }
}

impl fmt::Display for RowName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Link => "link",
            Self::TelemetryMissing => "telemetry_missing",
            Self::Unacknowledged => "unacknowledged",
            Self::PictureWithheld => "picture_withheld",
            Self::PictureUndecodable => "picture_undecodable",
            Self::CameraOff => "camera_off",
            Self::CameraCovered => "camera_covered",
            Self::MicrophoneDead => "microphone_dead",
            Self::SoundMissing => "sound_missing",
            Self::SoundConcealed => "sound_concealed",
            Self::SoundLoss => "sound_loss",
            Self::PictureFrozen => "picture_frozen",
            Self::PictureFreeze => "picture_freeze",
            Self::FrameRate => "frame_rate",
            Self::FrameRateEnlarged => "frame_rate_enlarged",
            Self::PictureSizeEnlarged => "picture_size_enlarged",
            Self::ChamberSizeSent => "chamber_size_sent",
            Self::ChamberSizeReceived => "chamber_size_received",
            Self::Delay => "delay",
            Self::SoundAhead => "sound_ahead",
            Self::SoundBehind => "sound_behind",
        })
    }
}
