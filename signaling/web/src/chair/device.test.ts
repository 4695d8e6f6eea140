import { expect, it } from "vitest";
import { sv } from "../language/sv";
import type { DeviceView } from "../protocol";
import { adviceAbout } from "./device";

const device = (over: Partial<DeviceView>): DeviceView => ({
  participant: 7,
  hidden: false,
  battery: null,
  network: null,
  ...over,
});

it("speaks of a device only where there is something to do", () => {
  const about = (over: Partial<DeviceView>) => adviceAbout(sv, device(over), "Ledamot 7");
  expect(about({})).toEqual([]);
  expect(about({ battery: { percent: 20, charging: false }, network: "wifi" })).toEqual([]);
  expect(about({ battery: { percent: 5, charging: true } })).toEqual([]);
  expect(about({ battery: { percent: 19, charging: false }, hidden: true, network: "cellular" })).toEqual([
    "Ledamot 7: 19 % batteri och ingen laddning",
    "Ledamot 7: sidan är inte framme",
    "Ledamot 7: ansluten över mobilnätet",
  ]);
});
