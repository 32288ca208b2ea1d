/** What `terraform test` said. */
export interface TestOutcome {
  readonly runs: readonly TestRun[];
  /** Of all runs, and of the files themselves, a sentence each. */
  readonly problems: readonly string[];
}

export interface TestRun {
  /** `tests/policy.tftest.hcl` */
  readonly file: string;
  readonly name: string;
  readonly status: "pass" | "fail" | "error" | "skip" | "pending";
  /** Where the run's command is plan: what would be made. */
  readonly planned: readonly PlannedResource[];
}

/** A resource of a plan. What is known only after it was made is missing from its values. */
export interface PlannedResource {
  /** `google_pubsub_topic.topic["git-events"]` */
  readonly address: string;
  readonly type: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** A line of `terraform test -json`: the fields that are read here. */
interface Line {
  readonly "@testfile"?: string;
  readonly "@testrun"?: string;
  readonly type: string;
  readonly diagnostic?: { readonly severity: string; readonly summary: string; readonly detail: string };
  readonly test_run?: { readonly run: string; readonly progress: string; readonly status?: TestRun["status"] };
  readonly test_plan?: { readonly resource_changes?: readonly Change[] };
}

interface Change {
  readonly address: string;
  readonly mode: string;
  readonly type: string;
  readonly change: { readonly after: Readonly<Record<string, unknown>> };
}

/** Reads what `terraform test -json -verbose` printed. Throws with its standard error where it printed no tests at all. */
export function testOutcome(out: string, err: string): TestOutcome {
  const lines = out
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Line);
  if (!lines.some(({ type }) => type === "test_summary")) throw new Error(`terraform test did not run: ${out}${err}`);
  const runs = lines.flatMap((line) => {
    const { "@testfile": file = "", test_run: ended } = line;
    if (ended?.progress !== "complete" || ended.status === undefined) return [];
    const plan = lines.find(
      (other) => other.test_plan && other["@testfile"] === file && other["@testrun"] === ended.run,
    );
    return [{ file, name: ended.run, status: ended.status, planned: plannedBy(plan) }];
  });
  const problems = lines.flatMap(({ "@testrun": run, diagnostic }) =>
    diagnostic?.severity === "error" ? [`${run ?? "all"}: ${diagnostic.summary}: ${diagnostic.detail}`] : [],
  );
  return { runs, problems };
}

const plannedBy = (line: Line | undefined): PlannedResource[] =>
  (line?.test_plan?.resource_changes ?? [])
    .filter(({ mode }) => mode === "managed")
    .map(({ address, type, change }) => ({ address, type, values: change.after }));
