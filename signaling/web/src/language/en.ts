import { procedure } from "./en_procedure";
import { quality } from "./en_quality";
import type { Messages } from "./sv";

/** English: the second language, complete. */
export const en: Messages = {
  ...procedure,
  ...quality,

  language: { name: "English", other: "Svenska", tag: "en" },

  page: {
    product: "Lika",
    skip: "Skip to content",
    testIdentities: "Test: the identities are made up. Do not use for real meetings.",
    draining: (time: string) =>
      `The server stops for maintenance, at ${time} at the latest. Close or adjourn before that if you can. Otherwise the meeting is interrupted then and goes on when the server runs again; nothing is lost.`,
    reload: "Reload the page",
    noName: "Participant without a name",
    participant: (name, role, party) => (party ? `${name}, ${role}, ${party}` : `${name}, ${role}`),
    close: "Close the message",
    signOut: "Sign out",
    signOutQuestion: "Sign out and leave the meeting?",
    signOutDetail: "To come back, open the link in the invitation again.",
    signOutFailed: "Signing out did not reach the server. Try again.",
  },

  connection: {
    connecting: "Connecting to the meeting …",
    reconnecting: "The connection broke. The page reconnects by itself …",
    back: "The connection is back.",
    mediaConnecting: "Sound and picture are connecting …",
    mediaFailed:
      "Sound and picture do not reach the server. The page tries again. If it persists: try another network or call the secretary.",
    ended: "You are not connected",
    alreadyHere: "You are already in the meeting on another device",
    takeOver: "Continue here instead",
    identityNeeded: "You need to log in on this device",
    identityNeededHere:
      "You are in the meeting on another device, where you have shown more surely who you are. Log in here as well, and you can continue here.",
    commandBroken:
      "The connection broke before the answer came. See whether it was done, and try again if not.",
  },

  chamber: {
    noted: "You sit in the chamber: camera, microphone and sound are off here.",
    leave: "I do not sit in the chamber",
    heading: "You sit in the chamber",
    through: "You are heard and seen through the devices of the chamber, and hear and see the others there.",
    here: "Here you request the floor, vote and follow the agenda.",
  },

  lobby: {
    heading: "Before you enter",
    intro:
      "Check that you are seen and heard. You are already connected here; the chair or the secretary lets you in.",
    camera: "Camera",
    microphone: "Microphone",
    speaker: "Speaker or headphones",
    speakerDefault: "The device’s own setting",
    unnamedDevice: (n) => `Device ${n}`,
    preview: "Your own picture",
    noPicture: "No picture",
    level: "Microphone level",
    levelHint: "Say a few words. The meter should move.",
    testSound: "Play a test sound",
    testSoundHint: "If you hear the tone, the sound is set up right. Headphones give the least echo.",
    allow: "Turn on camera and microphone",
    allowHint: "The browser asks for permission. Answer Allow.",
    retry: "Try again",
    waiting: "All is ready. You are waiting to be let in.",
    waitingHint: "There is nothing more to do. Keep this page in front.",
    admitted: "You have been let in.",
    admittedHint: "Enter when you are seen and heard.",
    enter: "Enter the meeting",
    enterWithout: "Enter without camera or microphone",
    preparing: "Turn on camera and microphone, and you are ready.",
    notHere: "You have not been let into the meeting.",
    dismissed: "You were not let in, or were moved out of the meeting. Contact the secretary.",
    closed: "The meeting is over.",
    devicesReady: "Camera and microphone are ready.",
    outHeading: "You are in the lobby for now",
    outIntro: "You neither hear nor see the meeting, and the others neither hear nor see you.",
  },

  identity: {
    level: {
      open: "invitation only",
      loa2: "assurance level 2",
      loa3: "assurance level 3",
      loa4: "assurance level 4",
    },
    signIn: "Prove who you are",
    signInAgain: "Open the login again",
    newTab: "opens in a new tab",
    itemNeeds: (level) => `The item requires that you prove who you are (${level}).`,
    numberNeeds: (number, level) => `Item ${number} requires that you prove who you are (${level}).`,
    meetingNeeds: (level) => `The meeting requires that you prove who you are (${level}).`,
    stale: (level) => `Your login is too old for what is dealt with now. Prove who you are anew (${level}).`,
    mismatched:
      "The login is somebody else’s than the person’s who is invited. Log in as the person invited, or contact the secretary.",
    disqualified: "You do not take part in this item (disqualified). You are let in when it has ended.",
    isDisqualified: "Disqualified from the item",
    otherItem: "You are invited to another item; you are let in when it is dealt with.",
    thenWait: "Once you have proved who you are, you wait here to be let in.",
    thenIn: "You come back in by yourself once you have proved who you are.",
    thenInOrLater:
      "You come back in by yourself once you have proved who you are, or else when the item has ended.",
    backInside: "You are inside the meeting again.",
    youHave: (level) => `So far: ${level}.`,
    vouched: "the chair vouches",
    lacks: (level) => `Lacks ${level}`,
    tooOld: "The login is too old",
    anotherPerson: "Another identity than the person’s who is invited",
    anotherItem: "Invited to another item",
    vouch: "Vouch for",
    vouchFor: (who) => `Vouch for ${who}`,
    vouchQuestion: (who) => `Vouch for ${who}?`,
    vouchDetail:
      "You certify that you recognise the person. It is recorded for the minutes and holds only for the item being dealt with now.",
  },

  pause: {
    reason: { identify: "Proving identity", short: "Paused" },
    yours: {
      identify: "You are on a pause to prove who you are. Nothing is decided meanwhile.",
      short: "You are on a pause. The chair sees it, and alerts about you rest.",
    },
    take: "Take a short pause",
    back: "I am back",
    end: "End pause",
  },

  agenda: {
    heading: "Agenda",
    item: (number, title) => `Item ${number}: ${title}`,
    ended: "The item has ended.",
    secret: "Secret",
    requires: (level) => `requires ${level}`,
    now: "being dealt with",
    dealt: "dealt with",
    begin: "Begin",
    beginWhich: (number) => `Begin item ${number}`,
    beginQuestion: (number) => `Begin item ${number}?`,
    movedOut: (n, names) =>
      n === 1
        ? `1 participant is moved out to the lobby while the item is dealt with: ${names}.`
        : `${n} participants are moved out to the lobby while the item is dealt with: ${names}.`,
    forecast:
      "They come back in once they have proved who they are, or else when the item has ended. Whoever’s login is too old is moved out as well; the server decides that.",
    youFirst: "Prove who you are first",
    end: "End the item",
  },

  capture: {
    denied: {
      what: "The browser may not use the camera or microphone.",
      todo: "Press the padlock or the aA symbol by the address, allow camera and microphone, and try again. On iPad: Settings, Apps, Safari, Camera and Microphone.",
    },
    missing: {
      what: "No camera or microphone was found.",
      todo: "Connect it and try again. If it is connected, unplug it and plug it in again.",
    },
    busy: {
      what: "The camera or microphone is used by another program.",
      todo: "Close other programs and tabs that use it and try again.",
    },
    insecure: {
      what: "The page was not opened over a secure address.",
      todo: "Open the link in the invitation again; the address must begin with https.",
    },
    unsupported: {
      what: "The browser cannot do video meetings.",
      todo: "Use a current Safari, Edge, Chrome or Firefox.",
    },
    ended: {
      what: "The camera or microphone was closed by the device.",
      todo: "This happens when another app uses it or when the page has been in the background. Turn it on again.",
    },
    other: {
      what: "The camera or microphone could not be started.",
      todo: "Try again. If it persists: restart the browser.",
    },
  },

  phase: {
    planned: "Not opened yet",
    open: "In session",
    adjourned: "Adjourned",
    closed: "Over",
    adjournedBecause: (reason) => `Adjourned: ${reason}`,
  },

  role: {
    chair: "chair",
    vice_chair: "vice chair",
    secretary: "secretary",
    member: "member",
    substitute: "substitute",
    guest: "guest",
    chamber: "chamber",
  },

  attendance: {
    away: "not connected",
    lobby: "waiting in the lobby",
    inside: "inside",
    lost: "connection lost",
    dismissed: "not let in",
  },

  tile: {
    you: "you",
    hasFloor: "has the floor",
    actingChair: "chairs the meeting",
    speaking: "speaking",
    microphoneOpen: "microphone open",
    microphoneClosed: "microphone closed",
    enlarge: "show larger",
    enlarged: "shown larger",
    waitingPicture: "waiting for picture",
    everyone: "The participants’ pictures",
    quality: (level) => `quality: ${level}`,
  },

  own: {
    heading: "You",
    heard: "You are heard",
    notHeardClosed: "The microphone is closed until you are given the floor",
    notHeardMuted: "You have muted your microphone: you are not heard",
    notHeardDead: "The microphone is open but gives no sound: you are not heard",
    noMicrophone: "No microphone: you are not heard",
    receives: "You hear and see the others",
    cameraOn: "The camera is on: you are seen",
    cameraOff: "The camera is off: you are not seen",
    cameraCovered: "Your picture is black or covered",
    cameraFrozen: "Your picture stands still",
    mute: "Mute the microphone",
    unmute: "Unmute the microphone",
    turnCameraOff: "Turn off the camera",
    turnCameraOn: "Turn on the camera",
    cameraRule: "The camera must be on throughout the meeting.",
    soundBlocked: "The browser holds the sound until you press.",
    startSound: "Start the sound",
    hidden:
      "The page was not in front. On iPad the camera then closes. Keep the page in front during the meeting.",
    devices: "Sound and picture",
    devicesHeading: "Camera, microphone and speaker",
  },

  floor: {
    heading: "Speaker list",
    request: "Request the floor",
    withdraw: "Withdraw the request",
    yield: "Yield the floor",
    requested: (place) => `You are number ${place} on the speaker list`,
    has: (who) => `${who} has the floor`,
    youHave: "You have the floor. The microphone is open.",
    nobody: "Nobody has the floor",
    empty: "Nobody has requested the floor.",
    give: "Give the floor",
    giveTo: (who) => `Give the floor to ${who}`,
    end: "Take the floor back",
  },

  unequal: {
    button: "I am not taking part on equal terms",
    explain: "The chair is told at once.",
    question: "Report that you are not taking part on equal terms?",
    detail:
      "Press if you cannot see, hear, be seen or be heard as the others are. The chair gets the alert at once and decides what to do.",
    send: "Report to the chair",
    sent: "The report has reached the chair.",
  },

  chair: {
    panel: "The chair’s panel",
    secretaryPanel: "The secretary’s panel",
    procedure: "The meeting",
    open: "Open the meeting",
    close: "Close the meeting",
    closeQuestion: "Close the meeting?",
    closeDetail: "A closed meeting cannot be opened again.",
    adjourn: "Adjourn",
    adjournHeading: "Adjourn the meeting",
    adjournReasons: ["Equal terms are broken", "Break", "Deliberation in the party groups"],
    otherReason: "Another reason",
    resume: "Resume the meeting",
    takeChair: "Take over the chair",
    takeChairQuestion: "Take over the chair?",
    takeChairDetail: "You get the chair’s rights. It is recorded for the minutes.",
    takeBackChair: "Take back the chair",
    lobby: "The lobby",
    lobbyEmpty: "Nobody is waiting.",
    admit: "Let in",
    admitWho: (who) => `Let in ${who}`,
    admitInChamber: "In the chamber",
    admitInChamberWho: (who) => `In the chamber: admit ${who}`,
    admitAll: "Let everyone in",
    refuse: "Turn away",
    refuseWho: (who) => `Turn away ${who}`,
    remove: "Move out",
    removeWho: (who) => `Move ${who} out of the meeting`,
    removeQuestion: (who) => `Move ${who} out of the meeting?`,
    participants: "Participants",
    showPanel: "Participants",
    hidePanel: "Hide participants",
    quality: "Quality by participant and direction",
    actionsFor: (who) => `Actions for ${who}`,
    participantsCount: (inside, all) => `${inside} of ${all} are inside`,
    actions: "Actions",
    cancel: "Cancel",
    confirm: "Yes",
    done: "Close",
  },

  refusal: {
    malformed: "The server did not understand the page. Reload the page.",
    too_large: "What was sent was too long. Shorten it, or reload the page.",
    out_of_order: "Page and server got out of step. Reload the page.",
    wrong_protocol: "The server has a new version. Reload the page.",
    too_fast: "That went too fast. Wait a few seconds and try again.",
    not_allowed: "Your role may not do this. Ask the chair or the secretary.",
    no_such_meeting: "There is no such meeting any longer. Ask the secretary for a new invitation.",
    no_such_participant: "The person is not in the meeting. See whether the list has changed.",
    wrong_place: "The person is no longer there. See whether the list has changed.",
    wrong_phase: "Not possible at this point. See whether the meeting is open, adjourned or over.",
    already_so: "It is already done. There is nothing to do.",
    no_such_alert: "The alert is already over. There is nothing to do.",
    no_such_event: "There is no such event in the journal. Check its number.",
    no_such_item:
      "There is no such item, or no item is being dealt with. See whether the agenda has changed.",
    identity_needed:
      "A login is needed that shows surely enough who it is. Whoever lacks it proves who they are first.",
    somebody_identifies:
      "Somebody is proving who they are just now. Wait until they are back, or end their pause under Participants.",
    already_here:
      "You can take part on one device at a time. Go back to the other one, or continue here; the other one is then disconnected. If you have just proved who you are in a new tab: close this tab and go back to the meeting.",
    bad_text: "The text is empty or too long. Write at most 500 characters.",
    journal_unavailable:
      "The server cannot save. Nothing is decided until it can. Contact IT: the storage may be full.",
    draining:
      "The server is to be maintained and opens no meetings just now. Those under way go on. Try again in a while, or contact IT.",
    bad_offer: "The browser’s sound and picture could not be used. Reload the page, or try another browser.",
    picture_not_decoded: "The picture must be VP8: somebody in the meeting does not read H.264.",
    relay_full:
      "The server has no room for more at the moment. The page tries again; contact IT if it persists.",
    signed_out: "You are no longer signed in. Open the link in the invitation again.",
    taken_over: "The meeting was opened on another device or tab. Continue there, or here instead.",
    meeting_over: "The meeting is over. You can close the page.",
    equal_terms_broken:
      "The gavel waits: somebody who serves has an alert. Do a presence check, decide anyway with a reason, or adjourn.",
    not_quorate: "You are not quorate. Wait for more, call in substitutes, or adjourn.",
    out_of_step: "That step is not next. See what the next step is.",
    somebody_missing: "Not everybody who serves is here. Wait, call in a substitute or note the absence.",
    not_serving: "Only somebody who serves can do this.",
    served_out: "Somebody who has been replaced may not serve any more at this meeting.",
    still_serves:
      "Somebody who serves is not moved out. The chair notes them as absent first; who is disqualified serves again after the item.",
    disqualified: "Somebody who is disqualified does not take part in the item.",
    connection_lost:
      "The connection to the person is lost. Wait for it, or first note that they sit in the chamber.",
    reason_needed: "A reason is needed for the minutes. Write it and try again.",
    vote_requested: "A vote has been requested. Open the vote, or wait until the request is withdrawn.",
    vote_suspended: "The vote is suspended. Wait until the chair resumes it.",
    casting_vote_needed: "The vote is even. Cast the chair’s casting vote.",
  },

  duration: {
    seconds: (s) => `${s} s`,
    minutes: (m, s) => `${m} min ${s} s`,
    hours: (h, m) => `${h} h ${m} min`,
  },
};
