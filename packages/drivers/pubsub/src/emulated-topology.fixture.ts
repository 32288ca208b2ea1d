import type { ConformanceTopology } from "@contextpilot/testing";
import { connect } from "./connection.ts";

let projects = 0;

/** A project of its own, empty, with the topics and subscriptions; retries come at once. Gives its id. */
export async function makeProject(emulatorHost: string, topology: ConformanceTopology): Promise<string> {
  const projectId = `test-${(projects += 1)}`;
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
  return projectId;
}
