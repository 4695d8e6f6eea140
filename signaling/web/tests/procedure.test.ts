import { describe, expect, it } from "vitest";
import { sv } from "../src/language/sv";
import type { MeetingView, ProcedureView, RollCallEntryView } from "../src/protocol";
import {
  agenda,
  alert,
  CHAIR,
  clocks,
  council,
  decision,
  matrix,
  MEMBER,
  procedure,
  quality,
  rollCall,
  seat,
  SECRETARY,
  vote,
} from "./council";
import { accessible, asks, DESKTOP, IPAD, IPAD_UPRIGHT, isReport, visiting } from "./visits";

const open = visiting();

const at = (way: Partial<ProcedureView>, over: Partial<MeetingView> = {}) =>
  council(12, { items: agenda(), item: 5, procedure: procedure(way), ...over });
const BREACH = { about: MEMBER, direction: "seen", cause: "picture_frozen" } as const;

describe("the chair's next step", () => {
  it("leads from the deliberation to the next item, with the words to say", async () => {
    const visit = await open(IPAD, CHAIR, at({}));
    const next = visit.page.getByTestId("next-step");
    const go = async (way: Partial<ProcedureView>) => {
      visit.sent.length = 0;
      visit.change({ change: "procedure", procedure: procedure(way), decisions: [] });
      await visit.page.locator(`[data-testid="next-step"][data-step="${way.step}"]`).waitFor();
    };

    await next.getByText(sv.step.sayClose).waitFor();
    await next.getByTestId("close-deliberation").click();
    await visit.until(asks("close_deliberation"));

    await go({ step: "deliberation_closed" });
    await next.getByTestId("presence").click();
    await visit.page.getByTestId("presence-confirm").click();
    const confirmed = await visit.until(asks("confirm_presence"));
    expect(confirmed.command).toEqual({
      do: "confirm_presence",
      participants: [1, 2, 5, 6, 7, 8, 9, 10, 11, 12],
    });
    visit.say({ type: "accepted", id: confirmed.id });

    await go({ step: "presence_confirmed" });
    await next.getByLabel(sv.step.questionLabel).fill("enligt nämndens förslag");
    await next
      .getByText(sv.step.sayQuestion("Provkommunens fullmäktige", "enligt nämndens förslag"))
      .waitFor();
    await accessible(visit);
    await next.getByTestId("put-question").click();
    expect((await visit.until(asks("put_question"))).command).toEqual({
      do: "put_question",
      question: "enligt nämndens förslag",
    });

    const question = "enligt nämndens förslag";
    await go({ step: "question_put", question });
    await next.getByTestId("pause-for-vote").click();
    await visit.until(asks("pause_for_vote"));

    await go({ step: "vote_pause", question });
    await next.getByTestId("gavel").click();
    expect((await visit.until(asks("gavel"))).command).toEqual({
      do: "gavel",
      decision: sv.step.decisionDraft("Provkommunens fullmäktige", question),
      despite: null,
    });

    await go({ step: "decided", question });
    await next.getByTestId("pause-for-reservations").click();
    await visit.until(asks("pause_for_reservations"));

    await go({ step: "reservation_pause", question, reservations: [8] });
    await next.getByText(sv.step.reservedBy("Ledamot 8")).waitFor();
    await next.getByTestId("end-reservations").click();
    await visit.until(asks("end_reservations"));

    // The item is still dealt with, and has its decision: what follows is its end.
    const decided = [decision({ item: 5 })];
    visit.change({ change: "procedure", procedure: procedure({ step: "deliberation" }), decisions: decided });
    await next.getByText(sv.step.sayEndItem).waitFor();
    await next.getByTestId("close-deliberation").waitFor();
    await next.getByTestId("end-decided-item").click();
    await visit.until(asks("end_item"));

    visit.change({
      change: "item",
      item: null,
      items: agenda().map((one) => ({ ...one, dealt: one.id <= 5 })),
    });
    await next.getByTestId("begin-next").click();
    expect((await visit.until(asks("begin_item"))).command).toEqual({ do: "begin_item", item: 6 });
  });

  it("goes back to the deliberation", async () => {
    const visit = await open(DESKTOP, CHAIR, at({ step: "question_put", question: "bifall" }));
    await visit.page.getByTestId("reopen").click();
    await visit.until(asks("reopen_deliberation"));
  });

  it("keeps the one large button in sight on every screen", async () => {
    for (const size of [DESKTOP, IPAD, IPAD_UPRIGHT]) {
      const visit = await open(size, CHAIR, { ...at({}), ...{ alerts: [alert({ acknowledged: true })] } });
      const button = visit.page.getByTestId("close-deliberation");
      await button.waitFor();
      const seen = await button.evaluate((element) => {
        const { left, top, width, height } = element.getBoundingClientRect();
        return element.contains(document.elementFromPoint(left + width / 2, top + height / 2));
      });
      expect(seen, `${size.width}x${size.height}`).toBe(true);
    }
  });
});

