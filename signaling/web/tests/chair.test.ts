import type { Locator } from "playwright-core";
import { describe, expect, it } from "vitest";
import { sv } from "../src/language/sv";
import type { MeetingView, ParticipantView, ProcedureView } from "../src/protocol";
import {
  agenda,
  alert,
  CHAIR,
  clocks,
  council,
  decision,
  MEMBER,
  procedure,
  quality,
  seat,
  SECRETARY,
  vote,
} from "./council";
import type { Visit } from "./stage";
import { accessible, asks, DESKTOP, IPAD, isReport, visiting } from "./visits";

/* What holds for whoever leads or keeps the record, whatever else happens at the same time. */

const open = visiting();

const at = (way: Partial<ProcedureView>, over: Partial<MeetingView> = {}) =>
  council(12, { items: agenda(), item: 5, procedure: procedure(way), ...over });
const people = (...different: ParticipantView[]) =>
  council(12).participants.map((one) => different.find((other) => other.id === one.id) ?? one);
const BREACH = { about: MEMBER, direction: "seen", cause: "picture_frozen" } as const;
const IN_CHAMBER = seat(9, { attendance: "away", in_chamber: true });

const act = (visit: Visit, name: string) =>
  visit.page.getByRole("button", { name: sv.chair.actionsFor(name) }).click();
/** As the server does, second by second: a page that has had to connect again has heard nothing before. */
const measuredUntil = (seen: Locator, say: () => void) =>
  expect
    .poll(async () => (say(), await seen.count()), { timeout: 30_000, interval: 1000 })
    .toBeGreaterThan(0);
const focused = (visit: Visit) => visit.page.evaluate(() => document.activeElement?.tagName);

describe("maintenance", () => {
  it("is announced with its time, until it is called off", async () => {
    const visit = await open(IPAD, CHAIR, at({}));
    await visit.until(isReport);
    const until = new Date();
    until.setHours(22, 5, 0, 0);
    visit.say({ type: "draining", until_ms: until.getTime() });
    const told = visit.page.getByRole("status").getByText(sv.page.draining("22:05"));
    await told.waitFor();
    await accessible(visit);
    visit.say({ type: "draining", until_ms: null });
    await told.waitFor({ state: "detached" });
  });
});

describe("alerts while the vote waits for them", () => {
  it("leave room, once they have been seen, for the button that the chair presses next", async () => {
    const suspended = { step: "voting", vote: vote({ state: "suspended" }) } as const;
    const alerts = [alert(), alert({ id: 2, about: 9, direction: "heard", cause: "sound_loss" })];
    const visit = await open(IPAD, CHAIR, at({ ...suspended, breaches: [BREACH] }, { alerts }));
    for (const one of alerts) {
      await visit.page.getByTestId("acknowledge").first().click();
      visit.change({ change: "alert", alert: { ...one, acknowledged: true } });
    }
    await visit.page.getByTestId("acknowledge").first().waitFor({ state: "detached" });
    const bottom = async (of: Locator) => {
      const { y, height } = (await of.boundingBox()) ?? { y: NaN, height: NaN };
      return y + height;
    };
    const resume = visit.page.getByTestId("resume-vote");
    expect(await bottom(resume)).toBeLessThanOrEqual(await bottom(visit.page.locator("aside > .now")));
  });
});

