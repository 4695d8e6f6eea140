import type { Cause, Direction, Level } from "../protocol";

/** How a direction that has failed, is poor or is unknown is said, of somebody else and of the reader. */
export type DirectionWords = {
  /** Column heading. */
  name: string;
  lost: (who: string) => string;
  poor: (who: string) => string;
  unknown: (who: string) => string;
  youLost: string;
  youPoor: string;
  youUnknown: string;
};

/** What was found, with the figure behind it where there is one, and what the person concerned can do. */
export type CauseWords = { found: (figure: string | null) => string; advice: string };

/** What is measured, and the alerts that follow from it, in Swedish. */
export const quality = {
  alert: {
    heading: "Larm",
    none: "Inga uppmätta brister.",
    watch: "Inga larm, men något är sämre.",
    missing: (n: number) => `Inga larm. Mätvärden saknas för ${n}.`,
    resting: "Inga larm. Mätningen vilar.",
    unmeasured: "Inga larm. Inget är uppmätt än.",
    unconnected: "Okänt: förbindelsen är bruten.",
    amberHeading: "Att hålla ögonen på",
    acknowledge: "Jag har sett det",
    acknowledged: "Sett",
    unstable: "Ostadigt: tredje larmet på fem minuter.",
    sinceFor: (duration: string) => `sedan ${duration}`,
    affected: (n: number) => (n === 1 ? "berör 1 annan" : `berör ${n} andra`),
    more: (n: number) => (n === 1 ? "1 larm till" : `${n} larm till`),
    options: "Det här kan du göra",
    yours: "Om dig",
    cleared: (who: string) => `Larmet om ${who} är över.`,
    sound: "Ljudsignal vid larm",
    soundHint: "Bara i din egen hörlur: salens mikrofoner tar annars upp den.",
    system: "Servern eller dess nät",
    systemFault: (found: string) => `Servern eller dess nät har ett fel: ${found}. Alla kan vara berörda.`,
    reported: (who: string) => `${who} anmäler: ”Jag deltar inte på lika villkor.”`,
    youReported: "Du har anmält att du inte deltar på lika villkor. Ordföranden har fått larmet.",
  },

  direction: {
    heard: {
      name: "Hörs",
      lost: (who) => `${who} hörs inte`,
      poor: (who) => `${who} hörs dåligt`,
      unknown: (who) => `Det är okänt om ${who} hörs`,
      youLost: "Du hörs inte",
      youPoor: "Du hörs dåligt",
      youUnknown: "Det är okänt om du hörs",
    },
    seen: {
      name: "Syns",
      lost: (who) => `${who} syns inte`,
      poor: (who) => `${who} syns dåligt`,
      unknown: (who) => `Det är okänt om ${who} syns`,
      youLost: "Du syns inte",
      youPoor: "Du syns dåligt",
      youUnknown: "Det är okänt om du syns",
    },
    hears: {
      name: "Hör",
      lost: (who) => `${who} hör inte de andra`,
      poor: (who) => `${who} hör de andra dåligt`,
      unknown: (who) => `Det är okänt om ${who} hör de andra`,
      youLost: "Du hör inte de andra",
      youPoor: "Du hör de andra dåligt",
      youUnknown: "Det är okänt om du hör de andra",
    },
    sees: {
      name: "Ser",
      lost: (who) => `${who} ser inte de andra`,
      poor: (who) => `${who} ser de andra dåligt`,
      unknown: (who) => `Det är okänt om ${who} ser de andra`,
      youLost: "Du ser inte de andra",
      youPoor: "Du ser de andra dåligt",
      youUnknown: "Det är okänt om du ser de andra",
    },
    delay: {
      name: "Takt",
      lost: (who) => `${who} är för långt efter de andra`,
      poor: (who) => `${who} är ur takt med de andra`,
      unknown: (who) => `Det är okänt om ${who} är i takt med de andra`,
      youLost: "Du är för långt efter de andra",
      youPoor: "Du är ur takt med de andra",
      youUnknown: "Det är okänt om du är i takt med de andra",
    },
    link: {
      name: "Länk",
      lost: (who) => `${who} har tappat förbindelsen`,
      poor: (who) => `${who} har dålig förbindelse`,
      unknown: (who) => `Det är okänt hur förbindelsen till ${who} är`,
      youLost: "Du har tappat förbindelsen",
      youPoor: "Du har dålig förbindelse",
      youUnknown: "Det är okänt hur din förbindelse är",
    },
  } satisfies Record<Direction, DirectionWords>,

  cause: {
    link_lost: {
      found: (n) => (n ? `inget svar på ${n} s` : "inget svar"),
      advice: "Kontrollera nätet. Sidan ansluter igen av sig själv.",
    },
    telemetry_missing: {
      found: (n) => (n ? `mätvärden saknas sedan ${n} s` : "mätvärden saknas"),
      advice: "Håll sidan framme. Ladda om den om det kvarstår.",
    },
    unacknowledged: {
      found: (n) =>
        n
          ? `enheten har inte bekräftat något av det som sänds till den på ${n} s`
          : "enheten bekräftar inget av det som sänds till den",
      advice: "Ladda om sidan. Byt nät om det kvarstår.",
    },
    // Without its figure: two rows of the profile have this cause, one in percent and one in seconds.
    picture_frozen: {
      found: () => "bilden står still, helt eller stundtals",
      advice: "Stäng andra program som använder kameran eller nätet, eller byt till ett bättre nät.",
    },
    camera_off: { found: () => "kameran är av", advice: "Slå på kameran." },
    picture_withheld: {
      found: (n) =>
        n ? `nätet räcker inte till allas bild sedan ${n} s` : "nätet räcker inte till allas bild",
      advice: "Sitt närmare det trådlösa nätet, anslut en nätkabel eller byt nät.",
    },
    picture_undecodable: {
      found: (n) =>
        n
          ? `någons bild är i ett format som enheten inte läser (H.264), sedan ${n} s`
          : "någons bild är i ett format som enheten inte läser (H.264)",
      advice: "Ställ in den personens kodare på VP8, eller byt till en webbläsare som läser H.264.",
    },
    camera_covered: {
      found: () => "bilden är svart eller täckt",
      advice: "Ta bort det som täcker kameran, eller välj en annan kamera.",
    },
    sound_loss: {
      found: (n) => (n ? `${n} % av ljudet går förlorat på vägen` : "ljud går förlorat på vägen"),
      advice: "Sitt närmare det trådlösa nätet eller anslut en nätkabel.",
    },
    sound_concealed: {
      found: (n) => (n ? `${n} % av talet faller bort` : "delar av talet faller bort"),
      advice: "Sitt närmare det trådlösa nätet eller anslut en nätkabel.",
    },
    sound_missing: {
      found: (n) => (n ? `talet har inte kommit fram på ${n} s` : "talet kommer inte fram"),
      advice: "Kontrollera mikrofon och högtalare under Ljud och bild.",
    },
    frame_rate: {
      found: (n) => (n ? `bara ${n} bilder i sekunden` : "för få bilder i sekunden"),
      advice: "Stäng andra program och flikar som belastar datorn eller nätet.",
    },
    picture_size: {
      found: (n) => (n ? `bilden är för liten (${n} bildpunkter)` : "bilden är för liten"),
      advice: "Välj en bättre kamera, eller byt till ett bättre nät.",
    },
    delay_long: {
      found: (n) => (n ? `${n} ms från mun till öra` : "för lång tid från mun till öra"),
      advice: "Byt till ett snabbare nät, eller stäng av VPN om det är tillåtet.",
    },
    lip_sync: {
      found: (n) => (n ? `ljud och bild går isär med ${n} ms` : "ljud och bild går isär"),
      advice: "Stäng andra program som belastar datorn. Ladda om sidan om det kvarstår.",
    },
    reported: { found: () => "egen anmälan", advice: "Vänta på ordförandens besked." },
    microphone_dead: {
      found: (n) =>
        n ? `mikrofonen är öppen men ger inget ljud sedan ${n} s` : "mikrofonen är öppen men ger inget ljud",
      advice:
        "Se efter om mikrofonen är avstängd med en knapp på enheten eller headsetet, eller välj en annan mikrofon under Ljud och bild.",
    },
  } satisfies Record<Cause, CauseWords>,

  level: {
    unknown: "okänt",
    suspended: "vilar",
    green: "bra",
    amber: "sämre",
    red: "larm",
  } satisfies Record<Level, string>,
};

export type QualityWords = typeof quality;
