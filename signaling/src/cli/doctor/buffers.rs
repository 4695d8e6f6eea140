//! Whether the kernel holds a burst of packets.

use super::finding::{Finding, good, warning};
use lika_sfu::worker::SOCKET_BUFFER;
use std::fs;

pub(super) fn check() -> Vec<Finding> {
    let limits = ["rmem_max", "wmem_max"];
    let read = |name: &'static str| {
        let text = fs::read_to_string(format!("/proc/sys/net/core/{name}")).ok();
        judge(name, text.and_then(|text| text.trim().parse().ok()))
    };
    limits.into_iter().map(read).collect()
}

fn judge(name: &str, bytes: Option<usize>) -> Finding {
    let wanted = SOCKET_BUFFER;
    match bytes {
        Some(bytes) if bytes >= wanted => good(
            format!("net.core.{name} är {bytes} byte."),
            format!("net.core.{name} is {bytes} bytes."),
        ),
        Some(bytes) => warning(
            format!(
                "net.core.{name} är {bytes} byte; lika begär {wanted}. Med många deltagare kan ljud och bild hacka när mycket kommer på en gång. Skriv net.core.{name}={wanted} i /etc/sysctl.d/60-lika.conf, kör sysctl --system och starta om lika."
            ),
            format!(
                "net.core.{name} is {bytes} bytes; lika asks for {wanted}. With many participants sound and picture may stutter when much comes at once. Put net.core.{name}={wanted} into /etc/sysctl.d/60-lika.conf, run sysctl --system and restart lika."
            ),
        ),
        None => warning(
            format!("net.core.{name} kan inte läsas. I en behållare: sätt den till {wanted} på värdmaskinen."),
            format!("net.core.{name} cannot be read. In a container: set it to {wanted} on the host."),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::{SOCKET_BUFFER, judge};
    use lika_auth::oidc::Outcome;

    #[test]
    fn less_than_is_asked_for_is_told_with_the_line_to_write() {
        assert_eq!(judge("rmem_max", Some(SOCKET_BUFFER)).outcome, Outcome::Ok);
        let small = judge("rmem_max", Some(212_992));
        assert_eq!(small.outcome, Outcome::Warning);
        assert!(small.text.sv.contains("net.core.rmem_max=8388608"));
        assert_eq!(judge("rmem_max", None).outcome, Outcome::Warning);
    }
}