describe("a dialog", () => {
  it("stays, with what is written in it, whatever becomes of the place where it was opened", async () => {
    const visit = await open(DESKTOP, CHAIR, at({}, { alerts: [alert()] }));
    const adjourn = visit.page.getByTestId("alert").getByTestId("adjourn");
    await adjourn.click();
    const dialog = visit.page.getByRole("dialog");
    await dialog.getByLabel(sv.chair.otherReason).check();
    const words = dialog.getByRole("textbox");
    await words.fill("Strömavbrott i ");
    visit.change({ change: "alert", alert: alert({ acknowledged: true }) });
    visit.change({ change: "alert_cleared", alert: 1 });
    visit.change({
      change: "procedure",
      procedure: procedure({ step: "deliberation_closed" }),
      decisions: [],
    });
    await visit.page.locator('[data-step="deliberation_closed"]').waitFor();
    await visit.page.keyboard.type("salen");
    expect(await words.inputValue()).toBe("Strömavbrott i salen");

    await dialog.getByTestId("adjourn-send").click();
    const asked = await visit.until(asks("adjourn"));
    expect(asked.command).toEqual({ do: "adjourn", reason: "Strömavbrott i salen" });
    visit.say({ type: "refused", id: asked.id, reason: "wrong_phase" });
    await dialog.getByRole("alert").getByText(sv.refusal.wrong_phase).waitFor();
    await accessible(visit);
    // Nothing lies over it: it can be closed where it stands.
    await dialog.getByRole("button", { name: sv.page.close }).click();
    await dialog.getByRole("button", { name: sv.chair.cancel }).click();
    await dialog.waitFor({ state: "detached" });
    // Its button is gone; the focus is where the button was.
    expect(await focused(visit)).toBe("H2");
  });

  it("for a vote keeps its words when a member requests one meanwhile, and goes when the vote is open", async () => {
    const way = { step: "vote_pause", question: "bifall" } as const;
    const visit = await open(IPAD, CHAIR, at({ ...way, breaches: [BREACH] }));
    await visit.page.getByTestId("open-vote").click();
    const dialog = visit.page.getByRole("dialog", { name: sv.vote.heading });
    await dialog.getByLabel(sv.vote.noLabel).fill("avslag");
    const requested = procedure({ ...way, breaches: [BREACH], vote_requests: [8] });
    visit.change({ change: "procedure", procedure: requested, decisions: [] });
    await visit.page.getByText(sv.step.requestedBy("Ledamot 8")).waitFor();
    expect(await dialog.getByLabel(sv.vote.noLabel).inputValue()).toBe("avslag");

    await dialog.getByTestId("anyway").click();
    await visit.page.getByTestId("anyway-send").click();
    const asked = await visit.until(asks("open_vote"));
    expect(asked.command).toMatchObject({ no: "avslag", despite: "confirmed_by_member" });
    visit.change({
      change: "procedure",
      procedure: procedure({ step: "voting", vote: vote() }),
      decisions: [],
    });
    visit.say({ type: "accepted", id: asked.id });
    await expect.poll(() => visit.page.getByRole("dialog").count()).toBe(0);
    expect(visit.sent.filter(asks("open_vote"))).toHaveLength(1);
  });
});

describe("the gavel's draft", () => {
  it("is what has won the vote", async () => {
    const closed = vote({
      state: "closed",
      result: [
        [5, "no"],
        [6, "no"],
        [7, "yes"],
      ],
    });
    const visit = await open(IPAD, CHAIR, at({ step: "vote_closed", question: "bifall", vote: closed }));
    const said = sv.step.sayVoteFinds(1, 2, 0, "Provkommunens fullmäktige", "avslag");
    await visit.page.getByTestId("say").getByText(said).waitFor();
    await visit.page.getByTestId("gavel").click();
    expect((await visit.until(asks("gavel"))).command).toMatchObject({
      decision: "Provkommunens fullmäktige beslutar avslag.",
    });
  });

  it("goes on all the same once, and only with reasons that hold", async () => {
    const way = { step: "vote_pause", question: "bifall" } as const;
    const inquorate = { seats: 12, needed: 7, there: 6 };
    const visit = await open(IPAD, CHAIR, at({ ...way, breaches: [BREACH] }, { quorum: inquorate }));
    const held = visit.page.getByTestId("held");
    await held.getByText(sv.held.firstEither).waitFor();
    expect(await held.getByTestId("anyway").count()).toBe(0);

    visit.change({ change: "procedure", procedure: procedure(way), decisions: [] });
    await held.getByTestId("anyway").click();
    const dialog = visit.page.getByRole("dialog");
    expect(await dialog.getByRole("radio").count()).toBe(1);
    await dialog.getByTestId("anyway-send").click();
    const asked = await visit.until(asks("gavel"));
    expect(asked.command).toMatchObject({ despite: "quorum_exception" });
    visit.say({ type: "accepted", id: asked.id });
    await dialog.waitFor({ state: "detached" });

    await held.getByTestId("adjourn").click();
    await visit.page.getByTestId("adjourn-send").click();
    visit.say({ type: "accepted", id: (await visit.until(asks("adjourn"))).id });
    await dialog.waitFor({ state: "detached" });
    expect(visit.sent.filter(asks("gavel"))).toHaveLength(1);

    visit.change({ change: "participant", participant: seat(9, { pause: "identify" }) });
    await held.getByText(sv.held.firstIdentified).waitFor();
    expect(await held.getByTestId("anyway").count()).toBe(0);
  });
});

