import type { CameraState, MicrophoneState } from "../protocol";
import { capture, devices, type CaptureProblem, type Wish } from "./capture";
import { Eye } from "./eye";
import { SILENCE } from "./level";
import { MicrophoneEar } from "./microphone";
import { brightness, isCovered, StillnessMeter } from "./picture";
import { playback } from "./playback.svelte";
import { DeadMeter } from "./silence";
import { isLost, onForeground, watchSuspension } from "./safari";

const REMEMBERED = "lika.devices";
/** How often the own microphone is listened to and, each fifth time, the own picture is looked at. */
const LISTEN_EVERY = 100;
const LOOK_EVERY = 5;

type Choice = Wish & { speaker: string };

/** The own camera, microphone and speaker: what is chosen, what runs, and how it stands. All fields are reactive. */
export class OwnMedia {
  status = $state<"idle" | "asking" | "ready">("idle");
  problem = $state<CaptureProblem | null>(null);
  choice = $state<Choice>(remembered());
  available = $state.raw<Record<MediaDeviceKind, MediaDeviceInfo[]>>({
    videoinput: [],
    audioinput: [],
    audiooutput: [],
  });
  camera = $state.raw<MediaStreamTrack | null>(null);
  microphone = $state.raw<MediaStreamTrack | null>(null);
  /** The microphone as it is sent: silent while closed or muted, so that packets keep coming to be measured. */
  sent = $state.raw<MediaStreamTrack | null>(null);
  muted = $state(false);
  cameraOff = $state(false);
  /** The relay lets the microphone through. */
  open = $state(false);
  cameraState = $state<CameraState>("off");
  /** -dBov, of the microphone itself. */
  level = $state(SILENCE);
  private suspended = $state(false);
  private loudestSent = SILENCE;
  private readonly mutedFromTheStart = new WeakSet<MediaStreamTrack>();
  private ear: MicrophoneEar | null = null;
  private readonly eye = new Eye();
  private stillness = new StillnessMeter();
  private deadness = new DeadMeter();
  private dead = $state(false);
  private coveredSince: number | null = null;
  private preview: HTMLVideoElement | null = null;
  private ticks = 0;

  constructor(private readonly changed: () => void) {
    setInterval(() => this.tick(), LISTEN_EVERY);
    if ("mediaDevices" in navigator)
      navigator.mediaDevices.addEventListener("devicechange", () => void this.list());
    onForeground(() => void this.resume());
  }

  get microphoneState(): MicrophoneState {
    if (!this.microphone || this.microphone.readyState === "ended" || this.suspended) return "off";
    if (this.muted) return "muted";
    return this.dead ? "dead" : "on";
  }

  /** Asks for camera and microphone, or changes to the chosen ones. */
  async start(): Promise<void> {
    if (this.status === "asking") return;
    this.status = "asking";
    const got = await capture(this.choice, [this.camera, this.microphone, this.sent]);
    this.take(got.camera, got.microphone);
    this.problem = got.problem;
    this.status = got.camera || got.microphone ? "ready" : "idle";
    this.changed();
    await this.list();
  }

  /** Gives camera and microphone back. */
  stop(): void {
    for (const track of [this.camera, this.microphone, this.sent]) track?.stop();
    this.take(null, null);
    this.status = "idle";
    this.problem = null;
    this.changed();
  }

  async choose(change: Partial<Choice>): Promise<void> {
    this.choice = { ...this.choice, ...change };
    remember(this.choice);
    if (change.speaker !== undefined) await playback.choose(change.speaker);
    if (change.camera !== undefined || change.microphone !== undefined) await this.start();
  }

  mute(muted: boolean): void {
    this.muted = muted;
    this.gate();
  }

  turnCamera(off: boolean): void {
    this.cameraOff = off;
    if (this.camera) this.camera.enabled = !off;
    this.look();
  }

  letThrough(open: boolean): void {
    this.open = open;
    this.gate();
  }

  /** The element that previews the own picture: it is looked at for black and frozen. */
  watch(element: HTMLVideoElement): () => void {
    this.preview = element;
    return () => {
      if (this.preview === element) this.preview = null;
    };
  }

