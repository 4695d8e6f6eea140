import { level, SILENCE } from "./level";

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

  /** The last 40 ms or so, in -dBov. */
  level(): number {
    if (!this.source || this.context.state !== "running") return SILENCE;
    this.analyser.getFloatTimeDomainData(this.samples);
    return level(this.samples);
  }
}
