import { describe, expect, it } from "vitest";
import { encodeAs, ours } from "./codecs";

const codecs = (...types: string[]): { mimeType: string }[] => types.map((mimeType) => ({ mimeType }));

describe("our codecs", () => {
  it("are redundant sound before plain, and nothing else", () => {
    const all = codecs("audio/opus", "audio/G722", "audio/red", "audio/CN");
    expect(ours("audio", all)).toEqual(codecs("audio/red", "audio/opus"));
  });

  it("are plain sound where the browser has no other", () => {
    expect(ours("audio", codecs("audio/opus", "audio/PCMU"))).toEqual(codecs("audio/opus"));
  });

  it("are VP8 before its retransmission, however the browser writes them", () => {
    const all = codecs("video/rtx", "video/AV1", "video/VP8", "video/red", "video/ulpfec");
    expect(ours("video", all)).toEqual(codecs("video/VP8", "video/rtx"));
  });

  it("are H.264 after VP8, in the one form that all have who have any", () => {
    const h264 = (sdpFmtpLine: string) => ({ mimeType: "video/H264", sdpFmtpLine });
    const ourH264 = h264("level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f");
    const all = [
      h264("level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=640c1f"),
      h264("level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f"),
      ourH264,
      ...codecs("video/VP8", "video/rtx"),
    ];
    expect(ours("video", all)).toEqual([...codecs("video/VP8", "video/rtx"), ourH264]);
  });
});

describe("a layer is encoded", () => {
  const vp8 = { mimeType: "video/VP8", clockRate: 90_000, payloadType: 96 };
  const h264 = {
    mimeType: "video/H264",
    clockRate: 90_000,
    payloadType: 109,
    sdpFmtpLine: "profile-level-id=42e01f",
  };

  it("as the negotiated codec, and as VP8 again", () => {
    const layer = { rid: "l" };
    encodeAs("h264", layer, [vp8, h264]);
    const codec = { mimeType: "video/H264", clockRate: 90_000, sdpFmtpLine: "profile-level-id=42e01f" };
    expect(layer).toEqual({ rid: "l", codec });
    encodeAs("vp8", layer, [vp8, h264]);
    expect(layer).toEqual({ rid: "l", codec: { mimeType: "video/VP8", clockRate: 90_000 } });
  });

  it("as it is where nothing else was ever asked for, or negotiated", () => {
    const layer = { rid: "l" };
    encodeAs("vp8", layer, [vp8, h264]);
    encodeAs("h264", layer, [vp8]);
    expect(layer).toEqual({ rid: "l" });
  });
});
