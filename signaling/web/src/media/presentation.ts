/** Between two looks at how many frames were presented, in milliseconds: a freeze's length is known as closely. */
const LOOK_EVERY = 50;

type Shown = (at: number, frames: number) => void;

/**
 * Calls `shown` with the time of the newest frame that an element presented, and how many it presented since the last
 * call. Where the browser counts them, they are counted twenty times a second: a call for each frame of each of forty
 * pictures would have the page laid out and painted each time. Returns what undoes it.
 */
export function watchFrames(element: HTMLVideoElement, shown: Shown): () => void {
  let stop = onEachFrame(element, (at, frames) => {
    shown(at, frames);
    // Not every browser counts what comes live.
    if (presented(element) === 0) return;
    stop();
    stop = onLooking(element, shown);
  });
  return () => stop();
}

/** By requestVideoFrameCallback. */
function onEachFrame(element: HTMLVideoElement, shown: Shown): () => void {
  let before: number | null = null;
  let handle: number;
  const request = () => (handle = element.requestVideoFrameCallback(next));
  const next = (_now: number, frame: VideoFrameCallbackMetadata) => {
    request();
    shown(frame.presentationTime, before === null ? 1 : Math.max(1, frame.presentedFrames - before));
    before = frame.presentedFrames;
  };
  request();
  return () => element.cancelVideoFrameCallback(handle);
}

/** By the count that the element keeps. */
function onLooking(element: HTMLVideoElement, shown: Shown): () => void {
  let before = presented(element);
  const timer = setInterval(() => {
    const now = presented(element);
    // Another stream counts from the beginning.
    if (now !== before) shown(performance.now(), now > before ? now - before : 1);
    before = now;
  }, LOOK_EVERY);
  return () => clearInterval(timer);
}

function presented(element: HTMLVideoElement): number {
  const { totalVideoFrames, droppedVideoFrames } = element.getVideoPlaybackQuality();
  return totalVideoFrames - droppedVideoFrames;
}
