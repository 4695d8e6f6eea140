/* The WebSocket messages, as signaling/src/protocol.rs defines them. */

export type ParticipantId = number;
export type AlertId = number;
export type Role = "chair" | "vice_chair" | "secretary" | "member" | "substitute" | "guest" | "chamber";
export type Attendance = "away" | "lobby" | "inside" | "lost" | "dismissed";
export type Direction = "heard" | "seen" | "hears" | "sees" | "delay" | "link";
export type Level = "unknown" | "suspended" | "green" | "amber" | "red";
export type CameraState = "on" | "off" | "covered" | "frozen";
export type MicrophoneState = "on" | "muted" | "off";

export type Phase =
  | { phase: "planned" }
  | { phase: "open" }
  | { phase: "adjourned"; reason: string; since_ms: number }
  | { phase: "closed" };

export type Cause =
  | "link_lost"
  | "telemetry_missing"
  | "picture_frozen"
  | "camera_off"
  | "camera_covered"
  | "sound_loss"
  | "sound_concealed"
  | "sound_missing"
  | "frame_rate"
  | "picture_size"
  | "delay_long"
  | "lip_sync"
  | "reported";

export type Command =
  | { do: "admit"; participant: ParticipantId }
  | { do: "admit_all" }
  | { do: "dismiss"; participant: ParticipantId }
  | { do: "open" }
  | { do: "close" }
  | { do: "request_floor" }
  | { do: "withdraw_request" }
  | { do: "give_floor"; participant: ParticipantId }
  | { do: "end_floor" }
  | { do: "adjourn"; reason: string }
  | { do: "resume" }
  | { do: "acknowledge_alert"; alert: AlertId }
  | { do: "report_unequal_terms" }
  | { do: "take_chair" };

export type SlotReport = {
  slot: number;
  frames_decoded: number;
  frozen_ms: number;
  black: boolean;
  width: number;
  height: number;
  samples: number;
  concealed: number;
  silent_concealed: number;
  energy: number;
  jitter_buffer_ms: number | null;
  playing: boolean;
};

export type Report = {
  camera: CameraState;
  microphone: MicrophoneState;
  microphone_level: number;
  frames_encoded: number;
  round_trip_ms: number | null;
  hidden: boolean;
  slots: Array<SlotReport>;
};

export type ClientMessage =
  | { type: "hello"; protocol: number; resume: string | null; last_seq: number | null }
  | { type: "offer"; negotiation: number; fresh: boolean; sdp: string }
  | { type: "command"; id: number; command: Command }
  | { type: "enlarge"; participant: ParticipantId | null }
  | ({ type: "report" } & Report);

export type Refusal =
  | "malformed"
  | "too_large"
  | "out_of_order"
  | "wrong_protocol"
  | "too_fast"
  | "not_allowed"
  | "no_such_participant"
  | "wrong_place"
  | "wrong_phase"
  | "already_so"
  | "no_such_alert"
  | "bad_text"
  | "journal_unavailable"
  | "bad_offer"
  | "relay_full"
  | "signed_out"
  | "taken_over"
  | "meeting_over";

export type ParticipantView = {
  id: ParticipantId;
  name: string;
  party: string | null;
  role: Role;
  attendance: Attendance;
  microphone_open: boolean;
};

export type AlertView = {
  id: AlertId;
  about: ParticipantId | null;
  direction: Direction;
  level: Level;
  cause: Cause;
  figure: number | null;
  affected: number;
  since_ms: number;
  acknowledged: boolean;
  unstable: boolean;
};

export type MeetingView = {
  title: string;
  body: string;
  phase: Phase;
  acting_chair: ParticipantId | null;
  floor: ParticipantId | null;
  requests: Array<ParticipantId>;
  participants: Array<ParticipantView>;
  alerts: Array<AlertView>;
  test_identities: boolean;
};

export type SlotView = { slot: number; participant: ParticipantId | null };

export type DirectionView = {
  direction: Direction;
  level: Level;
  cause: Cause | null;
  figure: number | null;
};

export type QualityView = { participant: ParticipantId; directions: Array<DirectionView> };

export type Change =
  | { change: "phase"; phase: Phase }
  | { change: "participant"; participant: ParticipantView }
  | { change: "participant_gone"; participant: ParticipantId }
  | {
      change: "floor";
      floor: ParticipantId | null;
      requests: Array<ParticipantId>;
      acting_chair: ParticipantId | null;
    }
  | { change: "alert"; alert: AlertView }
  | { change: "alert_cleared"; alert: AlertId };

export type ServerMessage =
  | {
      type: "welcome";
      protocol: number;
      you: ParticipantId;
      resume: string;
      media_alive: boolean;
      seq: number;
      meeting: MeetingView;
      slots: Array<SlotView>;
    }
  | { type: "event"; seq: number; change: Change }
  | { type: "answer"; negotiation: number; sdp: string; slots: number }
  | { type: "offer_refused"; negotiation: number; reason: Refusal }
  | { type: "media_ended" }
  | { type: "slots"; slots: Array<SlotView> }
  | { type: "quality"; at_ms: number; participants: Array<QualityView> }
  | { type: "accepted"; id: number }
  | { type: "refused"; id: number; reason: Refusal }
  | { type: "error"; reason: Refusal };
