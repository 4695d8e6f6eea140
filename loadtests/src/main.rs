//! Simulated delegates.
fn main() {}
