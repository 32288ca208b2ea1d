import { createEvent, gitPush } from "@contextpilot/events";
import { orderingKeyOf } from "@contextpilot/topology";
import { bad, consumersOf, handled, type BadMessage } from "./bad-message-table.ts";
import { CHAIN, type Scene } from "./scene.ts";

export function badMessages(scene: () => Scene): void {
  /** Puts a message on its topic as it is, and gives its id. */
  async function publish(topic: string, { event_type, data }: BadMessage, orderingKey?: string): Promise<string> {
    const ordering = orderingKey === undefined ? {} : { orderingKey };
    const message = { topic, data, attributes: { event_type }, ...ordering };
    const [messageId = ""] = await scene().house.publisher.publish([message]);
    return messageId;
  }

  describe("what is on the bus and cannot be handled is a dead letter of each consumer, byte for byte, with the reason:", () => {
    test.each(bad)("%s (%s)", async (_, code, reason, messageOf) => {
      expect(handled.length).toBeGreaterThanOrEqual(3);
      const sent = await Promise.all(
        handled.map(async ({ topic, family }) => {
          const message = messageOf(family);
          return { message, messageId: await publish(topic, message), consumers: consumersOf(message.event_type) };
        }),
      );
      const expected = sent.flatMap(({ consumers }) => consumers).length;
      const letters = await scene().untilDeadLetters(expected);
      expect(letters).toHaveLength(expected);
      for (const { message, messageId, consumers } of sent) {
        const own = letters.filter(({ message_id }) => message_id === messageId);
        expect(own.map(({ consumer }) => consumer).toSorted()).toEqual(consumers.toSorted());
        for (const letter of own) {
          expect(letter).toMatchObject({ code, reason: expect.stringMatching(reason) });
          const path = `/api/dead-letters/${letter.dead_letter_id}`;
          const { data_base64 } = await scene().api.get<{ data_base64: string }>(path);
          expect(Buffer.from(data_base64, "base64").equals(message.data)).toBe(true);
        }
      }
      // Nobody says anything about it. What is an envelope at all is seen, whatever its consumers think of it.
      expect((await scene().api.events()).filter(({ source }) => source !== "somebody")).toEqual([]);
    });

    test("the chain of a good push right behind all of them is as ever", async () => {
      const push = await scene().pushOf("ada");
      const key = [push.repository, push.ref, push.before, push.after];
      const event = createEvent(gitPush({ ...push, forced: false }, { key }), {
        source: "webhook",
        timestamp: "2026-03-02T10:00:00Z",
      });
      let letters = 0;
      for (const [, , , messageOf] of bad) {
        for (const { topic, family } of handled) {
          const message = messageOf(family);
          // In the very queue in which the good push waits.
          await publish(topic, message, family === "git.push" ? orderingKeyOf(event) : undefined);
          letters += consumersOf(message.event_type).length;
        }
      }
      await scene().send(push);
      await scene().chainTypes(1);
      expect(await scene().untilDeadLetters(letters)).toHaveLength(letters);
      const path = `/api/chains/${event.event_id}`;
      const chain = await scene().api.get<{ items: readonly { event: { event_type: string } }[] }>(path);
      expect(chain).toMatchObject({ dead_letters: [] });
      expect(chain.items.map(({ event: { event_type } }) => event_type).toSorted()).toEqual(CHAIN);
    });
  });
}
