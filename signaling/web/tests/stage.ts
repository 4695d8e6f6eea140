import { readFile } from "node:fs/promises";
import { extname, join, normalize, resolve } from "node:path";
import { chromium, type Browser, type BrowserContext, type Page, type WebSocketRoute } from "playwright-core";
import {
  PROTOCOL,
  type ClientMessage,
  type DeviceView,
  type Matrix,
  type MeetingView,
  type ParticipantId,
  type QualityView,
  type Refusal,
  type ServerMessage,
} from "../src/protocol";

/*
 * The built page in real Chromium, with the server's part of the conversation played by the test. Media are not
 * connected: received pictures are drawn, so that layout and wording are seen as they would be. What the relay and
 * the server really do is tested with them, elsewhere.
 */

const DIST = resolve("dist");
const ORIGIN = "https://lika.test";
/** Where the page sends people to prove who they are, and where the server sends those who have signed out. */
export const SIGN_IN = "/sign-in";
export const SIGNED_OUT = "/signed-out";
/** As the server sends it. */
const POLICY =
  "default-src 'self'; style-src 'self'; script-src 'self'; media-src 'self' blob:; connect-src 'self' wss:";
const TYPES: Record<string, string> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

declare global {
  interface Window {
    /** The transceiver of the own microphone, caught as the page makes it. */
    ownSound?: RTCRtpTransceiver;
  }
}

type Hello = Extract<ClientMessage, { type: "hello" }>;

export type Size = { width: number; height: number };

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--use-fake-device-for-media-stream",
      "--use-fake-ui-for-media-stream",
      "--autoplay-policy=no-user-gesture-required",
    ],
  });
}

/** One open page and the other end of its WebSocket. */
export class Visit {
  readonly sent: ClientMessage[] = [];
  readonly violations: string[] = [];
  connections = 0;
  private socket: WebSocketRoute | undefined;
  private seq = 0;
  /** Called with each message that the page sends. */
  private heard: () => void = () => undefined;

  private constructor(
    readonly page: Page,
    private readonly context: BrowserContext,
    private readonly you: ParticipantId,
    private meeting: MeetingView,
    private readonly refuses: (hello: Hello) => Refusal | null,
  ) {}

  static async open(
    browser: Browser,
    size: Size,
    you: ParticipantId,
    meeting: MeetingView,
    options: {
      language?: "sv" | "en";
      entered?: boolean;
      denied?: boolean;
      refuses?: (hello: Hello) => Refusal | null;
    } = {},
  ): Promise<Visit> {
    const permissions = options.denied ? [] : ["camera", "microphone"];
    const context = await browser.newContext({ viewport: size, permissions });
    const page = await context.newPage();
    const visit = new Visit(page, context, you, meeting, options.refuses ?? (() => null));
    await context.addInitScript(
      ([language, entered]) => {
        localStorage.setItem("lika.language", language);
        if (entered) sessionStorage.setItem("lika.entered", "yes");
      },
      [options.language ?? "sv", options.entered ?? true] as const,
    );
    await context.addInitScript(drawReceivedPictures);
    if (options.denied) await context.addInitScript(denyCapture);
    page.on("console", (message) => {
      if (/content security policy|refused to/i.test(message.text())) visit.violations.push(message.text());
    });
    await context.route(`${ORIGIN}/**`, async (route) => {
      const { pathname } = new URL(route.request().url());
      if (pathname === "/sign-out") return route.fulfill({ json: { next: SIGNED_OUT } });
      if (pathname === SIGN_IN || pathname === SIGNED_OUT) return route.fulfill({ body: pathname });
      const file = pathname === "/meeting" ? "index.html" : normalize(pathname).slice(1);
      await route.fulfill({
        body: await readFile(join(DIST, file)),
        contentType: TYPES[extname(file)] ?? "application/octet-stream",
        headers: { "content-security-policy": POLICY },
      });
    });
    await page.routeWebSocket(`wss://lika.test/ws`, (socket) => visit.serve(socket));
    await page.goto(`${ORIGIN}/meeting`);
    return visit;
  }

  say(message: ServerMessage): void {
    this.socket?.send(JSON.stringify(message));
  }

  /** One second's verdicts. */
  measured(
    participants: QualityView[],
    matrix: Matrix | null = null,
    devices: DeviceView[] = [],
    ago = 0,
  ): void {
    this.say({ type: "quality", at_ms: Date.now() + ago, participants, matrix, devices });
  }

  /** The next numbered event. */
  change(change: Extract<ServerMessage, { type: "event" }>["change"]): void {
    this.say({ type: "event", seq: ++this.seq, change });
  }

  /** An event whose predecessor was lost. */
  loseEvent(): void {
    this.seq++;
  }

  async breakConnection(): Promise<void> {
    await this.socket?.close({ code: 1011 });
  }

  /** Waits until the page has sent a message like this. */
  async until<T extends ClientMessage>(is: (message: ClientMessage) => message is T): Promise<T> {
    for (;;) {
      const found = this.sent.find(is);
      if (found) return found;
      await new Promise<void>((resolve) => (this.heard = resolve));
    }
  }

