import type { OutgoingMessage } from "@contextpilot/messaging";
import type { ConformanceTopology } from "@contextpilot/testing";
import { connect } from "./connection.ts";

let projects = 0;

/** One topic, and a subscription that hears it in order. */
export const stepsTopology: ConformanceTopology = {
  topics: [{ name: "steps" }],
  subscriptions: [
    {
      name: "from-steps",
      topic: "steps",
      ordered: true,
      ackDeadlineSeconds: 10,
      retry: { minimumSeconds: 10, maximumSeconds: 600 },
    },
  ],
};

export const step = (text: string, orderingKey?: string): OutgoingMessage => ({
  topic: "steps",
  data: Buffer.from(text),
  attributes: {},
  ...(orderingKey === undefined ? {} : { orderingKey }),
});

export const textsOf = (deliveries: readonly { readonly data: Uint8Array }[]): readonly string[] =>
  deliveries.map(({ data }) => Buffer.from(data).toString());

/** A project of its own, empty, with the topics and subscriptions; retries come at once. Gives its id. */
export async function makeProject(
  emulatorHost: string,
  topology: ConformanceTopology = stepsTopology,
): Promise<string> {
  const projectId = `test-${(projects += 1)}`;
  await makeTopology(emulatorHost, projectId, topology);
  return projectId;
}

export async function makeTopology(
  emulatorHost: string,
  projectId: string,
  topology: ConformanceTopology = stepsTopology,
): Promise<void> {
  const pubsub = await connect({ projectId, emulatorHost });
  try {
    for (const { name } of topology.topics) await pubsub.createTopic(name);
    for (const { name, topic, filter, ordered, ackDeadlineSeconds, deadLetter } of topology.subscriptions) {
      await pubsub.createSubscription(topic, name, {
        ...(filter === undefined ? {} : { filter }),
        enableMessageOrdering: ordered,
        ackDeadlineSeconds,
        ...(deadLetter && {
          deadLetterPolicy: {
            deadLetterTopic: pubsub.topic(deadLetter.topic).name,
            maxDeliveryAttempts: deadLetter.maxDeliveryAttempts,
          },
        }),
      });
    }
  } finally {
    await pubsub.close();
  }
}
