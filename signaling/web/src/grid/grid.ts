/** Where a tile is, in CSS pixels from the stage's upper left corner. */
export type Place = { x: number; y: number; width: number; height: number };

type Area = { x: number; y: number; width: number; height: number };

export type Arrangement = {
  /** The large tiles, in the order asked for: speaker, enlarged person. */
  large: Place[];
  /** The others, in the roster's order. */
  small: Place[];
};

const SHAPE = 16 / 9;
/** Between tiles, in CSS pixels. */
const GAP = 6;
/** Thumbnails may shrink to this share of what they would be if nobody were large. */
const THUMBNAIL_SHARE = 0.62;
/** The large part of the stage is tried from here ... */
const LEAST_PART = 0.3;
/** ... to here ... */
const MOST_PART = 0.86;
/** ... in steps of this. */
const PART_STEP = 0.02;

/** Places `large` big tiles and `small` thumbnails, all 16:9, so that everybody is within the stage. */
export function arrange(width: number, height: number, large: number, small: number): Arrangement {
  const stage = { x: 0, y: 0, width: Math.max(0, width), height: Math.max(0, height) };
  if (large === 0) return { large: [], small: tile(stage, small) };
  if (small === 0) return { large: tile(stage, large), small: [] };

  const least = THUMBNAIL_SHARE * widest(stage, large + small);
  let best: { large: Area; small: Area; score: number } | undefined;
  for (let part = LEAST_PART; part <= MOST_PART; part += PART_STEP)
    for (const [first, second] of [split(stage, part, "beside"), split(stage, part, "below")]) {
      if (!first || !second) continue;
      const big = widest(first, large);
      const thumbnail = widest(second, small);
      if (thumbnail < least || big < thumbnail) continue;
      // The large ones come first; between equals, larger thumbnails.
      const score = big + thumbnail / 100;
      if (!best || score > best.score) best = { large: first, small: second, score };
    }
  if (best) return { large: tile(best.large, large), small: tile(best.small, small) };

  // Nothing gained by enlarging (two people, say): all the same size.
  const all = tile(stage, large + small);
  return { large: all.slice(0, large), small: all.slice(large) };
}

/** Fills an area with `count` equal tiles as large as they can be, rows centred. */
function tile(area: Area, count: number): Place[] {
  if (count === 0) return [];
  const { columns, width } = columnsFor(area, count);
  const height = width / SHAPE;
  const rows = Math.ceil(count / columns);
  const top = area.y + (area.height - rows * height - (rows - 1) * GAP) / 2;
  return Array.from({ length: count }, (_, i) => {
    const row = Math.floor(i / columns);
    const inRow = Math.min(columns, count - row * columns);
    const left = area.x + (area.width - inRow * width - (inRow - 1) * GAP) / 2;
    return {
      x: left + (i % columns) * (width + GAP),
      y: top + row * (height + GAP),
      width,
      height,
    };
  });
}

function widest(area: Area, count: number): number {
  return columnsFor(area, count).width;
}

function columnsFor(area: Area, count: number): { columns: number; width: number } {
  let best = { columns: 1, width: 0 };
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const byWidth = (area.width - (columns - 1) * GAP) / columns;
    const byHeight = ((area.height - (rows - 1) * GAP) / rows) * SHAPE;
    const width = Math.max(0, Math.min(byWidth, byHeight));
    if (width > best.width) best = { columns, width };
  }
  return best;
}

function split(stage: Area, part: number, how: "beside" | "below"): [Area, Area] {
  if (how === "beside") {
    const width = (stage.width - GAP) * part;
    return [
      { ...stage, width },
      { ...stage, x: stage.x + width + GAP, width: stage.width - width - GAP },
    ];
  }
  const height = (stage.height - GAP) * part;
  return [
    { ...stage, height },
    { ...stage, y: stage.y + height + GAP, height: stage.height - height - GAP },
  ];
}
