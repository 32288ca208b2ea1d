import { MAX_FILTER_BYTES, type ResolvedSubscription } from "@contextpilot/topology";
import type { House } from "../house.ts";
import type { Grant, Project, Service, Subscription } from "./project.ts";

/** A rule gives a sentence for each breach; none where the project keeps it. */
export type Rule = (project: Project, house: House) => readonly string[];

/** What each identity may publish to and take from is what the topology says: no more, no less. */
export const grantsFollowTheTopology: Rule = (project, house) => {
  const processes = new Set(house.processes.map(({ name }) => name));
  const own = [...project.services, ...project.jobs].filter(({ name }) => processes.has(name));
  const accounts = new Set(own.map(({ account }) => account));
  const given = project.grants.filter(({ who, role }) => accounts.has(who) && role.startsWith("roles/pubsub."));
  const due = new Set(house.processes.flatMap(({ name }) => topologyGrants(name, house)).map(sentence));
  return differences(due, new Set(given.map(sentence)));
};

const differences = (due: ReadonlySet<string>, found: ReadonlySet<string>): string[] => [
  ...[...due].filter((one) => !found.has(one)).map((one) => `missing: ${one}`),
  ...[...found].filter((one) => !due.has(one)).map((one) => `too much: ${one}`),
];

type Right = Pick<Grant, "who" | "role" | "on">;

function topologyGrants(name: string, { topology, processes }: House): Right[] {
  const { service, door } = processes.find((process) => process.name === name) ?? {};
  const { publishesTo = [], subscriptions = [] } = topology.services.find((one) => one.name === service) ?? {};
  const hears = door === "events" || door === "job";
  const says = publishesTo.filter((topic) => hears || !topic.endsWith("-dlq"));
  const takes = door === "job" ? subscriptions : [];
  return [
    ...says.map((topic) => ({ who: name, role: "roles/pubsub.publisher", on: `topic ${topic}` })),
    ...takes.map((one) => ({ who: name, role: "roles/pubsub.subscriber", on: `subscription ${one}` })),
    ...takes.map((one) => ({ who: name, role: "roles/pubsub.viewer", on: `subscription ${one}` })),
  ];
}

const sentence = ({ who, role, on }: Right): string => `${who} may ${role} on ${on}`;

/** A message that nobody takes is kept: its dead-letter topic is there and heard, and Pub/Sub has both grants that forwarding needs. */
export const deadLettersArrive: Rule = ({ topics, subscriptions, grants }, { topology }) => {
  const given = new Set(
    grants.filter(({ who }) => /@gcp-sa-pubsub\./.test(who)).map(({ role, on }) => `${role} on ${on}`),
  );
  const raw = new Set(topology.subscriptions.flatMap(({ name, raw }) => (raw ? [name] : [])));
  const unforwarded = subscriptions.flatMap(({ name, deadLetterTopic, maxDeliveryAttempts }) => {
    // Who takes every message as it is refuses none.
    if (deadLetterTopic === undefined) return raw.has(name) ? [] : [`${name} has no dead-letter topic`];
    return [
      ...(maxDeliveryAttempts === 100 ? [] : [`${name} gives up after ${maxDeliveryAttempts} attempts, not 100`]),
      ...[`roles/pubsub.publisher on topic ${deadLetterTopic}`, `roles/pubsub.subscriber on subscription ${name}`]
        .filter((needed) => !given.has(needed))
        .map((needed) => `${name}: Pub/Sub lacks ${needed}`),
    ];
  });
  const heard = new Set(subscriptions.map(({ topic }) => topic));
  const kept = topics.filter((topic) => topic.endsWith("-dlq"));
  const targets = subscriptions.flatMap(({ deadLetterTopic }) => deadLetterTopic ?? []);
  return [
    ...unforwarded,
    ...kept.filter((topic) => !heard.has(topic)).map((topic) => `nobody hears ${topic}: what is put there is lost`),
    ...targets
      .filter((topic) => !kept.includes(topic))
      .map((topic) => `${topic} is no dead-letter topic of this project`),
  ];
};

