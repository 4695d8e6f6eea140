//! The IVF container of libvpx: a header of 32 bytes, then frames, each with its size and time stamp.

use super::MediaError;
use bytes::Bytes;

const FILE_HEADER: usize = 32;
const FRAME_HEADER: usize = 12;

/// A VP8 stream read from an IVF file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ivf {
    /// Picture width in pixels.
    pub width: u16,
    /// Picture height in pixels.
    pub height: u16,
    /// Frames a second.
    pub rate: u32,
    /// The frames, in order; the first is a key frame.
    pub frames: Vec<Frame>,
}

/// One encoded picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The VP8 frame (RFC 6386).
    pub data: Bytes,
    /// Whether it can be decoded without the one before.
    pub key: bool,
}

impl Ivf {
    /// Reads a whole file.
    ///
    /// # Errors
    /// When it is not an IVF file with VP8, has an uneven frame rate, is cut short or does not start with a key frame.
    pub fn parse(file: &Bytes) -> Result<Self, MediaError> {
        let header = file.get(..FILE_HEADER).ok_or(MediaError::Truncated("the IVF header"))?;
        if header.get(..4) != Some(b"DKIF") {
            return Err(MediaError::Not("an IVF file"));
        }
        if header.get(8..12) != Some(b"VP80") {
            return Err(MediaError::Not("VP8"));
        }
        let (frames_per, seconds) = (le32(header, 16), le32(header, 20));
        if seconds == 0 || frames_per == 0 || !frames_per.is_multiple_of(seconds) || frames_per / seconds > 120 {
            return Err(MediaError::Not("of a whole frame rate up to 120"));
        }
        let start = usize::from(le16(header, 6));
        if start < FILE_HEADER {
            return Err(MediaError::Not("of a sound header length"));
        }
        let frames = frames(file, start)?;
        if !frames.first().is_some_and(|frame| frame.key) {
            return Err(MediaError::Not("starting with a key frame"));
        }
        Ok(Self {
            width: le16(header, 12),
            height: le16(header, 14),
            rate: frames_per / seconds,
            frames,
        })
    }

    /// The first key frame at or after `index`, round the loop.
    #[must_use]
    pub fn key_frame_from(&self, index: usize) -> usize {
        let count = self.frames.len();
        (index..index + count)
            .map(|i| i % count)
            .find(|&i| self.frames.get(i).is_some_and(|f| f.key))
            .unwrap_or(0)
    }
}

fn frames(file: &Bytes, mut at: usize) -> Result<Vec<Frame>, MediaError> {
    let mut frames = Vec::new();
    while at < file.len() {
        let header = file
            .get(at..at + FRAME_HEADER)
            .ok_or(MediaError::Truncated("a frame header"))?;
        let start = at + FRAME_HEADER;
        let end = usize::try_from(le32(header, 0))
            .ok()
            .and_then(|size| start.checked_add(size));
        let end = end
            .filter(|&end| end <= file.len())
            .ok_or(MediaError::Truncated("a frame"))?;
        if end == start {
            return Err(MediaError::Not("without empty frames"));
        }
        let data = file.slice(start..end);
        // RFC 6386 section 9.1: the lowest bit of the frame tag is 0 in a key frame.
        let key = data.first().is_some_and(|tag| tag & 1 == 0);
        frames.push(Frame { data, key });
        at = end;
    }
    Ok(frames)
}

fn le16(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).map_or(0, |b| u16::from_le_bytes([b[0], b[1]]))
}

fn le32(bytes: &[u8], at: usize) -> u32 {
    bytes
        .get(at..at + 4)
        .map_or(0, |b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn file(frames: &[&[u8]]) -> Vec<u8> {
        let mut file = b"DKIF\0\0\x20\0VP80".to_vec();
        file.extend([64, 1, 180, 0, 15, 0, 0, 0, 1, 0, 0, 0]);
        file.extend(u32::try_from(frames.len()).unwrap().to_le_bytes());
        file.extend([0; 4]);
        for (i, frame) in frames.iter().enumerate() {
            file.extend(u32::try_from(frame.len()).unwrap().to_le_bytes());
            file.extend((i as u64).to_le_bytes());
            file.extend(*frame);
        }
        file
    }

    #[test]
    fn reads_size_rate_and_frames() {
        let ivf = Ivf::parse(&file(&[&[0x10, 2, 3], &[0x11, 5], &[0x10]]).into()).unwrap();
        assert_eq!((ivf.width, ivf.height, ivf.rate), (320, 180, 15));
        assert_eq!(
            ivf.frames.iter().map(|f| f.key).collect::<Vec<_>>(),
            [true, false, true]
        );
        assert_eq!(ivf.frames[1].data.as_ref(), [0x11, 5]);
        assert_eq!(
            [ivf.key_frame_from(0), ivf.key_frame_from(1), ivf.key_frame_from(2)],
            [0, 2, 2]
        );
    }

    #[test]
    fn every_cut_is_an_error_or_fewer_frames() {
        let whole = file(&[&[0x10, 2, 3], &[0x11, 5]]);
        for length in 0..whole.len() {
            match Ivf::parse(&whole[..length].to_vec().into()) {
                Ok(ivf) => assert_eq!((ivf.frames.len(), length), (1, 32 + 12 + 3)),
                Err(error) => assert!(!error.to_string().is_empty()),
            }
        }
    }

    #[test]
    fn hostile_sizes_and_wrong_formats_are_refused() {
        let good = file(&[&[0x10]]);
        for (at, bytes) in [
            (32, &[0xff, 0xff, 0xff, 0xff][..]), // a frame of 4 GiB
            (32, &[0, 0, 0, 0]),                 // an empty frame
            (0, b"RIFF"),
            (8, b"VP90"),
            (16, &[0, 0, 0, 0]), // no frame rate
            (20, &[0, 0, 0, 0]), // a rate over zero
            (6, &[0, 0]),        // a header that is none
            (44, &[0x11]),       // no key frame to start from
        ] {
            let mut bad = good.clone();
            bad[at..at + bytes.len()].copy_from_slice(bytes);
            assert!(Ivf::parse(&bad.into()).is_err(), "{at}");
        }
    }

    proptest! {
        #[test]
        fn noise_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200), header in any::<bool>()) {
            let mut input = if header { file(&[]) } else { Vec::new() };
            input.extend(bytes);
            let _ = Ivf::parse(&input.into());
        }
    }
}