describe("the gavel", () => {
  it("waits while equal terms are broken, says why, and is released by check, reason or adjournment", async () => {
    const visit = await open(IPAD, CHAIR, at({ step: "vote_pause", question: "bifall", breaches: [BREACH] }));
    const next = visit.page.getByTestId("next-step");
    const held = next.getByTestId("held");
    await held.getByText(/Ledamot 7: syns inte som den ska, bilden står still/).waitFor();
    expect(await next.getByTestId("gavel").isDisabled()).toBe(true);
    for (const way of ["presence", "anyway", "adjourn"]) await held.getByTestId(way).waitFor();
    await accessible(visit);

    await held.getByTestId("anyway").click();
    const dialog = visit.page.getByRole("dialog");
    await dialog.getByLabel(sv.despite.repeated).check();
    await accessible(visit);
    await dialog.getByTestId("anyway-send").click();
    expect((await visit.until(asks("gavel"))).command).toMatchObject({ despite: "repeated" });
  });

  it("waits for a quorum and for whoever proves who they are", async () => {
    const visit = await open(
      DESKTOP,
      CHAIR,
      at({ step: "vote_pause", question: "bifall" }, { quorum: { seats: 12, needed: 7, there: 6 } }),
    );
    const held = visit.page.getByTestId("held");
    await held.getByText(sv.held.quorum(6, 7)).waitFor();
    await visit.page.getByTestId("quorum").getByText(sv.service.notQuorate).waitFor();
    visit.change({
      change: "service",
      quorum: { seats: 12, needed: 7, there: 7 },
      clocks: [],
      proposals: [],
    });
    await held.waitFor({ state: "detached" });
    visit.change({ change: "participant", participant: seat(9, { pause: "identify" }) });
    await held.getByText(sv.held.identifies("Ledamot 9")).waitFor();
  });

  it("of wood is entered afterwards, by the secretary too, with its time", async () => {
    const visit = await open(DESKTOP, SECRETARY, at({}));
    await visit.page.getByTestId("record-gavel").click();
    await visit.page.getByLabel(sv.step.decisionLabel).fill("Nämnden avslår motionen.");
    await accessible(visit);
    await visit.page.getByTestId("record-gavel-send").click();
    const { command } = await visit.until(asks("record_gavel"));
    expect(command).toMatchObject({ decision: "Nämnden avslår motionen." });
    expect(command).not.toHaveProperty("item");
    const ago = Date.now() - (command.do === "record_gavel" ? command.gavel_ms : 0);
    expect(ago).toBeGreaterThanOrEqual(0);
    expect(ago).toBeLessThan(120_000);
  });
});

describe("the presence check", () => {
  it("marks whoever has an alert or is not here", async () => {
    const people = council(12).participants.map((one) =>
      one.id === 9 ? seat(9, { attendance: "lost" }) : one,
    );
    const visit = await open(
      IPAD,
      CHAIR,
      at({ step: "deliberation_closed" }, { participants: people, alerts: [alert({ acknowledged: true })] }),
    );
    const red = {
      who: MEMBER,
      direction: "seen",
      level: "red",
      cause: "picture_frozen",
      figure: 34,
    } as const;
    visit.measured(quality(12, [red]));
    await visit.page.getByTestId("next-step").getByTestId("presence").click();
    const row = (who: number) => visit.page.locator(`dialog li[data-participant="${who}"]`);
    await row(7).getByText("bilden står still").waitFor();
    await row(9).getByText(sv.presence.missing).waitFor();
    expect(await row(8).textContent()).not.toContain(sv.level.red);
    await accessible(visit);
  });
});

