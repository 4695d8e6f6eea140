//! Totals of a relay: what came, what went, and what became of all of it. Nothing is lost without being counted under a
//! reason: three sums hold whenever the relay is not at work, see [`Counters::unaccounted`].

use crate::forward::Outcome;

/// Datagrams and packets since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Datagrams that came. Each is counted once more, where it ended: in one of the fields down to `media`.
    pub received: u64,
    /// Bytes of `received`.
    pub received_bytes: u64,
    /// Connectivity checks answered with success.
    pub stun: u64,
    /// STUN that was not answered with success.
    pub stun_refused: u64,
    /// Given to the peer's DTLS.
    pub dtls: u64,
    /// Neither STUN, DTLS nor RTP (RFC 7983), or from an address no peer has proved.
    pub strange: u64,
    /// SRTP or SRTCP that did not open.
    pub not_opened: u64,
    /// Replays and duplicates, refused before decryption.
    pub replayed: u64,
    /// RTCP that was read.
    pub rtcp: u64,
    /// Opened, but not to be read as what it says it is.
    pub unreadable: u64,
    /// RTP of nothing negotiated, or of a stream that a newer one has replaced.
    pub unknown_stream: u64,
    /// Pictures that had come already by other means: the original after its repair, or the other way round; also those
    /// too old to be of use.
    pub repeated: u64,
    /// Retransmissions without content, sent by publishers to probe their line (RFC 4588 section 4).
    pub padding: u64,
    /// What a fault in its room interrupted.
    pub faulted: u64,
    /// Media packets taken. Each is counted once more: in `passed_on`, `not_passed_on` or `withheld`.
    pub media: u64,

    /// Media packets that were sent to somebody.
    pub passed_on: u64,
    /// Media packets that were sent to nobody who is allowed them: a layer that nobody is shown at the moment.
    pub not_passed_on: u64,
    /// Media packets that nobody is allowed to have.
    pub withheld: u64,

    /// Media packets, once for each receiver who is allowed them. Each is counted once more, where it ended: in one of
    /// the fields down to `overflowed`.
    pub due: u64,
    /// Sent on as they came.
    pub forwarded: u64,
    /// The receiver is shown another layer, or waits for a key frame.
    pub other_layer: u64,
    /// The receiver's line has no room for this picture.
    pub no_room: u64,
    /// The receiver is still being shown what was before, or its line has no room at the moment; it gets this when its turn
    /// comes (`caught_up`).
    pub behind: u64,
    /// Temporal layers that are not sent.
    pub left_out: u64,
    /// Older than what the receiver is shown now.
    pub too_old: u64,
    /// The receiver has not negotiated sound or picture for this slot.
    pub not_negotiated: u64,
    /// The receiver has no keys yet.
    pub not_connected: u64,
    /// Could not be sealed.
    pub not_sealed: u64,
    /// The receiver's outbox was full.
    pub overflowed: u64,

    /// Packets sent from what was kept, when their turn came.
    pub caught_up: u64,
    /// Retransmissions to receivers.
    pub resent: u64,
    /// Retransmissions that nobody asked for, to probe a receiver's line.
    pub probes: u64,
    /// RTCP, DTLS and answers to checks that were made.
    pub others_made: u64,
    /// Datagrams that went out: all of `forwarded`, `caught_up`, `resent`, `probes` and `others_made` but `pathless`.
    pub sent: u64,
    /// Bytes of `sent`.
    pub sent_bytes: u64,
    /// Datagrams made for a peer that has no path, or whose room failed.
    pub pathless: u64,

    /// Of `media`, those that publishers sent again because the relay asked.
    pub repaired: u64,
    /// Of `sent`, those that the system did not take: no room in its buffer in time, or no way to the address.
    pub refused_by_system: u64,
    /// Of `sent`, pictures for which the queue of a TCP connection had no room.
    pub tcp_pictures_dropped: u64,
    /// Of `sent`, everything else for which the queue of a TCP connection had no room.
    pub tcp_others_dropped: u64,
    /// Of `sent`, what was for a TCP connection that is over.
    pub tcp_gone: u64,
}

