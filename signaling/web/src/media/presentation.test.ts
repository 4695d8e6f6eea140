import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { watchFrames } from "./presentation";

/** A video element that presents frames when told to; it counts them only if the browser does. */
class Element {
  total = 0;
  private readonly requests = new Map<number, VideoFrameRequestCallback>();
  private presented = 0;
  private handles = 0;

  constructor(private readonly counts: boolean) {}

  get asked(): boolean {
    return this.requests.size > 0;
  }

  present(frames = 1): void {
    this.presented += frames;
    if (this.counts) this.total += frames;
    const called = [...this.requests.values()];
    this.requests.clear();
    const frame = { presentationTime: performance.now(), presentedFrames: this.presented };
    for (const call of called) call(performance.now(), frame as VideoFrameCallbackMetadata);
  }

  requestVideoFrameCallback(call: VideoFrameRequestCallback): number {
    this.requests.set(++this.handles, call);
    return this.handles;
  }

  cancelVideoFrameCallback(handle: number): void {
    this.requests.delete(handle);
  }

  getVideoPlaybackQuality(): VideoPlaybackQuality {
    return {
      totalVideoFrames: this.total + 3,
      droppedVideoFrames: 3,
      creationTime: 0,
      corruptedVideoFrames: 0,
    };
  }
}

function watch(element: Element): { frames: number[]; stop: () => void } {
  const frames: number[] = [];
  const stop = watchFrames(element as unknown as HTMLVideoElement, (_at, count) => frames.push(count));
  return { frames, stop };
}

describe("presented frames", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("are counted where the browser counts them, without a call for each", () => {
    const element = new Element(true);
    const { frames, stop } = watch(element);
    element.present();
    expect(element.asked).toBe(false);
    element.present(3);
    vi.advanceTimersByTime(50);
    vi.advanceTimersByTime(500);
    element.present(2);
    vi.advanceTimersByTime(50);
    expect(frames).toEqual([1, 3, 2]);
    stop();
    element.present();
    vi.advanceTimersByTime(500);
    expect(frames).toEqual([1, 3, 2]);
  });

  it("are told one by one where it does not", () => {
    const element = new Element(false);
    const { frames, stop } = watch(element);
    element.present();
    element.present();
    element.present(2);
    vi.advanceTimersByTime(500);
    expect(frames).toEqual([1, 1, 2]);
    stop();
    expect(element.asked).toBe(false);
  });

  it("go on when the element counts from the beginning for another stream", () => {
    const element = new Element(true);
    const { frames } = watch(element);
    element.present(40);
    element.total = 1;
    vi.advanceTimersByTime(50);
    element.present();
    vi.advanceTimersByTime(50);
    expect(frames).toEqual([1, 1, 1]);
  });
});
