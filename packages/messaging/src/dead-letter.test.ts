import { DeadLetters, type Undeliverable } from "./dead-letter.ts";
import { MessageError } from "./error.ts";
import type { OutgoingMessage } from "./ports/publisher.ts";

const NOW = "2026-03-02T10:00:00.000Z";
const data = Uint8Array.of(0x7b, 0xff, 0x00);
const delivery: Undeliverable = {
  data,
  messageId: "m1",
  attributes: { event_type: "context.update.v1", tenant_id: "acme" },
  publishTime: "2026-03-02T09:59:59Z",
  subscription: "coach-from-context",
};

/** What is put onto the bus for a message that failed so. */
async function deadLetterOf(message: Undeliverable, problem = "no", failures = 0): Promise<OutgoingMessage> {
  const published: OutgoingMessage[] = [];
  const publisher = {
    publish: (messages: readonly OutgoingMessage[]) => {
      published.push(...messages);
      return Promise.resolve(["1"]);
    },
  };
  const letters = new DeadLetters("coach-agent", publisher, { now: () => new Date(NOW) });
  await letters.put(message, MessageError.permanent("rejected", problem), failures);
  expect(published).toHaveLength(1);
  return published[0] ?? { topic: "", data, attributes: {} };
}

const reasonFor = async (problem: string): Promise<string> =>
  (await deadLetterOf(delivery, problem)).attributes["dead_letter_reason"] ?? "";

test("keeps the bytes and the attributes, and says who could not handle it and why", async () => {
  expect(await deadLetterOf(delivery, "no", 5)).toEqual({
    topic: "context-updates-dlq",
    data,
    attributes: {
      event_type: "context.update.v1",
      tenant_id: "acme",
      dead_letter_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      dead_letter_consumer: "coach-agent",
      dead_letter_code: "rejected",
      dead_letter_reason: "no",
      dead_letter_subscription: "coach-from-context",
      dead_letter_message_id: "m1",
      dead_letter_publish_time: "2026-03-02T09:59:59Z",
      dead_letter_failures: "5",
      dead_letter_at: NOW,
    },
  });
});

test("of which only the bytes are known says no more than that", async () => {
  const { topic, attributes } = await deadLetterOf({ data });
  expect(topic).toBe("audit-all-dlq");
  expect(Object.keys(attributes).toSorted()).toEqual(
    ["at", "code", "consumer", "id", "reason"].map((name) => `dead_letter_${name}`),
  );
});

test.each([
  ["context-updates-dlq", "coach-from-context"],
  ["git-events-dlq", "ui-from-git-dlq"],
  ["audit-all-dlq", "nobody-knows"],
])("goes to %s from %s", async (topic, subscription) => {
  expect((await deadLetterOf({ ...delivery, subscription })).topic).toBe(topic);
});

const idOf = async (message: Undeliverable): Promise<string | undefined> =>
  (await deadLetterOf(message)).attributes["dead_letter_id"];

test("is the same one for the same message, and for the same bytes where there is no id", async () => {
  const other = Uint8Array.of(1);
  expect(await idOf({ ...delivery, data: other })).toBe(await idOf(delivery));
  expect(await idOf({ ...delivery, messageId: "m2" })).not.toBe(await idOf(delivery));
  expect(await idOf({ data })).toBe(await idOf({ data: Uint8Array.from(data) }));
  expect(await idOf({ data: other })).not.toBe(await idOf({ data }));
});

describe("a reason", () => {
  test("of 1,024 bytes is whole", async () => {
    expect(await reasonFor("x".repeat(1024))).toBe("x".repeat(1024));
    expect(await reasonFor("é".repeat(512))).toBe("é".repeat(512));
  });

  test.each([
    ["letters", "x".repeat(5000)],
    ["characters of two bytes", "é".repeat(5000)],
    ["of three, at each border", "語".repeat(5000)],
    ["of three, one byte further", `x${"語".repeat(5000)}`],
    ["of four", "🙂".repeat(5000)],
    ["of four, one byte further", `x${"🙂".repeat(5000)}`],
    ["of four, two bytes further", `xx${"🙂".repeat(5000)}`],
    ["of four, three bytes further", `xxx${"🙂".repeat(5000)}`],
  ])("that is longer is cut between its characters: %s", async (_what, problem) => {
    const reason = await reasonFor(problem);
    expect(problem.startsWith(reason)).toBe(true);
    expect(reason.isWellFormed()).toBe(true);
    expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(1024);
    expect(Buffer.byteLength(reason)).toBeGreaterThan(1024 - 8);
  });
});

test("a message of a hundred attributes keeps as many as a dead letter has room for", async () => {
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`own_${index}`, "x"]));
  const { attributes } = await deadLetterOf({ ...delivery, attributes: many }, "no", 5);
  const names = Object.keys(attributes);
  expect(names).toHaveLength(100);
  expect(names.filter((name) => name.startsWith("dead_letter_"))).toHaveLength(9);
  expect(attributes).toMatchObject({ own_0: "x", own_90: "x" });
});

test("attributes that no bus would take are left out, and nothing of them keeps the dead letter back", async () => {
  const attributes = Object.fromEntries([
    ["kept", "x".repeat(1024)],
    ["__proto__", "a name like any other"],
    ["", "no name"],
    ["n".repeat(257), "a long name"],
    ["long", "x".repeat(1025)],
    ["half", "\ud800"],
  ]);
  const kept = (await deadLetterOf({ ...delivery, attributes })).attributes;
  expect(Object.keys(kept).filter((name) => !name.startsWith("dead_letter_"))).toEqual(["kept", "__proto__"]);
});

test("a message larger than a bus takes is cut, and says so", async () => {
  const large = new Uint8Array(10_000_001).fill(7);
  const letter = await deadLetterOf({ data: large });
  expect(letter.attributes).toMatchObject({ dead_letter_cut_from: "10000001" });
  expect(letter.data.byteLength).toBeGreaterThan(9_800_000);
  expect(Buffer.from(letter.data).equals(large.subarray(0, letter.data.byteLength))).toBe(true);

  const whole = await deadLetterOf({ data: large.subarray(1) });
  expect(whole.data.byteLength).toBe(10_000_000);
  expect(whole.attributes).not.toHaveProperty("dead_letter_cut_from");
});

test("what a message says of an earlier dead letter gives way", async () => {
  const again = { ...delivery, attributes: { dead_letter_reason: "older", dead_letter_consumer: "spec-agent" } };
  expect((await deadLetterOf(again)).attributes).toMatchObject({
    dead_letter_reason: "no",
    dead_letter_consumer: "coach-agent",
  });
});

test("that the bus does not take is an error that comes again later", async () => {
  const cause = new Error("down");
  const letters = new DeadLetters(
    "coach-agent",
    { publish: () => Promise.reject(cause) },
    { now: () => new Date(NOW) },
  );
  await expect(letters.put(delivery, MessageError.permanent("rejected", "no"))).rejects.toMatchObject({
    code: "publish-failed",
    class: "surroundings",
    cause,
    message: "dead letter could not be published [message=m1 subscription=coach-from-context reason=rejected]",
  });
});
