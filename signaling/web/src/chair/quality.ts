import { moreConcerning } from "../meeting/level";
import type { AlertView, Direction, Level, MeetingView, QualityView } from "../protocol";

/** The directions in the order in which they are shown. */
export const DIRECTIONS: readonly Direction[] = ["heard", "seen", "hears", "sees", "delay", "link"];

/** The worst level of any direction; unknown when nothing was measured. */
export function worst(quality: QualityView | undefined): Level {
  const levels = quality?.directions.map((d) => d.level) ?? [];
  return levels.reduce(moreConcerning, levels[0] ?? "unknown");
}

/** How each stands who serves or is in the meeting. Whoever sits in the chamber is measured by its devices. */
export function standing(meeting: MeetingView, quality: readonly QualityView[]): Level[] {
  const takesPart = meeting.participants.filter(
    (one) => one.serves !== null || one.attendance === "inside" || one.attendance === "lost",
  );
  return takesPart
    .filter((one) => !one.in_chamber)
    .map((one) => worst(quality.find((measured) => measured.participant === one.id)));
}

/** Red before amber, unacknowledged before acknowledged, the relay's own trouble before one person's, the oldest first. */
export function byUrgency(alerts: readonly AlertView[]): AlertView[] {
  const rank = (alert: AlertView) =>
    (alert.level === "red" ? 0 : 4) + (alert.acknowledged ? 2 : 0) + (alert.about === null ? 0 : 1);
  return [...alerts].sort((a, b) => rank(a) - rank(b) || a.since_ms - b.since_ms);
}
