//! What goes to a receiver: slots, each showing one source at a time as one unbroken stream.

mod behind;
pub mod layer;
pub mod omitted;
pub mod outbox;
pub mod outcome;
pub mod outlet;
pub mod reception;
pub mod resent;
pub mod rewrite;
pub mod slot;
pub mod sound;
pub mod temporal;
pub mod way;

pub use outbox::Outbox;
pub use outcome::Outcome;
pub use rewrite::{Numbers, Rewriter};
pub use slot::Slot;
pub use sound::SoundPayload;
pub use way::Way;
