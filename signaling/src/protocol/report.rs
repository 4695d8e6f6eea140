//! What a page reports of its second, and what is said back of how everybody stands.

use crate::equal_terms::{Cause, Direction, Level};
use crate::meeting::ParticipantId;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// One second of a page's own measurements. May worsen a verdict, never improve it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// The own camera.
    pub camera: CameraState,
    /// How long it has been covered, up to now, in milliseconds; 0: it is not.
    #[serde(default)]
    pub covered_ms: u32,
    /// The own microphone.
    pub microphone: MicrophoneState,
    /// How long it has given nothing at all, up to now, in milliseconds; 0: it is not dead.
    #[serde(default)]
    pub dead_ms: u32,
    /// Loudest level of the own microphone in the second, -dBov (0 loudest, 127 silence).
    pub microphone_level: u8,
    /// Frames encoded in the second, best layer.
    pub frames_encoded: u32,
    /// Round trip of the nominated candidate pair, in milliseconds.
    pub round_trip_ms: Option<f32>,
    /// Whether the page is hidden (another tab or app in front).
    pub hidden: bool,
    /// One for each receive slot that has somebody in it.
    pub slots: Vec<SlotReport>,
    /// What is left in the battery; `None`: the browser does not tell.
    #[serde(default)]
    pub battery: Option<Battery>,
    /// What the device is connected by; `None`: the browser does not tell.
    #[serde(default)]
    pub network: Option<Network>,
}

/// The device's battery (W3C battery-status).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Battery {
    /// Percent left, 0 to 100.
    pub percent: u8,
    /// Whether it is being charged.
    pub charging: bool,
}

/// What a device is connected by (W3C Network Information, `ConnectionType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Network {
    /// A cable.
    Ethernet,
    /// Wireless.
    Wifi,
    /// Mobile.
    Cellular,
    /// Anything else.
    Other,
}

/// The own camera as the page sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CameraState {
    /// Pictures come and change.
    On,
    /// Switched off, or no camera.
    #[default]
    Off,
    /// Black or covered (canvas samples).
    Covered,
    /// The same picture again and again.
    Frozen,
}

/// The own microphone as the page sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum MicrophoneState {
    /// Captures.
    On,
    /// Captures nothing but digital silence although it is open and not muted: dead, or muted by its own button.
    Dead,
    /// Muted by its owner: silence is sent.
    Muted,
    /// No microphone, or it ended.
    #[default]
    Off,
}

/// One receive slot in one second, from getStats. Counts are differences, not totals.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SlotReport {
    /// Which slot.
    pub slot: u16,
    /// framesDecoded.
    pub frames_decoded: u32,
    /// Time frozen: gaps of at least max(3 d, d + 150 ms), d the mean frame interval (W3C webrtc-stats), in
    /// milliseconds; includes a freeze that is still going on.
    pub frozen_ms: u32,
    /// Whether the received picture is black (canvas sample).
    pub black: bool,
    /// frameWidth.
    pub width: u32,
    /// frameHeight.
    pub height: u32,
    /// totalSamplesReceived.
    pub samples: u32,
    /// concealedSamples.
    pub concealed: u32,
    /// silentConcealedSamples.
    pub silent_concealed: u32,
    /// totalAudioEnergy's difference.
    pub energy: f32,
    /// jitterBufferDelay / jitterBufferEmittedCount of the sound, in milliseconds.
    pub jitter_buffer_ms: Option<f32>,
    /// Whether both elements really play.
    pub playing: bool,
    /// Whether the received picture has been one and the same for three seconds, although frames come (canvas sample).
    #[serde(default)]
    pub still: bool,
    /// How far the sound is ahead of the picture, in milliseconds; negative: behind. `None`: not known.
    #[serde(default)]
    pub lip_sync_ms: Option<f32>,
}

/// How one participant stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct QualityView {
    /// Who.
    pub participant: ParticipantId,
    /// Each direction's level.
    pub directions: Vec<DirectionView>,
}

/// One direction of one participant.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct DirectionView {
    /// Which.
    pub direction: Direction,
    /// How it stands.
    pub level: Level,
    /// The worst row, if not green.
    pub cause: Option<Cause>,
    /// The figure behind it, in the cause's unit.
    pub figure: Option<f64>,
}

/// What a page says of its device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DeviceView {
    /// Whose.
    pub participant: ParticipantId,
    /// Whether the page is hidden (another tab or app in front).
    pub hidden: bool,
    /// What is left in the battery.
    pub battery: Option<Battery>,
    /// What the device is connected by.
    pub network: Option<Network>,
}
