//! What a delegate's devices do at the moment, as the operator of the test has set it.

use lika::protocol::CameraState;
use std::time::Duration;

/// The state of one delegate's devices, and whether they stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conduct {
    /// The camera.
    pub camera: Camera,
    /// Whether the microphone sends nothing although its owner believes it does.
    pub microphone_broken: bool,
    /// Whether the microphone gives digital silence although its owner speaks.
    pub microphone_dead: bool,
    /// Whether the person says nothing, although the microphone is open (a chair's always is).
    pub listens: bool,
    /// Whether the page is hidden, as a tablet hides it: nothing is captured, shown or reported any more.
    pub hidden: bool,
    /// Whether the computer is so busy that it decodes few of the frames that come.
    pub starved: bool,
    /// Whether the page reports that everything arrives, whatever does.
    pub lies: bool,
    /// Whether the delegate goes home.
    pub leaves: bool,
}

impl Conduct {
    /// All is well.
    pub const WELL: Self = Self {
        camera: Camera::Moving,
        microphone_broken: false,
        microphone_dead: false,
        listens: false,
        hidden: false,
        starved: false,
        lies: false,
        leaves: false,
    };
}

/// A page calls a picture frozen that has been the same for so long (`STILL_AFTER` in signaling/web/src/media/picture.ts).
const STILL_AFTER: Duration = Duration::from_secs(3);

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
    /// What the delegate's own page finds by looking at its camera, which has been like this for so long.
    #[must_use]
    pub fn state(self, lasted: Duration) -> CameraState {
        match self {
            Self::Frozen if lasted >= STILL_AFTER => CameraState::Frozen,
            Self::Moving | Self::Frozen => CameraState::On,
            Self::Covered => CameraState::Covered,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_needs_three_seconds_to_know_a_still_from_a_pause() {
        let seconds = Duration::from_secs;
        assert_eq!(Camera::Frozen.state(seconds(2)), CameraState::On);
        assert_eq!(Camera::Frozen.state(seconds(3)), CameraState::Frozen);
        assert_eq!(Camera::Covered.state(seconds(0)), CameraState::Covered);
        assert_eq!(Camera::Moving.state(seconds(9)), CameraState::On);
    }
}