describe("an open vote", () => {
  it("is requested by a member and opened by the chair, with what yes and no mean", async () => {
    const member = await open(IPAD, MEMBER, at({ step: "vote_pause", question: "bifall" }));
    await member.page.getByTestId("may").click();
    await member.until(asks("request_vote"));
    member.change({
      change: "procedure",
      procedure: procedure({ step: "vote_pause", question: "bifall", vote_requests: [7] }),
      decisions: [],
    });
    await member.page.getByText(sv.vote.requested).waitFor();
    await accessible(member);
    await member.page.getByRole("button", { name: sv.vote.withdraw }).click();
    await member.until(asks("withdraw_vote_request"));

    const chair = await open(IPAD, CHAIR, at({ step: "vote_pause", question: "bifall", vote_requests: [7] }));
    await chair.page.getByText(sv.step.requestedBy("Ledamot 7")).waitFor();
    await chair.page.getByTestId("open-vote").click();
    await chair.page.getByLabel(sv.vote.noLabel).fill("avslag");
    await accessible(chair);
    await chair.page.getByTestId("open-vote-send").click();
    expect((await chair.until(asks("open_vote"))).command).toEqual({
      do: "open_vote",
      yes: "bifall",
      no: "avslag",
      abstention: true,
      despite: null,
    });
  });

  it("takes a member's vote, shows it, and lets it be changed until suspended or closed", async () => {
    const visit = await open(IPAD_UPRIGHT, MEMBER, at({ step: "voting", vote: vote() }));
    const ballot = visit.page.getByTestId("ballot");
    await ballot.getByTestId("vote-no").click();
    expect((await visit.until(asks("vote"))).command).toEqual({
      do: "vote",
      choice: "no",
      participant: null,
    });
    const becomes = (over: Parameters<typeof vote>[0], step: ProcedureView["step"] = "voting") =>
      visit.change({ change: "procedure", procedure: procedure({ step, vote: vote(over) }), decisions: [] });
    becomes({ own: "no" });
    await ballot.getByText(sv.vote.youVoted("nej")).waitFor();
    expect(await ballot.getByTestId("vote-no").getAttribute("aria-pressed")).toBe("true");
    await accessible(visit);

    for (const why of ["adjournment", "breach"] as const) {
      becomes({ own: "no", state: "suspended", suspended_for: why });
      await ballot.getByText(`${sv.vote.suspended(why)} ${sv.vote.suspendedYours}`).waitFor();
    }
    expect(await ballot.getByRole("button").count()).toBe(0);

    becomes(
      {
        own: "no",
        state: "closed",
        result: [
          [7, "no"],
          [8, "yes"],
        ],
      },
      "vote_closed",
    );
    await ballot.waitFor({ state: "detached" });
    await visit.page
      .getByTestId("vote-result")
      .getByText(sv.vote.result(1, 1, 0))
      .waitFor();
    await visit.page.getByTestId("show-result").click();
    await visit.page.getByRole("dialog").getByText("Ledamot 8").waitFor();
    await accessible(visit);
  });

  it("is nobody's who does not serve", async () => {
    const visit = await open(DESKTOP, SECRETARY, at({ step: "voting", vote: vote() }));
    await visit.page.getByTestId("way").getByText(sv.step.name.voting).waitFor();
    expect(await visit.page.getByTestId("ballot").count()).toBe(0);
  });

  it("tells the chair who has voted, not what, and asks for the casting vote when it is even", async () => {
    const visit = await open(IPAD, CHAIR, at({ step: "voting", vote: vote() }));
    await visit.page.getByTestId("voted").getByText(sv.vote.count(4, 10)).waitFor();
    await visit.page.getByTestId("close-vote").click();
    const asked = await visit.until(asks("close_vote"));
    expect(asked.command).toEqual({ do: "close_vote", casting: null });
    visit.say({ type: "refused", id: asked.id, reason: "casting_vote_needed" });
    await visit.page.getByText(sv.vote.castingDetail).waitFor();
    visit.sent.length = 0;
    await visit.page.getByRole("dialog").getByLabel(sv.vote.choice.no).check();
    await visit.page.getByTestId("cast").click();
    expect((await visit.until(asks("close_vote"))).command).toEqual({ do: "close_vote", casting: "no" });
  });

  it("that was suspended waits for the chair, who resumes it or breaks it off", async () => {
    const suspended = vote({ state: "suspended" });
    const visit = await open(DESKTOP, CHAIR, at({ step: "voting", vote: suspended, breaches: [BREACH] }));
    await visit.page.getByTestId("held").waitFor();
    expect(await visit.page.getByTestId("resume-vote").isDisabled()).toBe(true);
    visit.change({
      change: "procedure",
      procedure: procedure({ step: "voting", vote: suspended }),
      decisions: [],
    });
    await visit.page.getByTestId("resume-vote").click();
    expect((await visit.until(asks("resume_vote"))).command).toEqual({ do: "resume_vote", despite: null });
    await visit.page.getByTestId("break-off").click();
    await visit.page.getByTestId("break-off-confirm").click();
    await visit.until(asks("break_off_vote"));
  });

  it("is noted by the secretary for whoever sits in the chamber without a device", async () => {
    const people = council(12).participants.map((one) =>
      one.id === 9 ? seat(9, { attendance: "away", in_chamber: true }) : one,
    );
    const visit = await open(
      DESKTOP,
      SECRETARY,
      at({ step: "voting", vote: vote() }, { participants: people }),
    );
    await visit.page.getByRole("button", { name: sv.vote.noteFor("Ledamot 9", "ja") }).click();
    expect((await visit.until(asks("vote"))).command).toEqual({ do: "vote", choice: "yes", participant: 9 });
  });
});

