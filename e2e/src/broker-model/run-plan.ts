import { Broker, type BrokerSubscription, type MessageLog } from "@contextpilot/broker";
import type { Acknowledgement, OutgoingMessage } from "@contextpilot/messaging";
import { simulatedTime } from "../simulation/simulated-time.ts";
import type { Action, Plan, Shape } from "./plan.ts";
import { ACK_DEADLINE, MAX_ATTEMPTS, RETRY, SubscriptionModel } from "./subscription-model.ts";

/** Opens a log; what it keeps outlives the broker that closes it. */
export type OpenLog = () => MessageLog;

interface Delivered {
  readonly number: number;
  /** Told by a subscription with dead letters alone. */
  readonly attempt: number | undefined;
  readonly answer: (acknowledgement: Acknowledgement) => void;
  /** When its lease ends, in milliseconds; a restart ends it at once. */
  leasedUntil: number;
}

const TOPIC = { name: "told" };
const DEAD = { name: "told-dlq" };

/** Does what the plan says to the real broker and to the model of it. Gives the first thing on which they differ. */
export async function runPlan({ shape, actions }: Plan, openLog: OpenLog): Promise<string | undefined> {
  simulatedTime.begin();
  const run = new Run(shape, openLog);
  await run.open();
  try {
    for (const [place, action] of actions.entries()) {
      const problem = await run.follow(action);
      if (problem !== undefined) return `action ${place} (${JSON.stringify(action)}): ${problem}`;
    }
    return await run.deadLettersDiffer();
  } finally {
    await run.close();
  }
}

class Run {
  readonly #model: SubscriptionModel;
  readonly #subscription: BrokerSubscription;
  readonly #openLog: OpenLog;
  #broker: Broker | undefined;
  #published = 0;
  /** Handed over and not answered, the oldest first. */
  #inHand: Delivered[] = [];
  /** Handed over and not yet looked at. */
  #fresh: Delivered[] = [];

  constructor(shape: Shape, openLog: OpenLog) {
    this.#model = new SubscriptionModel(shape);
    this.#openLog = openLog;
    this.#maxOutstanding = shape.maxOutstanding;
    this.#subscription = {
      name: "hears",
      topic: TOPIC.name,
      ordered: shape.kind === "ordered",
      byPriority: shape.kind === "by priority",
      ackDeadlineSeconds: ACK_DEADLINE,
      retry: RETRY,
      retainAcked: shape.retainAcked,
      ...(shape.deadLetters ? { deadLetter: { topic: DEAD.name, maxDeliveryAttempts: MAX_ATTEMPTS } } : {}),
      ...(shape.ttlSeconds === undefined ? {} : { messageTtlSeconds: shape.ttlSeconds }),
    };
  }
  readonly #maxOutstanding: number;

  async open(): Promise<void> {
    const letters = {
      name: "letters",
      topic: DEAD.name,
      ordered: false,
      ackDeadlineSeconds: ACK_DEADLINE,
      retry: RETRY,
    };
    this.#broker = new Broker({
      topology: { topics: [TOPIC, DEAD], subscriptions: [this.#subscription, letters] },
      log: this.#openLog(),
      clock: simulatedTime,
      maxOutstanding: this.#maxOutstanding,
      random: () => 0.5, // each retry waits just as long as it should
      onError: (error) => {
        throw error;
      },
    });
    await this.#broker.subscribe("hears", ({ data, deliveryAttempt }) => {
      const number = Number(new TextDecoder().decode(data));
      const leasedUntil = simulatedTime.elapsed() + ACK_DEADLINE * 1000;
      return new Promise((answer) => {
        this.#fresh.push({ number, attempt: deliveryAttempt, answer, leasedUntil });
      });
    });
  }

  async close(): Promise<void> {
    await soon(this.#broker?.close({ graceMs: 0 }));
  }

  /** Takes the action here and there; gives on what they differ afterwards. */
  async follow(action: Action): Promise<string | undefined> {
    if (action.do !== "pass") {
      await this.#take(action);
      return this.#compare();
    }
    for (let second = 0; second < action.seconds; second += 1) {
      simulatedTime.pass(1000);
      this.#model.tick();
      const problem = await this.#compare();
      if (problem !== undefined) return `after ${second + 1} s: ${problem}`;
    }
    return undefined;
  }

  async #take(action: Exclude<Action, { do: "pass" }>): Promise<void> {
    const broker = this.#broker;
    switch (action.do) {
      case "publish":
        for (const key of action.keys) this.#model.publish(key, action.priority);
        await broker?.publish(action.keys.map((key) => this.#message(key, action.priority)));
        return;
      case "answer":
        return this.#answer(action.delivery, action.answer);
      case "seek":
        this.#model.seek(action.secondsAgo);
        await broker?.seek("hears", new Date(Date.now() - action.secondsAgo * 1000));
        return;
      case "purge":
        this.#model.purge();
        await broker?.purge("hears");
        return;
      case "pause":
        this.#model.pause();
        return broker?.pause("hears");
      case "resume":
        this.#model.resume();
        return broker?.resume("hears");
      case "restart":
        this.#model.restart();
        for (const delivered of this.#inHand) delivered.leasedUntil = 0;
        await this.close();
        return this.open();
    }
  }

  #message(key: string | undefined, priority: string): OutgoingMessage {
    const data = new TextEncoder().encode(String(this.#published));
    this.#published += 1;
    const message = { topic: TOPIC.name, data, attributes: { priority } };
    return key === undefined ? message : { ...message, orderingKey: key };
  }

  /** One that is late says nothing. */
  #answer(place: number, answer: "ack" | "nack"): void {
    const delivered = this.#inHand.splice(place % Math.max(1, this.#inHand.length), 1)[0];
    if (delivered === undefined) return;
    if (delivered.leasedUntil > simulatedTime.elapsed()) this.#model.answer(delivered.number, answer);
    delivered.answer(answer);
  }

  async #compare(): Promise<string | undefined> {
    await simulatedTime.settle();
    for (const delivered of this.#fresh.splice(0)) {
      const problem = this.#model.deliver(delivered.number, delivered.attempt);
      if (problem !== undefined) return problem;
      this.#inHand.push(delivered);
    }
    const counts = await this.#broker?.countsOf("hears");
    const { depth, outstanding } = this.#model;
    if (counts?.depth !== depth) return `the broker has ${counts?.depth} to deliver, the model ${depth}`;
    if (counts.outstanding !== outstanding)
      return `with the broker ${counts.outstanding} are outstanding, with the model ${outstanding}`;
    return this.#model.forgotten;
  }

  async deadLettersDiffer(): Promise<string | undefined> {
    const letters: number[] = [];
    for (;;) {
      const pulled = (await soon(this.#broker?.pull("letters"))) ?? [];
      if (pulled.length === 0) break;
      letters.push(...pulled.map(({ data }) => Number(new TextDecoder().decode(data))));
      this.#broker?.ack(
        "letters",
        pulled.map(({ ackId }) => ackId),
      );
    }
    const [has, should] = [letters, this.#model.dead].map((numbers) => String(numbers.toSorted((a, b) => a - b)));
    return has === should ? undefined : `the dead letters are ${has}, and should be ${should}`;
  }
}

/** What waits for timers of no time at all. */
async function soon<T>(waiting: Promise<T> | undefined): Promise<T | undefined> {
  await simulatedTime.settle();
  simulatedTime.pass(0);
  return waiting;
}
