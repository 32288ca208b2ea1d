import type { PubSub, protos, v1 } from "@google-cloud/pubsub";
import { LazyClient, connect, loadSdk, type PubsubConnection } from "../connection.ts";
import type { Step } from "./plan.ts";
import {
  subscriptionName,
  subscriptionResource,
  subscriptionSettings,
  topicName,
  topicResource,
  topicSettings,
  updateMask,
} from "./resources.ts";
import type { ProjectSettings } from "./settings.ts";

/** Somebody waits for the answer: the SDK would go on for ten minutes where nobody answers. */
const CALL = { timeout: 15_000, retry: null } as const;

/** gRPC's code of what a service does not do. */
const UNIMPLEMENTED = 12;

/** A role on a topic or subscription, and who has it: `serviceAccount:…`, `allUsers`. */
export interface Grant {
  readonly role: string;
  readonly members: readonly string[];
}

/** The topics and subscriptions of a project. Every method rejects with the SDK's error, which has gRPC's code. */
export class PubsubProject {
  readonly #projectId: string;
  readonly #clients: LazyClient<Clients>;
  /** How each subscription was pushed when it was read, by its full name: another address keeps the identity. */
  readonly #pushes = new Map<string, protos.google.pubsub.v1.IPushConfig>();

  constructor(connection: PubsubConnection) {
    this.#projectId = connection.projectId;
    this.#clients = new LazyClient(() => openClients(connection));
  }

  async read(): Promise<ProjectSettings> {
    const { publisher, subscriber } = await this.#clients.get();
    const project = `projects/${this.#projectId}`;
    const [topics] = await publisher.listTopics({ project }, CALL);
    const [subscriptions] = await subscriber.listSubscriptions({ project }, CALL);
    for (const { name, pushConfig } of subscriptions) this.#pushes.set(name ?? "", pushConfig ?? {});
    return { topics: topics.map(topicSettings), subscriptions: subscriptions.map(subscriptionSettings) };
  }

  /** Does what the step says; nothing where it is kept or refused. */
  async take(step: Step): Promise<void> {
    if (step.kind === "keep" || step.kind === "refuse") return;
    await (step.resource === "topic" ? this.#takeTopic(step) : this.#takeSubscription(step));
  }

  async #takeTopic(step: DoneTo<"topic">): Promise<void> {
    const { publisher } = await this.#clients.get();
    const project = this.#projectId;
    switch (step.kind) {
      case "create":
        return void (await publisher.createTopic(topicResource(project, step.wanted), CALL));
      case "update": {
        const topic = topicResource(project, step.wanted);
        return void (await publisher.updateTopic({ topic, updateMask: updateMask(step.differences) }, CALL));
      }
      case "delete":
        return void (await publisher.deleteTopic({ topic: topicName(project, step.name) }, CALL));
    }
  }

  async #takeSubscription(step: DoneTo<"subscription">): Promise<void> {
    const { subscriber } = await this.#clients.get();
    const project = this.#projectId;
    switch (step.kind) {
      case "create":
        return void (await subscriber.createSubscription(subscriptionResource(project, step.wanted), CALL));
      case "update": {
        const subscription = subscriptionResource(
          project,
          step.wanted,
          this.#pushes.get(subscriptionName(project, step.name)),
        );
        return void (await subscriber.updateSubscription(
          { subscription, updateMask: updateMask(step.differences) },
          CALL,
        ));
      }
      case "delete":
        return void (await subscriber.deleteSubscription({ subscription: subscriptionName(project, step.name) }, CALL));
    }
  }

  /**
   * What its own policy grants: neither what it inherits of the project, nor what holds under a condition. Undefined where there are no
   * policies: the emulator has none.
   */
  async grants(resource: Step["resource"], name: string): Promise<readonly Grant[] | undefined> {
    const { pubsub } = await this.#clients.get();
    const { iam } = resource === "topic" ? pubsub.topic(name) : pubsub.subscription(name);
    try {
      const [{ bindings }] = await iam.getPolicy(CALL);
      return (bindings ?? []).flatMap(({ role, members, condition }) =>
        condition ? [] : [{ role: role ?? "", members: members ?? [] }],
      );
    } catch (error) {
      if ((error as { readonly code?: unknown }).code === UNIMPLEMENTED) return undefined;
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#clients.close();
  }
}

type DoneTo<Resource> = Exclude<Extract<Step, { readonly resource: Resource }>, { readonly kind: "keep" | "refuse" }>;

interface Clients {
  readonly pubsub: PubSub;
  readonly publisher: v1.PublisherClient;
  readonly subscriber: v1.SubscriberClient;
  close(): Promise<unknown>;
}

async function openClients(connection: PubsubConnection): Promise<Clients> {
  const { v1 } = await loadSdk();
  const pubsub = await connect(connection);
  const config = { ...(await pubsub.getClientConfig()) };
  const [publisher, subscriber] = [new v1.PublisherClient(config), new v1.SubscriberClient(config)];
  const close = () => Promise.all([publisher.close(), subscriber.close(), pubsub.close()]);
  // A first call without credentials would reject twice, the second time where nobody can catch it.
  await Promise.all([publisher.initialize(), subscriber.initialize()]);
  return { pubsub, publisher, subscriber, close };
}
