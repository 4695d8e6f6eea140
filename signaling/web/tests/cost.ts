import { CHAIR, council } from "./council";
import { decodeFrames, launch, Visit } from "./stage";

/*
 * What a page's measuring costs at forty participants: `npm run cost`. The share of one core's time that the main thread
 * spends looking at the pictures and making the report; what the browser itself does for getStats and for decoding is not in
 * it.
 */

const SECONDS = 20;

const browser = await launch();
const visit = await Visit.open(browser, { width: 1280, height: 800 }, CHAIR, council(40));
await visit.until((m) => m.type === "report");
await visit.page.evaluate(decodeFrames);
const spent = await visit.page.evaluate(
  (seconds) =>
    new Promise<number[]>((resolve) => {
      const pieces: number[] = [];
      const observer = new PerformanceObserver((list) =>
        pieces.push(...list.getEntriesByName("lika.measuring").map((entry) => entry.duration)),
      );
      observer.observe({ type: "measure" });
      setTimeout(() => resolve(pieces), seconds * 1000);
    }),
  SECONDS,
);
const total = spent.reduce((sum, piece) => sum + piece, 0);
console.log(
  `${(total / SECONDS).toFixed(1)} ms a second (${(total / SECONDS / 10).toFixed(2)} % of a core) in ` +
    `${(spent.length / SECONDS).toFixed(0)} pieces, the longest ${Math.max(...spent).toFixed(1)} ms`,
);
await visit.close();
await browser.close();
