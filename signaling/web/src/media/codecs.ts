/*
 * Opus and VP8 with retransmission (RTX), nothing else: every browser decodes them, and forty receive slots offered
 * with all codecs are three times the SDP.
 */

const SOUND = ["audio/opus"];
const PICTURE = ["video/vp8", "video/rtx"];

export function onlyOurCodecs(transceiver: RTCRtpTransceiver, kind: "audio" | "video"): void {
  const wanted = kind === "audio" ? SOUND : PICTURE;
  const all = RTCRtpReceiver.getCapabilities(kind)?.codecs ?? [];
  transceiver.setCodecPreferences(all.filter((codec) => wanted.includes(codec.mimeType.toLowerCase())));
}
