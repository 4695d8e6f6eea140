//! What comes in, judged as a decoder would: the figures of getStats without decoding.

pub mod freeze;
pub mod picture;
pub mod redundant;
pub mod sequence;
pub mod sound;
pub mod vp8;

pub use picture::{PictureMeter, PictureSecond};
pub use redundant::frames;
pub use sound::{SoundMeter, SoundSecond};
