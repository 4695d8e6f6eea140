//! How much a path has carried, headers included.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes of an IPv4 header and a UDP header (RFC 791, RFC 768). Over TCP a segment's headers are about as long for each datagram.
const HEADERS: u64 = 28;

/// Counts what goes through one delegate's sockets.
#[derive(Clone, Debug, Default)]
pub struct Traffic(Arc<Counters>);

#[derive(Debug, Default)]
struct Counters {
    up: AtomicU64,
    down: AtomicU64,
}

/// Bytes on the wire since the beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bytes {
    /// From the delegate.
    pub up: u64,
    /// To the delegate.
    pub down: u64,
}

impl Traffic {
    /// What has been carried so far.
    #[must_use]
    pub fn so_far(&self) -> Bytes {
        Bytes {
            up: self.0.up.load(Ordering::Relaxed),
            down: self.0.down.load(Ordering::Relaxed),
        }
    }

    pub(super) fn up(&self, payload: usize) {
        self.0.up.fetch_add(payload as u64 + HEADERS, Ordering::Relaxed);
    }

    pub(super) fn down(&self, payload: usize) {
        self.0.down.fetch_add(payload as u64 + HEADERS, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_direction_is_counted_with_its_headers() {
        let traffic = Traffic::default();
        let same = traffic.clone();
        traffic.up(100);
        same.down(1000);
        traffic.down(1);
        assert_eq!(traffic.so_far(), Bytes { up: 128, down: 1057 });
    }
}
