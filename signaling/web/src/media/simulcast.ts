import type { PictureCodec, PictureLayer } from "../protocol";
import { encodeAs } from "./codecs";

/** A camera at least this high is sent in three layers; a smaller one in one, since its halves would show nobody. */
const LEAST_HEIGHT_FOR_LAYERS = 360;

/** A lowest layer of less than so many bits a second looks better in 10 frames a second than in 15. */
const SLOW_BELOW = 70_000;

/** What the relay asks for: no layer above `highest`, the lowest one of `lowest_bps`, without headers, all as `codec`. */
export type Publishing = { highest: PictureLayer; lowest_bps: number; codec: PictureCodec };

/** What is sent until the relay asks for something else. */
export const EVERYTHING: Publishing = { highest: "high", lowest_bps: 120_000, codec: "vp8" };

const ORDER: PictureLayer[] = ["low", "mid", "high"];

/** Lowest first, as the relay numbers them. The lowest is everybody's thumbnail. */
const LAYERS: RTCRtpEncodingParameters[] = [
  { rid: "l", scaleResolutionDownBy: 4 },
  { rid: "m", scaleResolutionDownBy: 2, maxBitrate: 500_000 },
  { rid: "h", scaleResolutionDownBy: 1, maxBitrate: 1_500_000 },
];

/** The three layers for a camera of this height (RFC 8853); null: not known yet. */
export function layersFor(height: number | null, asked: Publishing): RTCRtpEncodingParameters[] {
  const small = height !== null && height < LEAST_HEIGHT_FOR_LAYERS;
  const highest = small ? 0 : ORDER.indexOf(asked.highest);
  const lowest = { maxBitrate: asked.lowest_bps, maxFramerate: asked.lowest_bps < SLOW_BELOW ? 10 : 15 };
  return LAYERS.map((layer, i) => ({
    ...layer,
    ...(i === 0 ? lowest : {}),
    ...(small ? { scaleResolutionDownBy: i === 0 ? 1 : 2 ** (3 - i) } : {}),
    active: i <= highest,
  }));
}

/** Fits a sender to `layers`, encoded as `codec`. */
export async function fitLayers(
  sender: RTCRtpSender,
  layers: RTCRtpEncodingParameters[],
  codec: PictureCodec,
): Promise<void> {
  const parameters = sender.getParameters();
  for (const [i, encoding] of parameters.encodings.entries()) {
    Object.assign(encoding, layers[i] ?? {});
    encodeAs(codec, encoding, parameters.codecs);
  }
  await sender.setParameters(parameters);
}
