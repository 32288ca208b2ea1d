import { action, hashOf, readAgain } from "../actions.ts";
import { linesOf, type Change, type ChangedFile } from "../change.ts";
import type { Finding, Rule } from "../finding.ts";
import { command, shown } from "../wording.ts";

type Advice = Pick<Finding, "priority" | "reason" | "title"> & {
  /** So many lines are a large change there. */
  readonly large: number;
  /** Which lines count. Default: all that were added or removed. */
  readonly weight?: (file: ChangedFile) => number;
  /** What to do beside reading it. */
  check(change: Change, file: ChangedFile): string;
};

type RiskyKind = "migration" | "security" | "ci" | "dependencies";

const ADVICE: Record<RiskyKind, Advice> = {
  migration: {
    large: 20,
    priority: "high",
    title: (place) => `Rehearse the way back from ${place}`,
    reason: "Data does not roll back with the code.",
    check: () => "Run it up, down and up again on a copy of real data, and note how long it holds its locks.",
  },
  security: {
    large: 60,
    priority: "high",
    title: (place) => `Try what ${place} must refuse`,
    reason: "What lets someone in by mistake shows only when somebody tries.",
    check: (_, file) =>
      `Try what ${shown(file.path)} must refuse: no identity, an expired one, someone else's; each should fail, and say why in the log.`,
  },
  ci: {
    large: 30,
    // What is gone cannot be tried.
    weight: (file) => (file.added === 0 ? 0 : linesOf(file)),
    priority: "normal",
    title: (place) => `Try ${place} out before others rely on it`,
    reason: "It decides what is checked and what goes out, for everyone who pushes next.",
    check: (change, file) => rehearsal(change, file.path),
  },
  dependencies: {
    large: 10,
    // A line for a line is a new version of what was there.
    weight: (file) => file.added - file.removed,
    priority: "normal",
    title: (place) => `Look at what ${place} brings in`,
    reason: "Each new line there is code that nobody here has read.",
    check: (_, file) => audit(file.path),
  },
};

/** A large change where mistakes cost most; it is about the file that is the furthest over what is large there. */
export const riskyPlace: Rule = (change) => {
  const [worst] = change.files
    .flatMap((file) => (isRisky(file.kind) ? [{ file, advice: ADVICE[file.kind] }] : []))
    .map(({ file, advice }) => ({ file, advice, size: (advice.weight ?? linesOf)(file) / advice.large }))
    .filter(({ size }) => size >= 1)
    .toSorted((a, b) => b.size - a.size);
  if (worst === undefined) return undefined;
  const { file, advice } = worst;
  const { priority, title, reason } = advice;
  return {
    rule: "risky-place",
    file,
    priority,
    title,
    reason,
    actions: [advice.check(change, file), readAgain(change, file)],
  };
};

function isRisky(kind: ChangedFile["kind"]): kind is RiskyKind {
  return kind !== undefined && Object.hasOwn(ADVICE, kind);
}

function rehearsal(change: Change, path: string): string {
  const hash = hashOf(change);
  if (/dockerfile|containerfile/i.test(path)) {
    return action("Build it from nothing", command("docker", "build", "--no-cache", "-f", path, "."));
  }
  if (/\.tf(?:vars)?$/.test(path)) return "See what it would change before it does: `terraform plan`";
  const line = hash && command("git", "push", "origin", `${hash}:refs/heads/try-${hash}`);
  return action("Let it run on a branch of its own", line);
}

/** The commands with which each ecosystem asks for known holes. */
const AUDITS: readonly (readonly [RegExp, string])[] = [
  [/(?:^|\/)package\.json$/, "npm audit"],
  [/(?:^|\/)pnpm-workspace\.yaml$/, "pnpm audit"],
  [/(?:^|\/)(?:requirements[^/]*\.(?:txt|in)|pyproject\.toml|pipfile|setup\.(?:py|cfg))$/i, "pip-audit"],
  [/(?:^|\/)cargo\.toml$/i, "cargo audit"],
  [/(?:^|\/)go\.mod$/, "govulncheck ./..."],
  [/(?:^|\/)gemfile$/i, "bundle audit"],
  [/(?:^|\/)composer\.json$/, "composer audit"],
];

function audit(path: string): string {
  const tool = AUDITS.find(([manifest]) => manifest.test(path))?.[1];
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  const enter = folder === "" ? "" : command("cd", `./${folder}`)?.concat(" && ");
  const line = tool === undefined || enter === undefined ? undefined : `${enter}${tool}`;
  return action("Ask for known holes", line, "Look up who maintains each new dependency, and its known holes");
}
