import type { PubSub } from "@google-cloud/pubsub";
import { OpenTopics } from "./open-topics.ts";

/** Counts how often each topic was opened; a message to `slow` is never answered. */
function countingPubsub() {
  const opened: string[] = [];
  const topic = (name: string) => {
    opened.push(name);
    return { publishMessage: () => (name === "slow" ? new Promise(() => undefined) : Promise.resolve("1")) };
  };
  return { opened, pubsub: { topic } as unknown as PubSub };
}

const to = (topic: string) => ({ topic, data: new Uint8Array(1), attributes: {} });

test("each topic is opened once", async () => {
  const { opened, pubsub } = countingPubsub();
  const topics = new OpenTopics({});
  for (const name of ["steps", "facts", "steps"]) await topics.publish(pubsub, to(name));
  expect(opened).toEqual(["steps", "facts"]);
});

test("of very many the ones used longest ago are forgotten, but none that has messages on their way", async () => {
  const { opened, pubsub } = countingPubsub();
  const topics = new OpenTopics({});
  void topics.publish(pubsub, to("slow"));
  for (let number = 0; number < 150; number += 1) await topics.publish(pubsub, to(`topic-${number}`));
  opened.length = 0;
  void topics.publish(pubsub, to("slow"));
  await topics.publish(pubsub, to("topic-149"));
  await topics.publish(pubsub, to("topic-0"));
  expect(opened).toEqual(["topic-0"]);
});
