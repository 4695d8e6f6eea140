import type { Assurance, Attendance, Cause, Direction, Level, PauseReason, Refusal, Role } from "../protocol";
import type { CaptureProblem } from "../media/capture";
import { procedure } from "./sv_procedure";

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

/** Swedish: the first language. `Messages` is its type, so a text missing in another language does not compile. */
export const sv = {
  ...procedure,

  language: { name: "Svenska", other: "English", tag: "sv" },

  page: {
    product: "Lika",
    skip: "Hoppa till innehållet",
    testIdentities: "Prov: identiteterna är påhittade. Använd inte för riktiga sammanträden.",
    reload: "Ladda om sidan",
    noName: "Deltagare utan namn",
    participant: (name: string, role: string, party: string | null) =>
      party ? `${name}, ${role}, ${party}` : `${name}, ${role}`,
    close: "Stäng meddelandet",
    signOut: "Logga ut",
    signOutQuestion: "Logga ut och lämna sammanträdet?",
    signOutDetail: "För att komma tillbaka öppnar du länken i inbjudan igen.",
    signOutFailed: "Utloggningen nådde inte servern. Försök igen.",
  },

  connection: {
    connecting: "Ansluter till sammanträdet …",
    reconnecting: "Förbindelsen bröts. Sidan ansluter igen av sig själv …",
    back: "Förbindelsen är tillbaka.",
    mediaConnecting: "Ljud och bild ansluter …",
    mediaFailed:
      "Ljud och bild når inte servern. Sidan försöker igen. Kvarstår det: prova ett annat nät eller ring sekreteraren.",
    ended: "Du är inte ansluten",
    alreadyHere: "Du är redan med i sammanträdet på en annan enhet",
    takeOver: "Fortsätt här i stället",
    identityNeeded: "Du behöver legitimera dig på den här enheten",
    identityNeededHere:
      "Du är med i sammanträdet på en annan enhet, där du har visat säkrare vem du är. Legitimera dig här också, så kan du fortsätta här.",
    commandBroken: "Förbindelsen bröts innan svaret kom. Se efter om det blev gjort och försök annars igen.",
  },

  lobby: {
    heading: "Innan du går in",
    intro:
      "Kontrollera att du syns och hörs. Du är ansluten redan här och släpps in av ordföranden eller sekreteraren.",
    camera: "Kamera",
    microphone: "Mikrofon",
    speaker: "Högtalare eller hörlurar",
    speakerDefault: "Enhetens egen inställning",
    unnamedDevice: (n: number) => `Enhet ${n}`,
    preview: "Din egen bild",
    noPicture: "Ingen bild",
    level: "Mikrofonens nivå",
    levelHint: "Säg några ord. Mätaren ska röra sig.",
    testSound: "Spela provljud",
    testSoundHint: "Hör du tonen är ljudet rätt inställt. Hörlurar ger minst eko.",
    allow: "Slå på kamera och mikrofon",
    allowHint: "Webbläsaren frågar om lov. Svara Tillåt.",
    retry: "Försök igen",
    waiting: "Allt är klart. Du väntar på att bli insläppt.",
    waitingHint: "Du behöver inte göra något mer. Låt sidan vara framme.",
    admitted: "Du är insläppt.",
    admittedHint: "Gå in när du syns och hörs.",
    enter: "Gå in i sammanträdet",
    enterWithout: "Gå in utan kamera eller mikrofon",
    preparing: "Slå på kamera och mikrofon, så är du klar.",
    notHere: "Du är inte insläppt i sammanträdet.",
    dismissed: "Du har inte släppts in, eller har förts ut ur sammanträdet. Kontakta sekreteraren.",
    closed: "Sammanträdet är avslutat.",
    devicesReady: "Kamera och mikrofon är klara.",
    outHeading: "Du är i lobbyn så länge",
    outIntro: "Du hör och ser inte sammanträdet, och de andra varken hör eller ser dig.",
  },

  identity: {
    level: {
      open: "endast inbjudan",
      loa2: "tillitsnivå 2",
      loa3: "tillitsnivå 3",
      loa4: "tillitsnivå 4",
    } satisfies Record<Assurance, string>,
    signIn: "Legitimera dig",
    signInAgain: "Öppna legitimeringen igen",
    newTab: "öppnas i en ny flik",
    itemNeeds: (level: string) => `Ärendet kräver att du legitimerar dig (${level}).`,
    numberNeeds: (number: number, level: string) =>
      `Ärende ${number} kräver att du legitimerar dig (${level}).`,
    meetingNeeds: (level: string) => `Sammanträdet kräver att du legitimerar dig (${level}).`,
    stale: (level: string) =>
      `Din legitimering är för gammal för det som behandlas. Legitimera dig på nytt (${level}).`,
    mismatched:
      "Legitimeringen gäller någon annan än den inbjudna. Legitimera dig som den som är inbjuden, eller kontakta sekreteraren.",
    disqualified: "Du deltar inte i ärendet (jäv). Du släpps in när det är avslutat.",
    isDisqualified: "Jävig i ärendet",
    otherItem: "Du är inbjuden till ett annat ärende; du släpps in när det behandlas.",
    thenWait: "När du har legitimerat dig väntar du här på att bli insläppt.",
    thenIn: "Du kommer in igen av dig själv när du har legitimerat dig.",
    thenInOrLater:
      "Du kommer in igen av dig själv när du har legitimerat dig, annars när ärendet är avslutat.",
    backInside: "Du är inne i sammanträdet igen.",
    youHave: (level: string) => `Hittills: ${level}.`,
    vouched: "ordföranden går i god för",
    lacks: (level: string) => `Saknar ${level}`,
    tooOld: "Legitimeringen är för gammal",
    anotherPerson: "Annan identitet än den inbjudna",
    anotherItem: "Inbjuden till ett annat ärende",
    vouch: "Gå i god för",
    vouchFor: (who: string) => `Gå i god för ${who}`,
    vouchQuestion: (who: string) => `Gå i god för ${who}?`,
    vouchDetail:
      "Du intygar att du känner igen personen. Det antecknas i protokollsunderlaget och gäller bara det ärende som behandlas nu.",
  },

  pause: {
    reason: { identify: "Legitimerar sig", short: "Paus" } satisfies Record<PauseReason, string>,
    yours: {
      identify: "Du har paus för legitimering. Inget beslutas under tiden.",
      short: "Du har paus. Ordföranden ser det, och larmen om dig vilar.",
    } satisfies Record<PauseReason, string>,
    take: "Ta en kort paus",
    back: "Jag är tillbaka",
    end: "Avsluta paus",
  },

  agenda: {
    heading: "Föredragningslista",
    item: (number: number, title: string) => `Ärende ${number}: ${title}`,
    ended: "Ärendet är avslutat.",
    secret: "Sekretess",
    requires: (level: string) => `kräver ${level}`,
    now: "behandlas nu",
    dealt: "behandlat",
    begin: "Börja",
    beginWhich: (number: number) => `Börja ärende ${number}`,
    beginQuestion: (number: number) => `Börja ärende ${number}?`,
    movedOut: (n: number, names: string) =>
      n === 1
        ? `1 deltagare förs ut till lobbyn medan ärendet behandlas: ${names}.`
        : `${n} deltagare förs ut till lobbyn medan ärendet behandlas: ${names}.`,
    forecast:
      "De kommer in igen när de har legitimerat sig, annars när ärendet är avslutat. Även den vars legitimering är för gammal förs ut; det avgör servern.",
    youFirst: "Legitimera dig först",
    end: "Avsluta ärendet",
  },

  capture: {
    denied: {
      what: "Webbläsaren får inte använda kamera eller mikrofon.",
      todo: "Tryck på hänglåset eller aA-symbolen vid adressen, tillåt kamera och mikrofon och försök igen. På iPad: Inställningar, Appar, Safari, Kamera och Mikrofon.",
    },
    missing: {
      what: "Ingen kamera eller mikrofon hittades.",
      todo: "Anslut den och försök igen. Sitter den i, dra ur den och sätt i den på nytt.",
    },
    busy: {
      what: "Kameran eller mikrofonen används av ett annat program.",
      todo: "Stäng andra program och flikar som använder den och försök igen.",
    },
    insecure: {
      what: "Sidan är inte öppnad över en säker adress.",
      todo: "Öppna länken i inbjudan igen; adressen ska börja med https.",
    },
    unsupported: {
      what: "Webbläsaren klarar inte videomöten.",
      todo: "Använd en aktuell Safari, Edge, Chrome eller Firefox.",
    },
    ended: {
      what: "Kameran eller mikrofonen stängdes av enheten.",
      todo: "Det händer när en annan app använder den eller när sidan legat i bakgrunden. Slå på den igen.",
    },
    other: {
      what: "Kameran eller mikrofonen gick inte att starta.",
      todo: "Försök igen. Kvarstår det: starta om webbläsaren.",
    },
  } satisfies Record<CaptureProblem, { what: string; todo: string }>,

  phase: {
    planned: "Inte öppnat än",
    open: "Pågår",
    adjourned: "Ajournerat",
    closed: "Avslutat",
    adjournedBecause: (reason: string) => `Ajournerat: ${reason}`,
  },

  role: {
    chair: "ordförande",
    vice_chair: "vice ordförande",
    secretary: "sekreterare",
    member: "ledamot",
    substitute: "ersättare",
    guest: "inbjuden",
    chamber: "sammanträdeslokal",
  } satisfies Record<Role, string>,

  attendance: {
    away: "inte ansluten",
    lobby: "väntar i lobbyn",
    inside: "inne",
    lost: "förbindelsen bruten",
    dismissed: "inte insläppt",
  } satisfies Record<Attendance, string>,

  tile: {
    you: "du",
    hasFloor: "har ordet",
    actingChair: "leder sammanträdet",
    speaking: "talar",
    microphoneOpen: "mikrofonen öppen",
    microphoneClosed: "mikrofonen stängd",
    enlarge: "visa större",
    enlarged: "visas större",
    waitingPicture: "väntar på bild",
    everyone: "Deltagarnas bilder",
    quality: (level: string) => `kvalitet: ${level}`,
  },

  own: {
    heading: "Du",
    heard: "Du hörs",
    notHeardClosed: "Mikrofonen är stängd tills du får ordet",
    notHeardMuted: "Du har stängt av din mikrofon: du hörs inte",
    notHeardDead: "Mikrofonen är öppen men ger inget ljud: du hörs inte",
    noMicrophone: "Ingen mikrofon: du hörs inte",
    receives: "Du hör och ser de andra",
    cameraOn: "Kameran är på: du syns",
    cameraOff: "Kameran är av: du syns inte",
    cameraCovered: "Din bild är svart eller täckt",
    cameraFrozen: "Din bild står still",
    mute: "Stäng av mikrofonen",
    unmute: "Slå på mikrofonen",
    turnCameraOff: "Stäng av kameran",
    turnCameraOn: "Slå på kameran",
    cameraRule: "Kameran ska vara på under hela sammanträdet.",
    soundBlocked: "Webbläsaren väntar med ljudet tills du trycker.",
    startSound: "Starta ljudet",
    hidden: "Sidan var inte framme. På iPad stängs kameran då. Håll sidan framme under sammanträdet.",
    devices: "Ljud och bild",
    devicesHeading: "Kamera, mikrofon och högtalare",
  },

  floor: {
    heading: "Talarlista",
    request: "Begär ordet",
    withdraw: "Ta tillbaka begäran",
    yield: "Lämna ordet",
    requested: (place: number) => `Du står som nummer ${place} på talarlistan`,
    has: (who: string) => `${who} har ordet`,
    youHave: "Du har ordet. Mikrofonen är öppen.",
    nobody: "Ingen har ordet",
    empty: "Ingen har begärt ordet.",
    give: "Ge ordet",
    giveTo: (who: string) => `Ge ordet till ${who}`,
    end: "Ta tillbaka ordet",
  },

  unequal: {
    button: "Jag deltar inte på lika villkor",
    explain: "Ordföranden får veta det genast.",
    question: "Anmäla att du inte deltar på lika villkor?",
    detail:
      "Tryck om du inte kan se, höra, synas eller höras som de andra. Ordföranden får larmet genast och avgör vad som ska göras.",
    send: "Anmäl till ordföranden",
    sent: "Anmälan är framme hos ordföranden.",
  },

  chair: {
    panel: "Ordförandens panel",
    secretaryPanel: "Sekreterarens panel",
    procedure: "Sammanträdet",
    open: "Öppna sammanträdet",
    close: "Avsluta sammanträdet",
    closeQuestion: "Avsluta sammanträdet?",
    closeDetail: "Ett avslutat sammanträde kan inte öppnas igen.",
    adjourn: "Ajournera",
    adjournHeading: "Ajournera sammanträdet",
    adjournReason: "Skäl, till protokollet",
    adjournReasons: ["Lika villkor är brutna", "Paus", "Överläggning i partigrupperna"],
    otherReason: "Annat skäl",
    resume: "Återuppta sammanträdet",
    takeChair: "Ta över ordförandeskapet",
    takeChairQuestion: "Ta över ordförandeskapet?",
    takeChairDetail: "Du får ordförandens rättigheter. Det antecknas i protokollsunderlaget.",
    takeBackChair: "Ta tillbaka ordförandeskapet",
    lobby: "Lobbyn",
    lobbyEmpty: "Ingen väntar.",
    admit: "Släpp in",
    admitWho: (who: string) => `Släpp in ${who}`,
    admitAll: "Släpp in alla",
    refuse: "Avvisa",
    refuseWho: (who: string) => `Avvisa ${who}`,
    remove: "För ut",
    removeWho: (who: string) => `För ut ${who} ur sammanträdet`,
    removeQuestion: (who: string) => `Föra ut ${who} ur sammanträdet?`,
    participants: "Deltagare",
    showPanel: "Deltagare",
    hidePanel: "Dölj deltagare",
    quality: "Kvalitet per deltagare och riktning",
    actionsFor: (who: string) => `Åtgärder för ${who}`,
    participantsCount: (inside: number, all: number) => `${inside} av ${all} är inne`,
    actions: "Åtgärder",
    cancel: "Avbryt",
    confirm: "Ja",
    done: "Stäng",
  },

  alert: {
    heading: "Larm",
    none: "Inga uppmätta brister.",
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

  refusal: {
    malformed: "Servern förstod inte sidan. Ladda om sidan.",
    too_large: "Det som skickades var för långt. Korta det, eller ladda om sidan.",
    out_of_order: "Sidan och servern kom i otakt. Ladda om sidan.",
    wrong_protocol: "Servern har fått en ny version. Ladda om sidan.",
    too_fast: "Det gick för fort. Vänta några sekunder och försök igen.",
    not_allowed: "Din roll får inte göra detta. Be ordföranden eller sekreteraren.",
    no_such_meeting: "Sammanträdet finns inte längre. Be sekreteraren om en ny inbjudan.",
    no_such_participant: "Personen finns inte i sammanträdet. Se om listan har ändrats.",
    wrong_place: "Personen är inte längre där. Se om listan har ändrats.",
    wrong_phase: "Det går inte just nu i sammanträdet. Se om det är öppnat, ajournerat eller avslutat.",
    already_so: "Det är redan gjort. Du behöver inte göra något.",
    no_such_alert: "Larmet är redan över. Du behöver inte göra något.",
    no_such_event: "Någon sådan händelse finns inte i journalen. Kontrollera numret.",
    no_such_item: "Ärendet finns inte, eller inget ärende behandlas. Se om föredragningslistan har ändrats.",
    identity_needed:
      "Det krävs en legitimering som visar tillräckligt säkert vem det gäller. Den som saknar den legitimerar sig först.",
    somebody_identifies:
      "Någon legitimerar sig just nu. Vänta tills den är tillbaka, eller avsluta den personens paus under Deltagare.",
    already_here:
      "Du kan vara med på en enhet åt gången. Gå tillbaka till den andra, eller fortsätt här; den andra kopplas då från. Har du just legitimerat dig i en ny flik: stäng fliken och gå tillbaka till sammanträdet.",
    bad_text: "Texten är tom eller för lång. Skriv högst 500 tecken.",
    journal_unavailable:
      "Servern kan inte spara. Inget beslutas förrän den kan det. Kontakta IT: lagringen kan vara full.",
    bad_offer:
      "Webbläsarens ljud och bild kunde inte användas. Ladda om sidan, eller prova en annan webbläsare.",
    picture_not_decoded: "Bilden måste vara VP8: någon i sammanträdet läser inte H.264.",
    relay_full: "Servern har inte plats för fler just nu. Sidan försöker igen; kontakta IT om det kvarstår.",
    signed_out: "Du är inte inloggad längre. Öppna länken i inbjudan igen.",
    taken_over: "Sammanträdet öppnades på en annan enhet eller flik. Fortsätt där, eller här i stället.",
    meeting_over: "Sammanträdet är avslutat. Du kan stänga sidan.",
    equal_terms_broken:
      "Klubban väntar: någon som tjänstgör har larm. Gör en närvarokontroll, besluta ändå med skäl, eller ajournera.",
    not_quorate: "Ni är inte beslutsföra. Vänta in fler, kalla in ersättare, eller ajournera.",
    out_of_step: "Det steget är inte på tur. Se vad som är nästa steg.",
    somebody_missing: "Alla som tjänstgör är inte här. Vänta, kalla in en ersättare eller anteckna frånvaro.",
    not_serving: "Bara den som tjänstgör kan göra detta.",
    served_out: "Den som har blivit ersatt får inte tjänstgöra mer vid det här sammanträdet.",
    reason_needed: "Ett skäl behövs till protokollet. Skriv det och försök igen.",
    vote_suspended: "Omröstningen är uppehållen. Vänta tills ordföranden återupptar den.",
    casting_vote_needed: "Rösterna är lika många. Lägg ordförandens utslagsröst.",
  } satisfies Record<Refusal, string>,

  duration: {
    seconds: (s: number) => `${s} s`,
    minutes: (m: number, s: number) => `${m} min ${s} s`,
    hours: (h: number, m: number) => `${h} h ${m} min`,
  },
};

/** Every text of the page, in one language. */
export type Messages = typeof sv;
