//! Whether lika may open as many files and connections as a meeting needs.

use super::finding::{Finding, failed, good, warning};
use super::owner::{Transport, owner};
use crate::config::Config;
use crate::metrics::machine::descriptor_limit;
use std::fs;

/// Beside the connections: stores, samples, sockets of the relay, logins under way.
const BESIDE: u64 = 256;
/// A full council, each with a page and a connection of media by TCP.
const COUNCIL: u64 = 2 * 101;

pub(super) fn check(config: &Config) -> Vec<Finding> {
    let running = owner(Transport::Tcp, config.server.listen.port()).filter(|program| program.name == "lika");
    let of_service =
        running.and_then(|program| soft_limit(&fs::read_to_string(format!("/proc/{}/limits", program.id)).ok()?));
    let limit = of_service.or_else(descriptor_limit);
    vec![judge(
        limit,
        of_service.is_some(),
        config.limits.connections.get().into(),
    )]
}

/// The soft limit in a text of `/proc/PID/limits` (proc(5)).
fn soft_limit(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    match line.split_whitespace().next()? {
        "unlimited" => Some(u64::MAX),
        number => number.parse().ok(),
    }
}

fn judge(limit: Option<u64>, of_service: bool, connections: u64) -> Finding {
    let Some(limit) = limit else {
        return warning(
            "Systemet säger inte hur många filer lika får öppna. Kontrollera LimitNOFILE i tjänsten.",
            "The system does not say how many files lika may open. Check LimitNOFILE of the service.",
        );
    };
    let wanted = connections + BESIDE;
    let (whose_sv, whose_en) = if of_service {
        ("Tjänsten som körs", "The service that runs")
    } else {
        (
            "Den här användaren (tjänsten kan ha en annan gräns)",
            "This user (the service may have another limit)",
        )
    };
    let (sv, en) = (
        format!("{whose_sv} får öppna {limit} filer och anslutningar."),
        format!("{whose_en} may open {limit} files and connections."),
    );
    let (remedy_sv, remedy_en) = (
        format!("limits.connections behöver {wanted}. Sätt LimitNOFILE={wanted} eller mer: systemctl edit lika."),
        format!("limits.connections needs {wanted}. Set LimitNOFILE={wanted} or more: systemctl edit lika."),
    );
    if limit < COUNCIL + BESIDE {
        failed(format!("{sv} {remedy_sv}"), format!("{en} {remedy_en}"))
    } else if limit < wanted {
        warning(format!("{sv} {remedy_sv}"), format!("{en} {remedy_en}"))
    } else {
        good(sv, en)
    }
}

#[cfg(test)]
mod tests {
    use super::{judge, soft_limit};
    use lika_auth::oidc::Outcome;

    #[test]
    fn the_limit_must_hold_a_council_and_should_hold_the_connections_allowed() {
        let outcome = |limit| judge(limit, true, 2000).outcome;
        assert_eq!(outcome(Some(8192)), Outcome::Ok);
        assert_eq!(outcome(Some(1024)), Outcome::Warning);
        assert_eq!(outcome(Some(256)), Outcome::Failed);
        assert_eq!(outcome(None), Outcome::Warning);
    }

    #[test]
    fn a_process_s_limits_are_read() {
        let text = std::fs::read_to_string("/proc/self/limits").unwrap();
        assert_eq!(soft_limit(&text), super::descriptor_limit());
        let line = "Max open files            unlimited            unlimited            files";
        assert_eq!(soft_limit(line), Some(u64::MAX));
        assert_eq!(soft_limit("Max processes 7 7"), None);
    }
}
