import type { PubSub } from "@google-cloud/pubsub";
import { OpenTopics } from "./open-topics.ts";

/** Counts how often each topic was opened; a message to `slow` is never answered. */
function countingPubsub() {
  const opened: string[] = [];
  const topic = (name: string) => {
    opened.push(name);
    return { publishMessage: (_: unknown, ended: () => void) => (name === "slow" ? undefined : ended()) };
  };
  return { opened, pubsub: { topic } as unknown as PubSub };
}

const ignore = (): void => undefined;
const to = (topic: string) => ({ topic, data: new Uint8Array(1), attributes: {} });

test("each topic is opened once", () => {
  const { opened, pubsub } = countingPubsub();
  const topics = new OpenTopics({});
  for (const name of ["steps", "facts", "steps"]) topics.publish(pubsub, to(name), ignore);
  expect(opened).toEqual(["steps", "facts"]);
});

test("of very many the ones used longest ago are forgotten, but none that has messages on their way", () => {
  const { opened, pubsub } = countingPubsub();
  const topics = new OpenTopics({});
  topics.publish(pubsub, to("slow"), ignore);
  for (let number = 0; number < 150; number += 1) topics.publish(pubsub, to(`topic-${number}`), ignore);
  opened.length = 0;
  topics.publish(pubsub, to("slow"), ignore);
  topics.publish(pubsub, to("topic-149"), ignore);
  topics.publish(pubsub, to("topic-0"), ignore);
  expect(opened).toEqual(["topic-0"]);
});
