//! Offer and answer (RFC 8829, answerer's side only): what a peer sends, what it can receive, and under which numbers.

pub mod answer;
mod attributes;
pub mod codec;
mod formats;
pub mod offer;

pub use answer::{Local, SlotSources, answer};
pub use codec::{Codecs, Opus, PictureCodecs, PicturePayload};
pub use offer::{Direction, Kind, Offer, OfferError, Section};
