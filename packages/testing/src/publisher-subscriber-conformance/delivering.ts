import type { Acknowledgement } from "@contextpilot/messaging";
import type { Bus } from "../publisher-subscriber-conformance.ts";
import { until } from "../until.ts";
import { fact, textsOf } from "./messages.ts";
import { Recorder } from "../recorder.ts";

const numbered = (count: number) => Array.from({ length: count }, (_, number) => fact(String(number)));

export function delivering(bus: () => Bus): void {
  describe("delivering", () => {
    test("each subscription of a topic gets its own copy", async () => {
      const [first, second] = [new Recorder(), new Recorder()];
      await bus().subscriber.subscribe("first-from-facts", first.deliver);
      await bus().subscriber.subscribe("second-from-facts", second.deliver);
      const ids = await bus().publisher.publish(numbered(5));
      for (const recorder of [first, second]) {
        const deliveries = await recorder.untilDelivered(5);
        expect(deliveries.map(({ messageId }) => messageId).sort()).toEqual([...ids].sort());
      }
    });

    test("what was published before anyone subscribed is delivered", async () => {
      await bus().publisher.publish([fact("early")]);
      const recorder = new Recorder();
      await bus().subscriber.subscribe("first-from-facts", recorder.deliver);
      expect(textsOf(await recorder.untilDelivered(1))).toEqual(["early"]);
    });

    test("those who share a subscription get each message once among them", async () => {
      const recorders = [new Recorder(), new Recorder(), new Recorder()];
      for (const { deliver } of recorders) await bus().subscriber.subscribe("first-from-facts", deliver);
      const all = new Recorder();
      await bus().subscriber.subscribe("second-from-facts", all.deliver);
      await Promise.all(Array.from({ length: 6 }, () => bus().publisher.publish(numbered(10))));
      await all.untilAcked(60);
      const shared = () => recorders.flatMap(({ acked }) => acked.map(({ messageId }) => messageId));
      await until(
        () => shared().length >= 60,
        () => `60 acks, there were ${shared().length}`,
      );
      expect(new Set(shared()).size).toBe(60);
      expect(shared()).toHaveLength(60);
    });

    test("a nacked message comes again, with the same id and bytes", async () => {
      const recorder = new Recorder((_, timesSeen) => (timesSeen < 3 ? "nack" : "ack"));
      await bus().subscriber.subscribe("first-from-facts", recorder.deliver);
      const [id] = await bus().publisher.publish([fact("again")]);
      const [acked] = await recorder.untilAcked(1);
      expect(acked?.messageId).toBe(id);
      expect(textsOf(recorder.deliveries)).toEqual(["again", "again", "again"]);
    });

    test("a rejection, and a throw, count as a nack", async () => {
      const recorder = new Recorder();
      let calls = 0;
      await bus().subscriber.subscribe("first-from-facts", (delivery) => {
        if (++calls === 1) throw new Error("thrown");
        return calls === 2 ? Promise.reject(new Error("rejected")) : recorder.deliver(delivery);
      });
      await bus().publisher.publish([fact("again")]);
      expect(textsOf(await recorder.untilAcked(1))).toEqual(["again"]);
    });

    test("a failure of one message, or of one subscription, does not hold up the others", async () => {
      const failing = new Recorder(() => "nack");
      const picky = new Recorder((delivery) => (textsOf([delivery])[0] === "0" ? "nack" : "ack"));
      await bus().subscriber.subscribe("first-from-facts", failing.deliver);
      await bus().subscriber.subscribe("second-from-facts", picky.deliver);
      await bus().publisher.publish(numbered(10));
      expect(textsOf(await picky.untilAcked(9)).sort()).toEqual(["1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    });

    test("stop waits for the running delivery and takes no further one; the next subscriber goes on", async () => {
      const answer = Promise.withResolvers<Acknowledgement>();
      const stopped = new Recorder(() => answer.promise);
      const subscription = await bus().subscriber.subscribe("first-from-facts", stopped.deliver);
      await bus().publisher.publish([fact("running")]);
      await stopped.untilDelivered(1);

      let drained = false;
      const stopping = subscription.stop().then(() => (drained = true));
      await bus().publisher.publish([fact("later")]);
      const next = new Recorder();
      await bus().subscriber.subscribe("first-from-facts", next.deliver);
      expect(textsOf(await next.untilAcked(1))).toEqual(["later"]);
      expect(drained).toBe(false);

      answer.resolve("ack");
      await stopping;
      await subscription.stop();
      expect(textsOf(stopped.deliveries)).toEqual(["running"]);
    });

    test("a subscription that is not there cannot be heard", async () => {
      await expect(bus().subscriber.subscribe("not-there", new Recorder().deliver)).rejects.toThrow("not-there");
    });
  });
}
