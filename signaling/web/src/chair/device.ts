import type { Messages } from "../language/sv";
import type { DeviceView } from "../protocol";

/** Less than this, and not charging, does not last long, in percent. */
const LOW_BATTERY = 20;

/** What there is to say about somebody's device, a line each. */
export function adviceAbout(messages: Messages, device: DeviceView, who: string): string[] {
  const { battery, hidden, network } = device;
  const lines = [];
  if (battery && battery.percent < LOW_BATTERY && !battery.charging)
    lines.push(messages.devices.battery(who, battery.percent));
  if (hidden) lines.push(messages.devices.hidden(who));
  if (network === "cellular") lines.push(messages.devices.cellular(who));
  return lines;
}
