import AxeBuilder from "@axe-core/playwright";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { en } from "../src/language/en";
import { sv } from "../src/language/sv";
import type { ClientMessage, Command, MeetingView } from "../src/protocol";
import { alert, CHAIR, council, MEMBER, quality, seat, SECRETARY } from "./council";
import { launch, Visit, type Size } from "./stage";

const DESKTOP: Size = { width: 1280, height: 800 };
const SCREENS: Size[] = [
  DESKTOP,
  { width: 1024, height: 768 },
  { width: 768, height: 1024 },
  { width: 1180, height: 820 },
];

let browser: Browser;
const visits: Visit[] = [];

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());
afterEach(async () => {
  for (const visit of visits.splice(0)) {
    expect(visit.violations, "content security policy").toEqual([]);
    await visit.close();
  }
});

async function open(...args: Parameters<typeof Visit.open> extends [Browser, ...infer Rest] ? Rest : never) {
  const visit = await Visit.open(browser, ...args);
  visits.push(visit);
  return visit;
}

const inLobby = (over: Partial<MeetingView> = {}): MeetingView =>
  council(1, {
    participants: [seat(MEMBER, { attendance: "lobby" })],
    floor: null,
    acting_chair: null,
    ...over,
  });

type Asked = Extract<ClientMessage, { type: "command" }>;
const asks =
  (what: Command["do"]) =>
  (message: ClientMessage): message is Asked =>
    message.type === "command" && message.command.do === what;
const isReport = (message: ClientMessage): message is Extract<ClientMessage, { type: "report" }> =>
  message.type === "report";
const isHello = (message: ClientMessage): message is Extract<ClientMessage, { type: "hello" }> =>
  message.type === "hello";

