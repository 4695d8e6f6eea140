import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Recovery } from "./recovery";

describe("a connection whose path breaks", () => {
  let done: string[];
  let recovery: Recovery;

  beforeEach(() => {
    vi.useFakeTimers();
    done = [];
    recovery = new Recovery({ restartIce: () => done.push("restart"), giveUp: () => done.push("anew") });
  });
  afterEach(() => vi.useRealTimers());

  it("is left alone when it heals by itself", () => {
    recovery.follow("connected");
    recovery.follow("disconnected");
    vi.advanceTimersByTime(400);
    recovery.follow("connected");
    vi.advanceTimersByTime(60_000);
    expect(done).toEqual([]);
  });

  it("has ICE restarted first, and is made anew only after a deadline", () => {
    recovery.follow("connected");
    recovery.follow("disconnected");
    vi.advanceTimersByTime(500);
    expect(done).toEqual(["restart"]);
    recovery.follow("failed");
    vi.advanceTimersByTime(2499);
    expect(done).toEqual(["restart"]);
    vi.advanceTimersByTime(1);
    expect(done).toEqual(["restart", "anew"]);
  });

  it("stays when the restart helps", () => {
    recovery.follow("connected");
    recovery.follow("failed");
    expect(done).toEqual(["restart"]);
    recovery.follow("connecting");
    recovery.follow("connected");
    vi.advanceTimersByTime(60_000);
    expect(done).toEqual(["restart"]);
  });

  it("has ICE restarted as soon as the network changes, and stays if the path was good all along", () => {
    recovery.follow("connected");
    recovery.networkChanged();
    recovery.networkChanged();
    vi.advanceTimersByTime(60_000);
    expect(done).toEqual(["restart"]);
    recovery.networkChanged();
    recovery.follow("disconnected");
    vi.advanceTimersByTime(2500);
    expect(done).toEqual(["restart", "restart", "anew"]);
  });

  it("has ICE restarted when the flow stops dead, which the browser says much later", () => {
    recovery.follow("connected");
    recovery.received(900);
    recovery.received(0);
    recovery.received(0);
    expect(done).toEqual(["restart"]);
    recovery.received(900);
    vi.advanceTimersByTime(2500);
    recovery.follow("disconnected");
    recovery.follow("connected");
    expect(done).toEqual(["restart"]);
    recovery.received(0);
    vi.advanceTimersByTime(2500);
    expect(done).toEqual(["restart", "restart", "anew"]);
  });

  it("is left alone when little came, and then nothing", () => {
    recovery.follow("connected");
    recovery.received(120);
    recovery.received(0);
    expect(done).toEqual([]);
  });

  it("is made anew when it never comes about", () => {
    recovery.networkChanged();
    recovery.follow("connecting");
    vi.advanceTimersByTime(10_000);
    expect(done).toEqual(["anew"]);
  });

  it("is left alone once it is closed", () => {
    recovery.follow("disconnected");
    recovery.stop();
    vi.advanceTimersByTime(60_000);
    expect(done).toEqual([]);
  });
});
