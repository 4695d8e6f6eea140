//! The meeting relay's control plane.

pub mod equal_terms;
pub mod journal;
pub mod meeting;
pub mod protocol;
pub mod sha256;