async function accessible(visit: Visit): Promise<void> {
  const found = await new AxeBuilder({ page: visit.page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"])
    .analyze();
  expect(found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" | ")}`)).toEqual([]);
}

describe("the lobby", () => {
  it("offers media, waits, and goes in by itself when the door opens", async () => {
    const visit = await open(DESKTOP, MEMBER, inLobby(), { entered: false });
    const status = visit.page.getByTestId("lobby-status");
    await status.getByText(sv.lobby.waiting).waitFor();
    const offer = await visit.until((m) => m.type === "offer");
    expect(offer).toMatchObject({ fresh: true, negotiation: 1 });
    await accessible(visit);

    visit.change({ change: "participant", participant: seat(MEMBER) });
    await visit.page.getByRole("region", { name: sv.tile.everyone }).waitFor();
  });

  it("offers own sound, own picture in three layers, then pairs of Opus, VP8 and H.264 alone", async () => {
    const visit = await open(DESKTOP, MEMBER, inLobby(), { entered: false });
    const offer = await visit.until(
      (m): m is Extract<ClientMessage, { type: "offer" }> => m.type === "offer",
    );
    const media = offer.sdp.split("\r\nm=").slice(1);
    const direction = (section: string) => /a=(sendonly|recvonly)/.exec(section)?.[1];
    expect(media.slice(0, 4).map((m) => [m.split(" ")[0], direction(m)])).toEqual([
      ["audio", "sendonly"],
      ["video", "sendonly"],
      ["audio", "recvonly"],
      ["video", "recvonly"],
    ]);
    expect(media[1]).toMatch(/a=simulcast:send ~?l;~?m;~?h/);
    const codecs = new Set(media.flatMap((m) => [...m.matchAll(/a=rtpmap:\d+ ([^/]+)/g)].map((c) => c[1])));
    expect([...codecs].sort()).toEqual(["H264", "VP8", "opus", "red", "rtx"]);
    expect(offer.sdp.length).toBeLessThan(512 * 1024);
  });

  it("tells who was refused a camera what to do, in words", async () => {
    const visit = await open(DESKTOP, MEMBER, inLobby(), { entered: false, denied: true });
    await visit.page.getByTestId("allow-devices").click();
    await visit.page.getByRole("alert").getByText(sv.capture.denied.todo).waitFor();
    await accessible(visit);
  });

  it("lets the chair, who is inside at once, check first and then go in", async () => {
    const visit = await open(DESKTOP, CHAIR, council(4), { entered: false });
    await visit.page.getByTestId("enter").click();
    await visit.page.getByRole("complementary", { name: sv.chair.panel }).waitFor();
  });
});

describe("the meeting", () => {
  it.each(SCREENS)("shows all 40 within $width x $height without scrolling", async (size) => {
    for (const you of [MEMBER, CHAIR]) {
      const visit = await open(size, you, council(40));
      await visit.page.locator("button[data-participant]").nth(39).waitFor();
      const outside = await visit.page.evaluate(() => {
        const stage = document.querySelector("section ul")?.getBoundingClientRect();
        const tiles = [...document.querySelectorAll("button[data-participant]")].map((t) =>
          t.getBoundingClientRect(),
        );
        return tiles.filter(
          (t) =>
            !stage ||
            t.width < 40 ||
            t.left < stage.left - 1 ||
            t.right > stage.right + 1 ||
            t.top < stage.top - 1 ||
            t.bottom > stage.bottom + 1 ||
            t.bottom > innerHeight,
        ).length;
      });
      expect(outside).toBe(0);
      const scrolls = await visit.page.evaluate(
        () =>
          document.documentElement.scrollHeight > innerHeight ||
          document.documentElement.scrollWidth > innerWidth,
      );
      expect(scrolls).toBe(false);
    }
  });

  it("enlarges whom the reader chooses, by keyboard, and tells the server", async () => {
    const visit = await open(DESKTOP, MEMBER, council(12));
    const tile = visit.page.locator("button[data-participant='9']");
    const before = (await tile.boundingBox())?.width ?? 0;
    await tile.focus();
    await visit.page.keyboard.press("Enter");
    expect(await visit.until((m) => m.type === "enlarge")).toMatchObject({ participant: 9 });
    await expect.poll(async () => (await tile.boundingBox())?.width).toBeGreaterThan(before * 1.5);
    expect(await tile.getAttribute("aria-pressed")).toBe("true");
  });

  it("is not for the eye alone: names, role, party and microphone are in the tile's name", async () => {
    const visit = await open(DESKTOP, MEMBER, council(12));
    const label = await visit.page.locator("button[data-participant='5']").getAttribute("aria-label");
    for (const said of ["Ledamot 5", sv.role.member, sv.tile.hasFloor, sv.tile.microphoneOpen])
      expect(label).toContain(said);
    await accessible(visit);
  });

  it("says clearly whether one is heard, and sends no sound while the microphone is closed", async () => {
    const visit = await open(
      DESKTOP,
      MEMBER,
      council(6, { participants: [1, 2, 3, 7].map((id) => seat(id)) }),
    );
    const state = visit.page.getByTestId("own-state");
    await state.getByText(sv.own.notHeardClosed).waitFor();
    expect(await visit.sendsSound()).toBe(false);
    visit.change({ change: "participant", participant: seat(MEMBER, { microphone_open: true }) });
    await state.getByText(sv.own.heard, { exact: true }).waitFor();
    expect(await visit.sendsSound()).toBe(true);
    await visit.page.getByRole("button", { name: sv.own.mute }).click();
    await state.getByText(sv.own.notHeardMuted).waitFor();
    expect(await visit.sendsSound()).toBe(false);
    visit.sent.length = 0;
    expect(await visit.until(isReport)).toMatchObject({ microphone: "muted" });
  });

  it("takes the report of unequal terms to the chair and says that it arrived", async () => {
    const visit = await open(DESKTOP, MEMBER, council(12));
    await visit.page.getByTestId("unequal").click();
    await accessible(visit);
    await visit.page.getByTestId("unequal-send").click();
    const asked = await visit.until(asks("report_unequal_terms"));
    visit.say({ type: "accepted", id: asked.id });
    await visit.page.getByRole("status").getByText(sv.unequal.sent).waitFor();
  });

  it("words a refusal", async () => {
    const visit = await open(DESKTOP, MEMBER, council(12), { language: "en" });
    await visit.page.getByTestId("floor").click();
    const asked = await visit.until(asks("request_floor"));
    visit.say({ type: "refused", id: asked.id, reason: "wrong_phase" });
    await visit.page.getByRole("alert").getByText(en.refusal.wrong_phase).waitFor();
  });

  it("changes language on the spot and remembers it", async () => {
    const visit = await open(DESKTOP, MEMBER, council(12));
    await visit.page.getByRole("button", { name: "English" }).click();
    await visit.page.getByText(en.unequal.button).waitFor();
    expect(
      await visit.page.evaluate(() => [document.documentElement.lang, localStorage["lika.language"]]),
    ).toEqual(["en", "en"]);
  });

  it("reports each second what each filled slot shows", async () => {
    const visit = await open(
      DESKTOP,
      MEMBER,
      council(4, { participants: [1, 2, 3, 7].map((id) => seat(id)) }),
    );
    await visit.until(isReport);
    visit.sent.length = 0;
    const report = await visit.until(isReport);
    expect(report.slots.map((slot) => slot.slot)).toEqual([0, 1, 2]);
    expect(report).toMatchObject({ camera: "on", microphone: "on", hidden: false });
  });

  it("tells the server when the own camera is covered", async () => {
    const visit = await open(DESKTOP, MEMBER, council(12));
    await visit.until(isReport);
    await visit.page.evaluate(() => {
      // What the camera would give with a hand over it: the page looks at pictures through a canvas.
      const look = CanvasRenderingContext2D.prototype.getImageData;
      CanvasRenderingContext2D.prototype.getImageData = function (...args: Parameters<typeof look>) {
        const seen = look.apply(this, args);
        seen.data.fill(4);
        return seen;
      };
    });
    const covered = (m: ClientMessage): m is Extract<ClientMessage, { type: "report" }> =>
      isReport(m) && m.camera === "covered" && m.slots.every((slot) => slot.black);
    await visit.until(covered);
    await visit.page.getByTestId("own-state").getByText(sv.own.cameraCovered).waitFor();
  });
});

describe("chair and secretary", () => {
  it("are told in one sentence who, which direction, since when, and what they can do", async () => {
    const visit = await open(DESKTOP, CHAIR, council(12));
    await visit.until(isReport);
    visit.say({ type: "quality", at_ms: Date.now(), participants: quality(12) });
    visit.change({ change: "alert", alert: alert() });
    const card = visit.page.getByTestId("alert");
    await card.getByText("Ledamot 7 syns inte: bilden står still, helt eller stundtals.").waitFor();
    await card.getByText(/sedan 4\d s/).waitFor();
    await card.getByText(sv.alert.affected(11)).waitFor();
    for (const way of sv.alert.guidance) await card.getByText(way).waitFor();
    const said = visit.page.getByTestId("alert-said");
    expect(await said.getAttribute("aria-live")).toBe("assertive");
    expect(await said.textContent()).toContain("Ledamot 7 syns inte");
    await accessible(visit);

    await card.getByTestId("acknowledge").click();
    expect((await visit.until(asks("acknowledge_alert"))).command).toEqual({
      do: "acknowledge_alert",
      alert: 1,
    });
    visit.change({ change: "alert_cleared", alert: 1 });
    await visit.page.getByText(sv.alert.none).waitFor();
  });

  it("have every participant's actions within reach while alarms stand", async () => {
    for (const size of [DESKTOP, { width: 820, height: 1180 }]) {
      const alarms = [1, 2, 3, 4].map((id) => ({ ...alert(), id, about: id + 4 }));
      const visit = await open(size, CHAIR, council(12, { alerts: alarms }));
      for (const name of ["Ledamot 5", "Ledamot 12"]) {
        await visit.page.getByRole("button", { name: sv.chair.actionsFor(name) }).click({ timeout: 2000 });
        await visit.page.getByRole("dialog").getByRole("button", { name: sv.chair.done }).first().click();
      }
    }
  });

  it("adjourn with a reason for the minutes", async () => {
    const visit = await open(DESKTOP, CHAIR, council(12, { alerts: [alert()] }));
    await visit.page.getByTestId("adjourn").click();
    await accessible(visit);
    await visit.page.getByTestId("adjourn-send").click();
    expect((await visit.until(asks("adjourn"))).command).toEqual({
      do: "adjourn",
      reason: sv.chair.adjournReasons[0],
    });
  });

  it("see each direction of each participant in words as well as in colour", async () => {
    const visit = await open({ width: 1024, height: 768 }, SECRETARY, council(12));
    await visit.until(isReport);
    const trouble = { who: 9, direction: "heard", level: "amber", cause: "sound_loss", figure: 6.2 } as const;
    const row = visit.page.locator("tr[data-participant='9']");
    const calm = await row.boundingBox();
    visit.say({ type: "quality", at_ms: Date.now(), participants: quality(12, [trouble]) });
    await row.getByText("6,2 % av ljudet går förlorat på vägen").waitFor();
    expect(await row.boundingBox()).toEqual(calm);
    expect(await row.locator("td[data-direction='heard']").textContent()).toContain(sv.level.amber);
    expect(await row.locator("td[data-direction='seen']").textContent()).toContain(sv.level.green);
    const panel = await visit.page.getByRole("complementary").boundingBox();
    const actions = await visit.page
      .getByRole("button", { name: sv.chair.actionsFor("Sammanträdessalen") })
      .boundingBox();
    expect((actions?.x ?? 0) + (actions?.width ?? 0)).toBeLessThanOrEqual(
      (panel?.x ?? 0) + (panel?.width ?? 0),
    );
    await accessible(visit);
  });

  it("let in from the lobby, one by one or all", async () => {
    const waiting = [8, 9].map((id) => seat(id, { attendance: "lobby" }));
    const visit = await open(
      DESKTOP,
      SECRETARY,
      council(7, { participants: [...council(7).participants, ...waiting] }),
    );
    await visit.page.getByRole("button", { name: sv.chair.admitWho("Ledamot 8") }).click();
    expect((await visit.until(asks("admit"))).command).toEqual({ do: "admit", participant: 8 });
    await visit.page.getByTestId("admit-all").click();
    await visit.until(asks("admit_all"));
  });
});

describe("a broken connection", () => {
  it("resumes by itself with token and number, within two seconds", async () => {
    const visit = await open(DESKTOP, MEMBER, council(12));
    await visit.until(isReport);
    visit.change({ change: "phase", phase: { phase: "open" } });
    await visit.page.getByText(sv.phase.open).first().waitFor();
    visit.sent.length = 0;
    const broke = Date.now();
    await visit.breakConnection();
    const hello = await visit.until(isHello);
    expect(hello).toMatchObject({ resume: "resume-token", last_seq: 1 });
    expect(Date.now() - broke).toBeLessThan(2500);
  });

  it("asks for a new snapshot when an event is missing", async () => {
    const visit = await open(DESKTOP, MEMBER, council(12));
    await visit.until(isReport);
    visit.sent.length = 0;
    visit.loseEvent();
    visit.change({ change: "phase", phase: { phase: "open" } });
    expect(await visit.until(isHello)).toMatchObject({ resume: "resume-token", last_seq: null });
  });

  it("does not come back when the person continued on another device", async () => {
    const visit = await open(DESKTOP, MEMBER, council(12));
    await visit.until(isReport);
    // From here on time passes only as told: whatever the page would still do within a minute, it does at once.
    await visit.page.clock.install();
    visit.say({ type: "error", reason: "taken_over" });
    await visit.breakConnection();
    await visit.page.getByText(sv.refusal.taken_over).waitFor();
    await visit.page.clock.runFor(60_000);
    expect(visit.connections).toBe(1);
    await accessible(visit);
  });
});
