import type { CrashPoint } from "./crash-point.ts";

const CONNECTION = "drivers/firestore/src/firestore-connection.ts";
const STORE = "drivers/firestore/src/firestore-store.ts";
const PAYLOADS = "drivers/firestore/src/firestore-payloads.ts";
const PUBLISHER = "drivers/pubsub/src/pubsub-publisher.ts";
const TOPICS = "drivers/pubsub/src/open-topics.ts";

/** Where the drivers of Firestore and Pub/Sub send something, and where they learn what came of it. */
export const EMULATORS_POINTS: readonly CrashPoint[] = [
  {
    name: "before a commit is sent to Firestore",
    step: "store",
    file: STORE,
    at: { before: "await this.#connection.commit(writes, deadline);" },
    passes: [1, 3, 6, 12],
  },
  {
    name: "after Firestore has answered a commit",
    step: "store",
    file: STORE,
    at: { after: "await this.#connection.commit(writes, deadline);" },
    passes: [1, 3, 6, 12],
  },
  {
    name: "while a commit is under way",
    step: "store",
    file: CONNECTION,
    at: { before: "return promise;" },
    passes: [1, 6],
  },
  {
    name: "between the chunks of a payload",
    step: "payload",
    file: PAYLOADS,
    at: { before: "if (first !== undefined) await this.#write(name, [first]);" },
  },
  {
    name: "after the last chunk of a payload",
    step: "payload",
    file: PAYLOADS,
    at: { after: "if (first !== undefined) await this.#write(name, [first]);" },
  },
  {
    name: "between the messages of a list",
    step: "publish",
    file: PUBLISHER,
    at: { before: "this.#topics.publish(pubsub, message, (reason, id) => {" },
    passes: [2, 3],
  },
  {
    name: "before a message is given to Google's client",
    step: "publish",
    file: TOPICS,
    at: { before: "topic.publishMessage({ data, attributes," },
    passes: [1, 4],
  },
  {
    name: "after Pub/Sub has answered",
    step: "publish",
    file: PUBLISHER,
    at: { before: "refuseFailed(messages, failures);\n    return ids;" },
    passes: [1, 2, 5],
  },
];
