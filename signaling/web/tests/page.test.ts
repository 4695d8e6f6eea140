import { describe, expect, it } from "vitest";
import { en } from "../src/language/en";
import { sv } from "../src/language/sv";
import type { ClientMessage, MeetingView } from "../src/protocol";
import {
  agenda,
  alert,
  CHAIR,
  CHAMBER,
  council,
  identity,
  MEMBER,
  quality,
  seat,
  SECRET_ITEM,
  SECRETARY,
} from "./council";
import { decodeFrames, SIGN_IN, SIGNED_OUT, type Size } from "./stage";
import { accessible, asks, DESKTOP, isReport, visiting } from "./visits";

const open = visiting();

const SCREENS: Size[] = [
  DESKTOP,
  { width: 1024, height: 768 },
  { width: 768, height: 1024 },
  { width: 1180, height: 820 },
];

const inLobby = (over: Partial<MeetingView> = {}): MeetingView =>
  council(1, {
    participants: [seat(MEMBER, { attendance: "lobby" })],
    floor: null,
    acting_chair: null,
    ...over,
  });

const isHello = (message: ClientMessage): message is Extract<ClientMessage, { type: "hello" }> =>
  message.type === "hello";

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

  it.each(SCREENS)(
    "shows the chamber large beside the speaker and forty, within $width x $height",
    async (size) => {
      for (const you of [MEMBER, CHAIR]) {
        const visit = await open(size, you, council(40));
        const width = async (who: number) =>
          (await visit.page.locator(`button[data-participant='${who}']`).boundingBox())?.width ?? 0;
        await expect.poll(() => width(CHAMBER)).toBeGreaterThan((await width(8)) * 2);
        // The speaker's mouth can be read nevertheless (EN 301 549 6.5.2).
        expect(await width(5)).toBeGreaterThanOrEqual(320);
        visit.change({ change: "participant", participant: seat(CHAMBER, { attendance: "lost" }) });
        await expect.poll(() => width(CHAMBER)).toBeLessThan(await width(5));
      }
    },
  );

  it("shows a device of the chamber the others, not itself, large", async () => {
    const visit = await open(DESKTOP, CHAMBER, council(12));
    const width = async (who: number) =>
      (await visit.page.locator(`button[data-participant='${who}']`).boundingBox())?.width ?? 0;
    await expect.poll(() => width(5)).toBeGreaterThan((await width(8)) * 1.5);
    expect(await width(CHAMBER)).toBe(await width(8));
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

describe("what only the page can measure", () => {
  it("is a microphone that is open and gives nothing: the member is told, and the server", async () => {
    const people = [seat(1), seat(2), seat(MEMBER, { microphone_open: true })];
    const visit = await open(DESKTOP, MEMBER, council(3, { participants: people }));
    await visit.page.getByTestId("own-state").getByText(sv.own.heard, { exact: true }).waitFor();
    expect(await visit.until(isReport)).toMatchObject({ microphone: "on" });
    await visit.page.evaluate(() => {
      // What a microphone switched off on the headset gives.
      AnalyserNode.prototype.getFloatTimeDomainData = (samples) => samples.fill(0);
    });
    const dead = (m: ClientMessage): m is Extract<ClientMessage, { type: "report" }> =>
      isReport(m) && m.microphone === "dead";
    await visit.until(dead);
    await visit.page.getByTestId("own-state").getByText(sv.own.notHeardDead).waitFor();
    visit.change({ change: "participant", participant: seat(MEMBER, { microphone_open: false }) });
    await visit.page.getByTestId("own-state").getByText(sv.own.notHeardClosed).waitFor();
  });

  it("is a picture that stands still although frames come, and not one that moves", async () => {
    const people = [seat(1), seat(2), seat(MEMBER)];
    const visit = await open(DESKTOP, MEMBER, council(3, { participants: people }));
    await visit.page.evaluate(decodeFrames);
    const received = (m: ClientMessage): m is Extract<ClientMessage, { type: "report" }> =>
      isReport(m) && m.slots.length === 2 && m.slots.every((slot) => slot.frames_decoded > 0);
    // Longer than a still picture needs to be told: the drawn people sway.
    for (let second = 0; second < 5; second++) {
      visit.sent.length = 0;
      expect((await visit.until(received)).slots.map((slot) => slot.still)).toEqual([false, false]);
    }
    await visit.page.evaluate(() => {
      const look = CanvasRenderingContext2D.prototype.getImageData;
      CanvasRenderingContext2D.prototype.getImageData = function (...args: Parameters<typeof look>) {
        const seen = look.apply(this, args);
        seen.data.fill(120);
        return seen;
      };
    });
    const still = (m: ClientMessage): m is Extract<ClientMessage, { type: "report" }> =>
      received(m) && m.slots.every((slot) => slot.still && !slot.black);
    await visit.until(still);
  });
});

describe("chair and secretary", () => {
  it("are told in one sentence who, which direction, since when, and what they can do", async () => {
    const visit = await open(DESKTOP, CHAIR, council(12));
    await visit.until(isReport);
    visit.measured(quality(12));
    visit.change({ change: "alert", alert: alert() });
    const card = visit.page.getByTestId("alert");
    await card.getByText("Ledamot 7 syns inte: bilden står still, helt eller stundtals.").waitFor();
    await card.getByText(/sedan 4\d s/).waitFor();
    await card.getByText(sv.alert.affected(11)).waitFor();
    for (const way of ["adjourn", "presence", "note-absent", "postpone"])
      await card.getByTestId(way).waitFor();
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
    visit.measured(quality(12, [trouble]));
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
    await visit.page.getByRole("button", { name: sv.chair.admitWho("Ledamot 8"), exact: true }).click();
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

  it("is not begun where the person is already here on another device, until they say so", async () => {
    const visit = await open(DESKTOP, MEMBER, council(12), {
      refuses: (hello) => (hello.take_over ? null : "already_here"),
    });
    await visit.page.getByRole("heading", { name: sv.connection.alreadyHere }).waitFor();
    expect(await visit.until(isHello)).toMatchObject({ take_over: false });
    await accessible(visit);
    visit.sent.length = 0;
    await visit.page.getByTestId("take-over").click();
    expect(await visit.until(isHello)).toMatchObject({ take_over: true, resume: null });
    await visit.page.getByRole("region", { name: sv.tile.everyone }).waitFor();

    visit.sent.length = 0;
    visit.loseEvent();
    visit.change({ change: "phase", phase: { phase: "open" } });
    expect(await visit.until(isHello)).toMatchObject({ take_over: false });
  });

  it("is not taken over by a device that has shown less: it offers to show more", async () => {
    const visit = await open(DESKTOP, MEMBER, council(12), { refuses: () => "identity_needed" });
    await visit.page.getByText(sv.connection.identityNeededHere).waitFor();
    expect(await visit.page.getByTestId("sign-in").getAttribute("href")).toBe(SIGN_IN);
    await accessible(visit);
  });
});

describe("who one is", () => {
  const lacking = identity({ obstacle: { obstacle: "level", needs: "loa3" } });
  const outside = seat(MEMBER, { attendance: "lobby", identity: lacking });

  it("is asked for in the lobby in words, with a way to prove it", async () => {
    const visit = await open(DESKTOP, MEMBER, inLobby({ participants: [outside] }), { entered: false });
    const obstacle = visit.page.getByTestId("obstacle");
    await obstacle.getByText(sv.identity.itemNeeds(sv.identity.level.loa3)).waitFor();
    await obstacle.getByText(sv.identity.thenWait).waitFor();
    await visit.page.getByTestId("lobby-status").getByText(sv.lobby.devicesReady).waitFor();
    await accessible(visit);
    await obstacle.getByRole("link", { name: sv.identity.signIn }).click();
    await visit.page.waitForURL(`**${SIGN_IN}`);
  });

  it("leads no further where only another item will do", async () => {
    const other = seat(MEMBER, {
      attendance: "lobby",
      identity: identity({ obstacle: { obstacle: "other_item" } }),
    });
    const visit = await open(DESKTOP, MEMBER, inLobby({ participants: [other] }), { entered: false });
    await visit.page.getByTestId("obstacle").getByText(sv.identity.otherItem).waitFor();
    expect(await visit.page.getByTestId("sign-in").count()).toBe(0);
  });

  it("moves out, says why, and brings back by itself", async () => {
    const visit = await open(DESKTOP, MEMBER, council(12, { items: agenda() }));
    await visit.page.getByRole("region", { name: sv.tile.everyone }).waitFor();
    visit.change({ change: "participant", participant: outside });
    await visit.page.getByRole("heading", { name: sv.lobby.outHeading }).waitFor();
    await visit.page.getByTestId("obstacle").getByText(sv.identity.thenInOrLater).waitFor();
    const said = visit.page.getByTestId("place-said");
    expect(await said.textContent()).toContain(sv.identity.itemNeeds(sv.identity.level.loa3));
    visit.change({ change: "participant", participant: seat(MEMBER, { identity: identity() }) });
    await visit.page.getByRole("region", { name: sv.tile.everyone }).waitFor();
    expect(await said.textContent()).toBe(sv.identity.backInside);
  });

  it("is proved in another tab, on a declared pause, without losing the seat", async () => {
    const inside = seat(MEMBER, { identity: identity() });
    const people = council(12).participants.map((one) => (one.id === MEMBER ? inside : one));
    const visit = await open(
      { width: 1024, height: 768 },
      MEMBER,
      council(12, { items: agenda(), participants: people }),
    );
    const asked = visit.page.getByTestId("step-up");
    await asked.getByText(sv.identity.numberNeeds(SECRET_ITEM, sv.identity.level.loa3)).waitFor();
    await accessible(visit);
    const tab = await visit.tabOpenedBy(() => asked.getByTestId("sign-in").click());
    expect(new URL(tab.url()).pathname).toBe(SIGN_IN);
    expect(await tab.evaluate(() => window.opener)).toBeNull();
    expect((await visit.until(asks("pause"))).command).toEqual({ do: "pause", reason: "identify" });

    visit.change({ change: "participant", participant: { ...inside, pause: "identify" } });
    const pause = visit.page.getByTestId("own-pause");
    await pause.getByText(sv.pause.yours.identify).waitFor();
    await accessible(visit);
    await visit.page.getByRole("button", { name: sv.pause.back }).click();
    expect((await visit.until(asks("end_pause"))).command).toEqual({ do: "end_pause", participant: MEMBER });
    visit.change({
      change: "participant",
      participant: { ...inside, identity: identity({ assurance: "loa3" }) },
    });
    await pause.getByText(sv.pause.yours.identify).waitFor({ state: "detached" });
    expect(await visit.page.getByTestId("sign-in").count()).toBe(0);
  });

  it("may take a while: a camera that the system ended meanwhile is taken anew", async () => {
    const visit = await open(DESKTOP, MEMBER, council(12));
    const ownPicture = visit.page.getByLabel(sv.lobby.preview);
    await ownPicture.waitFor();
    const live = () =>
      ownPicture.evaluate(
        (video: HTMLVideoElement) => (video.srcObject as MediaStream).getVideoTracks()[0]?.readyState,
      );
    await ownPicture.evaluate((video: HTMLVideoElement) =>
      (video.srcObject as MediaStream).getVideoTracks()[0]?.stop(),
    );
    expect(await live()).toBe("ended");
    await visit.page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    await expect.poll(live).toBe("live");
  });

  it("is given up by signing out, after a question to who is inside", async () => {
    const visit = await open(DESKTOP, MEMBER, council(12));
    await visit.page.getByTestId("sign-out").click();
    await visit.page.getByRole("dialog").getByText(sv.page.signOutQuestion).waitFor();
    await visit.page.getByTestId("sign-out-confirm").click();
    await visit.page.waitForURL(`**${SIGNED_OUT}`);
  });
});

describe("an item of the agenda", () => {
  const shown = (id: number) => identity({ assurance: id === 5 || id === 6 ? "open" : "loa3" });
  const known = (size: number) =>
    council(size).participants.map((one) => ({ ...one, identity: shown(one.id) }));
  const led = (size: number, over: Partial<MeetingView> = {}) =>
    council(size, { items: agenda(), participants: known(size), ...over });

  it("is shown to everybody; a secret one says so and has the viewer's name over the pictures", async () => {
    const visit = await open({ width: 1180, height: 820 }, MEMBER, council(12));
    await visit.page.locator("button[data-participant]").nth(11).waitFor();
    expect(await visit.page.getByTestId("current-item").count()).toBe(0);
    visit.change({ change: "item", item: SECRET_ITEM, items: agenda() });
    const current = visit.page.getByTestId("current-item");
    await current.getByText(/^Ärende 7: /).waitFor();
    await current.getByText(sv.agenda.secret).waitFor();
    const mark = visit.page.getByTestId("watermark");
    expect(await mark.locator("span").first().getAttribute("data-name")).toBe(`Ledamot ${MEMBER}`);
    expect(await mark.getAttribute("aria-hidden")).toBe("true");
    await accessible(visit);
    await visit.page.locator("button[data-participant='9']").click();
    expect(await visit.until((m) => m.type === "enlarge")).toMatchObject({ participant: 9 });
    visit.change({ change: "item", item: null, items: agenda() });
    await current.waitFor({ state: "detached" });
    expect(await mark.count()).toBe(0);
  });

  it("is begun by the chair, who is told first whom it moves out", async () => {
    const visit = await open({ width: 1024, height: 768 }, CHAIR, led(12));
    await visit.page.getByRole("button", { name: sv.agenda.beginWhich(SECRET_ITEM) }).click();
    const dialog = visit.page.getByRole("dialog");
    await dialog.getByText(sv.agenda.movedOut(2, "Ledamot 5 och Ledamot 6")).waitFor();
    await accessible(visit);
    expect(visit.sent.some(asks("begin_item"))).toBe(false);
    await visit.page.getByTestId("begin-item-confirm").click();
    expect((await visit.until(asks("begin_item"))).command).toEqual({ do: "begin_item", item: SECRET_ITEM });

    visit.change({ change: "item", item: SECRET_ITEM, items: agenda() });
    await visit.page.getByTestId("end-item").click();
    await visit.until(asks("end_item"));
    expect(await visit.page.getByTestId("begin-item").count()).toBe(0);
  });

  it("that moves nobody out is begun at once", async () => {
    const visit = await open(DESKTOP, CHAIR, led(12));
    await visit.page
      .getByTestId("agenda")
      .getByRole("button", { name: sv.agenda.beginWhich(1) })
      .click();
    expect((await visit.until(asks("begin_item"))).command).toEqual({ do: "begin_item", item: 1 });
  });

  it("is seen by the secretary too, who begins none", async () => {
    const visit = await open(DESKTOP, SECRETARY, led(12));
    await visit.page
      .getByTestId("agenda")
      .getByText(agenda()[6]?.title ?? "")
      .waitFor();
    expect(await visit.page.getByTestId("begin-item").count()).toBe(0);
    await accessible(visit);
  });

  it("keeps somebody out whom the chair can vouch for, and nobody can let in", async () => {
    const waits = (id: number, obstacle: "mismatched" | "other_item") =>
      seat(id, { attendance: "lobby", identity: identity({ obstacle: { obstacle } }) });
    const waiting = [waits(13, "mismatched"), waits(14, "other_item"), seat(15, { attendance: "lobby" })];
    const visit = await open(
      DESKTOP,
      CHAIR,
      led(12, { item: SECRET_ITEM, participants: [...known(12), ...waiting] }),
    );
    const row = visit.page.locator("li[data-participant='13']");
    await row.getByText(sv.identity.anotherPerson).waitFor();
    expect(await visit.page.getByTestId("admit").count()).toBe(1);
    expect(await visit.page.getByTestId("vouch").count()).toBe(1);
    await row.getByTestId("vouch").click();
    await visit.page.getByRole("dialog").getByText(sv.identity.vouchDetail).waitFor();
    await accessible(visit);
    await visit.page.getByTestId("vouch-confirm").click();
    expect((await visit.until(asks("vouch"))).command).toEqual({ do: "vouch", participant: 13 });
  });

  it("waits for nobody's pause for ever: all see who has one, and the chair can end it", async () => {
    const visit = await open(DESKTOP, CHAIR, led(12));
    const row = visit.page.locator("tr[data-participant='9']");
    await row.waitFor();
    visit.change({ change: "participant", participant: seat(9, { pause: "identify" }) });
    const said = sv.pause.reason.identify;
    await row.getByText(said).waitFor();
    expect(await visit.page.locator("button[data-participant='9']").getAttribute("aria-label")).toContain(
      said,
    );
    await visit.page.getByRole("button", { name: sv.chair.actionsFor("Ledamot 9") }).click();
    await visit.page.getByTestId("end-their-pause").click();
    expect((await visit.until(asks("end_pause"))).command).toEqual({ do: "end_pause", participant: 9 });
  });
});