/** The topology's subscriptions are there as it says them, and none is deleted for being idle. */
export const subscriptionsFollowTheTopology: Rule = ({ subscriptions }, { topology }) => {
  const here = new Map(subscriptions.map((one) => [one.name, one]));
  return [
    ...subscriptions.filter(({ expires }) => expires).map(({ name }) => `${name} expires`),
    ...subscriptions
      .filter(({ filter }) => Buffer.byteLength(filter) > MAX_FILTER_BYTES)
      .map(({ name }) => `the filter of ${name} is longer than ${MAX_FILTER_BYTES} bytes`),
    ...topology.subscriptions.flatMap((said) => {
      const found = here.get(said.name);
      if (found === undefined) return [`${said.name} is missing`];
      return Object.entries(settingsOf(said)).flatMap(([setting, value]) =>
        found[setting as keyof typeof found] === value ? [] : [`${said.name} has another ${setting} than ${value}`],
      );
    }),
  ];
};

const settingsOf = (said: ResolvedSubscription) =>
  ({
    topic: said.topic,
    filter: said.filter ?? "",
    ordered: said.ordered,
    ackDeadline: `${said.ackDeadlineSeconds}s`,
    retention: `${said.retentionDays * 86_400}s`,
    backoff: `${said.retry.minimumSeconds}s to ${said.retry.maximumSeconds}s`,
  }) satisfies Partial<Subscription>;

/** A push reaches the process of its own service, with a token that this process takes and Cloud Run lets in. */
export const pushesAreLetIn: Rule = ({ subscriptions, services, grants }, { topology, processes }) =>
  topology.subscriptions.flatMap(({ name, service }) => {
    const receiver = processes.find((process) => process.service === service && process.door === "events");
    const push = subscriptions.find((one) => one.name === name)?.push;
    if (receiver === undefined) return push === undefined ? [] : [`${name} pushes, and nobody takes it`];
    const target = services.find((one) => one.name === receiver.name);
    if (target === undefined) return [`${name}: ${receiver.name} does not run`];
    return push === undefined ? [`${name} does not push`] : pushProblems(name, push, target, grants);
  });

function pushProblems(
  name: string,
  { endpoint, audience, account }: NonNullable<Subscription["push"]>,
  { name: service, uri, audiences, environment }: Service,
  grants: readonly Grant[],
): string[] {
  const invoker = grants.some(
    ({ who, role, on }) => who === account && role === "roles/run.invoker" && on === `service ${service}`,
  );
  const signs = grants.some(
    ({ role, on }) => role === "roles/iam.serviceAccountTokenCreator" && on === `account ${account}`,
  );
  return [
    ...(endpoint === `${uri}/events` ? [] : [`${name} pushes to ${endpoint}, not to ${service}`]),
    ...(audiences.includes(audience) ? [] : [`${name}: Cloud Run refuses the audience ${audience} for ${service}`]),
    ...(environment["PUSH_AUDIENCE"] === audience ? [] : [`${name}: ${service} refuses the audience ${audience}`]),
    ...(environment["PUSH_SERVICE_ACCOUNTS"] === account ? [] : [`${name}: ${service} does not know ${account}`]),
    ...(invoker ? [] : [`${name}: ${account} may not call ${service}`]),
    ...(signs ? [] : [`${name}: Pub/Sub may not sign for ${account}`]),
  ];
}

const EVERYONE = new Set(["allUsers", "allAuthenticatedUsers"]);

