import { decodePush } from "./decode-push.ts";

const push = {
  message: {
    data: "eyJhIjoxfQ==",
    attributes: { event_type: "git.push" },
    messageId: "7",
    message_id: "7",
    publishTime: "2026-11-21T08:30:00.123456789Z",
    publish_time: "2026-11-21T08:30:00.123456789Z",
    orderingKey: "shop",
  },
  subscription: "projects/demo/subscriptions/git-from-push",
  deliveryAttempt: 2,
};
const bytes = (value: unknown): Uint8Array => Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
const withMessage = (fields: object): object => ({ ...push, message: { ...push.message, ...fields } });

test("a push request becomes a delivery", () => {
  expect(decodePush(bytes(push))).toEqual({
    ok: true,
    delivery: {
      messageId: "7",
      data: Buffer.from('{"a":1}'),
      attributes: { event_type: "git.push" },
      publishTime: "2026-11-21T08:30:00.123456789Z",
      orderingKey: "shop",
      subscription: "git-from-push",
      deliveryAttempt: 2,
    },
  });
});

test("what a bus may leave out, and what it may add, is no fault", () => {
  const sparse = {
    message: { message_id: "7", publish_time: "2026-11-21T08:30:00Z", extra: [] },
    subscription: push.subscription,
    extra: {},
  };
  expect(decodePush(bytes(sparse))).toEqual({
    ok: true,
    delivery: {
      messageId: "7",
      data: new Uint8Array(),
      attributes: {},
      publishTime: "2026-11-21T08:30:00Z",
      subscription: "git-from-push",
    },
  });
});

test("an empty ordering key is none", () => {
  expect(decodePush(bytes(withMessage({ orderingKey: "" })))).not.toHaveProperty("delivery.orderingKey");
});

const unreadable: Record<string, [problem: string, body: Uint8Array]> = {
  "an empty body": ["is not JSON", bytes("")],
  "no JSON": ["is not JSON", bytes("{")],
  "bad UTF-8": ["is not valid UTF-8", Buffer.from([0x22, 0xff, 0x22])],
  "the same key twice": ["the same key twice", bytes('{"message":{},"message":{}}')],
  "a list": ["the push request must be an object", bytes([])],
};

test.each(Object.entries(unreadable))("%s is no push request", (_name, [problem, body]) => {
  expect(decodePush(body)).toEqual({
    ok: false,
    error: expect.objectContaining({
      code: "invalid-push",
      class: "permanent",
      message: expect.stringContaining(problem),
    }),
    message: { data: body },
  });
});

const wrong: Record<string, [path: string, body: object]> = {
  "no message": ["message", { subscription: push.subscription }],
  "a message that is a list": ["message", { ...push, message: [] }],
  "data that is no text": ["message.data", withMessage({ data: { a: 1 } })],
  "data that is null": ["message.data", withMessage({ data: null })],
  "data with a space": ["message.data", withMessage({ data: "eyJh IjoxfQ==" })],
  "data without padding": ["message.data", withMessage({ data: "eyJhIjoxfQ" })],
  "data in base64url": ["message.data", withMessage({ data: "_-A=" })],
  "data with loose last bits": ["message.data", withMessage({ data: "eyJhIjoxfR==" })],
  "attributes that are a list": ["message.attributes", withMessage({ attributes: ["a"] })],
  "an attribute that is a number": ["message.attributes", withMessage({ attributes: { hops: 1 } })],
  "no message id": ["message.messageId", withMessage({ messageId: undefined, message_id: undefined })],
  "an empty message id": ["message.messageId", withMessage({ messageId: "", message_id: "" })],
  "a message id that is a number": ["message.messageId", withMessage({ messageId: 7 })],
  "two message ids": ["message.messageId", withMessage({ message_id: "8" })],
  "no time": ["message.publishTime", withMessage({ publishTime: undefined, publish_time: undefined })],
  "no such time": ["message.publishTime", withMessage({ publishTime: "yesterday", publish_time: "yesterday" })],
  "an ordering key that is a number": ["message.orderingKey", withMessage({ orderingKey: 1 })],
  "a subscription without project": ["subscription", { ...push, subscription: "git-from-push" }],
  "a delivery attempt of 0": ["deliveryAttempt", { ...push, deliveryAttempt: 0 }],
  "a delivery attempt that is text": ["deliveryAttempt", { ...push, deliveryAttempt: "2" }],
};

test.each(Object.entries(wrong))("%s is refused by its place", (_name, [path, body]) => {
  expect(decodePush(bytes(body))).toMatchObject({ ok: false, error: { code: "invalid-push", details: { path } } });
});

test("what can be found in a wrong push is found", () => {
  const body = bytes(withMessage({ data: "?" }));
  expect(decodePush(body)).toMatchObject({ message: { data: body, subscription: "git-from-push", messageId: "7" } });
});
