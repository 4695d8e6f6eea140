import { mkdir } from "node:fs/promises";
import {
  agenda,
  alert,
  CHAIR,
  council,
  identity,
  clocks,
  matrix,
  MEMBER,
  procedure,
  quality,
  rollCall,
  seat,
  SECRET_ITEM,
  SECRETARY,
  vote,
} from "./council";
import { launch, Visit, type Size } from "./stage";

/* Pictures of the page for the eye: `npm run screenshots -- FOLDER [NAMES]`, the names as a regular expression. */

const DESKTOP: Size = { width: 1280, height: 800 };
const IPAD: Size = { width: 1024, height: 768 };
const IPAD_UPRIGHT: Size = { width: 768, height: 1024 };
const IPAD_AIR: Size = { width: 1180, height: 820 };

const folder = process.argv[2] ?? "screenshots";
const only = new RegExp(process.argv[3] ?? "");
await mkdir(folder, { recursive: true });
const browser = await launch();

const frozen = { who: MEMBER, direction: "seen", level: "red", cause: "picture_frozen", figure: 34 } as const;
const lossy = { who: 9, direction: "heard", level: "amber", cause: "sound_loss", figure: 6.2 } as const;
const alarmed = (size: number) =>
  council(size, {
    alerts: [
      alert(),
      alert({
        id: 2,
        about: 9,
        direction: "heard",
        cause: "sound_loss",
        level: "amber",
        figure: 6.2,
        affected: 4,
      }),
    ],
    participants: Array.from({ length: size }, (_, i) =>
      seat(i + 1, i + 1 === size ? { attendance: "lobby" } : {}),
    ),
  });

const level = { obstacle: "level", needs: "loa3" } as const;
const mismatched = { obstacle: "mismatched" } as const;
/** An agenda with a secret item: some have shown enough for it, some not, one waits outside. */
const agendaOf = (size: number, over: Parameters<typeof council>[1] = {}) =>
  council(size, {
    items: agenda(),
    participants: Array.from({ length: size }, (_, i) => {
      const id = i + 1;
      if (id === 8) return seat(id, { attendance: "lobby", identity: identity({ obstacle: level }) });
      if (id === 10) return seat(id, { attendance: "lobby", identity: identity({ obstacle: mismatched }) });
      const assurance = id % 5 === 0 || id === MEMBER ? "open" : "loa3";
      return seat(id, { identity: identity({ assurance }), pause: id === 9 ? "identify" : null });
    }),
    ...over,
  });
const secret = (size: number) => agendaOf(size, { item: SECRET_ITEM });
const kept = lobby([seat(MEMBER, { attendance: "lobby", identity: identity({ obstacle: level }) })]);

/** Somebody who serves has lost the connection in the adjournment. */
const gone = (size: number, id: number) =>
  council(size).participants.map((one) =>
    one.id === id
      ? seat(id, { attendance: "lost" })
      : one.id === 12
        ? seat(12, { role: "substitute", serves: null })
        : one,
  );
const paused = (people: ReturnType<typeof gone>, id: number) =>
  people.map((one) => (one.id === id ? { ...one, pause: "short" as const } : one));
const deciding = (size: number, over: Parameters<typeof procedure>[0]) =>
  council(size, {
    items: agenda(),
    item: 5,
    procedure: procedure({ question: "enligt nämndens förslag", ...over }),
  });
const held = (size: number) => ({
  ...deciding(size, {
    step: "vote_pause",
    breaches: [{ about: MEMBER, direction: "seen", cause: "picture_frozen" }],
  }),
  alerts: [alert({ acknowledged: true })],
});
const calling = (size: number) =>
  council(size, {
    phase: { phase: "planned" },
    floor: null,
    shown: MEMBER,
    roll_call: rollCall(size, MEMBER),
  });
