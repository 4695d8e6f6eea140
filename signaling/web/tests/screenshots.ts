import { mkdir } from "node:fs/promises";
import {
  agenda,
  alert,
  CHAIR,
  council,
  identity,
  MEMBER,
  quality,
  seat,
  SECRET_ITEM,
  SECRETARY,
} from "./council";
import { launch, Visit, type Size } from "./stage";

/* Pictures of the page for the eye: `npm run screenshots -- FOLDER`. */

const DESKTOP: Size = { width: 1280, height: 800 };
const IPAD: Size = { width: 1024, height: 768 };
const IPAD_UPRIGHT: Size = { width: 768, height: 1024 };
const IPAD_AIR: Size = { width: 1180, height: 820 };

const folder = process.argv[2] ?? "screenshots";
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

type Scene = {
  name: string;
  size: Size;
  you: number;
  meeting: ReturnType<typeof council>;
  entered?: boolean;
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
  { name: "chair-agenda", size: DESKTOP, you: CHAIR, meeting: agendaOf(12) },
  { name: "chair-agenda-ipad", size: IPAD, you: CHAIR, meeting: secret(40) },
  { name: "secretary-agenda", size: { width: 1180, height: 1500 }, you: SECRETARY, meeting: secret(12) },
  { name: "member-secret", size: DESKTOP, you: 6, meeting: secret(12) },
  { name: "member-secret-ipad", size: IPAD, you: 6, meeting: secret(40) },
  { name: "member-step-up-ipad-air", size: IPAD_AIR, you: MEMBER, meeting: agendaOf(12) },
  { name: "member-paused-ipad", size: IPAD, you: 9, meeting: agendaOf(12) },
  { name: "member-alerted", size: IPAD, you: MEMBER, meeting: council(12, { alerts: [alert()] }) },
];

for (const scene of scenes)
  for (const language of ["sv", "en"] as const) {
    if (process.argv[3] && !scene.name.includes(process.argv[3])) continue;
    const visit = await Visit.open(browser, scene.size, scene.you, scene.meeting, {
      language,
      entered: scene.entered ?? true,
    });
    await visit.until((m) => m.type === "report");
    const size = scene.meeting.participants.length;
    visit.measured(quality(size, [frozen, lossy]));
    // Two more of the page's seconds: what it shows has settled.
    for (let second = 0; second < 2; second++) {
      visit.sent.length = 0;
      await visit.until((m) => m.type === "report");
    }
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
