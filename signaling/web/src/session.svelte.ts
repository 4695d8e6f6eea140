import { SvelteSet } from "svelte/reactivity";
import { Commands, type Outcome } from "./connection/commands";
import { Connection, type ConnectionState } from "./connection/connection";
import { text } from "./language/language.svelte";
import { OwnMedia } from "./media/own.svelte";
import { Peer, type PeerState } from "./media/peer";
import { onNetworkChange } from "./media/network";
import { assign, NOBODY } from "./media/slot";
import { History } from "./meeting/history";
import { slotsFor } from "./meeting/slots";
import { apply } from "./meeting/view";
import type {
  CameraState,
  Command,
  DeviceView,
  IceServer,
  Matrix,
  MeetingView,
  ParticipantId,
  ParticipantView,
  QualityView,
  Refusal,
  ServerMessage,
  SlotView,
} from "./protocol";
import { Measurement } from "./report/measure";
import { TURNS } from "./report/turn";

/** A report each second, as the verdict expects. */
const REPORT_EVERY = 1000;
const LISTEN_EVERY = 250;
/** Linear loudness from which somebody is said to speak: about -34 dBov. */
const SPEAKING_FROM = 0.02;
/** The same for oneself, in -dBov. */
const OWN_SPEAKING_FROM = 38;
/** Before media that failed, or were refused, are offered anew, in milliseconds. */
const JOIN_AGAIN = 1500;

/**
 * The page's part in one meeting: the view the server sends, the media, the report. Owns all of its state; components
 * read it and call its methods. Public fields are reactive.
 */
export class Session {
  state = $state<ConnectionState>("connecting");
  /** Why the connection ended for good. */
  ended = $state<Refusal | null>(null);
  meeting = $state.raw<MeetingView | null>(null);
  you = $state<ParticipantId>(0);
  quality = $state.raw<QualityView[]>([]);
  /** Who is seen and heard by whom; chair and secretary alone. */
  matrix = $state.raw<Matrix | null>(null);
  /** What the pages say of their devices; the secretary alone. */
  devices = $state.raw<DeviceView[]>([]);
  /** How everybody stood in the last minutes. */
  readonly history = new History();
  /** When the server stops for maintenance at the latest, in milliseconds since 1970; chair and secretary alone. */
  drainingUntil = $state<number | null>(null);
  media = $state<PeerState>("connecting");
  /** Which slot shows whom. */
  slots = $state.raw(NOBODY);
  enlarged = $state<ParticipantId | null>(null);
  readonly speaking = new SvelteSet<ParticipantId>();
  readonly own = new OwnMedia(() => void this.sendOwn());

  /** What the server's clock is ahead of this device's, in milliseconds. */
  private clockAhead = $state(0);
  private readonly connection: Connection;
  private peer: Peer | null = null;
  private slotViews: SlotView[] = [];
  private iceServers: IceServer[] = [];
  private negotiation = 0;
  private readonly commands = new Commands();
  private rejoin: ReturnType<typeof setTimeout> | undefined;
  private readonly measurement = new Measurement();
  private reporting = false;
  private reports: number | undefined;
  /** What the last report said of the own camera. */
  private toldCamera: CameraState | null = null;

  constructor(url: string) {
    this.connection = new Connection(url, {
      received: (message) => this.receive(message),
      changed: (state, reason) => this.follow(state, reason),
    });
    onNetworkChange(() => this.peer?.networkChanged());
    this.reportFromNowOn();
    setInterval(() => this.listen(), LISTEN_EVERY);
    setInterval(() => this.measurement.look(this.peer), 1000 / TURNS);
  }

  get self(): ParticipantView | undefined {
    return this.meeting?.participants.find((p) => p.id === this.you);
  }

  get ownQuality(): QualityView | undefined {
    return this.quality.find((q) => q.participant === this.you);
  }

  /** The server's clock at this device's time `at`, in milliseconds since 1970. */
  serverTime(at: number): number {
    return at + this.clockAhead;
  }

  participant(id: ParticipantId | null): ParticipantView | undefined {
    return this.meeting?.participants.find((p) => p.id === id);
  }

  /** What `id` is called; null for nobody, which an alert about the relay is about. */
  nameOf(id: ParticipantId): string;
  nameOf(id: ParticipantId | null): string | null;
  nameOf(id: ParticipantId | null): string | null {
    return id === null ? null : this.participant(id)?.name || text().page.noName;
  }

  /** Asks the meeting for something. */
  command(command: Command): Promise<Outcome> {
    return this.commands.ask((id) => this.connection.send({ type: "command", id, command }));
  }

  /** Goes on here, after the end, although the person is in the meeting on another device. */
  takeOver(): void {
    this.connection.takeOver();
  }

  /** Shows somebody large, or nobody; the same again takes it back. */
  enlarge(participant: ParticipantId | null): void {
    this.enlarged = participant === this.enlarged ? null : participant;
    this.connection.send({ type: "enlarge", participant: this.enlarged });
  }

