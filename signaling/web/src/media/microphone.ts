import { level } from "./level";
import { isDigitalSilence } from "./silence";

/** What was heard in the last 40 ms or so: how loud, in -dBov, and whether it was anything at all. */
export type Heard = { level: number; silent: boolean };

/** Listens to the own microphone, whether or not its sound is sent: the meter shows that it works. */
export class MicrophoneEar {
  private readonly context = new AudioContext();
  private readonly analyser = this.context.createAnalyser();
  private source: MediaStreamAudioSourceNode | null = null;
  private readonly samples = new Float32Array(this.analyser.fftSize);

  listen(track: MediaStreamTrack | null): void {
    this.source?.disconnect();
    this.source = track ? this.context.createMediaStreamSource(new MediaStream([track])) : null;
    this.source?.connect(this.analyser);
    void this.context.resume();
  }

  /** The system may have interrupted it while the page was not in front. */
  resume(): void {
    if (this.source) void this.context.resume();
  }

  /** Null while it cannot listen. */
  hear(): Heard | null {
    if (!this.source || this.context.state !== "running") return null;
    this.analyser.getFloatTimeDomainData(this.samples);
    return { level: level(this.samples), silent: isDigitalSilence(this.samples) };
  }
}
