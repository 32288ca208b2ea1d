import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
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

/** How the containers' deliveries end, read from their logs; the events' data, which no log has, are asked for. */
export class ContainerHandlings {
  readonly #follow: () => ChildProcess;
  readonly #eventOf: (id: string) => Promise<Envelope | undefined>;
  /** Following again begins at the first line. */
  readonly #seen = new Set<string>();
  #listener: (handling: SuiteHandling) => void = () => undefined;
  #isClosed = false;
  #child: ChildProcess | undefined;
  #telling: Promise<void> = Promise.resolve();
  #following: Promise<void> | undefined;
  #lastLineAt = 0;

  constructor(follow: () => ChildProcess, eventOf: (id: string) => Promise<Envelope | undefined>) {
    this.#follow = follow;
    this.#eventOf = eventOf;
  }

  /** From now on, until there is another listener. */
  listen(listener: (handling: SuiteHandling) => void): void {
    this.#listener = listener;
    this.#following ??= this.#followOn();
  }

  /** Resolves when nothing has been logged for a while, and everything was told. */
  async quiet(): Promise<void> {
    const quietMs = 300;
    this.#lastLineAt = performance.now();
    await until(() => performance.now() - this.#lastLineAt > quietMs, "the containers to be quiet", { everyMs: 50 });
    await this.#telling;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#child?.kill();
    await this.#following;
    await this.#telling;
  }

  /** The command ends when every container has. */
  async #followOn(): Promise<void> {
    while (!this.#isClosed) {
      const child = this.#follow();
      this.#child = child;
      if (child.stdout) createInterface({ input: child.stdout }).on("line", (line) => this.#read(line));
      await once(child, "close");
    }
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
