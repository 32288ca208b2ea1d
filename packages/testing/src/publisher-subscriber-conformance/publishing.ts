import { PublishError, type OutgoingMessage } from "@contextpilot/messaging";
import type { Bus } from "../publisher-subscriber-conformance.ts";
import { fact, step, textOf, textsOf } from "./messages.ts";
import { Recorder } from "../recorder.ts";
import { until } from "../until.ts";

export function publishing(bus: () => Bus): void {
  describe("publishing", () => {
    test("a message arrives as it was published, under the id that publish gave", async () => {
      const before = Date.now();
      const recorder = new Recorder();
      await bus().subscriber.subscribe("ordered-from-steps", recorder.deliver);
      const data = Uint8Array.from([0, 255, 0xc3, 0x28, 10, 13]);
      const attributes = { plain: "value", empty: "", "with space": "Grüße 🚀", constructor: "1" };
      const [messageId] = await bus().publisher.publish([{ topic: "steps", data, attributes, orderingKey: "a/b" }]);

      const [delivery] = await recorder.untilDelivered(1);
      expect(delivery).toMatchObject({ messageId, orderingKey: "a/b", subscription: "ordered-from-steps" });
      expect(delivery?.attributes).toEqual(attributes);
      expect(Buffer.from(delivery?.data ?? [])).toEqual(Buffer.from(data));
      expect(delivery?.publishTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
      // A minute of grace for a bus with a clock of its own.
      expect(Math.abs(Date.parse(delivery?.publishTime ?? "") - before)).toBeLessThan(60_000);
    });

    test("ids come in the order of the list, each message has its own", async () => {
      const recorder = new Recorder();
      await bus().subscriber.subscribe("first-from-facts", recorder.deliver);
      const ids = await bus().publisher.publish(["a", "b", "c"].map((text) => fact(text)));
      expect(new Set(ids).size).toBe(3);
      const deliveries = await recorder.untilDelivered(3);
      const textById = new Map(deliveries.map((delivery) => [delivery.messageId, textOf(delivery)]));
      expect(ids.map((id) => textById.get(id))).toEqual(["a", "b", "c"]);
    });

    test("a message without data, and one without an ordering key, arrive without", async () => {
      const recorder = new Recorder();
      await bus().subscriber.subscribe("first-from-facts", recorder.deliver);
      await bus().publisher.publish([fact("", { only: "attributes" })]);
      const [delivery] = await recorder.untilDelivered(1);
      expect(delivery?.data.byteLength).toBe(0);
      expect(delivery).not.toHaveProperty("orderingKey");
    });

    test("a megabyte arrives whole", async () => {
      const recorder = new Recorder();
      await bus().subscriber.subscribe("first-from-facts", recorder.deliver);
      const data = Buffer.alloc(1024 * 1024, "0123456789abcde");
      await bus().publisher.publish([{ ...fact(""), data }]);
      const [delivery] = await recorder.untilDelivered(1);
      expect(data.equals(delivery?.data ?? new Uint8Array())).toBe(true);
    });

    test("an empty list gives no ids", async () => {
      expect(await bus().publisher.publish([])).toEqual([]);
    });

    test.each<[string, OutgoingMessage]>([
      ["to a topic that is not there", { ...fact("a"), topic: "not-there" }],
      ["with 101 attributes", fact("a", Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`key-${n}`, "1"])))],
      ["with an attribute's name of 257 bytes", fact("a", { ["é".repeat(128) + "k"]: "1" })],
      ["with an attribute of 1,025 bytes", fact("a", { key: `${"é".repeat(512)}v` })],
      ["with an ordering key of 1,025 bytes", step("k".repeat(1025), 1)],
      ["over 10 MB", { ...fact(""), data: Buffer.alloc(10_000_001) }],
      ["with neither data nor attributes", fact("")],
    ])("a message %s is refused by its place in the list", async (_, refused) => {
      const published = bus().publisher.publish([fact("good"), refused]);
      const error = await published.then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(error).toBeInstanceOf(PublishError);
      expect(error instanceof PublishError && error.failed).toContain(1);
      // The bus goes on; it may have taken the good one.
      const recorder = new Recorder();
      await bus().subscriber.subscribe("first-from-facts", recorder.deliver);
      await bus().publisher.publish([fact("next")]);
      await until(() => textsOf(recorder.deliveries).includes("next"), "the next message");
      expect(textsOf(recorder.deliveries).filter((text) => text !== "good")).toEqual(["next"]);
    });
  });
}
