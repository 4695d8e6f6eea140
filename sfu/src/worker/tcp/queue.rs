//! What waits to be written to one TCP connection. A stream that is slower than the meeting makes a queue; what waits in
//! it is late, so it is short, and sound overtakes picture.

use super::framing;
use std::collections::VecDeque;
use std::io;

/// Picture that may wait: half a second at 500 kbit/s. More is dropped; the receiver asks for a key frame.
const MAX_PICTURE: usize = 32 * 1024;
/// Everything else that may wait (sound, RTCP, checks, handshakes): four seconds of eight voices, by when the connection
/// is as good as dead.
const MAX_URGENT: usize = 128 * 1024;
/// Bytes handed to the kernel at a time: what it has can no longer be overtaken.
const PORTION: usize = 4 * 1024;

/// Datagrams waiting for one connection, framed.
#[derive(Debug, Default)]
pub(super) struct Queue {
    urgent: VecDeque<u8>,
    picture: VecDeque<u8>,
    /// Whole frames of which the kernel has taken some bytes.
    portion: Vec<u8>,
    written: usize,
}

impl Queue {
    /// Puts a datagram in, if there is room; whether there was.
    pub(super) fn push(&mut self, datagram: &[u8], is_picture: bool) -> bool {
        let (lane, limit) = if is_picture {
            (&mut self.picture, MAX_PICTURE)
        } else {
            (&mut self.urgent, MAX_URGENT)
        };
        match framing::length(datagram) {
            Some(length) if lane.len() + length.len() + datagram.len() <= limit => {
                lane.extend(length);
                lane.extend(datagram);
                true
            }
            _ => false,
        }
    }

    /// Writes until nothing is left or `write` takes no more for now (`WouldBlock`).
    ///
    /// # Errors
    /// What `write` says; the connection is over.
    pub(super) fn flush(&mut self, mut write: impl FnMut(&[u8]) -> io::Result<usize>) -> io::Result<()> {
        loop {
            if self.written == self.portion.len() && !self.next_portion() {
                return Ok(());
            }
            match write(&self.portion[self.written..]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(taken) => self.written += taken,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn next_portion(&mut self) -> bool {
        self.portion.clear();
        self.written = 0;
        while self.portion.len() < PORTION
            && (move_frame(&mut self.urgent, &mut self.portion) || move_frame(&mut self.picture, &mut self.portion))
        {
        }
        !self.portion.is_empty()
    }
}

/// Moves the first frame of a lane; false: there is none.
fn move_frame(lane: &mut VecDeque<u8>, into: &mut Vec<u8>) -> bool {
    let (Some(high), Some(low)) = (lane.front(), lane.get(1)) else {
        return false;
    };
    let length = framing::LENGTH + usize::from(u16::from_be_bytes([*high, *low]));
    into.extend(lane.drain(..length.min(lane.len())));
    true
}

#[cfg(test)]
mod tests {
    use super::super::framing::Deframer;
    use super::*;
    use crate::limits::MAX_DATAGRAM;
    use proptest::prelude::*;

    /// What a connection brings that takes `room` bytes in all, in pieces of at most `piece`.
    fn flushed(queue: &mut Queue, mut room: usize, piece: usize) -> Vec<u8> {
        let mut brought = Vec::new();
        let write = |bytes: &[u8]| {
            let taken = bytes.len().min(room).min(piece);
            room -= taken;
            brought.extend_from_slice(&bytes[..taken]);
            if taken == 0 {
                Err(io::ErrorKind::WouldBlock.into())
            } else {
                Ok(taken)
            }
        };
        queue.flush(write).unwrap();
        brought
    }

    fn datagrams(stream: &[u8]) -> Vec<Vec<u8>> {
        let mut found = Vec::new();
        Deframer::default()
            .take(stream, |datagram| found.push(datagram.to_vec()))
            .unwrap();
        found
    }

    #[test]
    fn sound_overtakes_picture_and_never_cuts_into_it() {
        let mut queue = Queue::default();
        let picture = |n: u8| vec![n; 1000];
        assert!((1..=20).all(|n| queue.push(&picture(n), true)));
        let mut stream = flushed(&mut queue, 1500, 700);
        queue.push(b"sound", false);
        stream.extend(flushed(&mut queue, usize::MAX, 700));
        let found = datagrams(&stream);
        let place = found.iter().position(|datagram| datagram == b"sound").unwrap();
        assert!(place <= 5, "behind at most what the kernel was given: {place}");
        let pictures: Vec<Vec<u8>> = found.into_iter().filter(|datagram| datagram != b"sound").collect();
        assert_eq!(pictures, (1..=20).map(picture).collect::<Vec<_>>());
    }

    #[test]
    fn when_it_is_full_picture_is_dropped_and_sound_is_not() {
        let mut queue = Queue::default();
        let (mut pictures, mut sounds) = (0, 0);
        for _ in 0..100 {
            pictures += u32::from(queue.push(&[1; 1000], true));
            sounds += u32::from(queue.push(&[2; 100], false));
        }
        assert_eq!((pictures, sounds), (32, 100));
        let found = datagrams(&flushed(&mut queue, usize::MAX, usize::MAX));
        assert_eq!(found.iter().filter(|datagram| datagram[0] == 2).count(), 100);
        assert_eq!(found.iter().filter(|datagram| datagram[0] == 1).count(), 32);
    }

    #[test]
    fn a_connection_that_takes_nothing_holds_a_bounded_queue() {
        let mut queue = Queue::default();
        let mut sounds = 0;
        for _ in 0..10_000 {
            queue.push(&[1; 1000], true);
            sounds += u32::from(queue.push(&[2; 100], false));
        }
        assert!(queue.picture.len() <= MAX_PICTURE && queue.urgent.len() <= MAX_URGENT);
        assert!(sounds < 10_000);
    }

    #[test]
    fn a_broken_connection_is_said() {
        let mut queue = Queue::default();
        queue.push(b"x", false);
        let broken = queue.flush(|_| Err(io::ErrorKind::BrokenPipe.into()));
        assert_eq!(broken.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
        assert_eq!(queue.flush(|_| Ok(0)).unwrap_err().kind(), io::ErrorKind::WriteZero);
    }

    proptest! {
        #[test]
        fn whatever_is_not_dropped_comes_whole_and_each_lane_in_order(
            sent in prop::collection::vec((0usize..MAX_DATAGRAM, any::<bool>(), 0usize..4000), 0..60),
            piece in 1usize..3000,
        ) {
            let (mut queue, mut stream, mut dropped) = (Queue::default(), Vec::new(), 0);
            for (n, (len, is_picture, room)) in sent.iter().enumerate() {
                let mut datagram = vec![u8::from(*is_picture), n as u8];
                datagram.resize((*len).max(2), 0);
                dropped += usize::from(!queue.push(&datagram, *is_picture));
                stream.extend(flushed(&mut queue, *room, piece));
            }
            stream.extend(flushed(&mut queue, usize::MAX, piece));
            let found = datagrams(&stream);
            prop_assert_eq!(found.len() + dropped, sent.len());
            for lane in [0, 1] {
                let numbers: Vec<u8> = found.iter().filter(|d| d[0] == lane).map(|d| d[1]).collect();
                prop_assert!(numbers.is_sorted());
            }
        }
    }
}
