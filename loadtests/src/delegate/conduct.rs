//! What a delegate's devices do at the moment, as the operator of the test has set it.

use lika::protocol::CameraState;

/// The state of one delegate's devices, and whether they stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conduct {
    /// The camera.
    pub camera: Camera,
    /// Whether the microphone sends nothing although its owner believes it does.
    pub microphone_broken: bool,
    /// Whether the microphone gives digital silence although its owner speaks.
    pub microphone_dead: bool,
    /// Whether the page is hidden, as a tablet hides it: nothing is captured, shown or reported any more.
    pub hidden: bool,
    /// Whether the computer is so busy that it decodes few of the frames that come.
    pub starved: bool,
    /// Whether the delegate goes home.
    pub leaves: bool,
}

impl Conduct {
    /// All is well.
    pub const WELL: Self = Self {
        camera: Camera::Moving,
        microphone_broken: false,
        microphone_dead: false,
        hidden: false,
        starved: false,
        leaves: false,
    };
}

/// What the camera gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Camera {
    /// Moving pictures.
    Moving,
    /// No new pictures: nothing is encoded.
    Frozen,
    /// Black pictures.
    Covered,
}

impl Camera {
    /// What the delegate's own page finds by looking at its camera.
    #[must_use]
    pub fn state(self) -> CameraState {
        match self {
            Self::Moving => CameraState::On,
            Self::Frozen => CameraState::Frozen,
            Self::Covered => CameraState::Covered,
        }
    }
}
