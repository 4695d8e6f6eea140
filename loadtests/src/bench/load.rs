//! What everybody does in the meeting that is measured.

use super::participant::Part;

/// Overhead of header, descriptor and tag, part of the rate that is asked for.
const OVERHEAD: usize = 12 + 16;
/// What fits an Ethernet frame with headers and tag.
const MAX_PAYLOAD: usize = 1300;

/// What everybody does.
#[derive(Clone, Copy, Debug)]
pub(super) struct Load {
    pub(super) participants: usize,
    /// These send and the participants receive; `None`: everybody does both.
    pub(super) publishers: Option<usize>,
    /// Whether receivers report what arrived.
    pub(super) reports: bool,
    pub(super) kbps: u32,
    pub(super) pps: u32,
    pub(super) fps: u32,
    pub(super) microphones: usize,
}

impl Load {
    /// What the participant at `index` does.
    pub(super) const fn part(self, index: usize) -> Part {
        let receives = match self.publishers {
            Some(publishers) => index >= publishers,
            None => true,
        };
        let others = match self.publishers {
            Some(publishers) => publishers,
            None => self.participants - 1,
        };
        Part {
            source: index as u16,
            sends: self.sends(index),
            slots: if receives { others } else { 0 },
            reports: self.reports,
        }
    }

    pub(super) const fn sends(self, index: usize) -> bool {
        index < self.senders()
    }

    /// How many send: those at the first places.
    pub(super) const fn senders(self) -> usize {
        match self.publishers {
            Some(publishers) => publishers,
            None => self.participants,
        }
    }

    /// All who come.
    pub(super) const fn seats(self) -> usize {
        match self.publishers {
            Some(publishers) => publishers + self.participants,
            None => self.participants,
        }
    }

    /// How many receive each packet.
    pub(super) const fn receivers_of_each(self) -> u64 {
        match self.publishers {
            Some(_) => self.participants as u64,
            None => self.participants as u64 - 1,
        }
    }

    /// How many packets the frame with this number has, so that all of them make the rate.
    pub(super) fn packets_of(self, frame: u64) -> u64 {
        let before = |frame: u64| frame * u64::from(self.pps) / u64::from(self.fps.max(1));
        before(frame + 1) - before(frame)
    }

    /// Bytes of each picture packet's payload, so that all of it makes the rate.
    pub(super) fn picture_payload(self) -> usize {
        let packet =
            usize::try_from(u64::from(self.kbps) * 1000 / 8 / u64::from(self.pps.max(1))).unwrap_or(usize::MAX);
        packet.saturating_sub(OVERHEAD).min(MAX_PAYLOAD)
    }
}

#[cfg(test)]
impl Load {
    /// Three who send and receive, one of them with an open microphone.
    pub(super) const OF_THREE: Self = Self {
        participants: 3,
        publishers: None,
        reports: true,
        kbps: 150,
        pps: 20,
        fps: 10,
        microphones: 1,
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOAD: Load = Load::OF_THREE;

    #[test]
    fn a_picture_packet_makes_the_rate() {
        assert_eq!(LOAD.picture_payload() + OVERHEAD, 937);
    }

    #[test]
    fn frames_share_the_packets_of_a_second() {
        assert!((0..10).all(|frame| LOAD.packets_of(frame) == 2));
        let uneven = Load { pps: 25, ..LOAD };
        assert_eq!((0..10).map(|frame| uneven.packets_of(frame)).sum::<u64>(), 25);
    }

    #[test]
    fn publishers_send_to_participants_who_only_watch() {
        let load = Load {
            publishers: Some(2),
            ..LOAD
        };
        let parts: Vec<(bool, usize)> = (0..load.seats())
            .map(|index| (load.part(index).sends, load.part(index).slots))
            .collect();
        assert_eq!(parts, [(true, 0), (true, 0), (false, 2), (false, 2), (false, 2)]);
        assert_eq!(load.receivers_of_each(), 3);
        let parts: Vec<(bool, usize)> = (0..LOAD.seats())
            .map(|index| (LOAD.part(index).sends, LOAD.part(index).slots))
            .collect();
        assert_eq!(parts, [(true, 2); 3]);
        assert_eq!(LOAD.receivers_of_each(), 2);
    }
}
