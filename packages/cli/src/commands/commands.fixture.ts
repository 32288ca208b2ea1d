import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { createLogger, listen } from "@contextpilot/agent-host";
import {
  DeadLetterOffice,
  PacedPublisher,
  Replays,
  SqliteReadModel,
  createFeed,
  createWeb,
  thisMachine,
  type AskHandled,
} from "@contextpilot/dashboard";
import { coachNudge, createEvent, encodeEnvelope, type Envelope } from "@contextpilot/events";
import { messageOf, type OutgoingMessage } from "@contextpilot/messaging";
import { RecordingPublisher, deliveryOf } from "@contextpilot/testing";
import pc from "picocolors";
import { loadSecrets } from "../house/secrets.ts";
import { chainsCommand } from "./chains.ts";
import { deadLettersCommand } from "./dead-letters.ts";
import { doctorCommand } from "./doctor.ts";
import { eventsCommand } from "./events.ts";
import { proposalsCommand } from "./proposals.ts";
import { replayCommand } from "./replay.ts";
import { smokeCommand } from "./smoke.ts";
import type { Terminal } from "./terminal.ts";
import { topologyCommand } from "./topology.ts";
import { unwatchCommand, watchCommand, watchedCommand } from "./watch.ts";

export function nudgeEvent(event_id: string, correlation_id = event_id, title = "Test the cart"): Envelope {
  const draft = coachNudge({
    nudge_id: event_id,
    rule: "code-without-test",
    repository: "shop",
    title,
    why_now: "It grew by 150 lines",
    next_actions: ["Open cart.ts", "Write cart.test.ts"],
    eta_minutes: 15,
    priority: "normal",
    links: [],
    related_events: [],
  });
  return createEvent(draft, { event_id, correlation_id, source: "test", timestamp: "2026-03-02T12:00:00.000Z" });
}

/** What a command has printed, and whether it did all that it was asked. */
export interface Ran {
  readonly out: string;
  readonly err: string;
  readonly failed: boolean;
}

export interface RunOptions {
  readonly isForPeople?: boolean;
  readonly answer?: boolean;
  readonly input?: Uint8Array;
  /** Google's emulator of Pub/Sub. */
  readonly emulatorHost?: string;
  /** Ends a command that follows. */
  readonly stopped?: AbortSignal;
  /** Told of each line when it is printed. */
  readonly onLine?: (line: string) => void;
}

/** The house as its commands see it: the real web over a real read model, and a bus that only remembers. */
export interface CommandHouse {
  readonly bus: RecordingPublisher;
  readonly readModel: SqliteReadModel;
  readonly data: string;
  readonly api: string;
  /** Heard on a dead-letter topic: the bytes, given up by the dashboard, which hears nudges. */
  die(id: string, data: Uint8Array, about?: Readonly<Record<string, string>>): Promise<void>;
  hear(...events: readonly Envelope[]): Promise<void>;
  /** Runs a command against this house. Rejects as the command does. */
  run(args: readonly string[], options?: RunOptions): Promise<Ran>;
  close(): Promise<void>;
}

interface CommandHouseOptions {
  readonly replayEnabled?: boolean;
  /** Called with each list of messages when the bus has it. */
  readonly onPublish?: (messages: readonly OutgoingMessage[]) => Promise<void>;
  /** What the services remember. Default: they cannot be asked. */
  readonly askHandled?: AskHandled;
}

export async function openCommandHouse({
  replayEnabled = true,
  onPublish = async () => undefined,
  askHandled,
}: CommandHouseOptions = {}): Promise<CommandHouse> {
  const data = mkdtempSync(join(tmpdir(), "contextpilot-commands-"));
  const logger = createLogger({ service: "dashboard", level: "silent" });
  const readModel = SqliteReadModel.open({ file: join(data, "dashboard.sqlite") });
  const feed = createFeed({ readModel, logger });
  const bus = new RecordingPublisher();
  const publisher = new PacedPublisher({
    publish: async (messages) => {
      const ids = await bus.publish(messages);
      await onPublish(messages);
      return ids;
    },
  });
  const office = new DeadLetterOffice({ readModel, decisions: readModel.decisions, publisher, logger });
  const replays = new Replays({ runs: readModel.replayRuns, publisher, enabled: replayEnabled });
  const token = loadSecrets(data).api_token;
  const web = createWeb({
    readModel,
    follow: feed.follow,
    logger,
    access: thisMachine({ token }),
    operator: { office, replays },
    ...(askHandled === undefined ? {} : { askHandled }),
  });
  const api = await listen(web, { host: "127.0.0.1", port: 0 });
  return {
    bus,
    readModel,
    data,
    api,
    die: (id, bytes, about = {}) => {
      const attributes = {
        ...messageOf(nudgeEvent(id)).attributes,
        dead_letter_id: id,
        dead_letter_consumer: "dashboard",
        dead_letter_code: "handler-failed",
        dead_letter_reason: `it broke [event=${id}]`,
        dead_letter_subscription: "ui-from-coach",
        ...about,
      };
      return feed.take(deliveryOf(nudgeEvent(id), { subscription: "ui-from-coach-dlq", data: bytes, attributes }));
    },
    hear: async (...events) => {
      for (const event of events) await feed.take(deliveryOf(event, { subscription: "ui-from-coach" }));
    },
    run: (args, options) => runCommand([...args, "--api", api, "--data", data], options),
    close: async () => {
      publisher.close();
      await web.close();
      await feed.close();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** Runs a command of ours in this process. Rejects as the command does; usage errors reject too. */
export async function runCommand(
  [name = "", ...args]: readonly string[],
  {
    isForPeople = false,
    emulatorHost,
    answer,
    input = new Uint8Array(),
    stopped = AbortSignal.abort(),
    onLine,
  }: RunOptions = {},
): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  let failed = false;
  const terminal: Terminal = {
    isForPeople,
    colours: pc.createColors(false),
    print: (line) => {
      out.push(`${line}\n`);
      onLine?.(line);
    },
    write: (bytes) => out.push(Buffer.from(bytes).toString("latin1")),
    note: (line) => {
      err.push(`${line}\n`);
      onLine?.(line);
    },
    progress: () => undefined,
    confirm: async () => answer,
    read: async () => input,
    fail: () => (failed = true),
  };
  const commands: readonly CommandUnknownOpts[] = [
    chainsCommand(terminal),
    deadLettersCommand(terminal),
    doctorCommand(terminal),
    eventsCommand(terminal, () => stopped),
    proposalsCommand(terminal),
    replayCommand(terminal),
    smokeCommand(terminal, { emulatorHost, firestoreEmulatorHost: undefined, database: undefined }),
    topologyCommand(terminal, { emulatorHost }),
    unwatchCommand(terminal),
    watchCommand(terminal, () => stopped),
    watchedCommand(terminal),
  ];
  const command = commands.find((each) => each.name() === name);
  if (command === undefined) throw new TypeError(`there is no command ${name}`);
  await quiet(command).parseAsync(args, { from: "user" });
  return { out: out.join(""), err: err.join(""), failed };
}

/** Rejects where it would end the process. */
function quiet(command: CommandUnknownOpts): CommandUnknownOpts {
  for (const each of [command, ...command.commands]) each.exitOverride().configureOutput({ writeErr: () => undefined });
  return command;
}

export const bytesOf = (event: Envelope): Uint8Array => encodeEnvelope(event);
