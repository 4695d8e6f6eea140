/*
 * Opus, also with earlier frames repeated (RED, RFC 2198); VP8 and, where the browser has it, H.264, with retransmission
 * (RTX); nothing else: forty receive slots offered with all codecs are three times the SDP. Every browser decodes Opus
 * and VP8; H.264 is sent only when the relay says that everybody decodes it. The first is what is sent, if the browser
 * has it: a lost sound packet is then in the next one.
 */

import type { PictureCodec } from "../protocol";

type Codec = { mimeType: string; sdpFmtpLine?: string };

const SOUND = ["audio/red", "audio/opus"];
const PICTURE = ["video/vp8", "video/rtx", "video/h264"];

export function onlyOurCodecs(transceiver: RTCRtpTransceiver, kind: "audio" | "video"): void {
  transceiver.setCodecPreferences(ours(kind, RTCRtpReceiver.getCapabilities(kind)?.codecs ?? []));
}

/** Ours among what the browser has, in our order. */
export function ours<Known extends Codec>(kind: "audio" | "video", all: readonly Known[]): Known[] {
  const wanted = kind === "audio" ? SOUND : PICTURE;
  return wanted.flatMap((type) =>
    all.filter((codec) => codec.mimeType.toLowerCase() === type && suits(codec)),
  );
}

/** Of H.264 the constrained baseline, cut into fragments: all browsers that have any have that (RFC 7742). */
function suits({ mimeType, sdpFmtpLine = "" }: Codec): boolean {
  if (mimeType.toLowerCase() !== "video/h264") return true;
  return /packetization-mode=1/.test(sdpFmtpLine) && /profile-level-id=42e0/i.test(sdpFmtpLine);
}

/**
 * Has one layer of a picture encoded as `codec`, if that was negotiated (RTCRtpEncodingParameters.codec, W3C
 * webrtc-extensions). A browser that does not know it passes it over and goes on with VP8, which stands first in the
 * relay's answer; so nothing is said of VP8 until the layer has been something else.
 */
export function encodeAs(
  codec: PictureCodec,
  encoding: RTCRtpEncodingParameters,
  negotiated: readonly RTCRtpCodec[],
): void {
  const chosen = negotiated.find(({ mimeType }) => mimeType.toLowerCase() === `video/${codec}`);
  if (!chosen || (codec === "vp8" && !("codec" in encoding))) return;
  const { mimeType, clockRate, sdpFmtpLine } = chosen;
  const wanted = sdpFmtpLine === undefined ? { mimeType, clockRate } : { mimeType, clockRate, sdpFmtpLine };
  Object.assign(encoding, { codec: wanted });
}
