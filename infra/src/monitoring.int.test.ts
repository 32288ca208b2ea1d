import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { openTerraform } from "./terraform.ts";
import type { Resource } from "./test-outcome.ts";

const ROOT = resolve(import.meta.dirname, "../..");

type Values = Readonly<Record<string, unknown>>;
let made: readonly Resource[];
beforeAll(async () => {
  await using terraform = await openTerraform(resolve(ROOT, "infra/terraform"));
  const { runs, problems } = await terraform.test("tests/house.tftest.hcl");
  if (problems.length > 0) throw new Error(problems.join("\n"));
  made = runs.flatMap(({ resources }) => resources);
});

const of = (type: string): readonly Values[] => made.filter((one) => one.type === type).map(({ values }) => values);
const blocks = (values: Values | undefined, name: string): readonly Values[] =>
  (values?.[name] ?? []) as readonly Values[];

interface Widget {
  readonly title: string;
  readonly text: string;
}
function widgets(): readonly Widget[] {
  const [dashboard] = of("google_monitoring_dashboard");
  const { mosaicLayout } = JSON.parse(String(dashboard?.["dashboard_json"])) as {
    mosaicLayout: { tiles: readonly { widget: { title: string } }[] };
  };
  return mosaicLayout.tiles.map(({ widget }) => ({ title: widget.title, text: JSON.stringify(widget) }));
}

test.each([
  ["Messages published, by topic", /topic\/send_request_count/],
  [
    "Messages delivered, by subscription: pushed and pulled",
    /subscription\/push_request_count.*subscription\/pull_request_count/,
  ],
  ["Unacked messages", /subscription\/num_undelivered_messages/],
  ["Age of the oldest unacked message, s", /subscription\/oldest_unacked_message_age/],
  [
    "Share of pushes that succeed",
    /timeSeriesFilterRatio.*denominator.*push_request_count\\"".*numerator.*push_request_count.*response_class=\\"ack\\""/,
  ],
  ["Events published, by tenant", /metric\.label\.tenant_id.*user\/contextpilot\/published/],
  ["Time of a delivery by event type, 95th percentile, ms", /ALIGN_PERCENTILE_95.*user\/contextpilot\/delivery_time/],
])("the dashboard shows: %s", (title, asked) => {
  expect(widgets().find((one) => one.title === title)?.text).toMatch(asked);
});

test("no chart lies over another", () => {
  const [dashboard] = of("google_monitoring_dashboard");
  const { mosaicLayout } = JSON.parse(String(dashboard?.["dashboard_json"])) as {
    mosaicLayout: { columns: number; tiles: readonly { xPos: number; yPos: number; width: number }[] };
  };
  const places = mosaicLayout.tiles.map(({ xPos, yPos }) => `${xPos} ${yPos}`);
  expect(new Set(places).size).toBe(places.length);
  expect(mosaicLayout.tiles.every(({ xPos, width }) => xPos + width <= mosaicLayout.columns)).toBe(true);
});

const policies = () => of("google_monitoring_alert_policy");
const threshold = (condition: Values): Values => blocks(condition, "condition_threshold")[0] ?? {};

test.each([
  ["Messages wait", /num_undelivered_messages/, 1000, "300s"],
  ["A message waits long", /oldest_unacked_message_age/, 3600, "600s"],
  ["Pushes fail", /push_request_count.*response_class != "ack"/, 0.1, "300s"],
  ["Dead letters grow", /send_request_count.*ends_with\("-dlq"\)/, 0, "0s"],
  ["Dead letters grow", /dead_letter_message_count/, 0, "0s"],
  ["A job fails", /completed_execution_count.*result = "failed".*job_name != "heartbeat"/, 0, "0s"],
  ["Requests are slow", /request_latencies/, 10_000, "600s"],
  ["The heartbeat stops", /result = "failed".*"heartbeat"/, 0, "0s"],
  ["git-agent is at its limit of instances", /instance_count.*"git-agent"/, 9, "300s"],
])("somebody is told: %s, by %s over %s for %s", (name, filter, over, duration) => {
  const policy = policies().find((one) => one["display_name"] === `ContextPilot: ${name}`);
  const condition = blocks(policy, "conditions").find((one) => filter.test(String(threshold(one)["filter"])));
  expect(condition && threshold(condition)).toMatchObject({
    comparison: "COMPARISON_GT",
    threshold_value: over,
    duration,
  });
});

