import { needsPress, playInline } from "./safari";

/** Everything that plays; knows when the browser waits for a press before it lets sound out. */
class Playback {
  /** The browser plays no sound until the person presses. Reactive. */
  blocked = $state(false);
  private readonly elements = new Set<HTMLVideoElement>();
  private speaker = "";

  /** Plays what the element shows, with sound; returns what undoes it. */
  add(element: HTMLVideoElement): () => void {
    playInline(element);
    this.elements.add(element);
    void this.route(element);
    void this.play(element);
    const again = () => void this.play(element);
    // A stream that changes or a page that was away leaves the element paused.
    element.addEventListener("loadedmetadata", again);
    return () => {
      element.removeEventListener("loadedmetadata", again);
      this.elements.delete(element);
    };
  }

  /** Starts all sound: to be called from a press. */
  start(): void {
    this.blocked = false;
    for (const element of this.elements) {
      element.muted = false;
      void this.play(element);
    }
  }

  /** Goes on with what the system paused while the page was not in front. */
  resume(): void {
    for (const element of this.elements) if (element.paused) void this.play(element);
  }

  /** Sends all sound to this device; "" is the system's choice. */
  async choose(speaker: string): Promise<void> {
    this.speaker = speaker;
    await Promise.all([...this.elements].map((element) => this.route(element)));
  }

  private async play(element: HTMLVideoElement): Promise<void> {
    try {
      await element.play();
    } catch (error) {
      if (!needsPress(error)) return;
      this.blocked = true;
      // Without sound the picture may move already.
      element.muted = true;
      await element.play().catch(() => undefined);
    }
  }

  private async route(element: HTMLVideoElement): Promise<void> {
    if (!("setSinkId" in element) || element.sinkId === this.speaker) return;
    // A speaker that is gone leaves the sound where it was.
    await element.setSinkId(this.speaker).catch(() => undefined);
  }
}

export const playback = new Playback();
