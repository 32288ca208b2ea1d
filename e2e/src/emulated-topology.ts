import { resolveTopology } from "@contextpilot/topology";

export interface TopologyPlace {
  /** `host:port` of the Pub/Sub emulator. */
  readonly emulator: string;
  readonly projectId: string;
  /** Multiplies the bounds of every retry. */
  readonly retryScale: number;
  /** Below it each subscription has its push endpoint. */
  readonly pushTo: string;
}

/** Makes the house's topology in an empty project of the emulator. */
export async function makeTopology({ emulator, projectId, retryScale, pushTo }: TopologyPlace): Promise<void> {
  const project = `projects/${projectId}`;
  const { topics, subscriptions } = resolveTopology();
  for (const { name } of topics) await ask(emulator, "PUT", `${project}/topics/${name}`, {});
  for (const { name, topic, filter, ordered, ackDeadlineSeconds, retry, deadLetter } of subscriptions) {
    await ask(emulator, "PUT", `${project}/subscriptions/${name}`, {
      topic: `${project}/topics/${topic}`,
      filter,
      enableMessageOrdering: ordered,
      ackDeadlineSeconds,
      pushConfig: { pushEndpoint: `${pushTo}/${name}` },
      retryPolicy: {
        minimumBackoff: `${retry.minimumSeconds * retryScale}s`,
        maximumBackoff: `${retry.maximumSeconds * retryScale}s`,
      },
      deadLetterPolicy: deadLetter && {
        deadLetterTopic: `${project}/topics/${deadLetter.topic}`,
        maxDeliveryAttempts: deadLetter.maxDeliveryAttempts,
      },
    });
  }
}

/** Takes the subscriptions away: else the emulator pushes on to where nobody listens any more. */
export async function removeSubscriptions(emulator: string, projectId: string): Promise<void> {
  for (const { name } of resolveTopology().subscriptions) {
    await ask(emulator, "DELETE", `projects/${projectId}/subscriptions/${name}`, {});
  }
}

async function ask(emulator: string, method: string, path: string, body: object): Promise<void> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`http://${emulator}/v1/${path}`, { method, headers, body: JSON.stringify(body) });
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
}
