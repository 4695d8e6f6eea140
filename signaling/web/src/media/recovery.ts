/** How long a first connection may take, in milliseconds: a bad path, several times over. */
const CONNECT_WITHIN = 10_000;
/** How long a break may heal by itself before ICE is restarted, in milliseconds: a few lost packets. */
const PATIENCE = 500;
/**
 * How long an ICE restart may take before everything is made anew, in milliseconds. Some round trips are enough; with
 * this, a path that cannot be had back is replaced within five seconds.
 */
const RESTART_WITHIN = 2500;
/** From so many bytes between two looks on something flows: the relay's feedback alone is more. */
const FLOWING = 150;

type Measures = {
  /** New ICE credentials and paths (RFC 8445 section 2.4); DTLS and the streams stay. */
  restartIce: () => void;
  /** Everything anew. */
  giveUp: () => void;
};

/** What is done about a connection whose path breaks: first ICE is restarted; only after a deadline, everything is. */
export class Recovery {
  private state: RTCPeerConnectionState = "new";
  private everConnected = false;
  private restarting = false;
  private flowing = false;
  private silent = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly measures: Measures) {
    this.after(CONNECT_WITHIN, () => this.measures.giveUp());
  }

  follow(state: RTCPeerConnectionState): void {
    this.state = state;
    switch (state) {
      case "connected":
        this.everConnected = true;
        this.restarting = false;
        clearTimeout(this.timer);
        break;
      case "disconnected":
        if (!this.restarting) this.after(PATIENCE, () => this.restart());
        break;
      case "failed":
        if (!this.restarting) this.restart();
        break;
    }
  }

  /** The device may have another address now; the browser itself would notice after seconds. */
  networkChanged(): void {
    if (this.everConnected && !this.restarting) this.restart();
  }

  /**
   * What came since the last look, in bytes. A flow that stops dead has lost its path; the browser itself says so only
   * after some five seconds.
   */
  received(bytes: number): void {
    if (bytes > 0) {
      this.flowing = bytes >= FLOWING;
      this.silent = false;
    } else if (this.flowing) {
      this.flowing = false;
      this.silent = true;
      if (!this.restarting) this.restart();
    }
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private restart(): void {
    this.restarting = true;
    this.after(RESTART_WITHIN, () => {
      this.restarting = false;
      // A path that never broke says nothing when it is confirmed.
      if (this.state !== "connected" || this.silent) this.measures.giveUp();
    });
    this.measures.restartIce();
  }

  private after(milliseconds: number, measure: () => void): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(measure, milliseconds);
  }
}