const adjourned = (size: number, over: Parameters<typeof council>[1] = {}) =>
  council(size, {
    phase: { phase: "adjourned", reason: "Lika villkor är brutna", since_ms: Date.now() - 250_000 },
    participants: gone(size, MEMBER),
    floor: null,
    shown: null,
    items: agenda(),
    item: 5,
    quorum: { seats: size, needed: Math.floor(size / 2) + 1, there: size - 3 },
    clocks: clocks(MEMBER),
    proposals: [{ replaces: MEMBER, substitute: 12, other_party: false }],
    ...over,
  });
const notQuorate = (size: number) => ({
  ...deciding(size, { question: null }),
  participants: gone(size, MEMBER),
  quorum: { seats: size, needed: Math.floor(size / 2) + 1, there: Math.floor(size / 2) },
  proposals: [{ replaces: MEMBER, substitute: 12, other_party: false }],
});
const tablet = seat(MEMBER, { attendance: "lobby", in_chamber: true });
/** One member sits in the chamber with a tablet. */
const withTablet = (size: number) =>
  council(size, {
    items: agenda(),
    item: 5,
    participants: council(size).participants.map((one) =>
      one.id === MEMBER ? { ...one, in_chamber: true } : one,
    ),
  });
const inChamber = (size: number) =>
  council(size).participants.map((one) =>
    one.id === 8 || one.id === 9 ? seat(one.id, { attendance: "away", in_chamber: true }) : one,
  );
const lost = vote({
  state: "closed",
  result: [1, 2, 5, 6, 7, 8, 9, 10].map((who) => [who, who < 4 ? "yes" : "no"]),
});
const voted = vote({
  state: "closed",
  result: [1, 2, 5, 6, 7, 8, 9, 10].map((who) => [who, who % 3 === 0 ? "no" : who === 7 ? "abstain" : "yes"]),
});

type Scene = {
  name: string;
  size: Size;
  you: number;
  meeting: ReturnType<typeof council>;
  entered?: boolean;
  /** What is pressed before the picture is taken. */
  press?: string;
};

