//! Whether the clock can be trusted: the journal, certificates and logins live by it.

use super::finding::{Finding, failed, good, warning};
use crate::clock::ALLOWED_ERROR_MS;
use crate::journal::{Synchronised, TimeSource};

pub(super) fn check() -> Vec<Finding> {
    vec![judge(TimeSource::of_the_kernel())]
}

fn judge(time: TimeSource) -> Finding {
    match (time.synchronised, time.max_error_ms) {
        (Synchronised::Yes, Some(error)) if error > ALLOWED_ERROR_MS => warning(
            format!(
                "Klockan följer en tidsserver men kan gå upp till {error} ms fel. Kontrollera tidsservern: timedatectl timesync-status, eller chronyc tracking."
            ),
            format!(
                "The clock follows a time server but may be up to {error} ms off. Check the time server: timedatectl timesync-status, or chronyc tracking."
            ),
        ),
        (Synchronised::Yes, error) => {
            let error = error.unwrap_or_default();
            good(
                format!("Klockan följer en tidsserver (högst {error} ms fel)."),
                format!("The clock follows a time server ({error} ms off at most)."),
            )
        }
        (Synchronised::No, _) => failed(
            "Klockan följer ingen tidsserver: tider i protokollet kan ifrågasättas och legitimering misslyckas. Kör: timedatectl set-ntp true (installera systemd-timesyncd eller chrony).",
            "The clock follows no time server: times in the minutes can be questioned, and logins fail. Run: timedatectl set-ntp true (install systemd-timesyncd or chrony).",
        ),
        (Synchronised::Unknown, _) => warning(
            "Systemet säger inte om klockan följer en tidsserver. I en behållare: kontrollera värdmaskinen med timedatectl.",
            "The system does not say whether the clock follows a time server. In a container: check the host with timedatectl.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::journal::{Synchronised, TimeSource};
    use lika_auth::oidc::Outcome;

    #[test]
    fn only_a_clock_that_follows_another_closely_is_good() {
        let outcome = |synchronised, max_error_ms| {
            judge(TimeSource {
                synchronised,
                max_error_ms,
            })
            .outcome
        };
        assert_eq!(outcome(Synchronised::Yes, Some(12)), Outcome::Ok);
        assert_eq!(outcome(Synchronised::Yes, Some(5000)), Outcome::Warning);
        assert_eq!(outcome(Synchronised::No, None), Outcome::Failed);
        assert_eq!(outcome(Synchronised::Unknown, None), Outcome::Warning);
    }
}
