import type {
  AlertView,
  Cause,
  ClockView,
  DecisionView,
  Direction,
  IdentityView,
  ItemView,
  Level,
  Matrix,
  MeetingView,
  ParticipantView,
  ProcedureView,
  QualityView,
  Role,
  RollCallView,
  VoteView,
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
export const CHAMBER = 4;
export const MEMBER = 7;
export const SECRET_ITEM = 7;

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
    requires: "open",
    items: [],
    item: null,
    shown: 5,
    quorum: { seats: size, needed: Math.floor(size / 2) + 1, there: size },
    clocks: [],
    proposals: [],
    procedure: procedure(),
    roll_call: null,
    decisions: [],
    ...over,
  };
}

export function procedure(over: Partial<ProcedureView> = {}): ProcedureView {
  return {
    step: "deliberation",
    question: null,
    presence: null,
    vote_requests: [],
    vote: null,
    reservations: [],
    breaches: [],
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
    pause: null,
    identity: null,
    serves: role === "secretary" || role === "chamber" ? null : id,
    served_out: false,
    may_take_seat: false,
    in_chamber: false,
    disqualified: false,
    ...over,
  };
}

/** How somebody has shown who they are; without more, by the invitation alone. */
export function identity(over: Partial<IdentityView> = {}): IdentityView {
  return { assurance: "open", obstacle: null, vouched: false, ...over };
}

/** Nine items, of which the seventh is secret. */
export function agenda(): ItemView[] {
  const titles = [
    "Upprop och val av justerare",
    "Fastställande av föredragningslistan",
    "Information från förvaltningen",
    "Delårsrapport efter tredje kvartalet",
    "Taxa för förskola och fritidshem 2027",
    "Svar på motion om trygga skolvägar",
    "Upphandling av skolskjuts: anbudsutvärdering",
    "Delegationsbeslut",
    "Övriga frågor",
  ];
  return titles.map((title, i) => {
    const secret = i + 1 === SECRET_ITEM;
    return { id: i + 1, title, secret, requires: secret ? "loa3" : "open", dealt: false };
  });
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

type Letter = "g" | "a" | "r" | "u" | "s";

/** Who is seen and heard by whom; well unless said otherwise. */
export function matrix(
  size: number,
  letter: (sender: number, receiver: number, kind: "sound" | "picture") => Letter = () => "g",
): Matrix {
  const people = Array.from({ length: size }, (_, i) => i + 1);
  const rows = (kind: "sound" | "picture") =>
    people.map((sender) =>
      people.map((receiver) => (sender === receiver ? "-" : letter(sender, receiver, kind))).join(""),
    );
  return { people, sound: rows("sound"), picture: rows("picture") };
}

export function decision(over: Partial<DecisionView> = {}): DecisionView {
  return {
    number: 1,
    item: null,
    text: "Nämnden beslutar enligt förslaget.",
    at_ms: Date.now() - 60_000,
    despite: null,
    afterwards: false,
    event: 9,
    corrections: [],
    ...over,
  };
}

/** A vote that goes on among those who serve. */
export function vote(over: Partial<VoteView> = {}): VoteView {
  return {
    yes: "bifall till nämndens förslag",
    no: "avslag",
    abstention: true,
    state: "open",
    voters: [1, 2, 5, 6, 7, 8, 9, 10, 11, 12],
    voted: [1, 2, 5, 8],
    own: null,
    result: [],
    casting: null,
    ...over,
  };
}

/** A roll call in which those before `called` have answered, one of them in part. */
export function rollCall(size: number, called: number): RollCallView {
  const all = council(size).participants.filter((one) => one.serves !== null);
  return {
    going_on: true,
    called,
    entries: all.map(({ id }) => ({
      participant: id,
      answer: id < called ? { answer: "confirmed", sees: true, hears: id !== 5, heard: true } : null,
      measured: id < called ? (id === 5 ? "red" : "green") : null,
      unreached: 0,
    })),
  };
}

/** An adjournment's clock and that of somebody whose connection has been lost for so many seconds. */
export function clocks(participant: number, lost = 78): ClockView[] {
  const since_ms = Date.now() - lost * 1000;
  return [
    { clock: { clock: "reconnect", participant }, since_ms, until_ms: since_ms + 300_000, extended: false },
    {
      clock: { clock: "adjournment" },
      since_ms: since_ms + 20_000,
      until_ms: since_ms + 620_000,
      extended: true,
    },
  ];
}
