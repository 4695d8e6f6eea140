// Generated from signaling/src/protocol.rs. Do not edit.
export type * from "./AlertId";
export type * from "./AlertView";
export type * from "./Attendance";
export type * from "./CameraState";
export type * from "./Cause";
export type * from "./Change";
export type * from "./ClientMessage";
export type * from "./Command";
export type * from "./Direction";
export type * from "./DirectionView";
export type * from "./Level";
export type * from "./MeetingView";
export type * from "./MicrophoneState";
export type * from "./ParticipantId";
export type * from "./ParticipantView";
export type * from "./Phase";
export type * from "./PictureLayer";
export type * from "./QualityView";
export type * from "./Refusal";
export type * from "./Report";
export type * from "./Role";
export type * from "./ServerMessage";
export type * from "./SlotReport";
export type * from "./SlotView";

/** The protocol's version. */
export const PROTOCOL = 1;
