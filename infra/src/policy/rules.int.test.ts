import { resolve } from "node:path";
import { type House, readHouse } from "../house.ts";
import { openTerraform } from "../terraform.ts";
import type { Resource, TestOutcome } from "../test-outcome.ts";
import { projectOf } from "./project.ts";
import { rules } from "./rules.ts";

const ROOT = resolve(import.meta.dirname, "../../..");

let house: House;
let outcome: TestOutcome;
let made: readonly Resource[];
beforeAll(async () => {
  house = readHouse(ROOT);
  await using terraform = await openTerraform(resolve(ROOT, "infra/terraform"));
  outcome = await terraform.test("tests/house.tftest.hcl");
  made = outcome.runs.flatMap(({ resources }) => resources);
});

test("a new project is made", () => {
  expect(outcome.problems).toEqual([]);
  expect(made).not.toEqual([]);
});

test.each(Object.entries(rules))("a new project keeps the rule %s", (_, rule) => {
  expect(rule(projectOf(made), house)).toEqual([]);
});

type Change = (resources: readonly Resource[]) => readonly Resource[];

const without =
  (address: string): Change =>
  (resources) =>
    resources.filter((one) => one.address !== address);

const withGrant =
  (type: string, values: Readonly<Record<string, unknown>>): Change =>
  (resources) => [...resources, { address: `${type}.more`, type, values }];

const changed =
  (address: string, values: Readonly<Record<string, unknown>>): Change =>
  (resources) =>
    resources.map((one) => (one.address === address ? { ...one, values: { ...one.values, ...values } } : one));

const asPushed = { member: "git-agent", role: "roles/pubsub.publisher", topic: "coach-nudges" };

