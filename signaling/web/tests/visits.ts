import AxeBuilder from "@axe-core/playwright";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import type { ClientMessage, Command } from "../src/protocol";
import { launch, Visit, type Size } from "./stage";

/* What every test of the page in a browser needs. */

export const DESKTOP: Size = { width: 1280, height: 800 };
export const IPAD: Size = { width: 1024, height: 768 };
export const IPAD_UPRIGHT: Size = { width: 768, height: 1024 };

type Open = (
  ...args: Parameters<typeof Visit.open> extends [Browser, ...infer Rest] ? Rest : never
) => Promise<Visit>;

/** One browser for the file; what a test opens is closed after it, and must have kept to the security policy. */
export function visiting(): Open {
  let browser: Browser;
  const visits: Visit[] = [];
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());
  afterEach(async () => {
    for (const visit of visits.splice(0)) {
      expect(visit.violations, "content security policy").toEqual([]);
      await visit.close();
    }
  });
  return async (...args) => {
    const visit = await Visit.open(browser, ...args);
    visits.push(visit);
    return visit;
  };
}

export type Asked = Extract<ClientMessage, { type: "command" }>;
export const asks =
  (what: Command["do"]) =>
  (message: ClientMessage): message is Asked =>
    message.type === "command" && message.command.do === what;
export const isReport = (message: ClientMessage): message is Extract<ClientMessage, { type: "report" }> =>
  message.type === "report";

export async function accessible(visit: Visit): Promise<void> {
  const found = await new AxeBuilder({ page: visit.page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"])
    .analyze();
  expect(found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" | ")}`)).toEqual([]);
}
