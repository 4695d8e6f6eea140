//! The red limits of the profile `likvardig-1`, as docs/equal-terms.md tells them. Written down here once more, and not
//! read from the judge's own table: the truth must not follow a slip there.

/// Seconds over which shares, rates and means are taken.
pub(super) const WINDOW_S: usize = 10;
/// Percent of the sound made up while somebody speaks.
pub(super) const CONCEALED_PERCENT: f64 = 7.0;
/// Seconds of speech of which nothing was played.
pub(super) const UNHEARD_S: f64 = 2.0;
/// Percent of the window that the picture stood still.
pub(super) const FROZEN_PERCENT: f64 = 20.0;
/// Seconds of one standstill.
pub(super) const STANDSTILL_S: f64 = 3.0;
/// Frames a second of any picture.
pub(super) const FRAMES: f64 = 5.0;
/// Frames a second of whoever has the floor.
pub(super) const FRAMES_LARGE: f64 = 12.0;
/// Pixels of the same.
pub(super) const AREA_LARGE: f64 = 76_800.0;
/// Milliseconds from mouth to ear.
pub(super) const DELAY_MS: f64 = 400.0;
/// Seconds black or covered.
pub(super) const COVERED_S: f64 = 5.0;
/// Seconds in which nothing comes.
pub(super) const LINK_S: f64 = 5.0;
/// Seconds without a report.
pub(super) const UNREPORTED_S: f64 = 15.0;

#[cfg(test)]
mod tests {
    use super::*;
    use lika::equal_terms::{Profile, RowName};

    #[test]
    fn the_profile_has_the_same() {
        let profile = Profile::likvardig().unwrap();
        let rows = [
            (RowName::SoundConcealed, CONCEALED_PERCENT),
            (RowName::SoundMissing, UNHEARD_S),
            (RowName::PictureFrozen, FROZEN_PERCENT),
            (RowName::PictureFreeze, STANDSTILL_S),
            (RowName::FrameRate, FRAMES),
            (RowName::FrameRateEnlarged, FRAMES_LARGE),
            (RowName::PictureSizeEnlarged, AREA_LARGE),
            (RowName::Delay, DELAY_MS),
            (RowName::CameraCovered, COVERED_S),
            (RowName::Link, LINK_S),
            (RowName::TelemetryMissing, UNREPORTED_S),
        ];
        for (row, limit) in rows {
            assert_eq!(profile.limits(row).map(|limits| limits.red), Some(limit), "{row}");
        }
    }
}