describe("the presence check", () => {
  it("shows what is measured, never good where it is unknown, and says who keeps it from passing", async () => {
    const visit = await open(
      IPAD,
      CHAIR,
      at({ step: "deliberation_closed" }, { participants: people(IN_CHAMBER) }),
    );
    const amber = { who: 8, direction: "heard", level: "amber", cause: "sound_loss", figure: 6 } as const;
    await visit.page.getByTestId("next-step").getByTestId("presence").click();
    const row = (who: number) => visit.page.locator(`dialog li[data-participant="${who}"]`);
    await measuredUntil(row(7).getByText(sv.level.green), () => visit.measured(quality(10, [amber])));
    await row(8).getByText(sv.level.amber, { exact: true }).waitFor();
    await row(9).getByText(sv.presence.inChamber).waitFor();
    expect(await row(9).locator("svg").count()).toBe(0);
    await row(11).locator("small", { hasText: sv.level.unknown }).waitFor();
    const confirm = visit.page.getByTestId("presence-confirm");
    expect(await confirm.isDisabled()).toBe(false);

    visit.change({ change: "participant", participant: seat(7, { pause: "short" }) });
    await row(7).getByText(sv.pause.reason.short).waitFor();
    await visit.page.getByTestId("presence-blocked").getByText("Ledamot 7").waitFor();
    expect(await confirm.isDisabled()).toBe(true);
    visit.change({ change: "participant", participant: seat(7) });
    await expect.poll(() => confirm.isDisabled()).toBe(false);
    const quorum = { seats: 12, needed: 7, there: 12 };
    visit.change({ change: "service", quorum, clocks: clocks(8).slice(0, 1), proposals: [] });
    await row(8).getByText(sv.presence.link).waitFor();
    expect(await confirm.isDisabled()).toBe(true);
    await accessible(visit);
  });
});

describe("an alarm", () => {
  it("is said each time that somebody's becomes red, also two at once and the same again", async () => {
    const amber = alert({ level: "amber" });
    const visit = await open(IPAD, CHAIR, council(12, { alerts: [amber] }));
    const region = visit.page.getByTestId("alert-said");
    await region.waitFor({ state: "attached" });
    await region.evaluate((element) => {
      const heard: string[] = [];
      const note = (records: MutationRecord[]) =>
        records.forEach((record) => record.addedNodes.forEach((node) => heard.push(node.textContent ?? "")));
      new MutationObserver(note).observe(element, { childList: true, subtree: true });
      Object.assign(window, { heard });
    });
    const heard = async () =>
      (await visit.page.evaluate(() => (window as unknown as { heard: string[] }).heard))
        .map((words) => /Ledamot \d+/.exec(words)?.[0])
        .filter(Boolean);
    visit.change({ change: "alert", alert: alert({ id: 2, about: 8 }) });
    visit.change({ change: "alert", alert: alert({ id: 3, about: 9 }) });
    await expect.poll(heard).toEqual(["Ledamot 8", "Ledamot 9"]);
    visit.change({ change: "alert", alert: alert() });
    await expect.poll(heard).toEqual(["Ledamot 8", "Ledamot 9", "Ledamot 7"]);
    visit.change({ change: "alert", alert: amber });
    await expect.poll(() => region.locator("p").count()).toBe(2);
    visit.change({ change: "alert", alert: alert({ figure: 50 }) });
    await expect.poll(heard).toEqual(["Ledamot 8", "Ledamot 9", "Ledamot 7", "Ledamot 7"]);
  });
});

