/** Keep a Changelog 1.1.0: the sections of a release, in its order. */
export const SECTIONS = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"] as const;
export type Section = (typeof SECTIONS)[number];

/** The section that a heading names, in any case. */
export function sectionNamed(title: string): Section | undefined {
  return SECTIONS.find((section) => section.toLowerCase() === title.toLowerCase());
}

/** One line of a changelog, without its bullet. */
export interface Entry {
  readonly section: Section;
  readonly text: string;
}

/** Whether two lines say the same: case, spaces, a full stop and the number of a pull request at the end do not count. */
export function saysTheSame(one: string, other: string): boolean {
  return essence(one) === essence(other);
}

function essence(text: string): string {
  const words = text.toLowerCase().replaceAll(/\s+/g, " ").trim();
  return words.replace(/(?: ?\(\[?#\d+\]?(?:\([^)]*\))?\)|\.)+$/, "");
}
