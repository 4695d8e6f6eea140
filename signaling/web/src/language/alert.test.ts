import { describe, expect, it } from "vitest";
import type { Cause, Direction, Level } from "../protocol";
import { alertSentence, duration, findings, ownAlertSentence } from "./alert";
import { en } from "./en";
import { sv } from "./sv";

const causes = Object.keys(sv.cause) as Cause[];
const directions = Object.keys(sv.direction) as Direction[];
const levels: Level[] = ["amber", "red"];

describe.each([sv, en])("an alert in $language.name", (messages) => {
  it("is one sentence with name and figure for every cause, direction and level", () => {
    for (const cause of causes)
      for (const direction of directions)
        for (const level of levels)
          for (const figure of [null, 14, 0.5]) {
            const alert = { cause, direction, level, figure };
            const said = alertSentence(messages, alert, "Ledamot 7");
            expect(said, `${cause} ${direction}`).toMatch(
              /^(Ledamot 7|Det är okänt|It is not known) ?.*[.”]$/,
            );
            expect(said).toContain("Ledamot 7");
            expect(said).not.toMatch(/undefined|null|NaN|\[object/);
            const own = ownAlertSentence(messages, alert);
            expect(own).not.toContain("Ledamot 7");
            expect(own).not.toMatch(/undefined|null|NaN|\[object/);
          }
  });

  it("tells directions apart", () => {
    for (const cause of causes.filter((c) => c !== "reported")) {
      const said = directions.map((direction) =>
        alertSentence(messages, { cause, direction, level: "red", figure: null }, "Ledamot 7"),
      );
      expect(new Set(said).size, cause).toBe(directions.length);
    }
  });

  it("blames nobody when the relay or its network is at fault", () => {
    const said = alertSentence(
      messages,
      { cause: "link_lost", direction: "link", level: "red", figure: 5 },
      null,
    );
    expect(said).toContain(messages.alert.system);
    expect(said).toContain("5 s");
  });

  it("has advice for every cause", () => {
    for (const cause of causes) expect(messages.cause[cause].advice).not.toBe("");
  });
});

describe("wording", () => {
  it("says what the chair needs, in Swedish", () => {
    const frozen = { cause: "picture_frozen", direction: "seen", level: "red", figure: 34.4 } as const;
    expect(alertSentence(sv, frozen, "Ledamot 7")).toBe(
      "Ledamot 7 syns inte: bilden står still, helt eller stundtals.",
    );
    const loss = { cause: "sound_loss", direction: "heard", level: "amber", figure: 7.25 } as const;
    expect(alertSentence(sv, loss, "Ledamot 7")).toBe(
      "Ledamot 7 hörs dåligt: 7,3 % av ljudet går förlorat på vägen.",
    );
    expect(ownAlertSentence(en, frozen)).toBe(
      "You cannot be seen: the picture stands still, all or part of the time.",
    );
  });

  it("gathers what is found about one participant, each once and nothing that is well", () => {
    const of = (direction: Direction, level: Level, cause: Cause | null) => ({
      direction,
      level,
      cause,
      figure: 5,
    });
    const about = (participant: number, ...directions: ReturnType<typeof of>[]) => ({
      participant,
      directions,
    });
    const measured = [
      about(1, of("heard", "red", "sound_loss")),
      about(
        2,
        of("heard", "amber", "sound_loss"),
        of("hears", "red", "sound_loss"),
        of("seen", "green", "picture_frozen"),
        of("link", "unknown", null),
      ),
    ];
    expect(findings(sv, measured, 2)).toEqual(["5 % av ljudet går förlorat på vägen"]);
    expect(findings(sv, measured, 3)).toEqual([]);
  });

  it("counts durations in the unit that fits", () => {
    expect([0, 59_999, 60_000, 3_725_000, -5_000].map((ms) => duration(sv, ms))).toEqual([
      "0 s",
      "59 s",
      "1 min 0 s",
      "1 h 2 min",
      "0 s",
    ]);
  });
});