/** Everyone may call the doors for webhooks, and nothing else. Where everyone may, no agent leaves the signature to Cloud Run. */
export const nobodyElseComesIn: Rule = ({ services, grants }, { processes }) => {
  const doors = new Map(processes.map(({ name, door }) => [name, door]));
  const webhooks = new Set(processes.filter(({ door }) => door === "webhooks").map(({ name }) => `service ${name}`));
  const open = grants.filter(({ who }) => EVERYONE.has(who));
  return [
    ...open.filter(({ on }) => !webhooks.has(on)).map((one) => sentence(one)),
    ...services.flatMap(({ name, ingress, asksNobody, environment }) => {
      const door = doors.get(name);
      const isOpen = asksNobody || open.some(({ on }) => on === `service ${name}`);
      return [
        ...(asksNobody && door !== "webhooks" ? [`${name} asks nobody who they are`] : []),
        ...(door === "events" && ingress !== "INGRESS_TRAFFIC_INTERNAL_ONLY"
          ? [`${name} is reached from outside`]
          : []),
        ...(isOpen && environment["PUSH_AUTH_MODE"] === "platform"
          ? [`${name} trusts tokens that nobody has verified`]
          : []),
      ];
    }),
  ];
};

/** Roles that give away a project, or every topic in it. */
const BROAD = /^roles\/(?:owner|editor|viewer|pubsub\..*|run\..*|iam\..*|secretmanager\..*|.*\.admin)$/;

/** Each process is someone of its own; grants name one resource, add to what is there, and no key leaves Google. */
export const grantsAreNarrow: Rule = ({ services, jobs, grants, types }) => {
  const accounts = [...services, ...jobs].map(({ account }) => account);
  return [
    ...accounts.filter((account, i) => accounts.indexOf(account) !== i).map((one) => `${one} is two processes`),
    ...grants
      .filter(({ on, role }) => on === "google_project_iam_member" && BROAD.test(role))
      .map((one) => `${one.who} may ${one.role} in the whole project`),
    ...[...types]
      .filter((type) => /_iam_(?:policy|binding)$|_account_key$/.test(type))
      .map((type) => `${type} is used`),
  ];
};

/** Nobody runs a job but its own scheduler, and who runs it may do nothing else. */
export const schedulersOnlyRun: Rule = ({ jobs, grants }) => {
  const found = grants.filter(({ who, on }) => who.endsWith("-scheduler") || on.startsWith("job "));
  const due = jobs.map(({ name }) => `${name}-scheduler may roles/run.invoker on job ${name}`);
  return differences(new Set(due), new Set(found.map(sentence)));
};

/**
 * The heartbeat says commits, and nothing else: whatever more it may do, it may look at. A role of the project's own counts as its permissions.
 */
export const heartbeatOnlyLooks: Rule = ({ grants, roles }, { topology }) => {
  const commits = topology.topics.filter(({ families }) => families.includes("git.commit"));
  const looks = ["topics", "subscriptions"].flatMap((kind) =>
    ["get", "list", "getIamPolicy"].map((verb) => `pubsub.${kind}.${verb}`),
  );
  const due = [
    ...commits.map(({ name }) => `heartbeat may roles/pubsub.publisher on topic ${name}`),
    ...looks.map((permission) => `heartbeat may ${permission} on google_project_iam_member`),
    "heartbeat may roles/datastore.viewer on google_project_iam_member where it is the house's database",
  ];
  const found = grants
    .filter(({ who }) => who === "heartbeat")
    .flatMap(({ role, where, ...grant }) =>
      (roles.get(role) ?? [role]).map((one) => `${sentence({ ...grant, role: one })}${placeOf(where)}`),
    );
  return differences(new Set(due), new Set(found));
};

const placeOf = (where: string): string => {
  if (where === "") return "";
  return ` where ${/^resource\.name == "projects\/[^/"]+\/databases\/[^/"]+"$/.test(where) ? "it is the house's database" : where}`;
};

/** All of them, by their names. */
export const rules = {
  grantsFollowTheTopology,
  deadLettersArrive,
  subscriptionsFollowTheTopology,
  pushesAreLetIn,
  nobodyElseComesIn,
  grantsAreNarrow,
  schedulersOnlyRun,
  heartbeatOnlyLooks,
} as const satisfies Record<string, Rule>;
