import { expect, test } from "vitest";
import { EVERYTHING, layersFor } from "./simulcast";

const active = (layers: RTCRtpEncodingParameters[]) => layers.map((layer) => layer.active);

test("layers that nobody wants are not sent", () => {
  expect(active(layersFor(720, EVERYTHING))).toEqual([true, true, true]);
  expect(active(layersFor(720, { ...EVERYTHING, highest: "mid" }))).toEqual([true, true, false]);
  expect(active(layersFor(null, { ...EVERYTHING, highest: "low" }))).toEqual([true, false, false]);
});

test("a small camera is sent in one layer at its own size, whatever is asked for", () => {
  const layers = layersFor(180, EVERYTHING);
  expect(active(layers)).toEqual([true, false, false]);
  expect(layers.map((layer) => layer.scaleResolutionDownBy)).toEqual([1, 4, 2]);
});

test("the lowest layer has the rate asked for, and fewer frames where it is little", () => {
  const lowest = (lowest_bps: number) => layersFor(720, { ...EVERYTHING, highest: "low", lowest_bps })[0];
  expect(lowest(120_000)).toMatchObject({ maxBitrate: 120_000, maxFramerate: 15, scaleResolutionDownBy: 4 });
  expect(lowest(40_000)).toMatchObject({ maxBitrate: 40_000, maxFramerate: 10 });
});