/// Where a datagram that came ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Stun,
    StunRefused,
    Dtls,
    Strange,
    NotOpened,
    Replayed,
    Rtcp,
    Unreadable,
    UnknownStream,
    Repeated,
    Padding,
    Faulted,
    Media,
}

/// Datagrams of [`Counters::sent`] that never left the machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Undelivered {
    /// See [`Counters::refused_by_system`].
    pub refused_by_system: u64,
    /// See [`Counters::tcp_pictures_dropped`].
    pub tcp_pictures: u64,
    /// See [`Counters::tcp_others_dropped`].
    pub tcp_others: u64,
    /// See [`Counters::tcp_gone`].
    pub tcp_gone: u64,
}

impl Counters {
    /// What is missing from each of the three sums: datagrams received and their ends; media packets and whether they
    /// were passed on; media packets for each receiver and their ends. With a fourth, of what was made and what went
    /// out, which holds while nothing waits to be sent. All zero, unless something was lost in silence.
    #[must_use]
    pub const fn unaccounted(&self) -> [i64; 4] {
        let ended = self.stun
            + self.stun_refused
            + self.dtls
            + self.strange
            + self.not_opened
            + self.replayed
            + self.rtcp
            + self.unreadable
            + self.unknown_stream
            + self.repeated
            + self.padding
            + self.faulted
            + self.media;
        let passed = self.passed_on + self.not_passed_on + self.withheld;
        let not_forwarded = self.other_layer
            + self.no_room
            + self.behind
            + self.left_out
            + self.too_old
            + self.not_negotiated
            + self.not_connected
            + self.not_sealed
            + self.overflowed;
        let made = self.forwarded + self.caught_up + self.resent + self.probes + self.others_made;
        [
            self.received.cast_signed() - ended.cast_signed(),
            self.media.cast_signed() - passed.cast_signed(),
            self.due.cast_signed() - (self.forwarded + not_forwarded).cast_signed(),
            made.cast_signed() - (self.sent + self.pathless).cast_signed(),
        ]
    }

    pub(super) const fn ended(&mut self, ending: Ending) {
        let field = match ending {
            Ending::Stun => &mut self.stun,
            Ending::StunRefused => &mut self.stun_refused,
            Ending::Dtls => &mut self.dtls,
            Ending::Strange => &mut self.strange,
            Ending::NotOpened => &mut self.not_opened,
            Ending::Replayed => &mut self.replayed,
            Ending::Rtcp => &mut self.rtcp,
            Ending::Unreadable => &mut self.unreadable,
            Ending::UnknownStream => &mut self.unknown_stream,
            Ending::Repeated => &mut self.repeated,
            Ending::Padding => &mut self.padding,
            Ending::Faulted => &mut self.faulted,
            Ending::Media => &mut self.media,
        };
        *field += 1;
    }

    /// A media packet has been offered to `due` receivers who are allowed it, and sent to `sent` of them.
    pub(super) const fn offered(&mut self, due: u64, sent: u64) {
        self.due += due;
        let field = match (due, sent) {
            (0, _) => &mut self.withheld,
            (_, 0) => &mut self.not_passed_on,
            _ => &mut self.passed_on,
        };
        *field += 1;
    }

    /// What became of a media packet for one receiver.
    pub(super) const fn became(&mut self, outcome: Outcome) {
        let field = match outcome {
            Outcome::Sent => &mut self.forwarded,
            Outcome::OtherLayer => &mut self.other_layer,
            Outcome::NoRoom => &mut self.no_room,
            Outcome::Behind => &mut self.behind,
            Outcome::LeftOut => &mut self.left_out,
            Outcome::TooOld => &mut self.too_old,
            Outcome::NotNegotiated => &mut self.not_negotiated,
            Outcome::NotConnected => &mut self.not_connected,
            Outcome::NotSealed => &mut self.not_sealed,
            Outcome::Overflowed => &mut self.overflowed,
        };
        *field += 1;
    }

    pub(super) const fn not_delivered(&mut self, undelivered: Undelivered) {
        self.refused_by_system += undelivered.refused_by_system;
        self.tcp_pictures_dropped += undelivered.tcp_pictures;
        self.tcp_others_dropped += undelivered.tcp_others;
        self.tcp_gone += undelivered.tcp_gone;
    }
}
