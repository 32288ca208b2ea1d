import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { SqliteLog } from "@contextpilot/broker";
import { SqliteReadModel } from "@contextpilot/dashboard";
import type { Ledger } from "../checker/ledger.ts";
import { DEAD_LETTERS } from "../checker/witnesses.ts";
import type { AgentTold } from "./agent-program.ts";
import type { BusTold } from "./bus-program.ts";
import type { ClockTold } from "./clock-program.ts";
import { StoredDocuments, see } from "./evidence.ts";
import type { FeedTold } from "./feed-program.ts";
import { LoopbackPublisher } from "./loopback-publisher.ts";
import type { SoakPlatformKind } from "./platform.ts";
import { SAID, type Roster } from "./roster.ts";

const AT_ONCE = 1_000;

/** A SQLite file belongs to one process (docs/decisions/0005): one process an agent. */
const ROSTER: Roster = {
  "git-agent": 1,
  "context-agent": 1,
  "strategy-agent": 1,
  "spec-agent": 1,
  "coach-agent": 1,
  tally: 1,
  keeper: 1,
  worker: 1,
  dashboard: 1,
};
/** Who has an inbox: the feed hears everything raw, and has a read model. */
const HANDLING = Object.keys(ROSTER).filter((service) => service !== "dashboard");

/** Our broker in a process of its own, and a SQLite file for it and for each agent. */
export const embedded: SoakPlatformKind = {
  roster: ROSTER,
  open: async ({ folder, environmentOf, tokenFor, addressOf }) => {
    const feedFile = join(folder, "dashboard.sqlite");
    const secret = randomUUID();
    const bus = () => ({ address: addressOf("bus"), secret });

    const agentProgram = (service: string) => ({
      program: new URL("agent-program.ts", import.meta.url),
      environment: async () => {
        const told: AgentTold = { service, platform: { kind: "embedded", folder, bus: bus() } };
        return { ...environmentOf(service), SOAK_AGENT: JSON.stringify(told) };
      },
    });
    const feedEnvironment = async (): Promise<Readonly<Record<string, string>>> => {
      const told: FeedTold = { file: feedFile, bus: bus() };
      return { ...environmentOf("dashboard"), SOAK_FEED: JSON.stringify(told) };
    };
    const since = Date.now();
    const clockEnvironment = async (): Promise<Readonly<Record<string, string>>> => {
      const told: ClockTold = { since, bus: bus() };
      return { ...environmentOf("clock"), SOAK_CLOCK: JSON.stringify(told) };
    };
    const busEnvironment = async (): Promise<Readonly<Record<string, string>>> => {
      const agents = Object.keys(ROSTER).map(
        async (service) => [service, { address: addressOf(service), token: await tokenFor(service) }] as const,
      );
      const told: BusTold = { folder, secret, roster: ROSTER, agents: Object.fromEntries(await Promise.all(agents)) };
      return { ...environmentOf("bus"), SOAK_BUS: JSON.stringify(told) };
    };

    return {
      programs: {
        bus: { program: new URL("bus-program.ts", import.meta.url), environment: busEnvironment },
        clock: { program: new URL("clock-program.ts", import.meta.url), environment: clockEnvironment },
        webhook: {
          program: new URL("webhook-program.ts", import.meta.url),
          environment: async () => ({ ...environmentOf("webhook"), SOAK_BUS_AT: JSON.stringify(bus()) }),
        },
        ...Object.fromEntries(HANDLING.map((service) => [service, agentProgram(service)])),
        dashboard: { program: new URL("feed-program.ts", import.meta.url), environment: feedEnvironment },
      },
      publisher: { publish: (messages) => new LoopbackPublisher(bus()).publish(messages) },
      waiting: async () => {
        const headers = { authorization: `Bearer ${secret}` };
        return Number(await fetch(`${bus().address}/waiting`, { headers }).then((answer) => answer.text()));
      },
      evidence: async (ledger, acts) => {
        const documents = new StoredDocuments(ledger, acts);
        for (const service of HANDLING) readStore(join(folder, `${service}.sqlite`), documents);
        await readLog(join(folder, "broker.sqlite"), ledger);
        return documents;
      },
      readModel: () => SqliteReadModel.open({ file: feedFile }),
      close: async () => {},
    };
  },
};

function readStore(file: string, documents: StoredDocuments): void {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    for (const row of database.prepare("SELECT key, value FROM documents").iterate()) {
      documents.add(String(row["key"]), String(row["value"]));
    }
  } finally {
    database.close();
  }
}

async function readLog(file: string, ledger: Ledger): Promise<void> {
  const log = SqliteLog.open({ file });
  try {
    for (const { name } of [SAID, ...DEAD_LETTERS]) {
      for (let after = 0; ;) {
        const pending = await log.pending(name, after, AT_ONCE);
        for (const message of await log.read(pending.map(({ sequence }) => sequence))) {
          if (message !== undefined) see(ledger, message, ROSTER);
        }
        const last = pending.at(-1);
        if (last === undefined) break;
        after = last.sequence;
      }
    }
  } finally {
    await log.close();
  }
}
