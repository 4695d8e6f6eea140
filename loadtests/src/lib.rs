//! Simulated delegates over real ICE, DTLS and SRTP: load tests, injected faults, and the relay's benchmark.

pub mod agent;
pub mod bench;
pub mod capacity;
pub mod company;
pub mod convene;
pub mod council;
pub mod delegate;
pub mod faults;
pub mod impair;
pub mod join;
pub mod language;
pub mod local;
pub mod machine;
pub mod media;
pub mod receive;
pub mod send;
pub mod terminal;
pub mod watch;