const scenes: Scene[] = [
  { name: "lobby", size: DESKTOP, you: MEMBER, meeting: lobby(), entered: false },
  { name: "lobby-ipad-upright", size: IPAD_UPRIGHT, you: MEMBER, meeting: lobby(), entered: false },
  { name: "member-12", size: DESKTOP, you: MEMBER, meeting: council(12) },
  { name: "member-40", size: DESKTOP, you: MEMBER, meeting: council(40) },
  { name: "member-40-ipad", size: IPAD, you: MEMBER, meeting: council(40) },
  { name: "member-40-ipad-upright", size: IPAD_UPRIGHT, you: MEMBER, meeting: council(40) },
  { name: "member-41-ipad-air", size: IPAD_AIR, you: MEMBER, meeting: council(41, { floor: null }) },
  { name: "chair-alert-12", size: DESKTOP, you: CHAIR, meeting: alarmed(12) },
  { name: "chair-alert-40", size: DESKTOP, you: CHAIR, meeting: alarmed(40) },
  { name: "secretary-alert-ipad", size: IPAD, you: SECRETARY, meeting: alarmed(40) },
  { name: "chair-alert-ipad-upright", size: IPAD_UPRIGHT, you: CHAIR, meeting: alarmed(40) },
  { name: "lobby-obstacle", size: DESKTOP, you: MEMBER, meeting: kept, entered: false },
  { name: "lobby-obstacle-ipad", size: IPAD, you: MEMBER, meeting: kept },
  { name: "lobby-chamber", size: DESKTOP, you: MEMBER, meeting: lobby([tablet]), entered: false },
  { name: "member-chamber-ipad", size: IPAD, you: MEMBER, meeting: withTablet(12) },
  { name: "member-chamber-ipad-upright", size: IPAD_UPRIGHT, you: MEMBER, meeting: withTablet(40) },
  { name: "secretary-lobby-ipad", size: IPAD, you: SECRETARY, meeting: agendaOf(12) },
  { name: "chair-agenda", size: DESKTOP, you: CHAIR, meeting: agendaOf(12) },
  { name: "chair-agenda-ipad", size: IPAD, you: CHAIR, meeting: secret(40) },
  { name: "secretary-agenda", size: { width: 1180, height: 1500 }, you: SECRETARY, meeting: secret(12) },
  { name: "member-secret", size: DESKTOP, you: 6, meeting: secret(12) },
  { name: "member-secret-ipad", size: IPAD, you: 6, meeting: secret(40) },
  { name: "member-step-up-ipad-air", size: IPAD_AIR, you: MEMBER, meeting: agendaOf(12) },
  { name: "member-paused-ipad", size: IPAD, you: 9, meeting: agendaOf(12) },
  {
    name: "chair-next-step",
    size: DESKTOP,
    you: CHAIR,
    meeting: deciding(12, { step: "deliberation_closed", question: null }),
  },
  {
    name: "chair-question-ipad",
    size: IPAD,
    you: CHAIR,
    meeting: deciding(40, { step: "presence_confirmed", question: null }),
  },
  {
    name: "chair-gavel-ipad-upright",
    size: IPAD_UPRIGHT,
    you: CHAIR,
    meeting: deciding(40, { step: "vote_pause" }),
  },
  { name: "chair-held", size: DESKTOP, you: CHAIR, meeting: held(12) },
  { name: "chair-held-ipad", size: IPAD, you: CHAIR, meeting: held(40) },
  { name: "chair-held-ipad-upright", size: IPAD_UPRIGHT, you: CHAIR, meeting: held(40) },
  {
    name: "chair-presence-ipad",
    size: IPAD,
    you: CHAIR,
    meeting: { ...held(40), participants: paused(gone(40, 9), 14) },
    press: "presence",
  },
  { name: "chair-anyway", size: DESKTOP, you: CHAIR, meeting: held(12), press: "anyway" },
  {
    name: "chair-voting-ipad",
    size: IPAD,
    you: CHAIR,
    meeting: deciding(40, { step: "voting", vote: vote() }),
  },
  {
    name: "chair-vote-closed-ipad",
    size: IPAD,
    you: CHAIR,
    meeting: deciding(12, { step: "vote_closed", vote: lost }),
  },
  {
    name: "chair-open-vote-ipad",
    size: IPAD,
    you: CHAIR,
    meeting: held(12),
    press: "open-vote",
  },
  {
    name: "secretary-chamber-votes",
    size: DESKTOP,
    you: SECRETARY,
    meeting: { ...deciding(12, { step: "voting", vote: vote() }), participants: inChamber(12) },
  },
  {
    name: "secretary-past-decision-ipad",
    size: IPAD,
    you: SECRETARY,
    meeting: deciding(12, { step: "voting", vote: vote() }),
    press: "record-gavel",
  },
  { name: "chair-roll-call", size: DESKTOP, you: CHAIR, meeting: calling(12) },
  { name: "chair-roll-call-ipad", size: IPAD, you: CHAIR, meeting: calling(40) },
  { name: "member-called", size: DESKTOP, you: MEMBER, meeting: calling(12) },
  { name: "member-called-ipad-upright", size: IPAD_UPRIGHT, you: MEMBER, meeting: calling(40) },
  {
    name: "member-vote",
    size: DESKTOP,
    you: MEMBER,
    meeting: deciding(12, { step: "voting", vote: vote({ own: "yes" }) }),
  },
  {
    name: "member-vote-ipad",
    size: IPAD,
    you: MEMBER,
    meeting: deciding(40, { step: "voting", vote: vote() }),
  },
  {
    name: "chair-vote-suspended-ipad",
    size: IPAD,
    you: CHAIR,
    meeting: {
      ...deciding(40, {
        step: "voting",
        vote: vote({ state: "suspended" }),
        breaches: [{ about: MEMBER, direction: "seen", cause: "picture_frozen" }],
      }),
      alerts: [alert(), alert({ id: 2, about: 9, direction: "heard", cause: "sound_loss", figure: 14 })],
    },
  },
  {
    name: "member-vote-suspended-ipad-upright",
    size: IPAD_UPRIGHT,
    you: MEMBER,
    meeting: deciding(40, { step: "voting", vote: vote({ state: "suspended", own: "no" }) }),
  },
  { name: "member-request-ipad", size: IPAD, you: MEMBER, meeting: deciding(40, { step: "vote_pause" }) },
  {
    name: "member-result",
    size: DESKTOP,
    you: MEMBER,
    meeting: deciding(12, { step: "vote_closed", vote: voted }),
  },
  { name: "chair-not-quorate-ipad", size: IPAD, you: CHAIR, meeting: notQuorate(40) },
  { name: "chair-not-quorate-ipad-upright", size: IPAD_UPRIGHT, you: CHAIR, meeting: notQuorate(40) },
  { name: "secretary-not-quorate", size: DESKTOP, you: SECRETARY, meeting: notQuorate(12) },
  { name: "chair-adjourned", size: DESKTOP, you: CHAIR, meeting: adjourned(12) },
  {
    name: "chair-adjourned-ipad",
    size: IPAD,
    you: CHAIR,
    meeting: adjourned(40, { clocks: clocks(MEMBER, 310) }),
  },
  {
    name: "chair-back-ipad-upright",
    size: IPAD_UPRIGHT,
    you: CHAIR,
    meeting: adjourned(40, { participants: council(40).participants, clocks: clocks(MEMBER).slice(1) }),
  },
  { name: "member-adjourned-ipad", size: IPAD, you: 9, meeting: adjourned(40) },
  { name: "chair-matrix-40", size: DESKTOP, you: CHAIR, meeting: council(40), press: "show-matrix" },
  {
    name: "secretary-matrix-40-ipad",
    size: IPAD,
    you: SECRETARY,
    meeting: council(40),
    press: "show-matrix",
  },
  {
    name: "secretary-matrix-40-ipad-upright",
    size: IPAD_UPRIGHT,
    you: SECRETARY,
    meeting: council(40),
    press: "show-matrix",
  },
  { name: "secretary-devices", size: { width: 1280, height: 1900 }, you: SECRETARY, meeting: council(12) },
  { name: "member-alerted", size: IPAD, you: MEMBER, meeting: council(12, { alerts: [alert()] }) },
];

