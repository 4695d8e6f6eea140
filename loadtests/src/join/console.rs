//! The lines by which faults are made and mended while the delegates attend.

use crate::delegate::conduct::{Camera, Conduct};
use crate::impair::Impairment;
use std::str::FromStr;
use thiserror::Error;

/// What a line asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Line {
    /// Something with one delegate.
    Of(usize, Change),
    /// Everybody leaves and the program ends.
    Quit,
}

/// What changes for a delegate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Change {
    /// The path.
    Path(Impairment),
    /// The camera.
    Camera(Camera),
    /// The microphone sends nothing any more.
    MicrophoneBreaks,
    /// Everything is well again.
    Restore,
    /// The delegate goes home.
    Leave,
}

/// Loss of `lossy` without a figure, in percent.
const DEFAULT_LOSS: u8 = 15;

/// The line is not understood; the text says what is.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "{problem}; accepted: cut N | lossy N [percent] | freeze N | cover N | mute-fault N | restore N | leave N | quit"
)]
pub struct BadLine {
    problem: String,
}

impl FromStr for Line {
    type Err = BadLine;

    fn from_str(line: &str) -> Result<Self, BadLine> {
        let bad = |problem: String| BadLine { problem };
        let mut words = line.split_whitespace();
        let verb = words.next().ok_or_else(|| bad("an empty line".into()))?;
        if verb == "quit" {
            return Ok(Self::Quit);
        }
        let change = match verb {
            "cut" => Change::Path(Impairment::Cut),
            "lossy" => Change::Path(Impairment::Lossy(DEFAULT_LOSS)),
            "freeze" => Change::Camera(Camera::Frozen),
            "cover" => Change::Camera(Camera::Covered),
            "mute-fault" => Change::MicrophoneBreaks,
            "restore" => Change::Restore,
            "leave" => Change::Leave,
            _ => return Err(bad(format!("{verb:?} is not known"))),
        };
        let number = words
            .next()
            .and_then(|word| word.parse().ok())
            .filter(|&number| number > 0);
        let number = number.ok_or_else(|| bad(format!("{verb} needs a delegate's number, from 1")))?;
        let change = match (change, words.next()) {
            (change, None) => change,
            (Change::Path(Impairment::Lossy(_)), Some(word)) => {
                let percent = word
                    .trim_end_matches('%')
                    .parse()
                    .ok()
                    .filter(|percent| *percent <= 100);
                let percent = percent.ok_or_else(|| bad(format!("{word:?} is not a share from 0 to 100 percent")))?;
                Change::Path(Impairment::Lossy(percent))
            }
            (_, Some(word)) => return Err(bad(format!("{word:?} is too much"))),
        };
        match words.next() {
            None => Ok(Self::Of(number, change)),
            Some(word) => Err(bad(format!("{word:?} is too much"))),
        }
    }
}

impl Change {
    /// Path and devices after this change.
    #[must_use]
    pub fn apply(self, path: Impairment, conduct: Conduct) -> (Impairment, Conduct) {
        match self {
            Self::Path(path) => (path, conduct),
            Self::Camera(camera) => (path, Conduct { camera, ..conduct }),
            Self::MicrophoneBreaks => (
                path,
                Conduct {
                    microphone_broken: true,
                    ..conduct
                },
            ),
            Self::Restore => (
                Impairment::None,
                Conduct {
                    leaves: conduct.leaves,
                    ..Conduct::WELL
                },
            ),
            Self::Leave => (
                path,
                Conduct {
                    leaves: true,
                    ..conduct
                },
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read() {
        let path = |impairment| Ok(Line::Of(7, Change::Path(impairment)));
        assert_eq!("cut 7".parse(), path(Impairment::Cut));
        assert_eq!(" lossy  7 ".parse(), path(Impairment::Lossy(15)));
        assert_eq!("lossy 7 30".parse(), path(Impairment::Lossy(30)));
        assert_eq!("lossy 7 30%".parse(), path(Impairment::Lossy(30)));
        assert_eq!("freeze 2".parse(), Ok(Line::Of(2, Change::Camera(Camera::Frozen))));
        assert_eq!("cover 2".parse(), Ok(Line::Of(2, Change::Camera(Camera::Covered))));
        assert_eq!("mute-fault 2".parse(), Ok(Line::Of(2, Change::MicrophoneBreaks)));
        assert_eq!("restore 2".parse(), Ok(Line::Of(2, Change::Restore)));
        assert_eq!("leave 2".parse(), Ok(Line::Of(2, Change::Leave)));
        assert_eq!("quit".parse(), Ok(Line::Quit));
    }

    #[test]
    fn others_are_answered_with_what_is_accepted() {
        for bad in [
            "",
            "cuts 7",
            "cut",
            "cut x",
            "cut 0",
            "cut -1",
            "cut 7 8",
            "lossy 7 101",
            "lossy 7 x",
            "lossy 7 5 5",
        ] {
            let error = bad.parse::<Line>().unwrap_err().to_string();
            assert!(
                error.contains("mute-fault N") && error.contains("quit"),
                "{bad:?}: {error}"
            );
        }
    }

    #[test]
    fn faults_add_up_and_restore_mends_all() {
        let (path, conduct) = Change::Path(Impairment::Lossy(15)).apply(Impairment::None, Conduct::WELL);
        let (path, conduct) = Change::Camera(Camera::Covered).apply(path, conduct);
        let (path, conduct) = Change::MicrophoneBreaks.apply(path, conduct);
        assert_eq!(
            (path, conduct.camera, conduct.microphone_broken),
            (Impairment::Lossy(15), Camera::Covered, true)
        );
        assert_eq!(Change::Restore.apply(path, conduct), (Impairment::None, Conduct::WELL));
    }
}
