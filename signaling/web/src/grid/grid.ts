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
/** Thumbnails may shrink to this share of what they would be if nobody were large ... */
const THUMBNAIL_SHARE = 0.62;
/** ... but hardly at all once they are so narrow that a name barely fits. */
const NARROW = 130;
const NARROW_SHARE = 0.84;
/** Unless the large ones would be smaller than this: QVGA, the least for lip reading (EN 301 549 6.5.2). */
const LEAST_LARGE = 320;
/** The large part of the stage is tried from here ... */
const LEAST_PART = 0.3;
/** ... to here ... */
const MOST_PART = 0.86;
/** ... in steps of this. */
const PART_STEP = 0.02;
/** A large tile among the others takes so many of their rows and columns. */
const BLOCKS = [2, 3, 4, 5, 6];

/**
 * Places `large` big tiles and `small` thumbnails, all 16:9, so that everybody is within the stage. The large ones are
 * beside, above or among the others, whichever makes them largest while the thumbnails stay readable.
 */
export function arrange(width: number, height: number, large: number, small: number): Arrangement {
  const stage = { x: 0, y: 0, width: Math.max(0, width), height: Math.max(0, height) };
  if (large === 0) return { large: [], small: tile(stage, small) };
  if (small === 0) return { large: tile(stage, large), small: [] };

  const equal = widest(stage, large + small);
  const careful = equal < NARROW ? best(stage, large, small, equal * NARROW_SHARE) : null;
  if (careful && careful.score >= LEAST_LARGE) return careful.arrange();
  const found = best(stage, large, small, equal * THUMBNAIL_SHARE);
  if (found) return found.arrange();

  // Nothing gained by enlarging (two people, say): all the same size.
  const all = tile(stage, large + small);
  return { large: all.slice(0, large), small: all.slice(large) };
}

/** An arrangement worth considering; its places are worked out only for the best one. */
type Candidate = { score: number; arrange: () => Arrangement };

/** The large ones come first; between equals, larger thumbnails. */
const score = (large: number, small: number) => large + small / 100;

/** The arrangement with the largest large ones whose thumbnails are at least so wide. */
function best(stage: Area, large: number, small: number, least: number): Candidate | null {
  const candidates = [...divided(stage, large, small, least), ...among(stage, large, small, least)];
  return candidates.reduce<Candidate | null>((a, b) => (a && a.score >= b.score ? a : b), null);
}

/** The stage is divided: the large ones to the left or above, the others in the rest. */
function divided(stage: Area, large: number, small: number, least: number): Candidate[] {
  const candidates: Candidate[] = [];
  for (let part = LEAST_PART; part <= MOST_PART; part += PART_STEP)
    for (const [first, second] of [split(stage, part, "beside"), split(stage, part, "below")]) {
      const big = widest(first, large);
      const thumbnail = widest(second, small);
      if (thumbnail < least || big < thumbnail) continue;
      const arrange = () => ({ large: tile(first, large), small: tile(second, small) });
      candidates.push({ score: score(big, thumbnail), arrange });
    }
  return candidates;
}

/** One grid for all, in which each large tile takes a square block of cells: side by side on top, or one below another. */
function among(stage: Area, large: number, small: number, least: number): Candidate[] {
  const candidates: Candidate[] = [];
  const ways = [
    { across: large, down: 1 },
    { across: 1, down: large },
  ];
  for (const { across, down } of ways)
    for (const block of BLOCKS) {
      const cells = small + large * block * block;
      for (let columns = across * block; columns <= cells; columns++) {
        const rows = Math.max(down * block, Math.ceil(cells / columns));
        const width = cellWidth(stage, columns, rows);
        if (width < least) continue;
        const big = block * width + (block - 1) * GAP;
        const arrange = () => blocks(stage, across, down, small, block, columns, rows, width);
        candidates.push({ score: score(big, width), arrange });
      }
    }
  return candidates;
}

function blocks(
  stage: Area,
  across: number,
  down: number,
  small: number,
  block: number,
  columns: number,
  rows: number,
  width: number,
): Arrangement {
  const height = width / SHAPE;
  const left = stage.x + (stage.width - columns * (width + GAP) + GAP) / 2;
  const top = stage.y + (stage.height - rows * (height + GAP) + GAP) / 2;
  const at = (column: number, row: number, span: number): Place => ({
    x: left + column * (width + GAP),
    y: top + row * (height + GAP),
    width: span * width + (span - 1) * GAP,
    // Not the height of the cells: the gaps would take it out of shape.
    height: (span * width + (span - 1) * GAP) / SHAPE,
  });
  const first = down > 1 ? 0 : Math.floor((columns - across * block) / 2);
  const taken = (column: number, row: number) =>
    row < down * block && column >= first && column < first + across * block;
  const free: Place[] = [];
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) if (!taken(column, row)) free.push(at(column, row, 1));
  return {
    large: Array.from({ length: across * down }, (_, i) =>
      at(first + (i % across) * block, Math.floor(i / across) * block, block),
    ),
    small: free.slice(0, small),
  };
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
    const width = cellWidth(area, columns, rows);
    if (width > best.width) best = { columns, width };
  }
  return best;
}

/** The widest 16:9 cell of which so many columns and rows fit. */
function cellWidth(area: Area, columns: number, rows: number): number {
  const byWidth = (area.width - (columns - 1) * GAP) / columns;
  const byHeight = ((area.height - (rows - 1) * GAP) / rows) * SHAPE;
  return Math.max(0, Math.min(byWidth, byHeight));
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
