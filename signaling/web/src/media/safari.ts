/*
 * What Safari on iPad does differently, in one place. None of it harms other browsers, so nothing here asks which
 * browser it is.
 */

/**
 * Pictures play inside the page, not full screen, only with `playsinline`; and start by themselves only with
 * `autoplay`. https://webkit.org/blog/6784/new-video-policies-for-ios/
 */
export function playInline(element: HTMLVideoElement): void {
  element.playsInline = true;
  element.autoplay = true;
}

/**
 * Sound starts by itself only while the page captures; otherwise `play()` is refused until a press.
 * https://webkit.org/blog/7763/a-closer-look-into-webrtc/ (section on autoplay)
 */
export function needsPress(error: unknown): boolean {
  return error instanceof DOMException && error.name === "NotAllowedError";
}

/**
 * One capture at a time: a second getUserMedia for the same kind of device mutes the first. So camera and microphone
 * are asked for together, and what runs is stopped first.
 * https://webkit.org/blog/7726/announcing-webrtc-and-media-capture/, https://bugs.webkit.org/show_bug.cgi?id=179363
 */
export function stopBeforeCapture(tracks: Iterable<MediaStreamTrack | null>): void {
  for (const track of tracks) track?.stop();
}

/**
 * In the background, or when another app takes the device, capture is suspended: the track is muted (never by its
 * owner: that is `enabled`) and unmuted when the page is in front again.
 * https://www.w3.org/TR/mediacapture-streams/#track-muted
 */
export function watchSuspension(track: MediaStreamTrack, suspended: (is: boolean) => void): void {
  track.addEventListener("mute", () => suspended(true));
  track.addEventListener("unmute", () => suspended(false));
}

/**
 * How long a track that was muted in the background has to be unmuted by the system, in milliseconds, before it is
 * taken for gone.
 */
const UNMUTED_WITHIN = 1000;

/**
 * Another app in front, as for a login, suspends capture and sometimes ends it, pauses what plays and interrupts the
 * audio context; not all of it comes back by itself with the page. `pageshow`: from the back-forward cache there is no
 * change of visibility.
 */
export function onForeground(inFront: () => void): void {
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) inFront();
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) inFront();
  });
}

/** Whether a track gives nothing any more, once the system has had its time to give it back. */
export async function isLost(track: MediaStreamTrack): Promise<boolean> {
  if (track.readyState === "live" && track.muted)
    await new Promise((resolve) => setTimeout(resolve, UNMUTED_WITHIN));
  return track.readyState === "ended" || track.muted;
}

/** Not in Safari on iPad: there the system chooses the speaker. */
export function canChooseSpeaker(): boolean {
  return "setSinkId" in HTMLMediaElement.prototype;
}