  private look(): void {
    const now = performance.now();
    this.cameraState = this.judgeCamera(now);
    this.coveredSince = this.cameraState === "covered" ? (this.coveredSince ?? now) : null;
  }

  /** How long the picture has been covered, in milliseconds; 0: it is not. */
  coveredFor(now: number): number {
    return this.coveredSince === null ? 0 : Math.round(now - this.coveredSince);
  }

  /** How long the microphone has been dead, in milliseconds; 0: it is not. */
  deadFor(now: number): number {
    return this.microphoneState === "dead" ? Math.round(this.deadness.silentFor(now)) : 0;
  }

  /** Loudest level sent since the last call, in -dBov. */
  takeLoudest(): number {
    const loudest = this.loudestSent;
    this.loudestSent = SILENCE;
    return loudest;
  }

  /** The page is in front again: what the system suspended meanwhile goes on, what it ended is taken anew. */
  private async resume(): Promise<void> {
    playback.resume();
    this.ear?.resume();
    if (this.status !== "ready") return;
    const running = this.running();
    const lost = await Promise.all(
      running.map(async (track) => (await isLost(track)) && !this.isMutedAnyway(track)),
    );
    const same = running.every((track) => this.running().includes(track));
    if (same && lost.includes(true) && !document.hidden) await this.start();
  }

  private running(): MediaStreamTrack[] {
    return [this.camera, this.microphone].filter((track) => track !== null);
  }

  /** Muted by a switch on the device, say: taking it anew would help nothing. */
  private isMutedAnyway(track: MediaStreamTrack): boolean {
    return track.readyState === "live" && this.mutedFromTheStart.has(track);
  }

  private take(camera: MediaStreamTrack | null, microphone: MediaStreamTrack | null): void {
    this.camera = camera;
    this.microphone = microphone;
    this.sent = microphone?.clone() ?? null;
    this.suspended = false;
    this.stillness = new StillnessMeter();
    this.deadness = new DeadMeter();
    if (camera) camera.enabled = !this.cameraOff;
    for (const track of [camera, microphone]) if (track) this.follow(track);
    this.ear ??= microphone ? new MicrophoneEar() : null;
    this.ear?.listen(microphone);
    this.gate();
    this.look();
  }

  private follow(track: MediaStreamTrack): void {
    if (track.muted) this.mutedFromTheStart.add(track);
    track.addEventListener("ended", () => (this.problem = "ended"));
    watchSuspension(track, (is) => (this.suspended = is));
  }

  private gate(): void {
    if (this.sent) this.sent.enabled = this.open && !this.muted;
  }

  private async list(): Promise<void> {
    this.available = await devices();
  }

  private tick(): void {
    const heard = this.ear?.hear() ?? null;
    const sends = this.sent?.enabled === true;
    this.level = heard?.level ?? SILENCE;
    if (sends) this.loudestSent = Math.min(this.loudestSent, this.level);
    // Only what the others are to hear: a closed microphone may be as silent as it likes.
    this.dead = this.deadness.dead(performance.now(), sends && heard ? heard.silent : null);
    if (this.ticks++ % LOOK_EVERY === 0) this.look();
  }

  private judgeCamera(now: number): CameraState {
    if (!this.camera || this.camera.readyState === "ended" || this.cameraOff || this.suspended) return "off";
    // A page in the background is not painted: then the last judgement stands.
    if (document.hidden) return this.cameraState === "off" ? "on" : this.cameraState;
    const pixels = this.preview && this.eye.look(this.preview);
    if (!pixels) return "on";
    const still = this.stillness.still(now, pixels);
    // A hand passing by is covered too; how long it may last is for the threshold profile to say.
    if (isCovered(brightness(pixels))) return "covered";
    return still ? "frozen" : "on";
  }
}

function remembered(): Choice {
  const nothing: Choice = { camera: null, microphone: null, speaker: "" };
  try {
    const saved: unknown = JSON.parse(localStorage.getItem(REMEMBERED) ?? "null");
    return saved !== null && typeof saved === "object" ? { ...nothing, ...saved } : nothing;
  } catch {
    return nothing;
  }
}

function remember(choice: Choice): void {
  try {
    localStorage.setItem(REMEMBERED, JSON.stringify(choice));
  } catch {
    // Storage may be forbidden; the choice then lasts as long as the page.
  }
}
