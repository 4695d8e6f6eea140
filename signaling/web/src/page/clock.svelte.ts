let now = $state(Date.now());
setInterval(() => (now = Date.now()), 1000);

/** This device's time, milliseconds since 1970; moves once a second. Reactive. */
export function clock(): number {
  return now;
}
