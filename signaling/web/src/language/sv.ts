import type { Assurance, Attendance, PauseReason, Refusal, Role } from "../protocol";
import type { CaptureProblem } from "../media/capture";
import { procedure } from "./sv_procedure";
import { quality } from "./sv_quality";

/** Swedish: the first language. `Messages` is its type, so a text missing in another language does not compile. */
export const sv = {
  ...procedure,
  ...quality,

  language: { name: "Svenska", other: "English", tag: "sv" },

  page: {
    product: "Lika",
    skip: "Hoppa till innehållet",
    testIdentities: "Prov: identiteterna är påhittade. Använd inte för riktiga sammanträden.",
    draining: (time: string) =>
      `Servern stängs för underhåll, senast kl. ${time}. Avsluta eller ajournera helst före dess. Annars avbryts sammanträdet då och fortsätter när servern är igång igen; inget går förlorat.`,
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

  chamber: {
    noted: "Du sitter i salen: kamera, mikrofon och ljud är av här.",
    leave: "Jag sitter inte i salen",
    heading: "Du sitter i salen",
    through: "Du hörs och syns genom salens enheter, och hör och ser de andra där.",
    here: "Här begär du ordet, röstar och följer dagordningen.",
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
    admitInChamber: "I salen",
    admitInChamberWho: (who: string) => `I salen: släpp in ${who}`,
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
    draining:
      "Servern ska underhållas och öppnar inga sammanträden just nu. De som pågår fortsätter. Försök igen om en stund, eller kontakta IT.",
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
    still_serves:
      "Den som tjänstgör förs inte ut. Ordföranden antecknar först personen som frånvarande, och den som är jävig tjänstgör igen efter ärendet.",
    disqualified: "Den som är jävig deltar inte i ärendet.",
    connection_lost:
      "Förbindelsen med personen är bruten. Vänta in den, eller anteckna först att personen sitter i salen.",
    reason_needed: "Ett skäl behövs till protokollet. Skriv det och försök igen.",
    vote_requested:
      "Votering har begärts. Öppna omröstningen, eller vänta tills begäran har tagits tillbaka.",
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