test("what must not wait is critical: messages that pile up, and a heartbeat that stops", () => {
  const critical = policies().filter(({ severity }) => severity === "CRITICAL");
  expect(critical.map((policy) => String(policy["display_name"])).toSorted()).toEqual([
    "ContextPilot: Messages wait",
    "ContextPilot: The heartbeat stops",
  ]);
  const oldest = policies().find((one) => one["display_name"] === "ContextPilot: A message waits long");
  expect(oldest?.["severity"]).toBe("WARNING");
});

test("somebody is told when no heartbeat succeeded for an hour, by failures or for nobody ran it", () => {
  const policy = policies().find((one) => one["display_name"] === "ContextPilot: The heartbeat stops");
  const condition = blocks(policy, "conditions")
    .map(threshold)
    .find((one) => one["comparison"] === "COMPARISON_LT");
  expect(condition).toMatchObject({
    filter: expect.stringMatching(/completed_execution_count.*result = "succeeded".*"heartbeat"/),
    threshold_value: 1,
    // Missing data counts from 60 s on.
    duration: "60s",
    evaluation_missing_data: "EVALUATION_MISSING_DATA_ACTIVE",
    aggregations: [{ alignment_period: "3600s", per_series_aligner: "ALIGN_DELTA" }],
  });
});

test("the share of failing pushes is of all pushes of the same subscription", () => {
  const policy = policies().find((one) => one["display_name"] === "ContextPilot: Pushes fail");
  const [condition = {}] = blocks(policy, "conditions").map(threshold);
  expect(condition["denominator_filter"]).toMatch(/push_request_count"$/);
  expect(condition["denominator_aggregations"]).toEqual(condition["aggregations"]);
});

test("somebody is told when an event could not be published, by the line that says so", () => {
  const policy = policies().find((one) => one["display_name"] === "ContextPilot: Publishing fails");
  const [condition] = blocks(policy, "conditions");
  const [matched] = blocks(condition, "condition_matched_log");
  const [, event] = /jsonPayload\.event="(\w+)"/.exec(String(matched?.["filter"])) ?? [];
  expect(readFileSync(resolve(ROOT, "packages/agent-host/src/logged-publisher.ts"), "utf8")).toContain(
    `event: "${event}"`,
  );
});

test("every alert says where it is told what to do, and that page does", () => {
  const page = readFileSync(resolve(ROOT, "docs/operations.md"), "utf8");
  const named = policies().map(
    (policy) => /docs\/operations\.md, ([^)]+)\)/.exec(String(blocks(policy, "documentation")[0]?.["content"]))?.[1],
  );
  expect(named).not.toContain(undefined);
  expect([...new Set(named)].filter((title) => !page.includes(`\n### ${title}\n`))).toEqual([]);
});

test("metrics of the log count what is in its lines", () => {
  const lines = ["logged-publisher", "log-delivery", "create-agent"]
    .map((file) => readFileSync(resolve(ROOT, `packages/agent-host/src/${file}.ts`), "utf8"))
    .join("\n");
  const fields = of("google_logging_metric").flatMap((metric) => [
    ...String(metric["filter"]).matchAll(/jsonPayload\.(\w+)/g),
    ...JSON.stringify(metric["label_extractors"]).matchAll(/jsonPayload\.(\w+)/g),
    ...String(metric["value_extractor"]).matchAll(/jsonPayload\.(\w+)/g),
  ]);
  expect(fields.length).toBeGreaterThan(10);
  expect(fields.filter(([, field]) => !new RegExp(`\\b${field}\\b`).test(lines))).toEqual([]);
});