describe("the roll call", () => {
  const calling = () =>
    council(12, { phase: { phase: "planned" }, floor: null, shown: MEMBER, roll_call: rollCall(12, MEMBER) });

  it("shows whoever is called large to everybody", async () => {
    const visit = await open(DESKTOP, 9, calling());
    const width = async (who: number) =>
      (await visit.page.locator(`button[data-participant='${who}']`).boundingBox())?.width ?? 0;
    await expect.poll(() => width(MEMBER)).toBeGreaterThan((await width(8)) * 2);
    await visit.page.getByTestId("way").getByText(sv.rollCall.isCalled("Ledamot 7")).waitFor();
  });

  it("asks whoever is called whether they see, hear and are heard", async () => {
    const visit = await open(IPAD, MEMBER, calling());
    const called = visit.page.getByTestId("called");
    await called.getByRole("heading", { name: sv.rollCall.youHeading }).waitFor();
    for (const said of [sv.rollCall.youSee, sv.rollCall.youHear, sv.rollCall.youAreHeard])
      expect(await called.getByLabel(said).isChecked()).toBe(true);
    await called.getByLabel(sv.rollCall.youHear).uncheck();
    await accessible(visit);
    await called.getByTestId("answer-roll-call").click();
    expect((await visit.until(asks("answer_roll_call"))).command).toEqual({
      do: "answer_roll_call",
      sees: true,
      hears: false,
      heard: true,
    });
  });

  it("is held by chair and secretary, who see what was measured beside each answer", async () => {
    for (const you of [CHAIR, SECRETARY]) {
      const visit = await open(IPAD, you, calling());
      await visit.until(isReport);
      visit.measured(quality(12));
      const list = visit.page.getByTestId("roll-call");
      const row = list.locator("li[data-participant='5']");
      await row.getByText(sv.rollCall.hears).waitFor();
      await row.getByText(sv.rollCall.measured(sv.level.red)).waitFor();
      await list
        .locator("li[data-participant='6']")
        .getByText(sv.rollCall.measured(sv.level.green))
        .waitFor();
      await accessible(visit);
      await list.getByTestId("note-present").click();
      expect((await visit.until(asks("note_roll_call"))).command).toMatchObject({
        participant: MEMBER,
        present: true,
      });
      await list.getByTestId("call-next").click();
      expect((await visit.until(asks("call"))).command).toEqual({ do: "call", participant: 8 });
    }
  });
});

