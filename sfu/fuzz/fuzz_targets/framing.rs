//! A TCP stream from anyone: cut anywhere, the same datagrams come out.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lika_sfu::worker::tcp::framing::{Deframer, TooLong};

fn datagrams<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Result<Vec<Vec<u8>>, TooLong> {
    let (mut deframer, mut found) = (Deframer::default(), Vec::new());
    for piece in pieces {
        deframer.take(piece, |datagram| found.push(datagram.to_vec()))?;
    }
    Ok(found)
}

fuzz_target!(|input: (u16, &[u8])| {
    let (cut, stream) = input;
    let whole = datagrams(std::iter::once(stream));
    let pieces = datagrams(stream.chunks(usize::from(cut).max(1)));
    assert_eq!(whole, pieces);
});
