import { randomUUID } from "node:crypto";
import { FirestoreReadModel } from "@contextpilot/dashboard";
import { FirestoreConnection } from "@contextpilot/firestore";
import type { Delivery } from "@contextpilot/messaging";
import {
  PULLED,
  PubsubProject,
  PubsubPublisher,
  PubsubSubscriber,
  planChanges,
  wantedSettings,
  type PubsubConnection,
} from "@contextpilot/pubsub";
import { firestoreEmulator, pubsubEmulator, startEmulator } from "@contextpilot/testing";
import { resolveTopology } from "@contextpilot/topology";
import { DEAD_LETTERS, keeps, type Heard } from "../checker/witnesses.ts";
import type { AgentTold } from "./agent-program.ts";
import type { ClockTold } from "./clock-program.ts";
import { StoredDocuments, see } from "./evidence.ts";
import type { Program, SoakPlatformKind } from "./platform.ts";
import type { ProxyTold } from "./proxy-program.ts";
import { heardBy, namesOf, type Roster } from "./roster.ts";

/** Firestore is everybody's: two processes of each that fights over state and claims. */
const ROSTER: Roster = { "git-agent": 1, "context-agent": 1, dashboard: 1, tally: 2, keeper: 2, worker: 2 };
const TOPICS = ["git-events", "context-updates", "coach-nudges", "clock"];
const SERVER_OF: Readonly<Record<string, URL>> = Object.fromEntries(
  ["webhook", "git-agent", "context-agent", "dashboard"].map((service) => [
    service,
    new URL(`../../../services/${service}/src/server.ts`, import.meta.url),
  ]),
);
const READ_WITHIN_MS = 60_000;
/** What was published is seen a little later than it is pushed. */
const SILENCE_MS = 5_000;

/** Google's emulators, the push proxy in a process of its own, and agents in one or two. */
export const onEmulators: SoakPlatformKind = {
  roster: ROSTER,
  open: async ({ environmentOf, tokenFor, addressOf }) => {
    const projectId = `soak-${randomUUID()}`;
    const [pubsub, firestore] = await Promise.all([startEmulator(pubsubEmulator), startEmulator(firestoreEmulator)]);
    const place = { projectId, emulatorHost: pubsub.host };
    const publisher = new PubsubPublisher(place);
    const subscriber = new PubsubSubscriber(place);
    const connection = new FirestoreConnection({ projectId, emulatorHost: firestore.host });

    const seen: { readonly topic: string; readonly delivery: Delivery }[] = [];
    let seenAt = performance.now();
    const kept = [...TOPICS.map(keeps), ...DEAD_LETTERS];
    await makeSubscriptions(place, heardBy(ROSTER), `${addressOf("bus")}/push/{subscription}`);
    await makeSubscriptions(place, kept, PULLED);
    for (const { name, topic } of kept) {
      await subscriber.subscribe(name, async (delivery) => {
        seen.push({ topic, delivery });
        if (topic !== "clock") seenAt = performance.now();
        return "ack";
      });
    }

    const told = {
      GCP_PROJECT_ID: projectId,
      PUBSUB_EMULATOR_HOST: pubsub.host,
      FIRESTORE_EMULATOR_HOST: firestore.host,
    };
    const programOf = (service: string): Program => ({
      program: SERVER_OF[service] ?? new URL("agent-program.ts", import.meta.url),
      environment: async () => {
        const platform = { kind: "emulators", projectId, pubsub: pubsub.host, firestore: firestore.host } as const;
        return {
          ...environmentOf(service),
          ...told,
          SOAK_AGENT: JSON.stringify({ service, platform } satisfies AgentTold),
        };
      },
    });
    const clockTold: ClockTold = { since: Date.now(), bus: place };
    const clockEnvironment = async (): Promise<Readonly<Record<string, string>>> => ({
      ...environmentOf("clock"),
      SOAK_CLOCK: JSON.stringify(clockTold),
    });
    const proxyEnvironment = async (): Promise<Readonly<Record<string, string>>> => {
      const agents = Object.keys(ROSTER).map(async (service) => {
        const addresses = namesOf(ROSTER, service).map(addressOf);
        return [service, { addresses, token: await tokenFor(service) }] as const;
      });
      const told: ProxyTold = { roster: ROSTER, agents: Object.fromEntries(await Promise.all(agents)) };
      return { ...environmentOf("bus"), SOAK_PROXY: JSON.stringify(told) };
    };
    const names = Object.keys(ROSTER).flatMap((service) => namesOf(ROSTER, service).map((name) => [name, service]));

    return {
      programs: {
        bus: { program: new URL("proxy-program.ts", import.meta.url), environment: proxyEnvironment },
        clock: { program: new URL("clock-program.ts", import.meta.url), environment: clockEnvironment },
        webhook: programOf("webhook"),
        ...Object.fromEntries(names.map(([name = "", service = ""]) => [name, programOf(service)])),
      },
      publisher,
      waiting: async () => {
        const isSilent = await fetch(`${addressOf("bus")}/silent`).then((answer) => answer.text());
        return isSilent === "true" && performance.now() - seenAt > SILENCE_MS ? 0 : undefined;
      },
      evidence: async (ledger, acts) => {
        const documents = new StoredDocuments(ledger, acts);
        for (const service of Object.keys(ROSTER)) await readStore(connection, service, documents);
        for (const { topic, delivery } of seen) see(ledger, { ...delivery, topic }, ROSTER);
        return documents;
      },
      readModel: () => new FirestoreReadModel(connection),
      close: async () => {
        await Promise.all([publisher.close(), subscriber.close(), connection.close()]);
        await Promise.all([pubsub.kill("SIGTERM"), firestore.kill("SIGTERM")]);
      },
    };
  },
};

/** The topology knows no witnesses: their subscriptions pass as one agent's, which the settings do not name. */
async function makeSubscriptions(place: PubsubConnection, heard: readonly Heard[], endpoint: string): Promise<void> {
  const subscriptions = heard.map((each) => ({ ...each, service: "context-agent" as const }));
  const wanted = wantedSettings({ ...resolveTopology(), subscriptions }, endpoint);
  // Without a retry policy the emulator pushes again after a second.
  const soon = { ...wanted, subscriptions: wanted.subscriptions.map((each) => ({ ...each, retry: undefined })) };
  const project = new PubsubProject(place);
  try {
    for (const step of planChanges(soon, await project.read())) await project.take(step);
  } finally {
    await project.close();
  }
}

/** As FirestoreStore writes it: each service's documents below its own, with key and JSON text. A commit is when it says. */
async function readStore(connection: FirestoreConnection, service: string, documents: StoredDocuments): Promise<void> {
  const parent = `${connection.root}/services/${service}`;
  const query = { from: [{ collectionId: "documents" }] };
  for (const { fields, updateTime } of await connection.query(parent, query, Date.now() + READ_WITHIN_MS)) {
    const at = Number(updateTime?.seconds ?? 0) * 1_000 + Math.floor((updateTime?.nanos ?? 0) / 1e6);
    documents.add(fields?.["key"]?.stringValue ?? "", fields?.["json"]?.stringValue ?? "null", at);
  }
}