describe("an answer in the roll call", () => {
  it("is not said to be without alarms where nothing is measured, or from the chamber", async () => {
    const people = council(12).participants.map((one) =>
      one.id === 2 ? seat(2, { attendance: "away", in_chamber: true }) : one,
    );
    const roll_call = rollCall(12, MEMBER);
    const change = (who: number, over: Partial<RollCallEntryView>) => {
      roll_call.entries = roll_call.entries.map((one) =>
        one.participant === who ? { ...one, ...over } : one,
      );
    };
    change(1, { measured: "red", unreached: 2 });
    for (const who of [2, 6]) change(who, { measured: null });
    const called = { roll_call, participants: people };
    const visit = await open(IPAD, SECRETARY, council(12, { phase: { phase: "planned" }, ...called }));
    await visit.until(isReport);
    visit.measured(quality(12).filter(({ participant }) => participant !== 2));
    const row = (who: number) => visit.page.getByTestId("roll-call").locator(`li[data-participant='${who}']`);
    await row(1).getByText(sv.rollCall.unreached(2)).waitFor();
    await row(2).getByText(sv.service.inChamber).waitFor();
    expect(await row(2).locator("svg").count()).toBe(0);
    await row(6).getByText(sv.rollCall.notMeasured).waitFor();
    await row(5).getByText(sv.rollCall.measured(sv.level.red)).waitFor();
    await accessible(visit);
  });
});

describe("the clocks", () => {
  const adjourned = (over: Partial<MeetingView> = {}) =>
    council(12, {
      phase: { phase: "adjourned", reason: "Lika villkor är brutna", since_ms: Date.now() },
      participants: council(12).participants.map((one) => {
        if (one.id === MEMBER) return seat(MEMBER, { attendance: "lost" });
        return one.id === 12 ? seat(12, { role: "substitute", serves: null }) : one;
      }),
      items: agenda(),
      item: 5,
      clocks: clocks(MEMBER),
      proposals: [{ replaces: MEMBER, substitute: 12, other_party: true }],
      ...over,
    });

  it("are seen by everybody, and said without the seconds", async () => {
    const visit = await open(IPAD, 9, adjourned());
    const seen = visit.page.getByTestId("clocks");
    await seen.getByText(/Väntar på Ledamot 7: 3:\d\d kvar/).waitFor();
    await seen.getByText(/Ajourneringen: 9:\d\d kvar/).waitFor();
    expect(await visit.page.getByTestId("clocks-said").textContent()).toBe(
      sv.clock.saidReconnect("Ledamot 7").trim() + " ",
    );
    await accessible(visit);
  });

  it("that have run out ask the chair, who waits longer or calls in the substitute with a reason", async () => {
    const visit = await open(IPAD, CHAIR, adjourned({ clocks: clocks(MEMBER, 301).slice(0, 1) }));
    const prompt = visit.page.getByTestId("clock-out");
    await prompt.getByText(sv.clock.reconnectOut("Ledamot 7")).waitFor();
    await accessible(visit);
    await prompt.getByTestId("extend").click();
    expect((await visit.until(asks("extend_clock"))).command).toEqual({
      do: "extend_clock",
      clock: { clock: "reconnect", participant: MEMBER },
      minutes: 5,
    });
    await prompt.getByTestId("step-in").click();
    await visit.page.getByRole("dialog").getByText(sv.service.otherParty).waitFor();
    await visit.page.getByTestId("step-in-send").click();
    const stepped = await visit.until(asks("step_in"));
    expect(stepped.command).toEqual({
      do: "step_in",
      substitute: 12,
      replaces: MEMBER,
      reason: sv.service.stepInReasons[0],
    });
    visit.say({ type: "accepted", id: stepped.id });
    await prompt.getByTestId("note-absent").click();
    await visit.page.getByTestId("note-absent-send").click();
    expect((await visit.until(asks("note_absent"))).command).toMatchObject({ participant: MEMBER });
  });

  it("end when all are back: one check, and the meeting is resumed", async () => {
    const visit = await open(IPAD, CHAIR, adjourned({ participants: council(12).participants, clocks: [] }));
    await visit.page.getByTestId("all-back").getByTestId("presence").click();
    await visit.page.getByTestId("presence-confirm").click();
    const checked = await visit.until(asks("confirm_presence"));
    expect(visit.sent.some(asks("resume"))).toBe(false);
    visit.say({ type: "accepted", id: checked.id });
    await visit.until(asks("resume"));
  });
});

