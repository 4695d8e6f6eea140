import type { OwnMedia } from "../media/own.svelte";
import type { Peer } from "../media/peer";
import type { Slot } from "../media/slot";
import type { Report, SlotReport } from "../protocol";
import { timed } from "./cost";
import { difference, NO_TOTALS, since, type SlotTotals } from "./counters";
import { Device } from "./device";
import { lipSync } from "./lip_sync";
import { inTurn, TURNS } from "./turn";

/** Makes one report a second of what the page itself sends, receives and shows. */
export class Measurement {
  private framesEncoded = 0;
  private readonly device = new Device();
  private turn = 0;

  /** Looks at some of what is shown: to be called `TURNS` times a second. */
  look(peer: Peer | null): void {
    const turn = this.turn++ % TURNS;
    if (peer) timed(() => inTurn(filledOf(peer), turn).forEach((slot) => slot.look(performance.now())));
  }

  async take(own: OwnMedia, peer: Peer | null): Promise<Report> {
    const stats = peer ? await peer.stats() : null;
    return timed(() => this.reportOf(own, peer, stats ? collect(stats) : NOTHING));
  }

  private reportOf(own: OwnMedia, peer: Peer | null, stats: Collected): Report {
    const encoded = since(this.framesEncoded, stats.framesEncoded);
    this.framesEncoded = stats.framesEncoded;
    const now = performance.now();
    return {
      camera: own.cameraState,
      covered_ms: own.coveredFor(now),
      microphone: own.microphoneState,
      dead_ms: own.deadFor(now),
      microphone_level: own.takeLoudest(),
      frames_encoded: encoded,
      round_trip_ms: stats.roundTrip === null ? null : stats.roundTrip * 1000,
      hidden: document.hidden,
      slots: filledOf(peer).map((slot) => slotReport(slot, stats)),
      battery: this.device.battery(),
      network: this.device.network(),
    };
  }
}

function filledOf(peer: Peer | null): Slot[] {
  return peer?.slots.filter((slot) => slot.participant !== null) ?? [];
}

function slotReport(slot: Slot, stats: Collected): SlotReport {
  const totals = {
    ...NO_TOTALS,
    ...stats.received.get(id(slot.sound)),
    ...stats.received.get(id(slot.picture)),
  };
  const counts = difference(slot.totals, totals);
  const lip_sync_ms = lipSync(slot.totals, totals, counts);
  slot.totals = totals;
  return {
    slot: slot.index,
    ...counts,
    frozen_ms: slot.takeFrozen(performance.now(), counts.frames_decoded),
    black: slot.black(),
    // A picture of which nothing comes is frozen, which is measured for itself.
    still: slot.still() && counts.frames_decoded > 0,
    lip_sync_ms,
    playing: slot.playing(),
  };
}

type Collected = {
  /** By the id of the received track. */
  received: Map<string, Partial<SlotTotals>>;
  /** Of the layer that had most. */
  framesEncoded: number;
  /** In seconds, of the pair in use. */
  roundTrip: number | null;
};

const NOTHING: Collected = { received: new Map(), framesEncoded: 0, roundTrip: null };

/** What of https://www.w3.org/TR/webrtc-stats/ the report needs. */
function collect(stats: RTCStatsReport): Collected {
  const collected: Collected = { received: new Map(), framesEncoded: 0, roundTrip: null };
  stats.forEach((stat: RTCInboundRtpStreamStats & RTCOutboundRtpStreamStats & RTCIceCandidatePairStats) => {
    switch (stat.type as RTCStatsType) {
      case "inbound-rtp":
        collected.received.set(stat.trackIdentifier, stat.kind === "audio" ? sound(stat) : picture(stat));
        break;
      case "outbound-rtp":
        collected.framesEncoded = Math.max(collected.framesEncoded, stat.framesEncoded ?? 0);
        break;
      case "candidate-pair":
        if (stat.nominated && stat.state === "succeeded")
          collected.roundTrip = stat.currentRoundTripTime ?? collected.roundTrip;
        break;
    }
  });
  return collected;
}

function sound(stat: RTCInboundRtpStreamStats): Partial<SlotTotals> {
  return {
    totalSamplesReceived: stat.totalSamplesReceived ?? 0,
    concealedSamples: stat.concealedSamples ?? 0,
    silentConcealedSamples: stat.silentConcealedSamples ?? 0,
    totalAudioEnergy: stat.totalAudioEnergy ?? 0,
    jitterBufferDelay: stat.jitterBufferDelay ?? 0,
    jitterBufferEmittedCount: stat.jitterBufferEmittedCount ?? 0,
    soundPlayout: stat.estimatedPlayoutTimestamp ?? null,
  };
}

function picture(stat: RTCInboundRtpStreamStats): Partial<SlotTotals> {
  return {
    framesDecoded: stat.framesDecoded ?? 0,
    frameWidth: stat.frameWidth ?? 0,
    frameHeight: stat.frameHeight ?? 0,
    pictureBufferDelay: stat.jitterBufferDelay ?? 0,
    pictureBufferEmittedCount: stat.jitterBufferEmittedCount ?? 0,
    picturePlayout: stat.estimatedPlayoutTimestamp ?? null,
  };
}

function id(transceiver: RTCRtpTransceiver): string {
  return transceiver.receiver.track.id;
}
