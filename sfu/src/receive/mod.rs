//! What comes from a publisher: one stream for its sound and one for each layer of its picture.

pub mod bitrate;
pub mod cache;
pub mod jitter;
pub mod missing;
pub mod stream;
pub mod temporal_layers;

pub use stream::{Arrival, SenderClock, Stream};
pub use temporal_layers::TemporalLayers;
