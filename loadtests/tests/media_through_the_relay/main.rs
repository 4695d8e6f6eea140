//! Sound and picture against the real relay: ICE, DTLS and SRTP on loopback, without signaling between. Its peers are
//! independent implementations of WebRTC: the delegates' (`webrtc`) and `str0m`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it fails")]

mod delegates;
mod relay;
mod seat;
mod str0m_peer;
