//! What the operating system says of its clock: whether it follows a time server, and how far off it may be.

use crate::clock::{ALLOWED_ERROR_MS, Clock};
use serde::{Deserialize, Serialize};

/// Whether the clock follows a time source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Synchronised {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// The operating system does not say.
    Unknown,
}

/// A clock at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeSource {
    /// Whether it follows a time source.
    pub synchronised: Synchronised,
    /// How far off it may be, in milliseconds; `None`: not known.
    pub max_error_ms: Option<u64>,
}

impl TimeSource {
    /// Nothing is known of the clock.
    pub const UNKNOWN: Self = Self {
        synchronised: Synchronised::Unknown,
        max_error_ms: None,
    };

    /// Asks the kernel, which whatever keeps the time (chrony, ntpd, systemd-timesyncd) tells (`adjtimex(2)`; nothing
    /// is changed by asking).
    #[must_use]
    pub fn of_the_kernel() -> Self {
        // SAFETY: `timex` is plain numbers, for which zero is valid; with `modes` zero the call only writes into it.
        #[allow(unsafe_code)]
        let (state, timex) = unsafe {
            let mut timex: libc::timex = std::mem::zeroed();
            (libc::adjtimex(&raw mut timex), timex)
        };
        Self::read(state, timex.status, timex.maxerror)
    }

    /// Of the server's own clock, which the machine's is not to the millisecond, and after it has been set not at all.
    #[must_use]
    pub fn of(clock: &Clock) -> Self {
        Self::of_the_kernel().with_error(clock.ahead_ms().unsigned_abs())
    }

    /// Of a clock that is so far from this one.
    fn with_error(self, off_ms: u64) -> Self {
        if off_ms > ALLOWED_ERROR_MS {
            return Self {
                synchronised: Synchronised::No,
                max_error_ms: None,
            };
        }
        Self {
            max_error_ms: self.max_error_ms.map(|error| error.saturating_add(off_ms)),
            ..self
        }
    }

    /// Microseconds are rounded up. Without synchronisation the kernel's figure means nothing.
    fn read(state: libc::c_int, status: libc::c_int, max_error_us: libc::c_long) -> Self {
        if state < 0 {
            return Self::UNKNOWN;
        }
        if state == libc::TIME_ERROR || status & libc::STA_UNSYNC != 0 {
            return Self {
                synchronised: Synchronised::No,
                max_error_ms: None,
            };
        }
        Self {
            synchronised: Synchronised::Yes,
            max_error_ms: u64::try_from(max_error_us).ok().map(|us| us.div_ceil(1000)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Synchronised, TimeSource};

    #[test]
    fn the_kernel_s_words_are_told_apart() {
        assert_eq!(TimeSource::read(-1, 0, 5), TimeSource::UNKNOWN);
        let adrift = TimeSource::read(libc::TIME_ERROR, libc::STA_UNSYNC, 16_000_000);
        assert_eq!((adrift.synchronised, adrift.max_error_ms), (Synchronised::No, None));
        let kept = TimeSource::read(libc::TIME_OK, libc::STA_PLL, 12_001);
        assert_eq!((kept.synchronised, kept.max_error_ms), (Synchronised::Yes, Some(13)));
    }

    #[test]
    fn a_clock_that_is_off_the_machine_s_is_not_synchronised_by_it() {
        let machine = TimeSource::read(libc::TIME_OK, libc::STA_PLL, 12_000);
        assert_eq!(machine.with_error(1000).max_error_ms, Some(1012));
        for machine in [machine, TimeSource::UNKNOWN] {
            let off = machine.with_error(1001);
            assert_eq!((off.synchronised, off.max_error_ms), (Synchronised::No, None));
        }
    }

    #[test]
    fn this_machine_s_kernel_answers_something() {
        let TimeSource {
            synchronised,
            max_error_ms,
        } = TimeSource::of_the_kernel();
        assert_eq!(max_error_ms.is_some(), synchronised == Synchronised::Yes);
    }
}