const seen = (size: number) =>
  matrix(size, (sender, receiver, kind) => {
    if (sender === MEMBER && kind === "picture") return "r";
    if (receiver === 9) return kind === "sound" ? "r" : "a";
    return sender === 12 ? "u" : receiver === 15 ? "s" : "g";
  });
const devices = [
  { participant: 8, hidden: false, battery: { percent: 11, charging: false }, network: "cellular" as const },
  { participant: 11, hidden: true, battery: null, network: null },
];

for (const scene of scenes)
  for (const language of ["sv", "en"] as const) {
    if (!only.test(scene.name)) continue;
    const visit = await Visit.open(browser, scene.size, scene.you, scene.meeting, {
      language,
      entered: scene.entered ?? true,
    });
    await visit.until((m) => m.type === "report");
    const size = scene.meeting.participants.length;
    for (let second = -115; second <= 0; second++)
      visit.measured(
        quality(size, second > -15 || (second > -70 && second < -60) ? [frozen, lossy] : [lossy]),
        seen(size),
        devices,
        second * 5000,
      );
    // Two more of the page's seconds: what it shows has settled.
    for (let second = 0; second < 2; second++) {
      visit.sent.length = 0;
      await visit.until((m) => m.type === "report");
    }
    if (scene.press) await visit.page.getByTestId(scene.press).filter({ visible: true }).first().click();
    await visit.page.screenshot({ path: `${folder}/${scene.name}-${language}.png` });
    await visit.close();
  }
await browser.close();

function lobby(participants = [seat(MEMBER, { attendance: "lobby" })]) {
  return council(1, {
    phase: { phase: "planned" },
    floor: null,
    requests: [],
    acting_chair: null,
    participants,
  });
}
