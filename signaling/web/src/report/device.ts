import type { Battery, Network } from "../protocol";

/** https://www.w3.org/TR/battery-status/ (Chromium alone). */
type BatteryManager = EventTarget & { level: number; charging: boolean };
/** https://wicg.github.io/netinfo/ (Chromium on phones, tablets and Chromebooks). */
type NetworkInformation = { type?: string };

declare global {
  interface Navigator {
    getBattery?: () => Promise<BatteryManager>;
    connection?: NetworkInformation;
  }
}

/** What the browser tells of the device; Safari and Firefox tell nothing. */
export class Device {
  private manager: BatteryManager | null = null;

  constructor() {
    // Refused by a policy: then the browser does not tell.
    void navigator.getBattery?.().then(
      (manager) => (this.manager = manager),
      () => undefined,
    );
  }

  battery(): Battery | null {
    return this.manager && batteryOf(this.manager);
  }

  network(): Network | null {
    return networkOf(navigator.connection?.type);
  }
}

export function batteryOf({ level, charging }: Pick<BatteryManager, "level" | "charging">): Battery {
  return { percent: Math.round(Math.min(1, Math.max(0, level)) * 100), charging };
}

/** https://wicg.github.io/netinfo/#dom-connectiontype */
export function networkOf(type: string | undefined): Network | null {
  switch (type) {
    case undefined:
    case "none":
    case "unknown":
      return null;
    case "ethernet":
    case "wifi":
    case "cellular":
      return type;
    default:
      return "other";
  }
}
