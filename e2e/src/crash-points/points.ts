import type { CrashPoint } from "./crash-point.ts";
import { EMULATORS_POINTS } from "./emulators-points.ts";
import { SQLITE_POINTS } from "./sqlite-points.ts";

const AGENT = "agent-host/src/create-agent.ts";
const RECEIVE = "messaging/src/receive.ts";
const DECIDE = "messaging/src/decide.ts";
const CLAIMS = "messaging/src/claims.ts";
const SAID = "messaging/src/said.ts";
const WAKE = "messaging/src/wake.ts";
const LETTER = "messaging/src/dead-letter.ts";
const OUTBOX = "messaging/src/outbox.ts";
const FAILURES = "messaging/src/failures.ts";

const LETTER_PUBLISH =
  "await this.#publisher.publish([{ topic: topicFor(message), data: fitting(message.data), attributes }]);";
const FAILURE_COMMIT = `documents: [{ key, expected: document?.version, change: { kind: "set", value }, expiresAt: expiryAfter(now) }],
      });`;

/** Whatever the bus and the store are. */
const COMMON_POINTS: readonly CrashPoint[] = [
  { name: "before the token", step: "1 authenticate", file: AGENT, at: { before: "const verdict = authenticate(" } },
  { name: "after the token", step: "1 authenticate", file: AGENT, at: { before: "if (verdict instanceof Promise)" } },
  {
    name: "before the push is decoded",
    step: "2 decode",
    file: AGENT,
    at: { before: "const push = decodePush(body);" },
  },
  {
    name: "after the push was decoded",
    step: "2 decode",
    file: AGENT,
    at: { after: "const push = decodePush(body);" },
  },
  {
    name: "before the envelope",
    step: "3 envelope",
    file: RECEIVE,
    at: { before: "envelope = tickFor(tenant, openEnvelope(delivery));" },
  },
  {
    name: "after the envelope",
    step: "3 envelope",
    file: RECEIVE,
    at: { after: "envelope = tickFor(tenant, openEnvelope(delivery));" },
  },
  {
    name: "after the dispatch",
    step: "4 dispatch",
    file: RECEIVE,
    at: { after: "const handler = dispatch(handlers, envelope);" },
  },
  {
    name: "after the guard",
    step: "5 guard",
    file: RECEIVE,
    at: { before: "if (handler === undefined || skip !== undefined) {" },
  },
  {
    name: "before the data is read",
    step: "6 data",
    file: RECEIVE,
    at: { before: "const read = readData(handler, envelope, payloads);" },
  },
  {
    name: "after the data was read",
    step: "6 data",
    file: RECEIVE,
    at: { after: "const event = read instanceof Promise ? await read : read;" },
  },
  {
    name: "before the state is read",
    step: "7 decide",
    file: DECIDE,
    at: { before: "const [record, ...stored] = work.readsFirst" },
  },
  {
    name: "after the state was read",
    step: "7 decide",
    file: DECIDE,
    at: { before: "if (record?.value !== undefined)\n      return this.#finishRecord(work.inboxKey" },
  },
  {
    name: "before the decision",
    step: "7 decide",
    file: DECIDE,
    at: { before: "const decided = handler.run(" },
    passes: [1, 3],
  },
  {
    name: "after the decision",
    step: "7 decide",
    file: DECIDE,
    at: { before: "const note = decision.note === undefined" },
    passes: [1, 3],
  },
  {
    name: "after the claim was written",
    step: "claim",
    file: CLAIMS,
    at: { before: "const [written] = await this.#store.read" },
  },
  { name: "after the claim was taken", step: "claim", file: CLAIMS, at: { after: "await claim.take(expected);" } },
  {
    name: "after the claim was renewed",
    step: "claim",
    file: CLAIMS,
    at: { before: "if (this.#timer !== undefined) this.#schedule();" },
    actMs: 7_500, // a third of the lease passes first
  },
  {
    name: "before a claim is given back",
    step: "claim",
    file: CLAIMS,
    at: { before: "await this.#store.commit({ documents: [claim.release()] });" },
  },
  {
    name: "after a claim was given back",
    step: "claim",
    file: CLAIMS,
    at: { after: "await this.#store.commit({ documents: [claim.release()] });" },
  },
  { name: "before the payload is put", step: "payload", file: SAID, at: { before: "const data_ref = {" } },
  { name: "after the payload was put", step: "payload", file: SAID, at: { before: "return {\n      ...one," } },
  { name: "before a failure is counted", step: "failure", file: FAILURES, at: { before: "await store.commit({" } },
  {
    name: "after a failure was counted",
    step: "failure",
    file: FAILURES,
    at: { after: FAILURE_COMMIT },
    passes: [1, 5],
  },
  {
    name: "before the commit",
    step: "8 commit",
    file: DECIDE,
    at: { before: "await this.#store.commit({\n        create: inboxCreation" },
    passes: [1, 4],
  },
  {
    name: "after the commit",
    step: "8 commit",
    file: DECIDE,
    at: { before: "await this.#outbox.publish(work.inboxKey, messages); // 9" },
    passes: [1, 4],
  },
  {
    name: "before the publish",
    step: "9 publish",
    file: OUTBOX,
    at: { before: "await this.#publisher.publish(messages);" },
    passes: [1, 3],
  },
  {
    name: "after the publish",
    step: "9 publish",
    file: OUTBOX,
    at: { after: "await this.#publisher.publish(messages);" },
    passes: [1, 3],
  },
  { name: "before the answer", step: "10 answer", file: AGENT, at: { after: "counter.add(outcome);" }, passes: [1, 4] },
  {
    name: "before the waker's commit",
    step: "waker",
    file: WAKE,
    at: { before: "await store.commit({\n      ...(said" },
  },
  { name: "after the waker's commit", step: "waker", file: WAKE, at: { before: "if (said.length === 0) return [];" } },
  {
    name: "after the waker's publish",
    step: "waker",
    file: WAKE,
    at: { after: "await outbox.publish(key, messages);" },
  },
  {
    name: "after the waker's removal",
    step: "waker",
    file: WAKE,
    at: { after: `change: { kind: "delete" } }] });\n    }` },
  },
  { name: "before the dead letter", step: "dead letter", file: LETTER, at: { before: LETTER_PUBLISH } },
  { name: "after the dead letter", step: "dead letter", file: LETTER, at: { after: LETTER_PUBLISH } },
];

/** By what the house stands on. Every step has one, and so has every write. */
export const POINTS_OF = {
  sqlite: [...COMMON_POINTS, ...SQLITE_POINTS],
  emulators: [...COMMON_POINTS, ...EMULATORS_POINTS],
} as const satisfies Record<string, readonly CrashPoint[]>;

export const CRASH_POINTS: readonly CrashPoint[] = [...COMMON_POINTS, ...SQLITE_POINTS, ...EMULATORS_POINTS];
