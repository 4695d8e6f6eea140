//! Offer and answer (RFC 8829, answerer's side only): what a peer sends, what it can receive, and under which numbers.

pub mod answer;
pub mod offer;

pub use answer::{Local, SlotSources, answer};
pub use offer::{Codec, Direction, Kind, Offer, OfferError, Section};
