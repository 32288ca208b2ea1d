import { logLevels, parseEnvironment, type Environment, type LogLevels } from "@contextpilot/agent-host";
import * as z from "zod";
import { enabledFamilies } from "./house/enabled-families.ts";

/** What the embedded house is told by its surroundings; the rest are the command line's options. */
export interface HouseConfig {
  /** Whether old events may be said again. */
  readonly replayEnabled: boolean;
  /** The families of events that are handled; undefined: all. */
  readonly enabledFamilies: ReadonlySet<string> | undefined;
  /** How much house.log has. */
  readonly logLevels: LogLevels;
}

const schema = z.object({
  ENABLE_EVENT_REPLAY: z
    .stringbool({ truthy: ["true", "1"], falsy: ["false", "0"], error: "set it to true or false" })
    .default(true),
  ENABLED_EVENT_HANDLERS: enabledFamilies.optional(),
  LOG_LEVEL: logLevels.default({ all: "info", components: {} }),
});

/** Reads the house's configuration. Throws a StartError, one line that names the variable and the remedy. */
export function houseConfig(env: Environment): HouseConfig {
  const read = parseEnvironment(schema, env);
  return {
    replayEnabled: read.ENABLE_EVENT_REPLAY,
    enabledFamilies: read.ENABLED_EVENT_HANDLERS,
    logLevels: read.LOG_LEVEL,
  };
}

/** Which Pub/Sub the command line talks to. */
export interface PubsubConfig {
  /** `host:port` of Google's emulator; undefined: the real service. */
  readonly emulatorHost: string | undefined;
}

/** Which Google Cloud the command line talks to. */
export interface GoogleCloudConfig extends PubsubConfig {
  /** `host:port` of Firestore's emulator; undefined: the real service. */
  readonly firestoreEmulatorHost: string | undefined;
  /** Undefined: the project's `(default)` database. */
  readonly database: string | undefined;
}

const firestoreSchema = z.object({
  FIRESTORE_EMULATOR_HOST: z.string().optional(),
  FIRESTORE_DATABASE: z.string().optional(),
});

export function googleCloudConfig(env: Environment): GoogleCloudConfig {
  const { FIRESTORE_EMULATOR_HOST, FIRESTORE_DATABASE } = parseEnvironment(firestoreSchema, env);
  return {
    ...pubsubConfig(env),
    firestoreEmulatorHost: FIRESTORE_EMULATOR_HOST || undefined,
    database: FIRESTORE_DATABASE || undefined,
  };
}

const pubsubSchema = z.object({ PUBSUB_EMULATOR_HOST: z.string().optional() });

export function pubsubConfig(env: Environment): PubsubConfig {
  return { emulatorHost: parseEnvironment(pubsubSchema, env).PUBSUB_EMULATOR_HOST || undefined };
}
