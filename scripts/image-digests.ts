/** The digests of the images that were pushed, by process; and what is wrong with them, a sentence each. */
export interface ImageDigests {
  readonly digests: Readonly<Record<string, string>>;
  readonly problems: readonly string[];
}

const PUSHED = /^(?:.+\/)?([^/@]+)@(sha256:[0-9a-f]{64})$/;

/** Reads lines as `npm run images -- all --push` prints them, and looks for each of the processes. Other images are left out. */
export function digestsOf(printed: string, processes: readonly string[]): ImageDigests {
  const lines = printed.split("\n").filter((line) => line.trim() !== "");
  const pushed = new Map(
    lines.flatMap((line) => {
      const [, name, digest] = PUSHED.exec(line.trim()) ?? [];
      return name === undefined || digest === undefined ? [] : [[name, digest] as const];
    }),
  );
  const sorted = processes.toSorted();
  return {
    digests: Object.fromEntries(sorted.flatMap((name) => (pushed.has(name) ? [[name, pushed.get(name) ?? ""]] : []))),
    problems: sorted
      .filter((name) => !pushed.has(name))
      .map((name) => `${name} was not pushed: no line names its digest`),
  };
}
