import type { ReadModel } from "@contextpilot/dashboard";
import type { Publisher } from "@contextpilot/messaging";
import type { Documents } from "../checker/check-run.ts";
import type { Ledger } from "../checker/ledger.ts";
import type { Act } from "./acts.ts";
import type { Roster } from "./roster.ts";

/** What a process runs, and what it is told at each start. */
export interface Program {
  readonly program: URL;
  readonly environment: () => Promise<Readonly<Record<string, string>>>;
}

/** What a platform is told of the soak that it is for. */
export interface PlatformOptions {
  /** Where its processes put what must outlive them. */
  readonly folder: string;
  /** What every process of a service is told. */
  readonly environmentOf: (service: string) => Readonly<Record<string, string>>;
  /** For pushes to a service. */
  readonly tokenFor: (service: string) => Promise<string>;
  /** Of a process, by its name; asked when processes start. */
  readonly addressOf: (name: string) => string;
}

/** What the soak's processes stand on. */
export interface SoakPlatform {
  /** By the names of their processes: `bus`, `webhook`, `clock`, each of the roster's. */
  readonly programs: Readonly<Record<string, Program>>;
  /** For what is said from outside. */
  readonly publisher: Publisher;
  /** How many messages wait on the bus, but ticks. Undefined: it does not say how many. */
  waiting(): Promise<number | undefined>;
  /** Once all processes have ended: puts on the ledger what was written and said, and gives what the stores hold. */
  evidence(ledger: Ledger, acts: readonly Act[]): Promise<Documents>;
  /** Likewise: what the feed has kept. Whoever asks closes it. */
  readModel(): ReadModel;
  close(): Promise<void>;
}

export interface SoakPlatformKind {
  readonly roster: Roster;
  /** Opens what outlives all processes; they are started later. */
  open(options: PlatformOptions): Promise<SoakPlatform>;
}
