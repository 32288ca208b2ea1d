import { encodeEnvelope } from "@contextpilot/events";
import { messageOf } from "@contextpilot/messaging";
import { push, said } from "../house.fixture.ts";
import { letter, update } from "./letters.fixture.ts";
import { redriven, resent } from "./return-message.ts";

const problemOf = (returned: ReturnType<typeof redriven>): string => (returned.ok ? "" : returned.problem);

test("a redrive is the message as it was, to the one consumer, from where that one heard it", () => {
  const kept = letter("d1", {}, Buffer.from("{ not quite an event"));
  const own = messageOf(said("event-d1", push())).attributes;
  const attributes = {
    ...own,
    ordering_key: "shop",
    custom: "mine",
    event_type: "context.update.v1",
    replay_generation: "g1",
    redrive_to: "somebody-before",
    dead_letter_id: "d1",
    dead_letter_reason: "it broke",
    CloudPubSubDeadLetterSourceSubscription: "coach-from-context",
  };
  expect(redriven({ ...kept, deadLetter: { ...kept.deadLetter, attributes } })).toEqual({
    ok: true,
    message: {
      topic: "context-updates",
      data: kept.data,
      attributes: {
        ...own,
        ordering_key: "shop",
        custom: "mine",
        event_type: "context.update.v1",
        replay_generation: "g1",
        redrive_to: "coach-agent",
        redriven_from: "d1",
        retry_count: "1",
      },
      orderingKey: "shop",
    },
  });
});

test.each([
  ["1", "2"],
  ["41", "42"],
  ["-1", "1"],
  ["many", "1"],
])("a message that was brought back %s times is the next time said to be so: %s", (before, after) => {
  const attributes = { event_type: "context.update.v1", retry_count: before };
  expect(redriven(letter("d1", { attributes }))).toMatchObject({ message: { attributes: { retry_count: after } } });
});

test("what Pub/Sub takes of attributes is not exceeded", () => {
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`a${index}`, "x"]));
  const returned = redriven(letter("d1", { attributes: { event_type: "context.update.v1", ...many } }));
  expect(returned.ok && Object.keys(returned.message.attributes)).toHaveLength(100);
  expect(returned).toMatchObject({ message: { attributes: { redrive_to: "coach-agent" } } });
});

test.each([
  ["an unreadable push request", letter("d1", { code: "invalid-push" }), /no message to send again.*discard/],
  ["an unknown place", letter("d1", { subscription: undefined }), /does not say where/],
  ["a subscription of yesterday", letter("d1", { subscription: "gone" }), /no gone now/],
  [
    "a consumer that does not hear it",
    letter("d1", { consumer: "git-agent" }),
    /git-agent does not hear context.update/,
  ],
  ["attributes that no filter lets pass", letter("d1", { attributes: {} }), /does not hear messages without/],
])("%s is not redriven, in words", (_case, kept, words) => {
  expect(problemOf(redriven(kept))).toMatch(words);
});

test("edited bytes go out as they are, as a new message of their own event, with their origin named", () => {
  const kept = letter("d1", { code: "invalid-push", subscription: undefined, attributes: { custom: "old" } });
  const edited = Buffer.from(`\n${Buffer.from(letter("edited").data).toString()}`);
  expect(resent(kept, edited)).toEqual({
    ok: true,
    message: {
      topic: "context-updates",
      data: edited,
      orderingKey: "shop",
      routingKey: "context.update.normal",
      attributes: {
        event_type: "context.update.v1",
        source: "test",
        event_id: "event-edited",
        tenant_id: "default",
        correlation_id: "event-edited",
        hops: "0",
        idempotency_key: "context.update.v1:default:event-edited",
        ordering_key: "shop",
        redrive_to: "coach-agent",
        resent_from: "d1",
      },
    },
  });
});

test("an event whose data is kept elsewhere may be edited too", () => {
  const { data: _data, ...event } = said("e1", update());
  const edited = JSON.stringify({ ...event, data_ref: { hash: "a".repeat(64), bytes: 300_000 } });
  expect(resent(letter("d1"), Buffer.from(edited))).toMatchObject({ ok: true, message: { orderingKey: "e1" } });
});

const event = said("e1", push());
const text = JSON.stringify(event);
test.each([
  ["no JSON", "{", /is not JSON/],
  ["a key twice", `{"event_id":"a",${text.slice(1)}`, /same key twice/],
  ["no UTF-8", Buffer.from([0xff]), /UTF-8/],
  ["no envelope", `{"event_id":"e1"}`, /event_type: /],
  ["an unknown type", text.replace("git.push.v1", "git.push.v9"), /does not know git.push.v9/],
  ["data of another shape", text.replace('"forced":false', '"forced":"no"'), /data.forced: /],
  [
    "an event that the consumer does not hear",
    encodeEnvelope(event),
    /coach-agent does not hear git.push.v1 on git-events/,
  ],
])("%s is not resent, in words", (_case, bytes, words) => {
  expect(problemOf(resent(letter("d1"), Buffer.from(bytes as string)))).toMatch(words);
});