  private receive(message: ServerMessage): void {
    switch (message.type) {
      case "welcome":
        this.you = message.you;
        this.meeting = message.meeting;
        this.slotViews = message.slots;
        this.iceServers = message.ice_servers;
        this.drainingUntil = null;
        this.negotiation = 0;
        this.resumeMedia(message.media_alive);
        if (this.enlarged !== null) this.connection.send({ type: "enlarge", participant: this.enlarged });
        this.adjust();
        break;
      case "event":
        if (this.meeting) this.meeting = apply(this.meeting, message.change);
        this.adjust();
        break;
      case "slots":
        this.slotViews = message.slots;
        this.assignSlots();
        break;
      case "publish":
        void this.peer?.publish(message);
        break;
      case "answer":
        if (message.negotiation === this.negotiation) void this.answered(message.sdp);
        break;
      case "offer_refused":
        if (message.negotiation === this.negotiation) this.joinAgain();
        break;
      case "media_ended":
        this.join();
        break;
      case "quality":
        this.history.add(message.at_ms, message.participants);
        this.quality = message.participants;
        this.matrix = message.matrix;
        this.devices = message.devices;
        this.clockAhead = message.at_ms - Date.now();
        break;
      case "draining":
        this.drainingUntil = message.until_ms;
        break;
      case "accepted":
        this.commands.settle(message.id, null);
        break;
      case "refused":
        this.commands.settle(message.id, message.reason);
        break;
      case "error":
        console.warn(`lika: ${message.reason}`);
        break;
    }
  }

  private follow(state: ConnectionState, reason: Refusal | null): void {
    this.state = state;
    if (state !== "open") {
      this.commands.breakAll();
      this.forgetMeasured();
    }
    this.ended = reason;
    if (state !== "ended") return;
    this.peer?.close();
    this.peer = null;
  }

  /** Nothing is known while nothing is heard: what was measured before is not how it is now. */
  private forgetMeasured(): void {
    this.quality = [];
    this.matrix = null;
    this.devices = [];
  }

  /** What follows from the view: the own microphone, the slots needed, who can be large. */
  private adjust(): void {
    const meeting = this.meeting;
    if (!meeting) return;
    this.restInChamber();
    this.own.letThrough(this.self?.microphone_open ?? false);
    if (this.enlarged !== null && !this.participant(this.enlarged)) this.enlarged = null;
    this.peer?.reserve(slotsFor(meeting.participants.length - 1));
    this.assignSlots();
  }

  private assignSlots(): void {
    this.slots = assign(this.peer?.slots ?? [], this.slotViews);
  }

  private resumeMedia(alive: boolean): void {
    if (!alive || !this.peer || this.peer.state === "lost") return this.join();
    this.peer.repeat();
    // Whatever broke the one connection may have broken the other as well.
    this.peer.networkChanged();
  }

  /** A fresh peer connection; the server is told to forget the old one by its offer. */
  private join(): void {
    clearTimeout(this.rejoin);
    if (this.state !== "open") return;
    this.peer?.close();
    this.media = "connecting";
    const peer: Peer = new Peer(
      {
        offer: (sdp, fresh) => this.offer(sdp, fresh),
        changed: (state) => this.mediaChanged(peer, state),
        doubted: () => this.connection.doubt(),
      },
      { microphone: this.own.sent, camera: this.own.camera },
      slotsFor((this.meeting?.participants.length ?? 1) - 1),
      this.iceServers,
    );
    this.peer = peer;
    this.assignSlots();
  }

  private joinAgain(): void {
    clearTimeout(this.rejoin);
    this.rejoin = setTimeout(() => this.join(), JOIN_AGAIN);
  }

  private offer(sdp: string, fresh: boolean): void {
    this.connection.send({ type: "offer", negotiation: ++this.negotiation, fresh, sdp });
  }

  private async answered(sdp: string): Promise<void> {
    try {
      await this.peer?.accept(sdp);
    } catch (error) {
      console.error("lika: the answer cannot be used", error);
      this.joinAgain();
    }
  }

  private mediaChanged(peer: Peer, state: PeerState): void {
    if (peer !== this.peer) return;
    this.media = state;
    if (state === "lost") this.joinAgain();
  }

  /** In the chamber its devices hear and see: the own microphone and camera are not even on. */
  private restInChamber(): void {
    if (this.self?.in_chamber && this.own.status === "ready") this.own.stop();
  }

  private async sendOwn(): Promise<void> {
    this.restInChamber();
    this.own.letThrough(this.self?.microphone_open ?? false);
    await this.peer?.sendSound(this.own.sent);
    await this.peer?.sendPicture(this.own.camera);
  }

  private reportFromNowOn(): void {
    clearInterval(this.reports);
    this.reports = window.setInterval(() => void this.report(), REPORT_EVERY);
  }

  private async report(): Promise<void> {
    if (this.state !== "open" || this.reporting) return;
    this.reporting = true;
    try {
      const report = await this.measurement.take(this.own, this.peer);
      this.toldCamera = report.camera;
      this.connection.send({ type: "report", ...report });
    } finally {
      this.reporting = false;
    }
  }

  /** A camera that fails is told at once; the chair should not wait for the next second. */
  private tellCamera(): void {
    const failed = this.own.cameraState !== "on" && this.own.cameraState !== this.toldCamera;
    if (!failed || this.toldCamera === null || this.reporting) return;
    void this.report();
    this.reportFromNowOn();
  }

  private listen(): void {
    this.tellCamera();
    for (const [participant, slot] of this.slots)
      this.mark(
        participant,
        this.participant(participant)?.microphone_open === true && slot.loudness() > SPEAKING_FROM,
      );
    this.mark(this.you, this.own.sent?.enabled === true && this.own.level < OWN_SPEAKING_FROM);
  }

  private mark(participant: ParticipantId, speaks: boolean): void {
    if (speaks) this.speaking.add(participant);
    else this.speaking.delete(participant);
  }
}
