import { decodePush, listen, createLogger } from "@contextpilot/agent-host";
import { LocalIssuer, type PushTarget } from "@contextpilot/broker";
import type { Delivery } from "@contextpilot/messaging";
import {
  PubsubProject,
  PubsubPublisher,
  PubsubSubscriber,
  planChanges,
  planDeletion,
  wantedSettings,
  type WantedSettings,
} from "@contextpilot/pubsub";
import { createPushProxy } from "@contextpilot/push-proxy";
import { until } from "@contextpilot/testing";
import { HEARD } from "./scene.ts";

/** Tells what was published before it from what comes later; whoever is pushed to never sees it. */
const MARK = "mark";
/** The settings and the proxy ask whose a subscription is, and a house of the topology's own services is not ours. */
const PUSHED = HEARD.map((each) => ({ ...each, service: "webhook" as const, filter: `NOT attributes:${MARK}` }));
const TOPICS = [...new Set(HEARD.map(({ topic }) => topic)), "audit-all-dlq"];
const IDLE_WITHIN_MS = 60_000;

/**
 * The bus of a house on the emulators, which lives on when the house is killed: a project of Google's emulator with the scene's
 * subscriptions, the push proxy, and one who hears every topic and so knows what was published. A house says on the proxy's port where its
 * agents are (`PUT /targets/<subscription>`), and asks whether anything is left to be done (`GET /idle`).
 */
export class EmulatedBus {
  /** What came to each topic, in its order; one message may be there twice. */
  readonly published = new Map<string, Delivery[]>(TOPICS.map((topic) => [topic, []]));
  readonly #place: { readonly projectId: string; readonly emulatorHost: string };
  readonly #publisher: PubsubPublisher;
  readonly #subscriber: PubsubSubscriber;
  readonly #targets = new Map<string, PushTarget>();
  readonly #acked = new Set<string>();
  readonly #marksSeen = new Set<string>();
  #marks = 0;
  #address = "";
  #proxy: ReturnType<typeof createPushProxy> | undefined;

  constructor(projectId: string, emulatorHost: string) {
    this.#place = { projectId, emulatorHost };
    this.#publisher = new PubsubPublisher(this.#place);
    this.#subscriber = new PubsubSubscriber(this.#place);
  }

  /** Of the proxy; its issuer's name too. */
  get address(): string {
    return this.#address;
  }

  async open(): Promise<void> {
    const proxy = createPushProxy({
      targetOf: ({ name }) => this.#targets.get(name),
      issuer: () => issuer,
      logger: createLogger({ service: "push-proxy", level: "error" }),
      subscriptions: PUSHED,
    });
    proxy.put<{ Params: { name: string }; Body: PushTarget }>("/targets/:name", ({ params, body }, reply) => {
      this.#targets.set(params.name, body);
      return reply.code(204).send();
    });
    proxy.get("/idle", async (request, reply) => {
      await this.#whenIdle(() => request.raw.destroyed);
      return reply.code(204).send();
    });
    proxy.addHook<{ Params: { name?: string } }>("onResponse", async ({ url, params, body }, reply) => {
      if (!url.startsWith("/push/") || reply.statusCode !== 204) return;
      const push = decodePush(body as Buffer);
      if (push.ok) this.#acked.add(`${params.name} ${push.delivery.messageId}`);
    });
    this.#proxy = proxy;
    this.#address = await listen(proxy, { host: "127.0.0.1", port: 0 });
    const issuer = new LocalIssuer({ issuer: this.#address });
    await this.#inProject(async (project, wanted) => {
      for (const step of planChanges(wanted, await project.read())) await project.take(step);
    });
    for (const topic of TOPICS) {
      await this.#subscriber.subscribe(`all-of-${topic}`, async (delivery) => this.#note(topic, delivery));
    }
  }

  /** Messages that somebody has not acked, in words. */
  get backlog(): readonly string[] {
    return HEARD.flatMap(({ name, topic }) =>
      this.#publishedOn(topic)
        .filter(({ messageId }) => !this.#acked.has(`${name} ${messageId}`))
        .map(({ messageId }) => `${messageId} of ${name}`),
    );
  }

  /** Its subscriptions go: else the emulator pushes on to where nobody listens any more. */
  async close(): Promise<void> {
    await this.#subscriber.close();
    await this.#publisher.close();
    await this.#inProject(async (project, wanted) => {
      for (const step of planDeletion(wanted, await project.read())) await project.take(step);
    });
    await this.#proxy?.close();
  }

  #note(topic: string, delivery: Delivery): "ack" {
    const mark = delivery.attributes[MARK];
    if (mark === undefined) this.#publishedOn(topic).push(delivery);
    else this.#marksSeen.add(`${topic} ${mark}`);
    return "ack";
  }

  #publishedOn(topic: string): Delivery[] {
    return this.published.get(topic) ?? [];
  }

  get #count(): number {
    return Array.from(this.published.values(), (messages) => messages.length).reduce((all, one) => all + one);
  }

  /** An agent acks when what it has to say is on the bus: where all that is known is acked, and nothing else was published, nothing follows. */
  async #whenIdle(isGone: () => boolean): Promise<void> {
    const isQuiet = (): boolean => isGone() || this.backlog.length === 0;
    const waiting = (): string => `an end of ${this.backlog.join(", ")}`;
    for (let known = -1; known !== this.#count && !isGone();) {
      await this.#hearAll();
      await until(isQuiet, waiting, { withinMs: IDLE_WITHIN_MS, everyMs: 10 });
      known = this.#count;
      await this.#hearAll();
    }
  }

  /** Until all that was published before is known. */
  async #hearAll(): Promise<void> {
    const mark = String((this.#marks += 1));
    await this.#publisher.publish(
      TOPICS.map((topic) => ({ topic, data: Buffer.from(MARK), attributes: { [MARK]: mark } })),
    );
    const isHeard = (): boolean => TOPICS.every((topic) => this.#marksSeen.has(`${topic} ${mark}`));
    await until(isHeard, "the mark on every topic", { withinMs: IDLE_WITHIN_MS, everyMs: 10 });
  }

  async #inProject(work: (project: PubsubProject, wanted: WantedSettings) => Promise<void>): Promise<void> {
    const project = new PubsubProject(this.#place);
    try {
      await work(project, this.#wanted());
    } finally {
      await project.close();
    }
  }

  /** Without a retry policy the emulator pushes again after a second, each time. */
  #wanted(): WantedSettings {
    const topics = TOPICS.map((name) => ({ name, families: [], retentionDays: 7 }));
    const pushed = wantedSettings(
      { topics, subscriptions: PUSHED, services: [] },
      `${this.#address}/push/{subscription}`,
    );
    const [some] = pushed.subscriptions;
    if (some === undefined) throw new TypeError("the scene has no subscriptions");
    return {
      topics: pushed.topics,
      subscriptions: [
        ...pushed.subscriptions,
        ...TOPICS.map((topic) => ({ ...some, name: `all-of-${topic}`, topic, filter: "", pushEndpoint: "" })),
      ].map((each) => ({ ...each, retry: undefined })),
    };
  }
}
