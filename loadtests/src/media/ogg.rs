//! Opus in Ogg (RFC 3533, RFC 7845): pages of lacing values that cut the stream into packets. The checksum is checked.

use super::MediaError;
use bytes::{Bytes, BytesMut};

const PAGE_HEADER: usize = 27;
/// Samples of 20 ms at 48 kHz, the only frame length accepted.
pub const FRAME_SAMPLES: u32 = 960;
/// Larger is no Opus packet of 20 ms (RFC 6716 section 3.2.1: 1275 bytes a frame).
const MAX_PACKET: usize = 1275 + 1;

/// Reads the packets of 20 ms of a mono Opus file.
///
/// # Errors
/// When it is not such a file, is cut short, is damaged or has packets of another length.
pub fn parse(file: &Bytes) -> Result<Vec<Bytes>, MediaError> {
    let mut packets = packets(file)?.into_iter();
    let head = packets.next().ok_or(MediaError::Truncated("the Opus header"))?;
    if head.get(..8) != Some(b"OpusHead") {
        return Err(MediaError::Not("Opus"));
    }
    if head.get(9) != Some(&1) {
        return Err(MediaError::Not("mono"));
    }
    let tags = packets.next().ok_or(MediaError::Truncated("the Opus comments"))?;
    if tags.get(..8) != Some(b"OpusTags") {
        return Err(MediaError::Not("Opus"));
    }
    let frames: Vec<Bytes> = packets.collect();
    if frames.is_empty() {
        return Err(MediaError::Truncated("the sound"));
    }
    if frames.iter().any(|frame| !is_one_frame_of_20_ms(frame)) {
        return Err(MediaError::Not("in single frames of 20 ms"));
    }
    Ok(frames)
}

/// RFC 6716 section 3.1: the first byte has configuration and frame count code.
fn is_one_frame_of_20_ms(packet: &Bytes) -> bool {
    let Some(toc) = packet.first() else { return false };
    let milliseconds_20 = match toc >> 3 {
        config @ 0..=11 => config % 4 == 1,
        config @ 12..=15 => config % 2 == 1,
        config => config % 4 == 3,
    };
    milliseconds_20 && toc & 3 == 0 && packet.len() <= MAX_PACKET
}

fn packets(file: &Bytes) -> Result<Vec<Bytes>, MediaError> {
    let mut packets = Vec::new();
    let mut unfinished = BytesMut::new();
    let mut at = 0;
    while at < file.len() {
        let header = file
            .get(at..at + PAGE_HEADER)
            .ok_or(MediaError::Truncated("a page header"))?;
        if header.get(..5) != Some(b"OggS\0") {
            return Err(MediaError::Not("an Ogg file"));
        }
        let segments = usize::from(header[26]);
        let table_end = at + PAGE_HEADER + segments;
        let table = file
            .get(at + PAGE_HEADER..table_end)
            .ok_or(MediaError::Truncated("a page's table"))?;
        let body: usize = table.iter().map(|&lace| usize::from(lace)).sum();
        let page = file.get(at..table_end + body).ok_or(MediaError::Truncated("a page"))?;
        if checksum(page) != u32::from_le_bytes([header[22], header[23], header[24], header[25]]) {
            return Err(MediaError::Not("undamaged: a page's checksum is wrong"));
        }
        let mut from = table_end;
        for &lace in table {
            let to = from + usize::from(lace);
            unfinished.extend_from_slice(&file[from..to]);
            from = to;
            if lace < 255 {
                packets.push(unfinished.split().freeze());
            }
        }
        at = from;
    }
    if unfinished.is_empty() {
        Ok(packets)
    } else {
        Err(MediaError::Truncated("a packet"))
    }
}

/// RFC 3533 section 6: CRC-32 of polynomial 0x04c11db7, not reflected, over the page with its checksum field zero.
fn checksum(page: &[u8]) -> u32 {
    page.iter().enumerate().fold(0, |crc, (i, &byte)| {
        let byte = if (22..26).contains(&i) { 0 } else { byte };
        (0..8).fold(crc ^ u32::from(byte) << 24, |crc, _| {
            (crc << 1) ^ if crc >> 31 == 1 { 0x04c1_1db7 } else { 0 }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn page(packets: &[&[u8]]) -> Vec<u8> {
        let mut page = b"OggS\0".to_vec();
        page.resize(26, 0);
        let laces: Vec<u8> = packets
            .iter()
            .flat_map(|p| std::iter::repeat_n(255, p.len() / 255).chain([u8::try_from(p.len() % 255).unwrap()]))
            .collect();
        page.push(u8::try_from(laces.len()).unwrap());
        page.extend(laces);
        packets.iter().for_each(|p| page.extend(*p));
        let crc = checksum(&page);
        page[22..26].copy_from_slice(&crc.to_le_bytes());
        page
    }

    fn file() -> Vec<u8> {
        let long = [&[0x78][..], &[7; 300]].concat();
        [
            page(&[b"OpusHead\x01\x01"]),
            page(&[b"OpusTags"]),
            page(&[&[0x78, 1, 2], &long]),
        ]
        .concat()
    }

    #[test]
    fn reads_short_and_laced_packets() {
        let frames = parse(&file().into()).unwrap();
        assert_eq!(frames.iter().map(Bytes::len).collect::<Vec<_>>(), [3, 301]);
    }

    #[test]
    fn every_cut_is_an_error() {
        let whole = file();
        for length in 0..whole.len() {
            assert!(parse(&whole[..length].to_vec().into()).is_err(), "{length}");
        }
    }

    #[test]
    fn damage_and_wrong_formats_are_refused() {
        let whole = file();
        for at in 0..whole.len() {
            let mut bad = whole.clone();
            bad[at] ^= 0x40;
            assert!(parse(&bad.into()).is_err(), "{at}");
        }
        let stereo = [page(&[b"OpusHead\x01\x02"]), page(&[b"OpusTags"]), page(&[&[0x78]])].concat();
        assert_eq!(parse(&stereo.into()), Err(MediaError::Not("mono")));
        let ten_ms = [page(&[b"OpusHead\x01\x01"]), page(&[b"OpusTags"]), page(&[&[0x70]])].concat();
        assert_eq!(parse(&ten_ms.into()), Err(MediaError::Not("in single frames of 20 ms")));
    }

    proptest! {
        #[test]
        fn noise_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200), whole in any::<bool>()) {
            let mut input = if whole { file() } else { b"OggS\0".to_vec() };
            input.extend(bytes);
            let _ = parse(&input.into());
        }
    }
}
