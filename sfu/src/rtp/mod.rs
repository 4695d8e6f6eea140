//! RTP as it lies in the datagram: parsed once, never copied.

pub mod extension;
pub mod h264;
pub mod header;
pub mod picture;
pub mod red;
pub mod sequence;
pub mod vp8;

pub use header::{Header, HeaderError};
pub use picture::PictureCodec;
pub use sequence::ExtendedSequence;
