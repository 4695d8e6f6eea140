import { describe, expect, it } from "vitest";
import { Commands } from "./commands";

describe("a command", () => {
  it("gets its own answer, whatever the order", async () => {
    const commands = new Commands();
    const ids: number[] = [];
    const first = commands.ask((id) => ids.push(id) > 0);
    const second = commands.ask((id) => ids.push(id) > 0);
    commands.settle(ids[1] ?? 0, "not_allowed");
    commands.settle(ids[0] ?? 0, null);
    expect([await first, await second]).toEqual([null, "not_allowed"]);
  });

  it("is broken off when there is no connection, or it breaks", async () => {
    const commands = new Commands();
    expect(await commands.ask(() => false)).toBe("broken");
    const waiting = commands.ask(() => true);
    commands.breakAll();
    expect(await waiting).toBe("broken");
  });

  it("ignores an answer nobody waits for", () => {
    expect(() => new Commands().settle(7, null)).not.toThrow();
  });
});
