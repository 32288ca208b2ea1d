export interface TextMeasure {
  /** Lines, a last one without a newline included. */
  readonly linesTotal: number;
  /** The sum of all non-blank lines' indentation levels. */
  readonly indentationComplexity: number;
}

const TAB_COLUMNS = 4;
const WIDEST_UNIT = 8;
const DEFAULT_UNIT = 4;

/**
 * Indentation as a proxy for complexity, for any language: the sum over all non-blank lines of how deeply each is
 * indented. A. Hindle, M. W. Godfrey, R. C. Holt, "Reading Beside the Lines: Indentation as a Proxy for Complexity
 * Metrics", ICPC 2008.
 *
 * A level is the leading whitespace's columns (a tab: 4) divided by the file's unit, rounded down. The unit is the most
 * frequent increase from one non-blank line to the next, the smaller one of equals, between 2 and 8 columns; 4 where
 * nothing is indented. Increases by one column are no indentation: they are the ` *` of block comments.
 */
export function measureText(text: Uint8Array): TextMeasure {
  const linesByColumns = new Map<number, number>();
  const increases = new Map<number, number>();
  let linesTotal = 0;
  let columnsBefore = 0;

  for (let start = 0; start < text.length; linesTotal++) {
    const newline = text.indexOf(NEWLINE, start);
    const end = newline < 0 ? text.length : newline;
    const columns = indentation(text, start, end);
    if (columns !== undefined) {
      count(linesByColumns, columns);
      if (columns - columnsBefore >= 2) count(increases, Math.min(columns - columnsBefore, WIDEST_UNIT));
      columnsBefore = columns;
    }
    start = end + 1;
  }

  const unit = mostFrequent(increases) ?? DEFAULT_UNIT;
  let indentationComplexity = 0;
  for (const [columns, lines] of linesByColumns) indentationComplexity += Math.floor(columns / unit) * lines;
  return { linesTotal, indentationComplexity };
}

const NEWLINE = 10;
const TAB = 9;
const SPACE = 32;
const CARRIAGE_RETURN = 13;

/** The columns before the line's first character; undefined for a blank line. */
function indentation(text: Uint8Array, start: number, end: number): number | undefined {
  let columns = 0;
  for (let at = start; at < end; at++) {
    const byte = text[at];
    if (byte === SPACE) columns += 1;
    else if (byte === TAB) columns += TAB_COLUMNS;
    else if (byte !== CARRIAGE_RETURN) return columns;
  }
  return undefined;
}

function count(counts: Map<number, number>, key: number): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function mostFrequent(counts: ReadonlyMap<number, number>): number | undefined {
  const ranked = [...counts].sort(([key, n], [otherKey, otherN]) => otherN - n || key - otherKey);
  return ranked[0]?.[0];
}
