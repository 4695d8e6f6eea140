import { en } from "./en";
import { sv, type Messages } from "./sv";

export type Language = "sv" | "en";

const CATALOGUE: Record<Language, Messages> = { sv, en };
const REMEMBERED = "lika.language";

let current = $state<Language>(remembered());

/** The texts in the language chosen. Reactive. */
export function text(): Messages {
  return CATALOGUE[current];
}

/** The language chosen. Reactive. */
export function language(): Language {
  return current;
}

export function choose(chosen: Language): void {
  current = chosen;
  try {
    localStorage.setItem(REMEMBERED, chosen);
  } catch {
    // Storage may be forbidden; the choice then lasts as long as the page.
  }
}

function remembered(): Language {
  try {
    return localStorage.getItem(REMEMBERED) === "en" ? "en" : "sv";
  } catch {
    return "sv";
  }
}
