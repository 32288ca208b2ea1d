/** What is shown of a path where nothing else limits it. */
const PLACE_CHARACTERS = 56;
/** A longer command is no help to whoever reads it. */
const COMMAND_CHARACTERS = 180;

/**
 * A path, or what else somebody else wrote, for reading: nothing invisible in it, cut in the middle, its end kept. So many UTF-16
 * units at most, as a schema counts them.
 */
export function shown(text: string, longest = PLACE_CHARACTERS): string {
  // Category C: control characters, unpaired surrogates, and what turns the direction of writing.
  const printable = text.replaceAll(/\p{C}/gu, "?");
  if (printable.length <= longest) return printable;
  const tail = Math.ceil((longest - 1) * 0.7);
  // A cut in the middle of a character leaves half of it on either side.
  const head = printable.slice(0, longest - 1 - tail).replace(/[\uD800-\uDBFF]$/, "");
  return `${head}…${printable.slice(-tail).replace(/^[\uDC00-\uDFFF]/, "")}`;
}

/**
 * Words as one command for a POSIX shell, each quoted where it needs it. Undefined where that cannot be read or typed:
 * invisible characters, or more than 180 in all.
 */
export function command(...words: readonly string[]): string | undefined {
  const line = words.map(quoted).join(" ");
  return /\p{C}/u.test(line) || line.length > COMMAND_CHARACTERS ? undefined : line;
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** `1 line`, `12 files`. */
export function count(amount: number, one: string): string {
  return `${amount} ${one}${amount === 1 ? "" : "s"}`;
}

/** `180 lines (150 added, 30 removed)`; `44 lines, all added`. */
export function churn(added: number, removed: number): string {
  const lines = count(added + removed, "line");
  if (added > 0 && removed > 0) return `${lines} (${added} added, ${removed} removed)`;
  return added + removed > 1 ? `${lines}, all ${added > 0 ? "added" : "removed"}` : lines;
}

/** A function as a hunk header names it, without what opens its body: `` `def login(self, user)` ``. */
export function functionName(heading: string): string {
  return `\`${shown(heading.replace(/[\s{:]+$/, ""), 50)}\``;
}
