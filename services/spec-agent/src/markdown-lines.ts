/** A line of a page, and where it stands in the text. */
export interface Line {
  /** Without its end. */
  readonly text: string;
  readonly start: number;
  /** As it is: LF, CRLF, nothing behind the last line of a file that does not end with one. */
  readonly end: "\n" | "\r\n" | "";
  /** In a fenced block of code or in a comment: whatever it looks like, it is no heading and no list. */
  readonly hidden: boolean;
}

export interface Page {
  readonly lines: readonly Line[];
  /** A fenced block or a comment never ends: what would be added at the end is in it. */
  readonly unclosed: boolean;
}

/** Cuts a text into its lines. A byte order mark belongs to none of them: the first line starts behind it. */
export function pageOf(text: string): Page {
  const lines: Line[] = [];
  const hides = hiding();
  for (let start = text.startsWith("\uFEFF") ? 1 : 0; start < text.length;) {
    const newline = text.indexOf("\n", start);
    const next = newline < 0 ? text.length : newline + 1;
    const end = newline < 0 ? "" : text[newline - 1] === "\r" && newline > start ? "\r\n" : "\n";
    const content = text.slice(start, next - end.length);
    lines.push({ text: content, start, end, hidden: hides(content) });
    start = next;
  }
  return { lines, unclosed: hides("") };
}

/** Says line by line what a fence or a comment hides (CommonMark 0.31: 4.5 fenced code blocks, 4.6 HTML blocks, kind 2). */
function hiding(): (line: string) => boolean {
  let fence: string | undefined;
  let comment = false;
  return (line) => {
    if (comment) {
      comment = !line.includes("-->");
      return true;
    }
    const [, marks = ""] = /^ {0,3}(`{3,}|~{3,})/.exec(line) ?? [];
    if (fence !== undefined) {
      if (marks.startsWith(fence) && /^[\s`~]*$/.test(line)) fence = undefined;
      return true;
    }
    if (marks !== "") {
      fence = marks;
      return true;
    }
    if (!/^ {0,3}<!--/.test(line)) return false;
    comment = !line.includes("-->", line.indexOf("<!--") + 4);
    return true;
  };
}

export interface Heading {
  readonly level: number;
  readonly title: string;
  /** The line's position; of an underlined one the title's. */
  readonly at: number;
  readonly underlined: boolean;
}

/** What is behind this is not read. */
const HEADING_CHARACTERS = 1000;

/** The headings in their order, with `#` before them or underlined. */
export function headingsOf(lines: readonly Line[]): Heading[] {
  return lines.flatMap((line, at): Heading[] => {
    if (line.hidden) return [];
    const begin = line.text.slice(0, HEADING_CHARACTERS);
    const [opening, marks] = /^ {0,3}(#{1,6})(?:[ \t]|$)/.exec(begin) ?? [];
    if (opening !== undefined && marks !== undefined) {
      const title = begin.slice(opening.length).trim();
      return [{ level: marks.length, title: title.replace(/(?:^|[ \t])#+$/, "").trim(), at, underlined: false }];
    }
    const [, underline] = /^ {0,3}(=+|-{2,})[ \t]*$/.exec(lines[at + 1]?.text ?? "") ?? [];
    if (underline === undefined || lines[at + 1]?.hidden || !isParagraph(line)) return [];
    return [{ level: underline.startsWith("=") ? 1 : 2, title: begin.trim(), at, underlined: true }];
  });
}

/** What a list's item says; undefined for a line that begins none. */
export function itemOf(line: Line): { readonly bullet: string; readonly text: string } | undefined {
  const [, bullet, text] = (!line.hidden && /^ {0,3}([-*+])[ \t]+(\S.*)$/.exec(line.text)) || [];
  return bullet === undefined || text === undefined ? undefined : { bullet, text };
}

export function isBlank(line: Line): boolean {
  return line.text.trim() === "";
}

/** `[1.0.0]: https://…`: not seen by who reads the page. */
export function isLinkDefinition(line: Line): boolean {
  return !line.hidden && /^ {0,3}\[[^\]]+\]:/.test(line.text);
}

function isParagraph(line: Line): boolean {
  return (
    !isBlank(line) && !isLinkDefinition(line) && itemOf(line) === undefined && !/^ {0,3}[>|#]| {4}/.test(line.text)
  );
}
