//! How often one address may try to get in.

use governor::clock::DefaultClock;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;

/// Addresses remembered before those that have been quiet are forgotten.
const MAX_ADDRESSES: usize = 10_000;

/// Counts the attempts of each address.
#[derive(Clone)]
pub(super) struct Entries(Arc<RateLimiter<IpAddr, HashMapStateStore<IpAddr>, DefaultClock>>);

impl Entries {
    pub(super) fn new(per_minute: NonZeroU32) -> Self {
        Self(Arc::new(RateLimiter::hashmap(Quota::per_minute(per_minute))))
    }

    /// Whether this address may try once more.
    pub(super) fn may_try(&self, address: IpAddr) -> bool {
        if self.0.len() > MAX_ADDRESSES {
            self.0.retain_recent();
            // More than that in one minute is an attack from everywhere: it waits, and so does everybody.
            if self.0.len() > MAX_ADDRESSES {
                return false;
            }
        }
        self.0.check_key(&network(address)).is_ok()
    }
}

/// One household has a whole IPv6 /64 (RFC 6177).
pub(super) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.into(),
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::Entries;
    use std::num::NonZeroU32;

    #[test]
    fn each_network_has_its_own_count() {
        let entries = Entries::new(NonZeroU32::new(2).unwrap());
        let may = |address: &str| entries.may_try(address.parse().unwrap());
        assert!(may("192.0.2.1") && may("::ffff:192.0.2.1") && !may("192.0.2.1"));
        assert!(may("192.0.2.2"));
        assert!(may("2001:db8::1") && may("2001:db8::2") && !may("2001:db8::3"));
        assert!(may("2001:db8:0:1::1"));
    }
}
