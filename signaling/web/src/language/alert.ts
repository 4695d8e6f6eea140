import type { AlertView, Cause, ParticipantId, QualityView } from "../protocol";
import type { Messages } from "./sv";

/** Causes that take a direction away altogether once they are red; the others make it poor. */
const TAKES_AWAY: ReadonlySet<Cause> = new Set<Cause>([
  "link_lost",
  "picture_frozen",
  "camera_off",
  "camera_covered",
  "sound_missing",
  "microphone_dead",
  "unacknowledged",
]);

type Found = Pick<AlertView, "direction" | "cause" | "level" | "figure">;

/** One plain sentence to chair and secretary; `who` is a name, or null for the relay or its network. */
export function alertSentence(messages: Messages, alert: Found, who: string | null): string {
  const found = finding(messages, alert);
  if (who === null) return messages.alert.systemFault(found);
  if (alert.cause === "reported") return messages.alert.reported(who);
  return `${messages.direction[alert.direction][severity(alert)](who)}: ${found}.`;
}

/** The same to the person concerned. */
export function ownAlertSentence(messages: Messages, alert: Found): string {
  if (alert.cause === "reported") return messages.alert.youReported;
  const words = messages.direction[alert.direction];
  const said = { lost: words.youLost, poor: words.youPoor, unknown: words.youUnknown }[severity(alert)];
  return `${said}: ${finding(messages, alert)}.`;
}

/** "42 s", "3 min 12 s", "1 h 4 min"; a clock that is behind the server's counts from zero. */
export function duration(messages: Messages, milliseconds: number): string {
  const s = Math.max(0, Math.floor(milliseconds / 1000));
  if (s < 60) return messages.duration.seconds(s);
  if (s < 3600) return messages.duration.minutes(Math.floor(s / 60), s % 60);
  return messages.duration.hours(Math.floor(s / 3600), Math.floor((s % 3600) / 60));
}

/** Everything found about one participant, in words, each once. */
export function findings(messages: Messages, measured: readonly QualityView[], who: ParticipantId): string[] {
  const directions = measured.find((q) => q.participant === who)?.directions ?? [];
  const found = directions
    .filter((d) => d.level === "red" || d.level === "amber")
    .flatMap(({ cause, figure }) => (cause ? [finding(messages, { cause, figure })] : []));
  return [...new Set(found)];
}

/** What was measured, in words, with its figure. */
export function finding(messages: Messages, alert: Pick<Found, "cause" | "figure">): string {
  return messages.cause[alert.cause].found(alert.figure === null ? null : number(messages, alert.figure));
}

function severity(alert: Found): "lost" | "poor" | "unknown" {
  if (alert.cause === "telemetry_missing") return "unknown";
  return alert.level === "red" && TAKES_AWAY.has(alert.cause) ? "lost" : "poor";
}

function number(messages: Messages, figure: number): string {
  const digits = Math.abs(figure) < 10 ? 1 : 0;
  return new Intl.NumberFormat(messages.language.tag, { maximumFractionDigits: digits }).format(figure);
}
