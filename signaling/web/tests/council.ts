import type {
  AlertView,
  Cause,
  Direction,
  Level,
  MeetingView,
  ParticipantView,
  QualityView,
  Role,
} from "../src/protocol";

/* A made-up council of any size. */

const PARTIES = ["A", "B", "C", "D"];
const FIRST: Role[] = ["chair", "vice_chair", "secretary", "chamber"];
const NAMES: Partial<Record<Role, string>> = {
  chair: "Ordförande Ett",
  vice_chair: "Vice ordförande",
  secretary: "Sekreteraren",
  chamber: "Sammanträdessalen",
};

export const CHAIR = 1;
export const SECRETARY = 3;
export const MEMBER = 7;

export function council(size: number, over: Partial<MeetingView> = {}): MeetingView {
  return {
    title: "Kommunfullmäktige 23 november",
    body: "Provkommunens fullmäktige",
    phase: { phase: "open" },
    acting_chair: CHAIR,
    floor: 5,
    requests: [8, 11],
    participants: Array.from({ length: size }, (_, i) => seat(i + 1)),
    alerts: [],
    test_identities: true,
    ...over,
  };
}

export function seat(id: number, over: Partial<ParticipantView> = {}): ParticipantView {
  const role = FIRST[id - 1] ?? "member";
  return {
    id,
    name: NAMES[role] ?? `Ledamot ${id}`,
    party: role === "member" ? (PARTIES[id % PARTIES.length] ?? null) : null,
    role,
    attendance: "inside",
    microphone_open: id === 5 || id === CHAIR,
    ...over,
  };
}

export function alert(over: Partial<AlertView> = {}): AlertView {
  return {
    id: 1,
    about: MEMBER,
    direction: "seen",
    level: "red",
    cause: "picture_frozen",
    figure: 34,
    affected: 11,
    since_ms: Date.now() - 42_000,
    acknowledged: false,
    unstable: false,
    ...over,
  };
}

export function quality(
  size: number,
  troubles: { who: number; direction: Direction; level: Level; cause: Cause; figure: number | null }[] = [],
): QualityView[] {
  const directions: Direction[] = ["heard", "seen", "hears", "sees", "delay", "link"];
  return Array.from({ length: size }, (_, i) => ({
    participant: i + 1,
    directions: directions.map((direction) => {
      const trouble = troubles.find((t) => t.who === i + 1 && t.direction === direction);
      return trouble
        ? { direction, level: trouble.level, cause: trouble.cause, figure: trouble.figure }
        : { direction, level: "green" as const, cause: null, figure: null };
    }),
  }));
}
