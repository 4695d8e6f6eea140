//! Datagrams that go where their request came from, which need not be the peer's path.

use crate::forward::outbox::Run;
use crate::ice::TransportAddress;

/// Replies waiting for the end of the wake-up, in buffers that are used again.
#[derive(Debug, Default)]
pub(super) struct Replies {
    bytes: Vec<u8>,
    /// Where each goes, and where it ends in `bytes`.
    ends: Vec<(TransportAddress, usize)>,
}

impl Replies {
    /// Adds what `write` appends as a datagram for `to`, if it appends anything.
    pub(super) fn push<R>(&mut self, to: TransportAddress, write: impl FnOnce(&mut Vec<u8>) -> R) -> R {
        let start = self.bytes.len();
        let result = write(&mut self.bytes);
        if self.bytes.len() > start {
            self.ends.push((to, self.bytes.len()));
        }
        result
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (TransportAddress, Run<'_>)> {
        let mut start = 0;
        self.ends.iter().map(move |(to, end)| {
            let datagram = &self.bytes[start..*end];
            start = *end;
            (*to, Run::one(datagram))
        })
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::SocketAddr;

    #[test]
    fn each_goes_where_it_should_and_nothing_is_no_reply() {
        let to = |port| TransportAddress::from(SocketAddr::from(([192, 0, 2, 1], port)));
        let mut replies = Replies::default();
        replies.push(to(1), |bytes| bytes.extend_from_slice(b"one"));
        assert_eq!(replies.push(to(2), |_| "refused"), "refused");
        replies.push(to(3), |bytes| bytes.extend_from_slice(b"three"));
        let sent: Vec<_> = replies.iter().map(|(to, run)| (to, run.bytes)).collect();
        assert_eq!(sent, [(to(1), &b"one"[..]), (to(3), b"three")]);
        assert_eq!((replies.len(), replies.bytes()), (2, 8));
        replies.clear();
        assert_eq!(replies.iter().count(), 0);
    }
}