describe("somebody's service", () => {
  it("in the chamber is undone although they are inside, and is not changed during a vote", async () => {
    const noted = seat(9, { in_chamber: true });
    const visit = await open(DESKTOP, CHAIR, at({}, { participants: people(noted) }));
    await act(visit, "Ledamot 9");
    await visit.page.getByText(sv.service.noteLeft).click();
    expect((await visit.until(asks("note_in_chamber"))).command).toMatchObject({
      participant: 9,
      there: false,
    });

    visit.change({ change: "participant", participant: seat(MEMBER, { attendance: "lost" }) });
    await act(visit, "Ledamot 7");
    const dialog = visit.page.getByRole("dialog");
    await dialog.getByTestId("note-absent").waitFor();
    const voting = procedure({ step: "voting", vote: vote() });
    visit.change({ change: "procedure", procedure: voting, decisions: [] });
    await dialog.getByText(sv.service.notDuringVote).waitFor();
    expect(await dialog.getByTestId("note-absent").count()).toBe(0);
    // The dialog follows the person it is about.
    visit.change({ change: "participant", participant: seat(MEMBER) });
    await dialog.getByRole("button", { name: sv.floor.giveTo("Ledamot 7") }).waitFor();
  });

  it("goes back to an elected member who was replaced, if the server's rulebook lets them", async () => {
    const back = seat(9, { serves: null, served_out: true, may_take_seat: true });
    const visit = await open(DESKTOP, CHAIR, at({}, { participants: people(back) }));
    await act(visit, "Ledamot 9");
    await visit.page.getByRole("button", { name: sv.service.takeSeat("Ledamot 9") }).click();
    await visit.page.getByTestId("take-seat-send").click();
    visit.say({ type: "accepted", id: (await visit.until(asks("take_seat"))).id });
    await expect.poll(() => visit.page.getByRole("dialog").count()).toBe(0);
  });

  it("has no pause while something is being decided", async () => {
    const visit = await open(IPAD, MEMBER, at({}));
    await visit.page.getByTestId("pause").waitFor();
    visit.change({ change: "procedure", procedure: procedure({ step: "question_put" }), decisions: [] });
    await visit.page.getByTestId("pause").waitFor({ state: "detached" });
  });
});

describe("the secretary", () => {
  it("notes votes in rows that stay, and can note another", async () => {
    const way = { step: "voting", vote: vote() } as const;
    const visit = await open(DESKTOP, SECRETARY, at(way, { participants: people(IN_CHAMBER) }));
    const row = visit.page.getByTestId("chamber-votes").locator("li[data-participant='9']");
    const button = (choice: string) =>
      row.getByRole("button", { name: sv.vote.noteFor("Ledamot 9", choice) });
    await row.getByText(sv.vote.hasNotVoted).waitFor();
    await button("ja").click();
    visit.say({ type: "accepted", id: (await visit.until(asks("vote"))).id });
    const voted = procedure({ step: "voting", vote: vote({ voted: [1, 2, 5, 8, 9] }) });
    visit.change({ change: "procedure", procedure: voted, decisions: [] });
    await row.getByText(sv.vote.hasVoted).waitFor();
    expect(await button("ja").getAttribute("aria-pressed")).toBe("true");
    visit.sent.length = 0;
    await button("nej").click();
    expect((await visit.until(asks("vote"))).command).toMatchObject({ choice: "no", participant: 9 });
  });

  it("is told that a decision of before ends the vote, and says at which item it was taken", async () => {
    const visit = await open(DESKTOP, SECRETARY, at({ step: "voting", vote: vote() }));
    await visit.page.getByTestId("record-gavel").click();
    await visit.page.getByText(sv.decisions.endsVote).waitFor();
    await accessible(visit);
    await visit.page
      .getByTestId("record-item")
      .selectOption({ label: sv.agenda.item(4, agenda()[3]?.title ?? "") });
    await visit.page.getByText(sv.decisions.endsVote).waitFor({ state: "detached" });
    await visit.page.getByLabel(sv.step.decisionLabel).fill("Nämnden lägger rapporten till handlingarna.");
    await visit.page.getByTestId("record-gavel-send").click();
    expect((await visit.until(asks("record_gavel"))).command).toMatchObject({ item: 4 });
  });

  it("is told of two devices in the same state whose owners have the same name", async () => {
    const namesakes = people(seat(8, { name: "Ledamot A" }), seat(9, { name: "Ledamot A" }));
    const visit = await open(DESKTOP, SECRETARY, council(12, { participants: namesakes }));
    const hidden = { hidden: true, battery: null, network: null };
    const advice = visit.page.getByTestId("devices").getByText(sv.devices.hidden("Ledamot A"));
    await measuredUntil(advice, () =>
      visit.measured(quality(12), null, [
        { participant: 8, ...hidden },
        { participant: 9, ...hidden },
      ]),
    );
    expect(await advice.count()).toBe(2);
  });
});

