import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { until } from "@contextpilot/testing";

export interface ResidentOptions {
  readonly name: string;
  readonly program: URL;
  /** Asked at each start. */
  readonly environment: () => Promise<Readonly<Record<string, string>>>;
  /** Takes its output, both streams, life after life. */
  readonly log: string;
  /** Hears where it listens, `host:port`: elsewhere in each life. */
  readonly onListening: (host: string) => void;
  /** Hears of an end that nobody asked for; it is started again. */
  readonly onOwnEnd: (end: number | NodeJS.Signals) => void;
}

/** A machine that is busy starts ten of them within a minute. */
const START_WITHIN_MS = 180_000;
const AGAIN_AFTER_MS = 500;

/**
 * A process that is to live for the whole soak, whatever is done to it: who ends it is to start it again.
 */
export class Resident {
  readonly name: string;
  readonly log: string;
  readonly #options: ResidentOptions;
  #child: ChildProcess | undefined;
  #isEnding = false;
  #isFrozen = false;
  #listens = false;
  #closed = false;
  #starting: Promise<void> = Promise.resolve();

  constructor(options: ResidentOptions) {
    this.name = options.name;
    this.log = options.log;
    this.#options = options;
  }

  /** Listens, and is neither frozen nor about to end. */
  get isAwake(): boolean {
    return this.#listens && !this.#isFrozen && !this.#isEnding;
  }

  /** Resolves when it listens; where its start is ended from outside, when its next one does. */
  start(): Promise<void> {
    this.#starting = this.#start();
    return this.#starting;
  }

  async #start(): Promise<void> {
    const { program, environment, log, onOwnEnd } = this.#options;
    const env = {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      ...(await environment()),
    };
    if (this.#closed) return;
    const output = openSync(log, "a");
    const from = statSync(log).size;
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", fileURLToPath(program)], {
      env,
      stdio: ["ignore", output, output],
    });
    closeSync(output);
    this.#child = child;
    this.#isEnding = false;
    child.once("exit", (code, signal) => {
      if (this.#child !== child) return;
      this.#child = undefined;
      this.#listens = false;
      if (this.#isEnding) return;
      onOwnEnd(signal ?? code ?? 1);
      setTimeout(() => void this.start().catch(() => onOwnEnd("SIGALRM")), AGAIN_AFTER_MS).unref();
    });
    await until(() => this.#child !== child || this.#leadTo(log, from), `${this.name} to listen`, {
      withinMs: START_WITHIN_MS,
      everyMs: 25,
    });
  }

  /** Whether its log says since then where it listens. */
  #leadTo(log: string, from: number): boolean {
    const address = /"address":"http:\/\/([^"]+)","message":"listening"/.exec(firstBytes(log, from))?.[1];
    if (address !== undefined) this.#options.onListening(address);
    this.#listens = address !== undefined;
    return this.#listens;
  }

  /** Ends it as a crash does. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Asks it to end in order; gives how it did. */
  drain(): Promise<number | NodeJS.Signals> {
    return this.#end("SIGTERM");
  }

  /** It does nothing any more, and knows nothing of it. */
  freeze(): void {
    this.#isFrozen = true;
    this.#child?.kill("SIGSTOP");
  }

  thaw(): void {
    this.#isFrozen = false;
    this.#child?.kill("SIGCONT");
  }

  /** Ends it for good. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.kill();
  }

  async #end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals> {
    const child = this.#child;
    if (child === undefined) return 0;
    this.#isEnding = true;
    this.#isFrozen = false;
    const ended = once(child, "exit") as Promise<[number | null, NodeJS.Signals | null]>;
    child.kill(signal);
    const [code, by] = await ended;
    return by ?? code ?? 1;
  }
}

/** Enough for what a process says before it listens. */
const FIRST_BYTES = 16_384;

function firstBytes(file: string, from: number): string {
  const bytes = Buffer.alloc(FIRST_BYTES);
  const descriptor = openSync(file, "r");
  try {
    return bytes.toString("utf8", 0, readSync(descriptor, bytes, 0, bytes.length, from));
  } finally {
    closeSync(descriptor);
  }
}