test.each<{ rule: keyof typeof rules; change: Change; found: RegExp }>([
  {
    rule: "grantsFollowTheTopology",
    change: without(`google_pubsub_topic_iam_member.publisher["coach-agent/coach-nudges"]`),
    found: /^missing: coach-agent may roles\/pubsub.publisher on topic coach-nudges$/,
  },
  {
    rule: "grantsFollowTheTopology",
    change: withGrant("google_pubsub_topic_iam_member", asPushed),
    found: /^too much: git-agent may roles\/pubsub.publisher on topic coach-nudges$/,
  },
  {
    rule: "deadLettersArrive",
    change: without(`google_pubsub_topic_iam_member.forwards_dead_letters["git-events-dlq"]`),
    found: /^git-from-push: Pub\/Sub lacks roles\/pubsub.publisher on topic git-events-dlq$/,
  },
  {
    rule: "deadLettersArrive",
    change: without(`google_pubsub_subscription_iam_member.takes_dead_letters["git-from-push"]`),
    found: /^git-from-push: Pub\/Sub lacks roles\/pubsub.subscriber on subscription git-from-push$/,
  },
  {
    rule: "deadLettersArrive",
    change: without(`google_pubsub_subscription.subscription["ui-from-git-dlq"]`),
    found: /^nobody hears git-events-dlq: what is put there is lost$/,
  },
  {
    rule: "deadLettersArrive",
    change: changed(`google_pubsub_subscription.subscription["git-from-push"]`, { dead_letter_policy: [] }),
    found: /^git-from-push has no dead-letter topic$/,
  },
  {
    rule: "subscriptionsFollowTheTopology",
    change: without(`google_pubsub_subscription.subscription["git-from-push"]`),
    found: /^git-from-push is missing$/,
  },
  {
    rule: "subscriptionsFollowTheTopology",
    change: changed(`google_pubsub_subscription.subscription["git-from-push"]`, { filter: "" }),
    found: /^git-from-push has another filter than attributes.event_type = "git.push" OR /,
  },
  {
    rule: "subscriptionsFollowTheTopology",
    change: changed(`google_pubsub_subscription.subscription["git-from-push"]`, { enable_message_ordering: false }),
    found: /^git-from-push has another ordered than true$/,
  },
  {
    rule: "subscriptionsFollowTheTopology",
    change: changed(`google_pubsub_subscription.subscription["git-from-push"]`, { retry_policy: [] }),
    found: /^git-from-push has another backoff than 10s to 600s$/,
  },
  {
    rule: "subscriptionsFollowTheTopology",
    change: changed(`google_pubsub_subscription.subscription["git-from-push"]`, { expiration_policy: [] }),
    found: /^git-from-push expires$/,
  },
  {
    rule: "subscriptionsFollowTheTopology",
    change: changed(`google_pubsub_subscription.subscription["git-from-push"]`, { filter: "é".repeat(129) }),
    found: /^the filter of git-from-push is longer than 256 bytes$/,
  },
  {
    rule: "pushesAreLetIn",
    change: changed(`google_cloud_run_v2_service.process["git-agent"]`, { custom_audiences: [] }),
    found: /^git-from-push: Cloud Run refuses the audience \S+ for git-agent$/,
  },
  {
    rule: "pushesAreLetIn",
    change: changed(`google_cloud_run_v2_service.process["git-agent"]`, { uri: "https://elsewhere.test" }),
    found: /^git-from-push pushes to \S+\/events, not to git-agent$/,
  },
  {
    rule: "pushesAreLetIn",
    change: (all) => all.filter(({ values }) => values["role"] !== "roles/run.invoker"),
    found: /^git-from-push: pubsub-push may not call git-agent$/,
  },
  {
    rule: "pushesAreLetIn",
    change: without("google_service_account_iam_member.pubsub_signs_pushes"),
    found: /^git-from-push: Pub\/Sub may not sign for pubsub-push$/,
  },
  {
    rule: "nobodyElseComesIn",
    change: withGrant("google_cloud_run_v2_service_iam_member", {
      member: "allUsers",
      role: "roles/run.invoker",
      name: "git-agent",
    }),
    found: /^allUsers may roles\/run.invoker on service git-agent$|^git-agent trusts tokens that nobody has verified$/,
  },
  {
    rule: "nobodyElseComesIn",
    change: changed(`google_cloud_run_v2_service.process["git-agent"]`, { ingress: "INGRESS_TRAFFIC_ALL" }),
    found: /^git-agent is reached from outside$/,
  },
  {
    rule: "nobodyElseComesIn",
    change: changed(`google_cloud_run_v2_service.process["git-agent"]`, { invoker_iam_disabled: true }),
    found: /^git-agent asks nobody who they are$|^git-agent trusts tokens that nobody has verified$/,
  },
  {
    rule: "grantsAreNarrow",
    change: withGrant("google_project_iam_member", { member: "git-agent", role: "roles/pubsub.editor" }),
    found: /^git-agent may roles\/pubsub.editor in the whole project$/,
  },
  {
    rule: "grantsAreNarrow",
    change: withGrant("google_pubsub_topic_iam_binding", {}),
    found: /^google_pubsub_topic_iam_binding is used$/,
  },
  {
    rule: "heartbeatOnlyLooks",
    change: without(`google_pubsub_topic_iam_member.heartbeat["git-events"]`),
    found: /^missing: heartbeat may roles\/pubsub.publisher on topic git-events$/,
  },
  {
    rule: "heartbeatOnlyLooks",
    change: withGrant("google_pubsub_topic_iam_member", { ...asPushed, member: "heartbeat" }),
    found: /^too much: heartbeat may roles\/pubsub.publisher on topic coach-nudges$/,
  },
  {
    rule: "heartbeatOnlyLooks",
    change: changed(`google_project_iam_custom_role.heartbeat["heartbeat"]`, { permissions: ["pubsub.topics.delete"] }),
    found: /^too much: heartbeat may pubsub.topics.delete on google_project_iam_member$/,
  },
  {
    rule: "heartbeatOnlyLooks",
    change: changed(`google_project_iam_member.heartbeat_reads_database["heartbeat"]`, { condition: [] }),
    found: /^too much: heartbeat may roles\/datastore.viewer on google_project_iam_member$/,
  },
  {
    rule: "schedulersOnlyRun",
    change: without(`google_cloud_run_v2_job_iam_member.scheduler["heartbeat"]`),
    found: /^missing: heartbeat-scheduler may roles\/run.invoker on job heartbeat$/,
  },
  {
    rule: "schedulersOnlyRun",
    change: withGrant("google_cloud_run_v2_job_iam_member", {
      member: "coach-agent",
      role: "roles/run.invoker",
      name: "heartbeat",
    }),
    found: /^too much: coach-agent may roles\/run.invoker on job heartbeat$/,
  },
  {
    rule: "schedulersOnlyRun",
    change: withGrant("google_pubsub_topic_iam_member", { ...asPushed, member: "heartbeat-scheduler" }),
    found: /^too much: heartbeat-scheduler may roles\/pubsub.publisher on topic coach-nudges$/,
  },
])("$rule finds $found", ({ rule, change, found }) => {
  const problems = rules[rule](projectOf(change(made)), house);
  expect(problems).not.toEqual([]);
  expect(problems).toContainEqual(expect.stringMatching(found));
});
