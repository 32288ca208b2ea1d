import { parseEventType, type Envelope } from "@contextpilot/events";
import { acknowledgementOf, messageOf, tickOf, type Delivery, type OutgoingMessage } from "@contextpilot/messaging";
import { checkRun, compareIds } from "../checker/check-run.ts";
import { Ledger } from "../checker/ledger.ts";
import type { Stay } from "../checker/witnesses.ts";
import { AGENTS } from "./agents.ts";
import { commitsOf } from "./commits.ts";
import { Instance } from "./instance.ts";
import { Mishaps } from "./mishaps.ts";
import type { Plan } from "./plan.ts";
import { SUBSCRIPTIONS, SimulatedBus, type Push } from "./simulated-bus.ts";
import { SimulatedStore } from "./simulated-store.ts";
import { never, simulatedTime } from "./simulated-time.ts";

const MINUTE_MS = 60_000;
/** No plan's misfortune lasts so long: who is not done by then is stuck. */
const PATIENCE_MS = 6 * 60 * MINUTE_MS;
const DEPLOYED_AFTER_MS = 4 * MINUTE_MS;

export interface Run {
  /** Broken promises, in words; none: all held. */
  readonly violations: readonly string[];
  /** What went wrong on the way. */
  readonly trace: readonly string[];
  readonly events: number;
  readonly handlings: number;
}

/** So many plans are run without any misfortune too: ids follow from what happened, never from how. */
const COMPARED_ONE_IN = 8;

/** Runs the house under a plan until nothing is left to be done, mends what is mended by people, and looks whether every promise held. */
export async function runPlan(plan: Plan): Promise<Run> {
  const { ledger, mishaps, store } = await live(plan);
  checkRun({
    ledger,
    documents: store,
    subscriptions: SUBSCRIPTIONS,
    repositories: ["shop", "store"],
    commits: plan.commits,
    now: simulatedTime.now(),
    deadLetters: "mended",
  });
  if (plan.seed % COMPARED_ONE_IN === 0) {
    const calm = await live(
      { ...plan, seed: plan.seed + 1, outages: [], restarts: [], faults: [], busFaults: [] },
      commitsOf(plan),
    );
    compareIds(ledger, calm.ledger);
  }
  return {
    violations: ledger.violations,
    trace: mishaps.trace,
    events: ledger.accepted.size,
    handlings: ledger.handlings.length,
  };
}

async function live(plan: Plan, commits: readonly Envelope[] = commitsOf(plan)): Promise<SimulatedHouse> {
  simulatedTime.begin();
  const house = new SimulatedHouse(plan, commits);
  await house.open();
  await house.work();
  return house;
}

class SimulatedHouse {
  readonly ledger = new Ledger();
  readonly mishaps: Mishaps;
  readonly store = new SimulatedStore((unit) => this.ledger.wrote(unit, simulatedTime.elapsed()));
  readonly #plan: Plan;
  readonly #commits: readonly Envelope[];
  readonly #bus: SimulatedBus;
  readonly #instances = new Map<string, Instance[]>();
  #version: 1 | 2 = 1;
  #started = 0;
  #pushes = 0;

