//! RTCP that the relay sends: reports, requests for key frames and lost packets, arrival times.

pub mod arrival_times;
pub mod key_frame;

pub use arrival_times::ArrivalTimes;
pub use key_frame::KeyFrameRequest;
