//! The way to one receiver: its outbox, its encryption, and the numbers by which it reports what arrived.

use super::Outcome;
use super::outbox::Outbox;
use crate::congestion::Estimator;
use crate::rtp::header::{MAX_OUTGOING_LEN, Outgoing};
use crate::srtp::{MAX_OVERHEAD, Sealer};
use std::time::Instant;

/// IPv4 and UDP headers: part of what a line carries.
const IP_UDP: usize = 28;

/// Borrowed for the length of a packet.
pub struct Way<'a> {
    /// When the packet leaves.
    pub now: Instant,
    /// Where it waits for the end of the wake-up.
    pub outbox: &'a mut Outbox,
    /// The receiver's encryption.
    pub sealer: &'a mut Sealer,
    /// The receiver's id of the transport-wide sequence number, and who counts; `None`: it does not report.
    pub transport: Option<(u8, &'a mut Estimator)>,
}

impl Way<'_> {
    /// Whether more has left already than the line carries without a queue. Speech leaves all the same.
    pub fn is_full(&mut self) -> bool {
        let room = self.transport.as_mut().and_then(|(_, line)| line.room(self.now));
        room == Some(0)
    }

    /// Sends a packet of about `size` payload bytes, which `payload` appends. What cannot be sealed is not sent.
    pub fn send(&mut self, mut header: Outgoing, size: usize, payload: impl FnOnce(&mut Vec<u8>)) -> Outcome {
        let Self {
            now,
            outbox,
            sealer,
            transport,
        } = self;
        let pushed = outbox.push(|bytes, start| {
            header.transport_number = transport.as_mut().map(|(id, estimator)| {
                let on_the_line = IP_UDP + MAX_OUTGOING_LEN + size + MAX_OVERHEAD;
                (*id, estimator.note(*now, on_the_line))
            });
            let header_len = header.write(bytes);
            payload(bytes);
            sealer.seal_rtp(bytes, start, header_len)
        });
        match pushed {
            Ok(true) => Outcome::Sent,
            Ok(false) => Outcome::Overflowed,
            Err(error) => {
                tracing::debug!(%error, "a packet was not sent");
                Outcome::NotSealed
            }
        }
    }
}