describe("the panel", () => {
  it("keeps the focus where the button was, and the agenda where it was scrolled to", async () => {
    const visit = await open(IPAD, CHAIR, at({}));
    const list = visit.page.getByTestId("agenda").locator(".scroll");
    await list.evaluate((element) => (element.scrollTop = 0));
    await visit.page.getByTestId("close-deliberation").click();
    visit.change({
      change: "procedure",
      procedure: procedure({ step: "deliberation_closed" }),
      decisions: [decision()],
    });
    await visit.page.locator('[data-step="deliberation_closed"]').waitFor();
    expect(await focused(visit)).toBe("H2");
    expect(await list.evaluate((element) => element.scrollTop)).toBe(0);
    visit.change({ change: "item", item: 9, items: agenda() });
    await expect.poll(() => list.evaluate((element) => element.scrollTop)).toBeGreaterThan(0);
  });

  it("says that nothing is wrong only while all are measured and well", async () => {
    const visit = await open(DESKTOP, CHAIR, council(12));
    const calm = visit.page.getByTestId("no-alarm");
    const says = async (level: string, words: string) => {
      await calm.getByText(words).waitFor();
      await calm.locator(`.${level}`).waitFor();
    };
    await visit.until(isReport);
    await says("unknown", sv.alert.unmeasured);
    visit.measured(quality(10));
    await says("unknown", sv.alert.missing(2));
    visit.measured(quality(12));
    await says("green", sv.alert.none);
    const resting = quality(12).map(({ participant, directions }) => ({
      participant,
      directions: directions.map((one) => ({ ...one, level: "suspended" as const })),
    }));
    visit.measured(resting);
    await says("suspended", sv.alert.resting);
    visit.measured(quality(12));
    await says("green", sv.alert.none);
    await visit.breakConnection();
    await says("unknown", sv.alert.unconnected);
    await says("unknown", sv.alert.unmeasured);
    expect(await calm.getByText(sv.alert.none).count()).toBe(0);
    await accessible(visit);
  });

  it("does not say so beside what is worth watching", async () => {
    const amber = alert({ level: "amber", about: null });
    for (const you of [CHAIR, SECRETARY]) {
      const visit = await open(IPAD, you, council(12, { alerts: [amber] }));
      await visit.until(isReport);
      visit.measured(quality(12));
      const calm = visit.page.getByTestId("no-alarm");
      await calm.getByText(sv.alert.watch).waitFor();
      expect(await calm.locator(".green").count()).toBe(0);
      visit.change({ change: "alert_cleared", alert: amber.id });
      await calm.getByText(sv.alert.none).waitFor();
    }
  });

  it("knows nothing of anybody while the connection is broken", async () => {
    const visit = await open(DESKTOP, CHAIR, council(12));
    const mark = (level: string) =>
      visit.page.locator(`tr[data-participant="8"] td[data-direction="heard"] .${level}`);
    await measuredUntil(mark("green"), () => visit.measured(quality(12)));
    await visit.breakConnection();
    await mark("unknown").waitFor();
  });
});
