import type { IceServer } from "../protocol";
import { onlyOurCodecs } from "./codecs";
import { Recovery } from "./recovery";
import { EVERYTHING, fitLayers, layersFor, type Publishing } from "./simulcast";
import { since } from "../report/counters";
import { Slot } from "./slot";

export type PeerState = "connecting" | "connected" | "lost";

type Wiring = {
  /** Sends an offer; `fresh`: of a connection the relay has not answered yet. */
  offer: (sdp: string, fresh: boolean) => void;
  /** The path is taken for dead; whatever else goes over the same network may be as well. */
  doubted: () => void;
  /** The state changed. */
  changed: (state: PeerState) => void;
};

/** How often it is looked whether anything came, in milliseconds: five times the pace of the relay's feedback. */
const PULSE_EVERY = 500;

/**
 * The one peer connection with the relay. The page offers, the relay answers. The media sections are, in this order:
 * own sound, own picture in three layers, then the receive slots, each a sound and a picture.
 */
export class Peer {
  readonly slots: Slot[] = [];
  state: PeerState = "connecting";
  private readonly connection: RTCPeerConnection;
  private readonly sound: RTCRtpTransceiver;
  private readonly picture: RTCRtpTransceiver;
  /** An offer is on its way; another one has to wait for its answer. */
  private waiting = false;
  private again = false;
  private answered = false;
  private closed = false;
  private readonly pulse = setInterval(() => void this.takePulse(), PULSE_EVERY);
  private bytesReceived = 0;
  /** What the relay asks for of the own picture. */
  private publishing: Publishing = EVERYTHING;
  private height: number | null;
  /** Parameters are read and set one change after another. */
  private fitting: Promise<void> = Promise.resolve();
  private readonly recovery = new Recovery({
    restartIce: () => this.restart(),
    giveUp: () => this.become("lost"),
  });

  constructor(
    private readonly wiring: Wiring,
    own: { microphone: MediaStreamTrack | null; camera: MediaStreamTrack | null },
    slots: number,
    iceServers: IceServer[],
  ) {
    this.connection = new RTCPeerConnection({
      bundlePolicy: "max-bundle",
      rtcpMuxPolicy: "require",
      iceServers,
    });
    this.height = heightOf(own.camera);
    this.sound = this.connection.addTransceiver(own.microphone ?? "audio", { direction: "sendonly" });
    this.picture = this.connection.addTransceiver(own.camera ?? "video", {
      direction: "sendonly",
      sendEncodings: layersFor(this.height, this.publishing),
    });
    onlyOurCodecs(this.sound, "audio");
    onlyOurCodecs(this.picture, "video");
    this.addSlots(slots);
    this.connection.addEventListener("connectionstatechange", () => this.follow());
    this.negotiate();
  }

  /** Sends another microphone, or none. */
  async sendSound(track: MediaStreamTrack | null): Promise<void> {
    await this.sound.sender.replaceTrack(track);
  }

  /** Sends another camera, or none. */
  async sendPicture(track: MediaStreamTrack | null): Promise<void> {
    await this.picture.sender.replaceTrack(track);
    this.height = heightOf(track) ?? this.height;
    await this.fit();
  }

  /** Sends of the own picture what the relay asks for. */
  async publish(publishing: Publishing): Promise<void> {
    this.publishing = publishing;
    await this.fit();
  }

  /** Offers more receive slots, if there are fewer. */
  reserve(slots: number): void {
    if (this.closed || slots <= this.slots.length) return;
    this.addSlots(slots - this.slots.length);
    this.negotiate();
  }

  /** The relay's answer to the offer on its way. */
  async accept(sdp: string): Promise<void> {
    if (this.closed || !this.waiting) return;
    await this.connection.setRemoteDescription({ type: "answer", sdp });
    this.answered = true;
    this.waiting = false;
    if (this.again) this.negotiate();
  }

  /** Sends the offer anew whose answer was lost with the signaling connection. */
  repeat(): void {
    const sdp = this.connection.localDescription?.sdp;
    if (this.waiting && sdp) this.wiring.offer(sdp, !this.answered);
  }

  /** The device may have another address now. */
  networkChanged(): void {
    if (!this.closed) this.recovery.networkChanged();
  }

  stats(): Promise<RTCStatsReport> {
    return this.connection.getStats();
  }

  close(): void {
    this.closed = true;
    this.recovery.stop();
    clearInterval(this.pulse);
    this.connection.close();
  }

  private fit(): Promise<void> {
    this.fitting = this.fitting
      .then(() => {
        const layers = layersFor(this.height, this.publishing);
        return fitLayers(this.picture.sender, layers, this.publishing.codec);
      })
      // A closed connection has nothing to fit; a refused change leaves the layers as they were.
      .catch((error: unknown) => console.warn("lika: the picture's layers were not changed", error));
    return this.fitting;
  }

  private addSlots(count: number): void {
    for (let i = 0; i < count; i++) {
      const sound = this.connection.addTransceiver("audio", { direction: "recvonly" });
      const picture = this.connection.addTransceiver("video", { direction: "recvonly" });
      onlyOurCodecs(sound, "audio");
      onlyOurCodecs(picture, "video");
      this.slots.push(new Slot(this.slots.length, sound, picture));
    }
  }

  private negotiate(): void {
    this.again = this.waiting;
    if (this.waiting) return;
    this.waiting = true;
    void this.connection.setLocalDescription().then(
      () => this.repeat(),
      // Only a closed or broken connection cannot make an offer.
      () => this.become("lost"),
    );
  }

  private follow(): void {
    if (this.closed) return;
    const state = this.connection.connectionState;
    if (state === "connected") this.become("connected");
    if (state === "disconnected" || state === "failed") this.become("connecting");
    this.recovery.follow(state);
  }

  private async takePulse(): Promise<void> {
    // Of one sender: of the whole connection they would cost too much so often.
    const stats = await this.sound.sender.getStats();
    let bytes = 0;
    stats.forEach((stat: RTCIceCandidatePairStats) => {
      if ((stat.type as RTCStatsType) === "candidate-pair") bytes += stat.bytesReceived ?? 0;
    });
    if (!this.closed) this.recovery.received(since(this.bytesReceived, bytes));
    this.bytesReceived = bytes;
  }

  private restart(): void {
    this.wiring.doubted();
    this.connection.restartIce();
    this.negotiate();
  }

  private become(state: PeerState): void {
    if (this.closed || state === this.state) return;
    this.state = state;
    this.wiring.changed(state);
  }
}

function heightOf(camera: MediaStreamTrack | null): number | null {
  return camera?.getSettings().height ?? null;
}
