import type { Resource } from "../test-outcome.ts";

/** A Google Cloud project as Terraform makes it: what the house's rules ask about. Everything is known by its name. */
export interface Project {
  readonly topics: readonly string[];
  readonly subscriptions: readonly Subscription[];
  readonly services: readonly Service[];
  readonly jobs: readonly Job[];
  readonly grants: readonly Grant[];
  /** The permissions of each role of its own. */
  readonly roles: ReadonlyMap<string, readonly string[]>;
  readonly types: ReadonlySet<string>;
}

export interface Subscription {
  readonly name: string;
  readonly topic: string;
  readonly filter: string;
  readonly ordered: boolean;
  /** Times as Google writes them: `600s`. */
  readonly ackDeadline: string;
  readonly retention: string;
  readonly backoff: string;
  /** When nobody uses it, which is Pub/Sub's default. */
  readonly expires: boolean;
  readonly deadLetterTopic: string | undefined;
  readonly maxDeliveryAttempts: number | undefined;
  readonly push: { readonly endpoint: string; readonly audience: string; readonly account: string } | undefined;
}

export interface Service {
  readonly name: string;
  readonly uri: string;
  readonly ingress: string;
  /** The account that it runs as. */
  readonly account: string;
  readonly audiences: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Cloud Run asks nobody who they are. */
  readonly asksNobody: boolean;
}

export interface Job {
  readonly name: string;
  /** The account that it runs as. */
  readonly account: string;
}

/** Reads as a sentence: `coach-agent may roles/pubsub.publisher on topic coach-nudges`. */
export interface Grant {
  /** An account's id, `allUsers`, or a member as Google writes it. */
  readonly who: string;
  readonly role: string;
  /** `topic git-events`, `subscription …`, `service …`, `job …`, `account …`, or the type of the grant where it is none of these. */
  readonly on: string;
  /** Where it holds, in the words of Google's conditions; empty where it always does. */
  readonly where: string;
}

/** Reads a project from what a run with `command = apply` made: only then do references have values. */
export function projectOf(resources: readonly Resource[]): Project {
  const named = namesOf(resources);
  const name = (value: string): string => named.get(value) ?? value;
  const all = (type: string): Values[] => resources.filter((one) => one.type === type).map(({ values }) => values);
  return {
    topics: all("google_pubsub_topic").map((topic) => text(topic, "name")),
    subscriptions: all("google_pubsub_subscription").map((one) => subscription(one, name)),
    services: all("google_cloud_run_v2_service").map((one) => service(one, name)),
    jobs: all("google_cloud_run_v2_job").map((one) => job(one, name)),
    grants: resources.filter(({ type }) => type.endsWith("_iam_member")).map((one) => grant(one, name)),
    roles: new Map(
      all("google_project_iam_custom_role").map((one) => [text(one, "role_id"), one["permissions"] as string[]]),
    ),
    types: new Set(resources.map(({ type }) => type)),
  };
}

type Values = Resource["values"];
type Naming = (value: string) => string;

/** Empty where it is not set. */
const text = (values: Values | undefined, key: string): string =>
  typeof values?.[key] === "string" ? values[key] : "";

/** What resources are referred to by (ids, members, addresses, full names), with what people call them. */
function namesOf(resources: readonly Resource[]): ReadonlyMap<string, string> {
  return new Map(
    resources.flatMap(({ values }) => {
      const account = text(values, "account_id");
      const role = text(values, "role_id");
      if (role !== "") return [[text(values, "name"), role] as const];
      if (account === "") return [[text(values, "id"), text(values, "name")] as const];
      const email = text(values, "email");
      const others = [text(values, "id"), text(values, "name"), text(values, "member")];
      return [email, `serviceAccount:${email}`, ...others].map((one) => [one, account] as const);
    }),
  );
}

function subscription(values: Values, name: Naming): Subscription {
  const [push] = blocks(values, "push_config");
  const [token] = push === undefined ? [] : blocks(push, "oidc_token");
  const [deadLetter] = blocks(values, "dead_letter_policy");
  const [expiration] = blocks(values, "expiration_policy");
  const [retry] = blocks(values, "retry_policy");
  return {
    name: text(values, "name"),
    topic: name(text(values, "topic")),
    filter: text(values, "filter"),
    ordered: values["enable_message_ordering"] === true,
    ackDeadline: `${Number(values["ack_deadline_seconds"])}s`,
    retention: text(values, "message_retention_duration"),
    backoff: `${text(retry, "minimum_backoff")} to ${text(retry, "maximum_backoff")}`,
    expires: expiration === undefined || text(expiration, "ttl") !== "",
    deadLetterTopic: deadLetter && name(text(deadLetter, "dead_letter_topic")),
    maxDeliveryAttempts: deadLetter?.["max_delivery_attempts"] as number | undefined,
    push: push && {
      endpoint: text(push, "push_endpoint"),
      audience: text(token, "audience"),
      account: name(text(token, "service_account_email")),
    },
  };
}

function service(values: Values, name: Naming): Service {
  const [template = {}] = blocks(values, "template");
  const [container = {}] = blocks(template, "containers");
  const environment = blocks(container, "env").map((one) => [text(one, "name"), name(text(one, "value"))] as const);
  return {
    name: text(values, "name"),
    uri: text(values, "uri"),
    ingress: text(values, "ingress"),
    account: name(text(template, "service_account")),
    audiences: (values["custom_audiences"] ?? []) as readonly string[],
    environment: Object.fromEntries(environment),
    asksNobody: values["invoker_iam_disabled"] === true,
  };
}

function job(values: Values, name: Naming): Job {
  const [execution = {}] = blocks(values, "template");
  const [task = {}] = blocks(execution, "template");
  return { name: text(values, "name"), account: name(text(task, "service_account")) };
}

/** Where a grant says what it is on, by its type. */
const guarded = {
  google_pubsub_topic_iam_member: ["topic", "topic"],
  google_pubsub_subscription_iam_member: ["subscription", "subscription"],
  google_cloud_run_v2_service_iam_member: ["service", "name"],
  google_cloud_run_v2_job_iam_member: ["job", "name"],
  google_service_account_iam_member: ["account", "service_account_id"],
} as const;

function grant({ type, values }: Resource, name: Naming): Grant {
  const on = type in guarded ? guarded[type as keyof typeof guarded] : undefined;
  const [condition] = blocks(values, "condition");
  return {
    who: name(text(values, "member")),
    role: name(text(values, "role")),
    on: on === undefined ? type : `${on[0]} ${name(text(values, on[1]))}`,
    where: text(condition, "expression"),
  };
}

const blocks = (values: Values, block: string): readonly Values[] => (values[block] ?? []) as readonly Values[];