  constructor(plan: Plan, commits: readonly Envelope[]) {
    this.#plan = plan;
    this.#commits = commits;
    this.mishaps = new Mishaps(plan);
    this.#bus = new SimulatedBus(
      this.mishaps,
      (...delivery) => this.#push(...delivery),
      ({ name, ordered }, delivery) => ordered && this.ledger.acked(name, delivery),
    );
  }

  async open(): Promise<void> {
    await this.#bus.open();
    for (const service of Object.keys(AGENTS)) {
      this.#instances.set(service, []);
      for (let n = 0; n < this.#plan.instances; n += 1) this.#start(service);
    }
  }

  async work(): Promise<void> {
    let busy = 1;
    const ends = (work: Promise<unknown>): void => {
      busy += 1;
      void work.finally(() => (busy -= 1));
    };
    ends(this.#pushCommits());
    ends(this.#deploy());
    for (const minute of this.#plan.restarts)
      ends(simulatedTime.sleep(minute * MINUTE_MS).then(() => this.#restartBus()));
    busy -= 1;
    await this.#settle(() => busy === 0);
    this.mishaps.over = true;
    // What waits for its minute: a person's next nudge, an outbox that nobody came back for.
    for (let minute = 0; minute < 40; minute += 10) {
      await this.#publish(tickOf(simulatedTime.now()));
      await this.#settle(() => true, MINUTE_MS * 10);
    }
    await this.#redrive();
    await this.#settle(() => true);
    await this.#replay();
    await this.#settle(() => true);
  }

  /** Until nothing waits any more. */
  async #settle(others: () => boolean, atLeastMs = 0): Promise<void> {
    const earliest = Date.now() + atLeastMs;
    const isDone = (): boolean =>
      Date.now() >= earliest && this.#pushes === 0 && this.#running === 0 && others() && this.#bus.isEmpty;
    if (atLeastMs > 0) void simulatedTime.sleep(atLeastMs);
    const settled = await simulatedTime.runUntil(isDone, PATIENCE_MS);
    if (!settled) this.ledger.violated(`not everything came to an end within ${PATIENCE_MS / MINUTE_MS} minutes`);
  }

  get #running(): number {
    let running = 0;
    for (const instances of this.#instances.values()) for (const instance of instances) running += instance.running;
    return running;
  }

  #start(service: string): void {
    this.#started += 1;
    const skewMs = this.#plan.skewSeconds * 1000;
    const instance = new Instance(`${service} ${this.#started}`, {
      service,
      handlers: AGENTS[service]?.(this.#version, (stay, ms) => this.#workInWorld(stay, ms)) ?? [],
      store: this.store,
      publisher: {
        publish: async (messages) => {
          for (const message of messages) this.ledger.publishes(service, message);
          return this.#take(messages);
        },
      },
      mishaps: this.mishaps,
      clockSkewMs: this.mishaps.upTo(2 * skewMs + 1) - skewMs,
      onCrash: (dead) => {
        const others = this.#instances.get(service) ?? [];
        others.splice(others.indexOf(dead), 1);
        void simulatedTime.sleep(1000 + this.mishaps.upTo(9000)).then(() => this.#start(service));
      },
    });
    this.#instances.get(service)?.push(instance);
  }

  async #workInWorld(stay: Omit<Stay, "from">, ms: number): Promise<void> {
    this.ledger.stays.push({ ...stay, from: simulatedTime.elapsed() });
    await simulatedTime.sleep(ms);
  }

  #push: Push = async (subscription, delivery) => {
    const { name, service, ordered, ackDeadlineSeconds } = subscription;
    if (service === "letters") {
      this.ledger.letters.set(delivery.attributes["dead_letter_id"] ?? delivery.messageId, {
        topic: subscription.topic,
        data: delivery.data,
        attributes: delivery.attributes,
      });
      return "ack";
    }
    if (ordered) this.ledger.delivers(name, delivery);
    const fault = this.mishaps.at("delivery", name);
    if (fault === "lost") return never();
    if (fault === "refused") return "nack";
    await simulatedTime.sleep(this.mishaps.upTo(50));
    if (fault === "late") await simulatedTime.sleep(ackDeadlineSeconds * 1000 + this.mishaps.upTo(20_000));
    const instance = this.#instanceOf(service);
    if (instance === undefined) return "nack"; // no instance: the platform answers 503
    if (fault === "freeze") instance.freeze();
    if (fault === "crash") void simulatedTime.sleep(this.mishaps.upTo(100)).then(() => instance.crash());
    if (fault === "twice") void this.#handle(service, delivery, this.#instanceOf(service) ?? instance);
    const answer = await this.#handle(service, delivery, instance);
    if (fault === "answer-lost") return never();
    return answer;
  };

  async #handle(service: string, delivery: Delivery, instance: Instance): Promise<"ack" | "nack"> {
    const outcome = await instance.receive(delivery);
    this.ledger.ended(service, delivery, outcome.kind);
    return acknowledgementOf(outcome);
  }

  #instanceOf(service: string): Instance | undefined {
    const [first, ...others] = this.#instances.get(service) ?? [];
    return first === undefined ? undefined : this.mishaps.among([first, ...others]);
  }

  /** The developers push for some minutes; now and then a hook repeats itself. */
  async #pushCommits(): Promise<void> {
    for (const event of this.#commits) {
      await simulatedTime.sleep(this.mishaps.upTo(15_000));
      const stamped = { ...event, timestamp: simulatedTime.now().toISOString() };
      await this.#publish(stamped);
      if (this.mishaps.random() < 0.1) await this.#publish(stamped);
    }
  }

  /** Until the bus takes it, as a webhook's sender does. */
  async #publish(event: Envelope): Promise<void> {
    await this.#insist([messageOf(event)]);
  }

  async #insist(messages: readonly OutgoingMessage[]): Promise<void> {
    this.#pushes += 1;
    for (;;) {
      try {
        await this.#take(messages);
        this.#pushes -= 1;
        return;
      } catch {
        await simulatedTime.sleep(5000);
      }
    }
  }

  async #take(messages: readonly OutgoingMessage[]): Promise<readonly string[]> {
    const ids = await this.#bus.publish(messages);
    for (const message of messages) this.ledger.took(message);
    return ids;
  }

  /** From version 1 to 2, one instance after the other: the old one is told to end, and is not waited for. */
  async #deploy(): Promise<void> {
    await simulatedTime.sleep(DEPLOYED_AFTER_MS);
    this.#version = 2;
    for (const instances of this.#instances.values()) {
      for (const instance of instances.slice()) {
        instance.crash();
        await simulatedTime.sleep(500);
      }
    }
  }

  async #restartBus(): Promise<void> {
    this.mishaps.note("the bus is restarted");
    await this.#bus.restart();
  }

  /** A person sends every dead letter back to the one who could not handle it. */
  async #redrive(): Promise<void> {
    for (const { data, attributes } of this.ledger.letters.values()) {
      const own = Object.fromEntries(Object.entries(attributes).filter(([name]) => !name.startsWith("dead_letter_")));
      const topic = SUBSCRIPTIONS.find(({ name }) => name === attributes["dead_letter_subscription"])?.topic ?? "";
      const ordering = own["ordering_key"] === undefined ? {} : { orderingKey: own["ordering_key"] };
      await this.#insist([
        { topic, data, attributes: { ...own, redrive_to: attributes["dead_letter_consumer"] ?? "" }, ...ordering },
      ]);
    }
  }

  /** A person replays what was pushed: whoever keeps state leaves it alone. */
  async #replay(): Promise<void> {
    const commits = [...this.ledger.accepted.values()].filter(
      ({ event }) => parseEventType(event.event_type)?.family === "git.commit",
    );
    for (const { event } of commits.slice(0, 5)) await this.#publish({ ...event, replay_generation: "again" });
  }
}
