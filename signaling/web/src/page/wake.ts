/** Keeps the screen from going dark, where the browser can; returns what ends it. */
export function keepAwake(): () => void {
  if (!("wakeLock" in navigator)) return () => undefined;
  let lock: WakeLockSentinel | null = null;
  const ask = async () => {
    if (document.hidden) return;
    // Refused on a low battery: then the screen follows the device's own setting.
    lock = await navigator.wakeLock.request("screen").catch(() => null);
  };
  void ask();
  // The browser lets go of it whenever the page is hidden.
  document.addEventListener("visibilitychange", ask);
  return () => {
    document.removeEventListener("visibilitychange", ask);
    void lock?.release();
  };
}