describe("an adjournment for a breach", () => {
  const adjourned = (over: Partial<MeetingView>) =>
    council(12, {
      phase: { phase: "adjourned", reason: "Lika villkor är brutna", since_ms: Date.now() },
      ...over,
    });
  const quorum = { seats: 12, needed: 7, there: 12 };

  it("is not said to be over while the breach stands", async () => {
    const visit = await open(IPAD, CHAIR, adjourned({ procedure: procedure({ breaches: [BREACH] }) }));
    await visit.page.getByTestId("resume").waitFor();
    expect(await visit.page.getByTestId("all-back").count()).toBe(0);
    visit.change({ change: "procedure", procedure: procedure(), decisions: [] });
    await visit.page.getByTestId("all-back").waitFor();
  });

  it("is not said to be over while somebody who is inside has a broken link", async () => {
    const visit = await open(IPAD, CHAIR, adjourned({ clocks: clocks(MEMBER) }));
    await visit.page.getByTestId("resume").waitFor();
    expect(await visit.page.getByTestId("all-back").count()).toBe(0);
    visit.change({ change: "service", quorum, clocks: clocks(MEMBER).slice(1), proposals: [] });
    await visit.page.getByTestId("all-back").waitFor();
  });
});

describe("a participant's service", () => {
  it("is changed from the list: in the chamber, out of turn, disqualified", async () => {
    const people = council(12).participants.map((one) => {
      if (one.id === MEMBER) return seat(MEMBER, { attendance: "lost" });
      return one.id === 12 ? seat(12, { role: "substitute", serves: null }) : one;
    });
    const proposals = [{ replaces: MEMBER, substitute: 11, other_party: false }];
    const visit = await open(DESKTOP, CHAIR, at({}, { participants: people, proposals, item: 5 }));
    const act = (name: string) => visit.page.getByRole("button", { name: sv.chair.actionsFor(name) }).click();

    await act("Ledamot 7");
    await visit.page.getByTestId("in-chamber").click();
    expect((await visit.until(asks("note_in_chamber"))).command).toMatchObject({
      participant: 7,
      there: true,
    });

    await act("Ledamot 12");
    await visit.page.getByTestId("step-in").click();
    await visit.page.getByText(sv.service.outOfTurn).waitFor();
    await accessible(visit);
    await visit.page.getByTestId("step-in-send").click();
    const stepped = await visit.until(asks("step_in"));
    expect(stepped.command).toMatchObject({ substitute: 12, replaces: MEMBER });
    visit.say({ type: "accepted", id: stepped.id });
    await expect.poll(() => visit.page.getByRole("dialog").count()).toBe(0);

    await act("Ledamot 9");
    await visit.page.getByTestId("disqualify").click();
    await visit.page.getByTestId("disqualify-send").click();
    expect((await visit.until(asks("disqualify"))).command).toMatchObject({ participant: 9 });
  });
});

