import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import type { Envelope } from "@contextpilot/events";
import { until } from "@contextpilot/testing";
import type { Service } from "@contextpilot/topology";
import type { SuiteHandling } from "../platform-suite/suite-house.ts";

/** What a process logs of a delivery, as packages/agent-host does. */
interface DeliveryLine {
  readonly service: Service;
  readonly outcome: SuiteHandling["outcome"]["kind"];
  readonly subscription?: string;
  readonly event_id?: string;
  readonly event_type?: string;
  readonly duplicate?: boolean;
  readonly reason?: string;
}

/** Nobody shows the clock's ticks. */
const UNSEEN = "clock.tick.v1";
/** A container that has stopped is looked for again after so long. */
const AGAIN_AFTER_MS = 300;

/** How the containers' deliveries end, read from their logs; the events' data, which no log has, are asked for. */
export class ContainerHandlings {
  readonly #names: readonly string[];
  readonly #follow: (name: string) => Promise<ChildProcess | undefined>;
  readonly #eventOf: (id: string) => Promise<Envelope | undefined>;
  /** Following again begins at the first line. */
  readonly #seen = new Set<string>();
  readonly #children = new Set<ChildProcess>();
  readonly #closing = new AbortController();
  #listener: (handling: SuiteHandling) => void = () => undefined;
  #telling: Promise<void> = Promise.resolve();
  #following: Promise<unknown> | undefined;
  #lastLineAt = 0;

  /** `follow` starts what gives the lines of a process's container from its first on, and ends when that does; none without a container. */
  constructor(
    names: readonly string[],
    follow: (name: string) => Promise<ChildProcess | undefined>,
    eventOf: (id: string) => Promise<Envelope | undefined>,
  ) {
    this.#names = names;
    this.#follow = follow;
    this.#eventOf = eventOf;
  }

  /** From now on, until there is another listener. */
  listen(listener: (handling: SuiteHandling) => void): void {
    this.#listener = listener;
    this.#following ??= Promise.all(this.#names.map((name) => this.#followOn(name)));
  }

  /** Resolves when nothing has been logged for a while, and everything was told. */
  async quiet(): Promise<void> {
    const quietMs = 300;
    this.#lastLineAt = performance.now();
    await until(() => performance.now() - this.#lastLineAt > quietMs, "the containers to be quiet", { everyMs: 50 });
    await this.#telling;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    for (const child of this.#children) child.kill();
    await this.#following;
    await this.#telling;
  }

  async #followOn(name: string): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      // An engine may refuse while containers come and go: it is asked again.
      const child = await this.#follow(name).catch(() => undefined);
      if (child !== undefined) await this.#readAll(child);
      await delay(AGAIN_AFTER_MS, undefined, { signal }).catch(() => {});
    }
  }

  async #readAll(child: ChildProcess): Promise<void> {
    this.#children.add(child);
    if (this.#closing.signal.aborted) child.kill();
    if (child.stdout) createInterface({ input: child.stdout }).on("line", (line) => this.#read(line));
    await once(child, "close");
    this.#children.delete(child);
  }

  #read(line: string): void {
    if (!line.includes('"outcome":') || this.#seen.has(line)) return;
    this.#seen.add(line);
    this.#lastLineAt = performance.now();
    const delivery = JSON.parse(line.slice(line.indexOf("{"))) as DeliveryLine;
    // One after the other: the order of a service's lines is that of its deliveries.
    this.#telling = this.#telling.then(() => this.#tell(delivery));
  }

  async #tell(delivery: DeliveryLine): Promise<void> {
    const { service, outcome: kind, subscription = "", event_id, event_type, duplicate, reason } = delivery;
    const isSeen = event_id !== undefined && event_type !== UNSEEN;
    const event = isSeen ? await this.#eventOf(event_id) : undefined;
    this.#listener({
      service,
      subscription,
      outcome: {
        kind,
        event,
        ...(duplicate === undefined ? {} : { duplicate }),
        ...(kind === "skipped" && reason !== undefined ? { reason } : {}),
      },
    });
  }
}
