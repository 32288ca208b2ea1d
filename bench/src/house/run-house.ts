import { fork, type ChildProcess } from "node:child_process";
import { createHmac } from "node:crypto";
import { EventEmitter, once } from "node:events";

export type HouseOrder = "memory" | "close";
export type HouseReport =
  | { readonly kind: "up"; readonly webhookUrl: string; readonly secret: string }
  | { readonly kind: "nudge" }
  | { readonly kind: "memory"; readonly rss: number };

export interface Push {
  readonly repository: string;
  readonly before: string;
  readonly after: string;
}

/** Nothing of the house takes as long: it is broken then, and the benchmark says so instead of waiting. */
const LIMIT_MS = 30_000;

/** The embedded house as a process of its own, while it runs. */
export class RunningHouse implements AsyncDisposable {
  /** From the start of the process until the house was up, in milliseconds. */
  readonly readyMs: number;
  readonly #child: ChildProcess;
  readonly #reports: EventEmitter;
  readonly #webhookUrl: string;
  readonly #secret: string;
  #nudges = 0;

  /** `repositories`: the name that pushes give, and the folder. */
  static async start(data: string, repositories: Readonly<Record<string, string>>): Promise<RunningHouse> {
    const startedAt = performance.now();
    const child = fork(new URL("./house-program.ts", import.meta.url), [data, JSON.stringify(repositories)], {
      // As ./contextpilot starts it.
      execArgv: ["--disable-warning=ExperimentalWarning", "--max-semi-space-size=2", "--heap-growing-percent=20"],
      env: { ...process.env, MALLOC_ARENA_MAX: "1" },
    });
    const reports = new EventEmitter();
    child.on("message", (said: HouseReport) => reports.emit(said.kind, said));
    child.on("exit", (code) => reports.emit("error", new Error(`the house ended with ${code}`)));
    const up = await reported(reports, "up");
    return new RunningHouse(child, reports, up, performance.now() - startedAt);
  }

  private constructor(
    child: ChildProcess,
    reports: EventEmitter,
    { webhookUrl, secret }: Extract<HouseReport, { kind: "up" }>,
    readyMs: number,
  ) {
    this.readyMs = readyMs;
    this.#child = child;
    this.#reports = reports;
    this.#webhookUrl = webhookUrl;
    this.#secret = secret;
    reports.on("nudge", () => (this.#nudges += 1));
  }

  /** Sends a push of `main`, signed. Rejects where it is not answered with 202. */
  async push({ repository, before, after }: Push): Promise<void> {
    const body = JSON.stringify({ repository, ref: "refs/heads/main", before, after });
    const signature = createHmac("sha256", this.#secret).update(body).digest("hex");
    const answer = await fetch(`${this.#webhookUrl}/webhooks/git`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-hub-signature-256": `sha256=${signature}` },
      body,
    });
    await answer.arrayBuffer();
    if (answer.status !== 202) throw new Error(`the webhook answered ${answer.status}`);
  }

  /** Resolves when the house has kept so many nudges since its start. */
  async nudges(count: number): Promise<void> {
    while (this.#nudges < count) await reported(this.#reports, "nudge");
  }

  /** What the process has in memory, in MB (10^6 bytes). */
  async residentMb(): Promise<number> {
    const memory = reported(this.#reports, "memory");
    this.#order("memory");
    return (await memory).rss / 1e6;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#reports.on("error", () => {});
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#order("close");
    await ended;
  }

  #order(order: HouseOrder): void {
    this.#child.send(order);
  }
}

async function reported<K extends HouseReport["kind"]>(
  reports: EventEmitter,
  kind: K,
): Promise<Extract<HouseReport, { kind: K }>> {
  const [said] = (await once(reports, kind, { signal: AbortSignal.timeout(LIMIT_MS) })) as [
    Extract<HouseReport, { kind: K }>,
  ];
  return said;
}
