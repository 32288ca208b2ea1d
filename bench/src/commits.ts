import { createEvent, encodeEnvelope, gitCommit, type Envelope } from "@contextpilot/events";
import { messageOf, type Delivery, type OutgoingMessage } from "@contextpilot/messaging";

const EVENT_BYTES = 1024;

/** A git.commit event of 1 KiB that nobody has seen: as git-agent says it, its message filled up to the size. */
export function commitOf1KiB(): Envelope {
  const short = commitEvent("feat: pay by invoice");
  const missing = Math.max(0, EVENT_BYTES - encodeEnvelope(short).byteLength);
  return commitEvent(`feat: pay by invoice${" and more".repeat(missing).slice(0, missing)}`);
}

const zeros = "0".repeat(40);

function commitEvent(message: string): Envelope {
  const hash = crypto.randomUUID().replaceAll("-", "").padEnd(40, "0");
  const push = crypto.randomUUID();
  return createEvent(
    gitCommit({
      repository: "shop",
      branch: "main",
      commit_hash: hash,
      parent_hashes: [zeros],
      author_id: "4f1c2b3a4d5e6f70",
      message,
      files_changed: ["src/invoice.ts"],
      changes: [
        {
          path: "src/invoice.ts",
          status: "modified",
          lines_added: 12,
          lines_removed: 3,
          binary: false,
          functions: ["total"],
        },
      ],
      files_total: 1,
      lines_added: 12,
      lines_removed: 3,
      changes_truncated: false,
      is_merge: false,
      forced: false,
      origin: "push",
      new_to_repository: true,
      default_branch: true,
    }),
    {
      source: "git-agent",
      timestamp: new Date().toISOString(),
      event_id: crypto.randomUUID(),
      correlation_id: push,
      parent_event_id: push,
      hops: 1,
    },
  );
}

/** A message as the context-agent's subscription delivers it for the first time. */
export function deliveryOf({ data, attributes, orderingKey }: OutgoingMessage, messageId: string): Delivery {
  return {
    messageId,
    data,
    attributes,
    publishTime: new Date().toISOString(),
    subscription: "context-from-git",
    deliveryAttempt: 1,
    ...(orderingKey === undefined ? {} : { orderingKey }),
  };
}

/** So many of them, as deliveries of messages 1, 2, 3 … */
export function deliveriesOf1KiB(count: number): readonly Delivery[] {
  return Array.from({ length: count }, (_, index) => deliveryOf(messageOf(commitOf1KiB()), String(index + 1)));
}
