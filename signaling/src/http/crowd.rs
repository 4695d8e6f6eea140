//! How many connections come from one network: nobody takes every place alone.

use super::rate::network;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// Counts the connections that are open, by network. One network has at most its share.
#[derive(Clone)]
pub(super) struct Crowd {
    counts: Arc<Mutex<HashMap<IpAddr, usize>>>,
    share: usize,
}

/// A place, for as long as it is kept.
pub(super) struct Place {
    crowd: Crowd,
    network: IpAddr,
}

impl Crowd {
    /// Half of all places: a council in one building comes from one address, and others still find room.
    pub(super) fn of(places: usize) -> Self {
        Self {
            counts: Arc::default(),
            share: places.div_ceil(2),
        }
    }

    /// A place for one more connection; `None`: this network has its share.
    pub(super) fn place(&self, peer: IpAddr) -> Option<Place> {
        let network = network(peer);
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(network).or_default();
        if *count >= self.share {
            return None;
        }
        *count += 1;
        let crowd = self.clone();
        Some(Place { crowd, network })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.crowd.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.network) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Crowd;

    #[test]
    fn one_network_has_half_of_the_places_and_leaves_no_trace() {
        let crowd = Crowd::of(4);
        let place = |address: &str| crowd.place(address.parse().unwrap());
        let first = place("192.0.2.1");
        let second = place("192.0.2.1");
        assert!(first.is_some() && second.is_some() && place("192.0.2.1").is_none());
        let (here, there) = (place("2001:db8::1"), place("2001:db8::2"));
        assert!(
            here.is_some() && there.is_some() && place("2001:db8::3").is_none(),
            "one household"
        );
        drop(first);
        assert!(place("192.0.2.1").is_some());
        drop((second, here, there));
        assert!(crowd.counts.lock().unwrap().is_empty());
    }
}
