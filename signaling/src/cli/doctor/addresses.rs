//! Whether delegates find the relay under the addresses that they are told.

use super::finding::{Finding, failed, good, warning};
use super::name::{Resolved, list};
use crate::config::Config;
use std::net::{IpAddr, UdpSocket};

pub(super) fn check(config: &Config, resolved: &Resolved) -> Vec<Finding> {
    let page = resolved.as_deref().unwrap_or_default();
    let told = &config.media.public_ips;
    let mut findings: Vec<Finding> = told.iter().map(|&ip| judge(ip, is_here(ip), page)).collect();
    findings.extend(compare(told, page));
    findings
}

/// Only an address of this machine can be bound.
fn is_here(ip: IpAddr) -> bool {
    UdpSocket::bind((ip, 0)).is_ok()
}

/// One address, given whether it is this machine's, and where the page's name leads.
fn judge(ip: IpAddr, is_here: bool, page: &[IpAddr]) -> Finding {
    let page_is_elsewhere = page.iter().any(|one| !one.is_loopback());
    if ip.is_loopback() && page_is_elsewhere {
        return failed(
            format!(
                "{ip} når bara den här maskinen: ingen deltagare hörs eller syns. Sätt media.public_ips till serverns adress, {}.",
                list(page)
            ),
            format!(
                "{ip} reaches this machine alone: no delegate is heard or seen. Set media.public_ips to the server's address, {}.",
                list(page)
            ),
        );
    }
    if ip.is_loopback() {
        return warning(
            format!("{ip} når bara den här maskinen. Det räcker för ett prov på den, och för inget annat."),
            format!("{ip} reaches this machine alone. That is enough for a trial on it, and for nothing else."),
        );
    }
    if is_private(ip) && page.iter().any(|&one| is_public(one)) {
        return failed(
            format!(
                "{ip} är en intern adress, men namnet leder till {}: den som är utanför nätet hörs och syns inte. Lägg till den yttre adressen i media.public_ips.",
                list(page)
            ),
            format!(
                "{ip} is an internal address, but the name leads to {}: who is outside is neither heard nor seen. Add the outer address to media.public_ips.",
                list(page)
            ),
        );
    }
    if is_here {
        return good(
            format!("{ip} är den här maskinens."),
            format!("{ip} is this machine's."),
        );
    }
    warning(
        format!(
            "{ip} är ingen av den här maskinens adresser. Det är rätt om en brandvägg för den vidare hit (NAT) och då även UDP-porten; prova med lika doctor reach."
        ),
        format!(
            "{ip} is none of this machine's addresses. That is right if a firewall passes it on to here (NAT), the UDP port too; try with lika doctor reach."
        ),
    )
}

fn compare(told: &[IpAddr], page: &[IpAddr]) -> Option<Finding> {
    // A name that leads to this machine itself says nothing of where it leads others.
    let known = page.iter().any(|one| !one.is_loopback());
    let differ = known && !page.iter().any(|one| told.contains(one)) && !told.iter().all(IpAddr::is_loopback);
    differ.then(|| {
        warning(
            format!("Sidans namn leder till {} men ljud och bild till {}. Det är rätt bakom en proxy; annars är det ena fel.", list(page), list(told)),
            format!("The page's name leads to {} but sound and picture to {}. That is right behind a proxy; otherwise one of them is wrong.", list(page), list(told)),
        )
    })
}

/// Not routed on the internet (RFC 1918, RFC 6598, RFC 4193, RFC 3927, RFC 4291).
const fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            ip.is_private() || ip.is_link_local() || (a == 100 && b & 0xc0 == 64)
        }
        IpAddr::V6(ip) => ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

const fn is_public(ip: IpAddr) -> bool {
    !is_private(ip) && !ip.is_loopback()
}

#[cfg(test)]
mod tests {
    use super::{compare, is_here, judge};
    use lika_auth::oidc::Outcome;
    use std::net::IpAddr;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn what_delegates_are_told_is_weighed_against_the_machine_and_the_page() {
        let outer = [ip("203.0.113.5")];
        for (told, here, page, expected) in [
            ("127.0.0.1", true, &outer[..], Outcome::Failed),
            ("127.0.0.1", true, &[ip("127.0.0.1")], Outcome::Warning),
            ("10.1.2.3", true, &outer, Outcome::Failed),
            ("100.70.2.3", true, &outer, Outcome::Failed),
            ("10.1.2.3", true, &[ip("10.1.2.3")], Outcome::Ok),
            ("203.0.113.5", true, &outer, Outcome::Ok),
            ("203.0.113.5", false, &outer, Outcome::Warning),
            ("fd00::7", true, &[ip("2001:db8::7")], Outcome::Failed),
        ] {
            assert_eq!(judge(ip(told), here, page).outcome, expected, "{told} {page:?}");
        }
    }

    #[test]
    fn page_and_media_usually_have_one_address() {
        let (inner, outer) = ([ip("10.1.2.3")], [ip("203.0.113.5")]);
        assert_eq!(compare(&outer, &outer), None);
        assert_eq!(compare(&outer, &[]), None, "nothing to compare with");
        assert_eq!(
            compare(&outer, &[ip("127.0.1.1")]),
            None,
            "Debian's own line in /etc/hosts"
        );
        assert_eq!(compare(&inner, &outer).unwrap().outcome, Outcome::Warning);
    }

    #[test]
    fn this_machine_knows_its_own() {
        assert!(is_here(ip("127.0.0.1")) && !is_here(ip("192.0.2.1")));
    }
}
