/** What `terraform test` said. */
export interface TestOutcome {
  readonly runs: readonly TestRun[];
  /** Of all runs, and of the files themselves, a sentence each. */
  readonly problems: readonly string[];
}

export interface TestRun {
  /** `tests/house.tftest.hcl` */
  readonly file: string;
  readonly name: string;
  readonly status: "pass" | "fail" | "error" | "skip" | "pending";
  /** What was planned, or (the run's command is apply) made. Of a plan, values that are known only later are missing. */
  readonly resources: readonly Resource[];
}

export interface Resource {
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
  readonly test_plan?: { readonly resource_changes?: readonly (Managed & { readonly change: { after: Values } })[] };
  readonly test_state?: { readonly root_module?: { readonly resources?: readonly (Managed & { values: Values })[] } };
}

type Values = Resource["values"];
interface Managed {
  readonly address: string;
  readonly mode: string;
  readonly type: string;
}

/** Reads what `terraform test -json -verbose` printed. Throws with its standard error where it ran no test at all. */
export function testOutcome(out: string, err: string): TestOutcome {
  const lines = out
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Line);
  if (!lines.some(({ type }) => type === "test_summary")) throw new Error(`terraform test did not run: ${out}${err}`);
  const runs = lines.flatMap(({ "@testfile": file = "", test_run: ended }) => {
    if (ended?.progress !== "complete" || ended.status === undefined) return [];
    const resources = lines
      .filter((line) => line["@testfile"] === file && line["@testrun"] === ended.run)
      .flatMap((line) => resourcesIn(line));
    return [{ file, name: ended.run, status: ended.status, resources }];
  });
  const problems = lines.flatMap(({ "@testrun": run, diagnostic }) =>
    diagnostic?.severity === "error" ? [`${run ?? "all"}: ${diagnostic.summary}: ${diagnostic.detail}`] : [],
  );
  return { runs, problems };
}

function resourcesIn({ test_plan, test_state }: Line): Resource[] {
  const planned = (test_plan?.resource_changes ?? []).map((one) => ({ ...one, values: one.change.after }));
  return [...planned, ...(test_state?.root_module?.resources ?? [])]
    .filter(({ mode }) => mode === "managed")
    .map(({ address, type, values }) => ({ address, type, values }));
}