  /** Whether the microphone's sound goes into the connection; otherwise silence does. */
  sendsSound(): Promise<boolean | undefined> {
    return this.page.evaluate(() => window.ownSound?.sender.track?.enabled);
  }

  /** The tab that a press opens. */
  async tabOpenedBy(press: () => Promise<void>): Promise<Page> {
    const [tab] = await Promise.all([this.context.waitForEvent("page"), press()]);
    return tab;
  }

  async close(): Promise<void> {
    await this.context.close();
  }

  private serve(socket: WebSocketRoute): void {
    this.socket = socket;
    this.connections++;
    socket.onMessage((text) => {
      const message = JSON.parse(String(text)) as ClientMessage;
      this.sent.push(message);
      this.heard();
      if (message.type === "hello") this.answer(message);
      if (message.type === "offer")
        this.say({ type: "answer", negotiation: message.negotiation, sdp: "", slots: 0 });
    });
  }

  private answer(hello: Hello): void {
    const reason = this.refuses(hello);
    if (reason === null) return this.welcome();
    this.say({ type: "error", reason });
    void this.breakConnection();
  }

  private welcome(): void {
    const others = this.meeting.participants.filter((p) => p.id !== this.you && p.attendance === "inside");
    this.say({
      type: "welcome",
      protocol: PROTOCOL,
      you: this.you,
      resume: "resume-token",
      media_alive: this.connections > 1,
      seq: this.seq,
      meeting: this.meeting,
      slots: others.map((p, slot) => ({ slot, participant: p.id })),
      ice_servers: [],
    });
  }
}

/** Runs in the page: a drawn person moves in each receive slot, and the connection counts as connected. */
function drawReceivedPictures(): void {
  const connections = RTCPeerConnection.prototype;
  const addTransceiver = connections.addTransceiver;
  let drawn = 0;
  connections.addTransceiver = function (trackOrKind, init) {
    const transceiver = addTransceiver.call(this, trackOrKind, init);
    if (init?.direction === "sendonly") window.ownSound ??= transceiver;
    if (init?.direction === "recvonly" && trackOrKind === "video")
      Object.defineProperty(transceiver.receiver, "track", { value: person(drawn++) });
    return transceiver;
  };
  Object.defineProperty(connections, "connectionState", { get: () => "connected" });
  connections.setRemoteDescription = async function () {
    this.dispatchEvent(new Event("connectionstatechange"));
  };

  function person(n: number): MediaStreamTrack {
    const canvas = document.createElement("canvas");
    canvas.width = 320;
    canvas.height = 180;
    const pen = canvas.getContext("2d");
    const hue = (n * 47) % 360;
    let sway = n;
    const draw = () => {
      if (!pen) return;
      sway += 0.3;
      const x = 160 + 6 * Math.sin(sway);
      const wall = pen.createLinearGradient(0, 0, 320, 180);
      wall.addColorStop(0, `hsl(${hue} 22% 78%)`);
      wall.addColorStop(1, `hsl(${hue} 18% 58%)`);
      pen.fillStyle = wall;
      pen.fillRect(0, 0, 320, 180);
      pen.fillStyle = `hsl(${(hue + 160) % 360} 25% ${30 + (n % 4) * 8}%)`;
      pen.beginPath();
      pen.ellipse(x, 190, 74, 68, 0, 0, 7);
      pen.fill();
      pen.fillStyle = `hsl(25 ${30 + (n % 3) * 8}% ${48 + (n % 5) * 7}%)`;
      pen.beginPath();
      pen.ellipse(x, 84, 32, 40, 0, 0, 7);
      pen.fill();
      pen.fillStyle = `hsl(${20 + (n % 6) * 6} 30% ${16 + (n % 4) * 14}%)`;
      pen.beginPath();
      pen.ellipse(x, 62, 34, 26, 0, 3.1, 6.3);
      pen.fill();
    };
    draw();
    setInterval(draw, 500);
    return canvas.captureStream(2).getVideoTracks()[0] as MediaStreamTrack;
  }
}

/** Runs in the page: the person, or the system, said no. */
function denyCapture(): void {
  MediaDevices.prototype.getUserMedia = () => Promise.reject(new DOMException("denied", "NotAllowedError"));
}

/** Runs in the page: getStats tells of every receive slot what a real one would, at 25 frames a second. */
export function decodeFrames(): void {
  let asked = 0;
  RTCPeerConnection.prototype.getStats = async function () {
    asked++;
    const stats = this.getReceivers().map((receiver) => ({
      id: receiver.track.id,
      type: "inbound-rtp",
      kind: receiver.track.kind,
      trackIdentifier: receiver.track.id,
      framesDecoded: asked * 25,
      frameWidth: 320,
      frameHeight: 180,
      totalSamplesReceived: asked * 48_000,
      concealedSamples: 0,
      silentConcealedSamples: 0,
      totalAudioEnergy: asked,
      jitterBufferDelay: asked * 2880,
      jitterBufferEmittedCount: asked * 48_000,
      estimatedPlayoutTimestamp: asked * 1000,
    }));
    return new Map(stats.map((stat) => [stat.id, stat]));
  };
}
