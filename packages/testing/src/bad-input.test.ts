import type { Envelope, EventOf } from "@contextpilot/events";
import type { Delivery, OutgoingMessage } from "@contextpilot/messaging";
import { badMessages, goodCommit, type BadMessage } from "./bad-input.ts";
import { commitAgent, endOf } from "./commit-agent.ts";
import { RecordingPublisher } from "./recording-publisher.ts";

let messages = 0;
const delivered = ({ data, attributes }: Pick<BadMessage, "data" | "attributes">): Delivery => ({
  data,
  attributes,
  messageId: String(++messages),
  publishTime: "2026-11-21T08:30:00Z",
  subscription: "context-from-git",
});

describe("bad input in process has one end", () => {
  const publisher = new RecordingPublisher();
  const agent = commitAgent(publisher);
  const { receive } = agent.receiver;

  test.each(badMessages().map((message) => [message.name, message.ends, message] as const))(
    "%s: %s",
    async (_name, ends, message) => {
      const [before, commitsBefore] = [publisher.deadLetters.length, agent.commits()];
      const outcome = await receive(delivered(message));
      expect(endOf(outcome)).toBe(ends);

      const letters = publisher.deadLetters.slice(before);
      expect(letters).toHaveLength(outcome.kind === "dead-lettered" ? 1 : 0);
      for (const letter of letters) expectDeadLetter(letter, message);
      expect(agent.commits() - commitsBefore).toBe(ends === "handled" ? 1 : 0);
      if (outcome.kind === "handled") expectAsSent(agent.handled.at(-1), message, publisher.events.at(-1));

      expect(endOf(await receive(delivered(goodCommit())))).toBe("handled");
    },
  );
});

function expectDeadLetter(letter: OutgoingMessage, { data, attributes, ends }: BadMessage): void {
  expect(letter.topic).toBe("git-events-dlq");
  expect(Buffer.from(letter.data).equals(data)).toBe(true);
  expect(letter.attributes).toMatchObject({ dead_letter_code: ends, dead_letter_consumer: "context-agent" });
  const kept = Object.entries(letter.attributes).filter(([name]) => !name.startsWith("dead_letter_"));
  expect(Object.entries(attributes)).toEqual(expect.arrayContaining(kept));
}

/** What the handler saw is what was sent, and nothing that a prototype lent it; what it said can be read. */
function expectAsSent(seen: EventOf<"git.commit.v1"> | undefined, { data }: BadMessage, said?: Envelope): void {
  expect(said?.parent_event_id).toBe(seen?.event_id);
  const sent = JSON.parse(new TextDecoder().decode(data)) as { data: object };
  const { ["__proto__"]: _, ...own } = sent.data as Record<string, unknown>;
  expect(seen?.data).toMatchObject(own);
  expect(typeof seen?.correlation_id).toBe("string");
  expect(seen?.hops).toBeGreaterThanOrEqual(0);
  for (const value of [seen, seen?.data, seen?.metadata ?? {}]) {
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect([Reflect.get(value ?? {}, "admin"), Reflect.get(value ?? {}, "proposal_id")]).toEqual([
      undefined,
      undefined,
    ]);
  }
  expect(Object.keys(Object.prototype)).toEqual([]);
}

test("texts that are no valid Unicode, and NUL, go on as they came", async () => {
  const publisher = new RecordingPublisher();
  const { receive } = commitAgent(publisher).receiver;
  const { data, attributes } = goodCommit();
  const text = String.raw`a\ud800b\u0000c`;
  const commit = Buffer.from(
    Buffer.from(data)
      .toString()
      .replace("fix: it", () => text),
  );
  expect(endOf(await receive(delivered({ data: commit, attributes })))).toBe("handled");
  expect(publisher.events[0]?.data).toMatchObject({ subject: "a\ud800b\u0000c" });
  expect(Buffer.from(publisher.messages[0]?.data ?? []).toString()).toContain(text);
});
