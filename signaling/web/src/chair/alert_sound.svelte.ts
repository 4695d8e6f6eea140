const REMEMBERED = "lika.alert-sound";

/** A soft sound at a new alert; off until somebody switches it on. */
class AlertSound {
  on = $state(remembered());

  turn(on: boolean): void {
    this.on = on;
    try {
      localStorage.setItem(REMEMBERED, on ? "on" : "off");
    } catch {
      // Storage may be forbidden; the choice then lasts as long as the page.
    }
    if (on) this.sound();
  }

  sound(): void {
    if (!this.on) return;
    const context = new AudioContext();
    const volume = context.createGain();
    const tone = context.createOscillator();
    const now = context.currentTime;
    volume.gain.setValueAtTime(0, now);
    volume.gain.linearRampToValueAtTime(0.15, now + 0.05);
    volume.gain.exponentialRampToValueAtTime(0.001, now + 0.8);
    tone.frequency.value = 660;
    tone.connect(volume).connect(context.destination);
    tone.addEventListener("ended", () => void context.close());
    tone.start(now);
    tone.stop(now + 0.8);
  }
}

function remembered(): boolean {
  try {
    return localStorage.getItem(REMEMBERED) === "on";
  } catch {
    return false;
  }
}

export const alertSound = new AlertSound();
