//! The program `lika`.
fn main() {}
