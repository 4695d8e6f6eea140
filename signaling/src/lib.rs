//! The meeting relay's control plane.

pub mod equal_terms;
pub mod meeting;
pub mod protocol;
