//! Simulated delegates over real ICE, DTLS and SRTP, injected faults, and the relay's benchmark.

pub mod bench;
pub mod delegate;
pub mod faults;
pub mod impair;
pub mod join;
pub mod media;
pub mod receive;
pub mod send;
