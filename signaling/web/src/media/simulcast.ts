/** A camera at least this high is sent in three layers; a smaller one in one, since its halves would show nobody. */
const LEAST_HEIGHT_FOR_LAYERS = 360;

/** Lowest first, as the relay numbers them. The lowest is everybody's thumbnail. */
const LAYERS: RTCRtpEncodingParameters[] = [
  { rid: "l", scaleResolutionDownBy: 4, maxBitrate: 120_000, maxFramerate: 15 },
  { rid: "m", scaleResolutionDownBy: 2, maxBitrate: 500_000 },
  { rid: "h", scaleResolutionDownBy: 1, maxBitrate: 1_500_000 },
];

/** The three layers for a camera of this height (RFC 8853); null: not known yet. */
export function layersFor(height: number | null): RTCRtpEncodingParameters[] {
  if (height === null || height >= LEAST_HEIGHT_FOR_LAYERS)
    return LAYERS.map((layer) => ({ ...layer, active: true }));
  return LAYERS.map((layer, i) => ({
    ...layer,
    active: i === 0,
    scaleResolutionDownBy: i === 0 ? 1 : 2 ** (3 - i),
  }));
}

/** Fits the sender's layers to another camera. */
export async function fitLayers(sender: RTCRtpSender, height: number | null): Promise<void> {
  const parameters = sender.getParameters();
  const layers = layersFor(height);
  for (const [i, encoding] of parameters.encodings.entries()) Object.assign(encoding, layers[i] ?? {});
  await sender.setParameters(parameters);
}
