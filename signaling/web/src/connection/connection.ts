import { PROTOCOL, type ClientMessage, type Refusal, type ServerMessage } from "../protocol";
import { backoff } from "./backoff";

/** The server speaks once a second; so long without a word means that the connection is dead though not closed. */
const SILENCE_LIMIT = 6000;
/** The same when there is reason to believe it: media have stopped. */
const DOUBTED_SILENCE_LIMIT = 1500;
/** How long a doubt lasts if the server does not speak. */
const DOUBT = 5000;
const CHECK_EVERY = 250;

/** Reasons after which connecting again by itself would be wrong. */
const FINAL: ReadonlySet<Refusal> = new Set<Refusal>([
  "wrong_protocol",
  "signed_out",
  "no_such_meeting",
  "taken_over",
  "already_here",
  // To a hello: a device that has shown less does not replace one that has shown more.
  "identity_needed",
  "meeting_over",
]);

export type ConnectionState = "connecting" | "open" | "reconnecting" | "ended";

type Wiring = {
  received: (message: ServerMessage) => void;
  changed: (state: ConnectionState, reason: Refusal | null) => void;
};

/**
 * The WebSocket with the server: says hello, resumes after a break, watches that events come in order, and connects
 * again until told that it is over.
 */
export class Connection {
  private socket: WebSocket | null = null;
  private state: ConnectionState = "connecting";
  private resume: string | null = null;
  private seq: number | null = null;
  private attempt = 0;
  private heard = 0;
  private doubtedUntil = 0;
  /** The server has shown that it speaks every second. */
  private regular = false;
  /** The person is to go on here, wherever else they are; until the server has answered. */
  private takingOver = false;
  private retry: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly url: string,
    private readonly wiring: Wiring,
  ) {
    this.connect();
    setInterval(() => this.checkSilence(), CHECK_EVERY);
    // The device is back on a network: no need to wait out the pause.
    window.addEventListener("online", () => this.hurry());
  }

  /** Sends, if there is a connection; a message during a break is lost, and `false`. */
  send(message: ClientMessage): boolean {
    if (this.state !== "open" || this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  /** The network may have gone or changed under the connection, without a word. */
  doubt(): void {
    this.doubtedUntil = performance.now() + DOUBT;
    this.checkSilence();
  }

  /** Connects anew after the end: the person goes on here, and no longer on the device where they are. */
  takeOver(): void {
    if (this.state !== "ended") return;
    this.takingOver = true;
    this.resume = null;
    this.seq = null;
    this.attempt = 0;
    this.become("connecting", null);
    this.connect();
  }

  private connect(): void {
    clearTimeout(this.retry);
    const socket = new WebSocket(this.url);
    this.socket = socket;
    this.regular = false;
    this.heard = performance.now();
    this.doubtedUntil = 0;
    socket.addEventListener("open", () => this.hello(socket));
    socket.addEventListener("message", (event) => {
      if (socket === this.socket) this.receive(String(event.data));
    });
    socket.addEventListener("close", () => {
      if (socket === this.socket) this.broken();
    });
  }

  private hello(socket: WebSocket): void {
    const hello: ClientMessage = {
      type: "hello",
      protocol: PROTOCOL,
      resume: this.resume,
      last_seq: this.resume === null ? null : this.seq,
      take_over: this.takingOver,
    };
    socket.send(JSON.stringify(hello));
  }

  private receive(text: string): void {
    const message = JSON.parse(text) as ServerMessage;
    this.heard = performance.now();
    this.doubtedUntil = 0;
    switch (message.type) {
      case "welcome":
        this.resume = message.resume;
        this.seq = message.seq;
        this.attempt = 0;
        this.takingOver = false;
        this.become("open", null);
        break;
      case "event":
        if (this.seq === null || message.seq !== this.seq + 1) {
          this.startAnew();
          return;
        }
        this.seq = message.seq;
        break;
      case "quality":
        this.regular = true;
        break;
      case "error":
        if (FINAL.has(message.reason)) this.end(message.reason);
        break;
    }
    this.wiring.received(message);
  }

  /** An event is missing: a new snapshot is needed. */
  private startAnew(): void {
    this.seq = null;
    this.dropSocket();
    this.connect();
  }

  private broken(): void {
    if (this.state === "ended") return;
    if (this.state === "open") this.become("reconnecting", null);
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.connect(), backoff(this.attempt++, Math.random()));
  }

  private hurry(): void {
    if (this.state === "open" || this.state === "ended") return;
    this.dropSocket();
    this.connect();
  }

  private checkSilence(): void {
    const silent = performance.now() - this.heard;
    if (this.state === "ended" || !this.socket) return;
    const stuck = this.socket.readyState !== WebSocket.OPEN || this.state !== "open";
    const limit = performance.now() < this.doubtedUntil ? DOUBTED_SILENCE_LIMIT : SILENCE_LIMIT;
    if (silent < limit || (!this.regular && !stuck)) return;
    if (this.socket.readyState === WebSocket.CLOSED) return;
    this.dropSocket();
    this.broken();
  }

  private end(reason: Refusal): void {
    this.takingOver = false;
    this.dropSocket();
    clearTimeout(this.retry);
    this.become("ended", reason);
  }

  private dropSocket(): void {
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  private become(state: ConnectionState, reason: Refusal | null): void {
    if (state === this.state) return;
    this.state = state;
    this.wiring.changed(state, reason);
  }
}
