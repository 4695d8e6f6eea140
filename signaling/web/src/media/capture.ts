import { stopBeforeCapture } from "./safari";

/** Why a camera or microphone cannot be used; the page says what to do about each. */
export type CaptureProblem = "denied" | "missing" | "busy" | "insecure" | "unsupported" | "ended" | "other";

/** Which devices are wished for; null: the browser's choice. */
export type Wish = { camera: string | null; microphone: string | null };

export type Captured = {
  camera: MediaStreamTrack | null;
  microphone: MediaStreamTrack | null;
  /** Why one of them, or both, are missing. */
  problem: CaptureProblem | null;
};

/** Camera and microphone together; if one is missing, the other alone. `running` is stopped first. */
export async function capture(wish: Wish, running: Iterable<MediaStreamTrack | null>): Promise<Captured> {
  if (!window.isSecureContext) return none("insecure");
  if (!("mediaDevices" in navigator) || !("RTCPeerConnection" in window)) return none("unsupported");
  stopBeforeCapture(running);
  const both = await ask({ video: camera(wish.camera), audio: microphone(wish.microphone) });
  if (!both.problem || both.problem === "denied") return both;
  const sound = await ask({ audio: microphone(wish.microphone) });
  const picture = await ask({ video: camera(wish.camera) });
  return {
    camera: picture.camera,
    microphone: sound.microphone,
    problem: sound.problem ?? picture.problem,
  };
}

/** Cameras, microphones and speakers, named once the permission is given. */
export async function devices(): Promise<Record<MediaDeviceKind, MediaDeviceInfo[]>> {
  const all = "mediaDevices" in navigator ? await navigator.mediaDevices.enumerateDevices() : [];
  const of = (kind: MediaDeviceKind) =>
    all.filter((device) => device.kind === kind && device.deviceId !== "");
  return { videoinput: of("videoinput"), audioinput: of("audioinput"), audiooutput: of("audiooutput") };
}

async function ask(constraints: MediaStreamConstraints): Promise<Captured> {
  try {
    const stream = await navigator.mediaDevices.getUserMedia(constraints);
    return {
      camera: stream.getVideoTracks()[0] ?? null,
      microphone: stream.getAudioTracks()[0] ?? null,
      problem: null,
    };
  } catch (error) {
    return none(problemOf(error));
  }
}

function camera(id: string | null): MediaTrackConstraints {
  // `ideal`: a device that is gone, or smaller, is better than none.
  return {
    ...(id ? { deviceId: { ideal: id } } : { facingMode: "user" }),
    width: { ideal: 1280 },
    height: { ideal: 720 },
    frameRate: { ideal: 25, max: 30 },
  };
}

function microphone(id: string | null): MediaTrackConstraints {
  return {
    ...(id ? { deviceId: { ideal: id } } : {}),
    echoCancellation: true,
    noiseSuppression: true,
    autoGainControl: true,
  };
}

function none(problem: CaptureProblem): Captured {
  return { camera: null, microphone: null, problem };
}

/** https://www.w3.org/TR/mediacapture-streams/#dom-mediadevices-getusermedia */
function problemOf(error: unknown): CaptureProblem {
  switch (error instanceof DOMException ? error.name : "") {
    case "NotAllowedError":
    case "SecurityError":
      return "denied";
    case "NotFoundError":
    case "OverconstrainedError":
      return "missing";
    case "NotReadableError":
    case "AbortError":
      return "busy";
    default:
      return "other";
  }
}