describe("a lost quorum", () => {
  const lacking = { seats: 12, needed: 7, there: 6 };
  const people = council(12).participants.map((one) => {
    if (one.id === MEMBER) return seat(MEMBER, { attendance: "away" });
    return one.id === 12 ? seat(12, { role: "substitute", serves: null }) : one;
  });
  const proposals = [
    { replaces: MEMBER, substitute: 12, other_party: false },
    { replaces: 8, substitute: null, other_party: false },
  ];

  it("is told to chair and secretary at once, with what the chair can do, until it is regained", async () => {
    for (const you of [CHAIR, SECRETARY]) {
      const visit = await open(IPAD, you, at({}, { participants: people }));
      const said = visit.page.getByRole("status").getByText(sv.service.quorum(6, 7));
      const prompt = visit.page.getByTestId("not-quorate");
      await visit.page.getByTestId("quorum").waitFor();
      expect(await prompt.count()).toBe(0);
      visit.change({ change: "service", quorum: lacking, clocks: [], proposals });
      await said.getByText(sv.service.becomeQuorate).waitFor({ state: "attached" });
      await prompt.getByText(sv.service.quorum(6, 7)).waitFor();
      await prompt.getByText(sv.service.becomeQuorate).waitFor();
      await accessible(visit);
      const ways = you === CHAIR ? 1 : 0;
      for (const way of ["adjourn", "step-in"]) expect(await prompt.getByTestId(way).count()).toBe(ways);
      visit.change({ change: "service", quorum: { ...lacking, there: 7 }, clocks: [], proposals: [] });
      await prompt.waitFor({ state: "detached" });
      expect(await said.count()).toBe(0);
    }
  });

  it("has the substitute called in from where it is told, but not during a vote, and is not told in an adjournment", async () => {
    const over = { participants: people, quorum: lacking, proposals, item: null };
    const visit = await open(DESKTOP, CHAIR, at({}, over));
    const prompt = visit.page.getByTestId("not-quorate");
    await prompt.getByTestId("step-in").click();
    await visit.page.getByTestId("step-in-confirm").click();
    const stepped = await visit.until(asks("step_in"));
    expect(stepped.command).toMatchObject({ substitute: 12, replaces: MEMBER });
    visit.say({ type: "accepted", id: stepped.id });
    const voting = procedure({ step: "voting", vote: vote() });
    visit.change({ change: "procedure", procedure: voting, decisions: [] });
    await prompt.getByText(sv.service.notDuringVote).waitFor();
    expect(await prompt.getByTestId("step-in").count()).toBe(0);
    visit.change({ change: "phase", phase: { phase: "adjourned", reason: "", since_ms: Date.now() } });
    await prompt.waitFor({ state: "detached" });
  });
});

describe("the live picture of quality", () => {
  const seen = (size: number) => matrix(size, (sender) => (sender === MEMBER ? "r" : "g"));

  it("says in words what it shows, and cell by cell to the arrow keys", async () => {
    const visit = await open(IPAD, CHAIR, council(12));
    await visit.until(isReport);
    visit.measured(quality(12), seen(12));
    await visit.page.getByTestId("show-matrix").click();
    await visit.page.getByTestId("matrix-words").getByText("Ledamot 7 hörs inte av 11.").waitFor();
    await accessible(visit);
    await visit.page.getByTestId("matrix").focus();
    for (const key of ["ArrowDown", ...Array<string>(6).fill("ArrowDown"), "ArrowRight"])
      await visit.page.keyboard.press(key);
    const said = visit.page.getByTestId("matrix-said");
    await said.getByText("Ledamot 7 hörs av Vice ordförande: larm").waitFor();
    await visit.page.getByLabel(sv.matrix.picture).check();
    await said.getByText("Ledamot 7 syns för Vice ordförande: larm").waitFor();
  });

  it("fits forty without scrolling sideways, and is red where it should be", async () => {
    for (const size of [DESKTOP, IPAD, IPAD_UPRIGHT]) {
      const visit = await open(size, SECRETARY, council(40));
      await visit.until(isReport);
      visit.measured(quality(40), seen(40));
      await visit.page.getByTestId("show-matrix").click();
      const picture = visit.page.getByTestId("matrix");
      await expect
        .poll(() => picture.evaluate((element) => element.scrollWidth - element.clientWidth))
        .toBeLessThanOrEqual(0);
      const red = await picture.locator("canvas").evaluate((canvas: HTMLCanvasElement) => {
        const pixels = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
        let count = 0;
        for (let i = 0; i < pixels.length; i += 4)
          if (pixels[i] === 0x9c && pixels[i + 1] === 0x1a && pixels[i + 2] === 0x2b) count++;
        return count / pixels.length;
      });
      expect(red).toBeGreaterThan(0.001);
    }
  });

  it("has each one's last ten minutes", async () => {
    const visit = await open(DESKTOP, CHAIR, council(12));
    await visit.until(isReport);
    const red = { who: 1, direction: "heard", level: "red", cause: "sound_loss", figure: 14 } as const;
    visit.measured(quality(12, [red]), matrix(12), [], -10_000);
    visit.measured(quality(12), matrix(12));
    await visit.page.getByTestId("show-matrix").click();
    await visit.page
      .getByTestId("strips")
      .getByText(/Hörs: bra \d+ % av tiden, sämst larm/)
      .waitFor();
    await visit.page
      .getByTestId("strips")
      .getByText(/Syns: bra .* sämst okänt|Syns: bra .* sämst bra/)
      .waitFor();
  });

  it("has the devices' state for the secretary", async () => {
    const visit = await open(DESKTOP, SECRETARY, council(12));
    await visit.until(isReport);
    const battery = { percent: 11, charging: false };
    visit.measured(quality(12), matrix(12), [
      { participant: 8, hidden: false, battery, network: "cellular" },
    ]);
    const devices = visit.page.getByTestId("devices");
    await devices.getByText(sv.devices.battery("Ledamot 8", 11)).waitFor();
    await devices.getByText(sv.devices.cellular("Ledamot 8")).waitFor();
  });
});

