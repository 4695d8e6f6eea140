/** "13:07": the hour and minute here, of milliseconds since 1970. */
export function timeOfDay(at: number): string {
  const date = new Date(at);
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** A time further ahead of the clock than this is yesterday's, in milliseconds. */
const YESTERDAY_FROM = 12 * 3600 * 1000;

/** The moment of that hour and minute here that has been: past midnight, yesterday's. Null: it has not been yet. */
export function past(time: string, now: number): number | null {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  const date = new Date(now);
  date.setHours(hours, minutes, 0, 0);
  if (date.getTime() <= now) return date.getTime();
  if (date.getTime() - now <= YESTERDAY_FROM) return null;
  date.setDate(date.getDate() - 1);
  return date.getTime();
}

/** "3:07": minutes and seconds left until `until`; "0:00" from then on. */
export function countdown(until: number, now: number): string {
  const seconds = Math.max(0, Math.ceil((until - now) / 1000));
  return `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
}

function two(n: number): string {
  return String(n).padStart(2, "0");
}
