import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { until } from "@contextpilot/testing";
import type { Gate } from "../gate.ts";

export interface ResidentOptions {
  readonly name: string;
  readonly program: URL;
  /** Asked at each start. */
  readonly environment: () => Promise<Readonly<Record<string, string>>>;
  /** Takes its output, both streams, life after life. */
  readonly log: string;
  /** Leads to where it listens: elsewhere in each life. */
  readonly gate: Gate;
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
  /** Where the log of this life begins. */
  #logFrom = 0;
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
    this.#logFrom = statSync(log).size;
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
    await until(() => this.#child !== child || this.#isListening(), `${this.name} to listen`, {
      withinMs: START_WITHIN_MS,
      everyMs: 25,
    });
  }

  /** Whether its log says where it listens. */
  #isListening(): boolean {
    const address = /"address":"http:\/\/([^"]+)","message":"listening"/.exec(bytesOf(this.log, this.#logFrom))?.[1];
    if (address !== undefined) this.#options.gate.leadTo(address);
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

  /** The end of what it has said in this life; its first line may be cut. */
  lastLines(): string {
    return bytesOf(this.log, Math.max(this.#logFrom, statSync(this.log).size - SOME_BYTES));
  }

  /** It does nothing any more, and knows nothing of it. */
  freeze(): void {
    this.#isFrozen = true;
    this.#child?.kill("SIGSTOP");
  }

  thaw(): void {
    this.#isFrozen = false;
    this.#child?.kill("SIGCONT");
    this.#options.gate.reopen();
  }

  /** Nobody reaches it any more, until it thaws: what it was asked is asked of another. */
  cutOff(): void {
    this.#options.gate.shut();
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

/** Enough for what a process says before it listens, and for what a busy one says in a moment. */
const SOME_BYTES = 65_536;

function bytesOf(file: string, from: number): string {
  const bytes = Buffer.alloc(SOME_BYTES);
  const descriptor = openSync(file, "r");
  try {
    return bytes.toString("utf8", 0, readSync(descriptor, bytes, 0, bytes.length, from));
  } finally {
    closeSync(descriptor);
  }
}
