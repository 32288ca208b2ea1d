/** What a terminal could take for a command, and what changes how the text around it reads: controls, formats, line separators. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Somebody else's text in one line of ours: what a terminal would act upon is left out, a line's end is a space. */
export function plainLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").replaceAll(UNSAFE, "");
}

/** The same in several lines. */
export function plainLines(text: string): string {
  return text.split(/\r?\n/).map(plainColumns).join("\n");
}

/** Keeps the spaces between columns. */
function plainColumns(line: string): string {
  return line.replaceAll("\t", "  ").replaceAll(UNSAFE, "");
}

/** JSON in one line, or indented, in which such characters are escaped: it says the same. */
export function plainJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, undefined, indent).replaceAll(UNSAFE, (character) =>
    // The line ends of the indentation; those of a text were escaped already.
    character === "\n" ? character : escape(character),
  );
}

function escape(character: string): string {
  return Array.from(
    { length: character.length },
    (_, index) => String.raw`\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`,
  ).join("");
}

/** Text as one word of a shell's command line. */
export function shellWord(text: string): string {
  const plain = plainLine(text);
  return /^[\w:.,/@%+=-]+$/.test(plain) && !plain.startsWith("-")
    ? plain
    : `'${plain.replaceAll("'", String.raw`'\''`)}'`;
}
