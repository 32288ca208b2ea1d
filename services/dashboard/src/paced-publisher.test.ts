import { PublishError, type OutgoingMessage, type Publisher } from "@contextpilot/messaging";
import { RecordingPublisher } from "@contextpilot/testing";
import { PacedPublisher } from "./paced-publisher.ts";

const never = new AbortController().signal;
const message = (topic: string): OutgoingMessage => ({ topic, data: Buffer.from("x"), attributes: {} });

test("turns come no faster than the rate, whoever asks", async () => {
  const paced = new PacedPublisher(new RecordingPublisher());
  const began = performance.now();
  // 10 at 100 a second, by two: the last begins after nine have had their time.
  await Promise.all(Array.from({ length: 10 }, () => paced.turn(1, 100, never)));
  expect(performance.now() - began).toBeGreaterThanOrEqual(85);
});

test.each([
  [0.1, 1],
  [20, 2],
  [500, 50],
  [10_000, 100],
])("at %d a second, %d go at once", (rate, slice) => {
  expect(new PacedPublisher(new RecordingPublisher()).sliceOf(rate)).toBe(slice);
});

test("a wait ends at once when its asker goes or everything closes, and then the turn is not given", async () => {
  const paced = new PacedPublisher(new RecordingPublisher());
  const gone = new AbortController();
  expect(await paced.turn(1, 0.001, never)).toBe(true);
  const waiting = [paced.turn(1, 1, gone.signal), paced.turn(1, 1, never)];
  gone.abort();
  paced.close();
  expect(await Promise.all(waiting)).toEqual([false, false]);
  expect(await paced.turn(1, 1, never)).toBe(false);
});

test("of a list that is refused for one of its messages, the others go", async () => {
  const choosy: Publisher = {
    publish: async (messages) => {
      if (messages.some(({ topic }) => topic === "bad")) throw new PublishError("there is no topic bad", [0]);
      return messages.map(({ topic }) => `id-${topic}`);
    },
  };
  expect(await new PacedPublisher(choosy).publish(["a", "bad", "b"].map(message))).toEqual([
    { message_id: "id-a" },
    { problem: "there is no topic bad" },
    { message_id: "id-b" },
  ]);
});
