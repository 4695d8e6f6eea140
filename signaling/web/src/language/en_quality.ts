import type { QualityWords } from "./sv_quality";

/** The same in English. */
export const quality: QualityWords = {
  alert: {
    heading: "Alerts",
    none: "No measured faults.",
    watch: "No alerts, but something is reduced.",
    missing: (n) => `No alerts. Measurements missing for ${n}.`,
    resting: "No alerts. Measuring is paused.",
    unmeasured: "No alerts. Nothing measured yet.",
    unconnected: "Unknown: the connection is broken.",
    amberHeading: "Worth watching",
    acknowledge: "I have seen it",
    acknowledged: "Seen",
    unstable: "Unstable: the third alert in five minutes.",
    sinceFor: (duration) => `for ${duration}`,
    affected: (n) => (n === 1 ? "affects 1 other" : `affects ${n} others`),
    more: (n) => (n === 1 ? "1 more alert" : `${n} more alerts`),
    options: "What you can do",
    yours: "About you",
    cleared: (who) => `The alert about ${who} is over.`,
    sound: "Sound at an alert",
    soundHint: "Only in your own earpiece: the chamber’s microphones would carry it.",
    system: "The server or its network",
    systemFault: (found) => `The server or its network has a fault: ${found}. Everyone may be affected.`,
    reported: (who) => `${who} reports: “I am not taking part on equal terms.”`,
    youReported: "You have reported that you are not taking part on equal terms. The chair has the alert.",
  },

  direction: {
    heard: {
      name: "Heard",
      lost: (who) => `${who} cannot be heard`,
      poor: (who) => `${who} is hard to hear`,
      unknown: (who) => `It is not known whether ${who} is heard`,
      youLost: "You cannot be heard",
      youPoor: "You are hard to hear",
      youUnknown: "It is not known whether you are heard",
    },
    seen: {
      name: "Seen",
      lost: (who) => `${who} cannot be seen`,
      poor: (who) => `${who} is hard to see`,
      unknown: (who) => `It is not known whether ${who} is seen`,
      youLost: "You cannot be seen",
      youPoor: "You are hard to see",
      youUnknown: "It is not known whether you are seen",
    },
    hears: {
      name: "Hears",
      lost: (who) => `${who} cannot hear the others`,
      poor: (who) => `${who} hears the others poorly`,
      unknown: (who) => `It is not known whether ${who} hears the others`,
      youLost: "You cannot hear the others",
      youPoor: "You hear the others poorly",
      youUnknown: "It is not known whether you hear the others",
    },
    sees: {
      name: "Sees",
      lost: (who) => `${who} cannot see the others`,
      poor: (who) => `${who} sees the others poorly`,
      unknown: (who) => `It is not known whether ${who} sees the others`,
      youLost: "You cannot see the others",
      youPoor: "You see the others poorly",
      youUnknown: "It is not known whether you see the others",
    },
    delay: {
      name: "Step",
      lost: (who) => `${who} is too far behind the others`,
      poor: (who) => `${who} is out of step with the others`,
      unknown: (who) => `It is not known whether ${who} is in step with the others`,
      youLost: "You are too far behind the others",
      youPoor: "You are out of step with the others",
      youUnknown: "It is not known whether you are in step with the others",
    },
    link: {
      name: "Link",
      lost: (who) => `${who} has lost the connection`,
      poor: (who) => `${who} has a poor connection`,
      unknown: (who) => `It is not known how the connection to ${who} is`,
      youLost: "You have lost the connection",
      youPoor: "You have a poor connection",
      youUnknown: "It is not known how your connection is",
    },
  },

  cause: {
    link_lost: {
      found: (n) => (n ? `no answer for ${n} s` : "no answer"),
      advice: "Check the network. The page reconnects by itself.",
    },
    telemetry_missing: {
      found: (n) => (n ? `measurements missing for ${n} s` : "measurements are missing"),
      advice: "Keep the page in front. Reload it if this persists.",
    },
    unacknowledged: {
      found: (n) =>
        n
          ? `the device has acknowledged nothing of what is sent to it for ${n} s`
          : "the device acknowledges nothing of what is sent to it",
      advice: "Reload the page. Change to another network if it goes on.",
    },
    picture_frozen: {
      found: () => "the picture stands still, all or part of the time",
      advice: "Close other programs that use the camera or the network, or change to a better network.",
    },
    camera_off: { found: () => "the camera is off", advice: "Turn the camera on." },
    picture_withheld: {
      found: (n) =>
        n
          ? `the network has had no room for everyone’s picture for ${n} s`
          : "the network has no room for everyone’s picture",
      advice: "Sit closer to the wireless network, connect a network cable or change network.",
    },
    picture_undecodable: {
      found: (n) =>
        n
          ? `somebody’s picture is in a format that this device has not read for ${n} s (H.264)`
          : "somebody’s picture is in a format that this device does not read (H.264)",
      advice: "Set that person’s encoder to VP8, or change to a browser that reads H.264.",
    },
    camera_covered: {
      found: () => "the picture is black or covered",
      advice: "Remove what covers the camera, or choose another camera.",
    },
    sound_loss: {
      found: (n) => (n ? `${n} % of the sound is lost on the way` : "sound is lost on the way"),
      advice: "Sit closer to the wireless network or connect a network cable.",
    },
    sound_concealed: {
      found: (n) => (n ? `${n} % of the speech drops out` : "parts of the speech drop out"),
      advice: "Sit closer to the wireless network or connect a network cable.",
    },
    sound_missing: {
      found: (n) => (n ? `speech has not come through for ${n} s` : "speech does not come through"),
      advice: "Check microphone and speaker under Sound and picture.",
    },
    frame_rate: {
      found: (n) => (n ? `only ${n} frames a second` : "too few frames a second"),
      advice: "Close other programs and tabs that load the computer or the network.",
    },
    picture_size: {
      found: (n) => (n ? `the picture is too small (${n} pixels)` : "the picture is too small"),
      advice: "Choose a better camera, or change to a better network.",
    },
    delay_long: {
      found: (n) => (n ? `${n} ms from mouth to ear` : "too long from mouth to ear"),
      advice: "Change to a faster network, or turn off VPN if that is allowed.",
    },
    lip_sync: {
      found: (n) => (n ? `sound and picture are ${n} ms apart` : "sound and picture are apart"),
      advice: "Close other programs that load the computer. Reload the page if this persists.",
    },
    reported: { found: () => "own report", advice: "Wait for the chair’s decision." },
    microphone_dead: {
      found: (n) =>
        n
          ? `the microphone is open but has given no sound for ${n} s`
          : "the microphone is open but gives no sound",
      advice:
        "See whether the microphone is switched off by a button on the device or headset, or choose another one under Sound and picture.",
    },
  },

  level: { unknown: "unknown", suspended: "paused", green: "good", amber: "reduced", red: "alert" },
};