describe("a device in the chamber", () => {
  const people = (over: Partial<Parameters<typeof seat>[1]> = {}) =>
    council(12).participants.map((one) =>
      one.id === MEMBER ? seat(MEMBER, { in_chamber: true, ...over }) : one,
    );

  it("has neither camera nor sound on, says so, and lets the member say that it is wrong", async () => {
    for (const size of [IPAD, IPAD_UPRIGHT]) {
      const visit = await open(size, MEMBER, council(12, { participants: people() }));
      await visit.page.getByTestId("own-chamber").getByText(sv.chamber.noted).waitFor();
      const report = await visit.until(isReport);
      expect(report).toMatchObject({ camera: "off", microphone: "off" });
      await visit.page.getByRole("heading", { name: sv.chamber.heading }).waitFor();
      await visit.page.getByRole("heading", { name: sv.floor.heading }).waitFor();
      expect(await visit.page.getByTestId("allow-devices").count()).toBe(0);
      await accessible(visit);
      await visit.page.getByRole("button", { name: sv.chamber.leave }).click();
      await visit.until(asks("leave_chamber"));
    }
  });

  it("is let in by chair and secretary in one press, and noted before it is let in", async () => {
    const waiting = people({ in_chamber: false, attendance: "lobby" });
    const visit = await open(IPAD, SECRETARY, council(12, { participants: waiting }));
    await visit.page.getByTestId("admit-in-chamber").click();
    const noted = await visit.until(asks("note_in_chamber"));
    expect(noted.command).toMatchObject({ participant: MEMBER, there: true });
    expect(visit.sent.filter(asks("admit"))).toEqual([]);
    visit.say({ type: "accepted", id: noted.id });
    expect((await visit.until(asks("admit"))).command).toMatchObject({ participant: MEMBER });
  });

  it("is no tile on anybody's page; the chair sees the others there", async () => {
    const visit = await open(IPAD, MEMBER + 1, council(12, { participants: people() }));
    await visit.page.locator(`li [data-participant="8"]`).waitFor();
    expect(await visit.page.locator(`li [data-participant="7"]`).count()).toBe(0);
    const there = council(12).participants.map((one) =>
      one.id === CHAIR ? seat(CHAIR, { in_chamber: true }) : one,
    );
    const chair = await open(IPAD, CHAIR, council(12, { participants: there }));
    await chair.page.locator(`li [data-participant="8"]`).waitFor();
    await chair.page.getByTestId("own-chamber").waitFor();
    await accessible(chair);
  });
});
