import { describe, expect, it } from "vitest";
import { ours } from "./codecs";

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
    const all = codecs("video/rtx", "video/H264", "video/VP8", "video/red", "video/ulpfec");
    expect(ours("video", all)).toEqual(codecs("video/VP8", "video/rtx"));
  });
});
