/*
 * Opus, also with earlier frames repeated (RED, RFC 2198), and VP8 with retransmission (RTX); nothing else: every browser
 * decodes them, and forty receive slots offered with all codecs are three times the SDP. The first is what is sent, if
 * the browser has it: a lost sound packet is then in the next one.
 */

const SOUND = ["audio/red", "audio/opus"];
const PICTURE = ["video/vp8", "video/rtx"];

export function onlyOurCodecs(transceiver: RTCRtpTransceiver, kind: "audio" | "video"): void {
  transceiver.setCodecPreferences(ours(kind, RTCRtpReceiver.getCapabilities(kind)?.codecs ?? []));
}

/** Ours among what the browser has, in our order. */
export function ours<Codec extends { mimeType: string }>(
  kind: "audio" | "video",
  all: readonly Codec[],
): Codec[] {
  const wanted = kind === "audio" ? SOUND : PICTURE;
  return wanted.flatMap((type) => all.filter((codec) => codec.mimeType.toLowerCase() === type));
}
