import type { OwnMedia } from "../media/own.svelte";
import type { Peer } from "../media/peer";
import type { Slot } from "../media/slot";
import type { Report, SlotReport } from "../protocol";
import { difference, NO_TOTALS, since, type SlotTotals } from "./counters";

/** Makes one report a second of what the page itself sends, receives and shows. */
export class Measurement {
  private framesEncoded = 0;

  async take(own: OwnMedia, peer: Peer | null): Promise<Report> {
    const stats = peer ? collect(await peer.stats()) : NOTHING;
    const encoded = since(this.framesEncoded, stats.framesEncoded);
    this.framesEncoded = stats.framesEncoded;
    const filled = peer?.slots.filter((slot) => slot.participant !== null) ?? [];
    return {
      camera: own.cameraState,
      microphone: own.microphoneState,
      microphone_level: own.takeLoudest(),
      frames_encoded: encoded,
      round_trip_ms: stats.roundTrip === null ? null : stats.roundTrip * 1000,
      hidden: document.hidden,
      slots: filled.map((slot) => slotReport(slot, stats)),
    };
  }
}

function slotReport(slot: Slot, stats: Collected): SlotReport {
  const totals = {
    ...NO_TOTALS,
    ...stats.received.get(id(slot.sound)),
    ...stats.received.get(id(slot.picture)),
  };
  const counts = difference(slot.totals, totals);
  slot.totals = totals;
  return {
    slot: slot.index,
    ...counts,
    frozen_ms: slot.takeFrozen(performance.now(), counts.frames_decoded),
    black: slot.black(),
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
  };
}

function picture(stat: RTCInboundRtpStreamStats): Partial<SlotTotals> {
  return {
    framesDecoded: stat.framesDecoded ?? 0,
    frameWidth: stat.frameWidth ?? 0,
    frameHeight: stat.frameHeight ?? 0,
  };
}

function id(transceiver: RTCRtpTransceiver): string {
  return transceiver.receiver.track.id;
}
