import { once } from "node:events";
import { connect as connectTo, createServer, type AddressInfo } from "node:net";
import { PublishError } from "@contextpilot/messaging";
import { GrpcProxy, Recorder, describeOn, pubsubEmulator, until } from "@contextpilot/testing";
import { makeProject, makeTopology, step, textsOf } from "./emulated-topology.fixture.ts";
import { PubsubPublisher, type PubsubPublisherOptions } from "./pubsub-publisher.ts";
import { PubsubSubscriber } from "./pubsub-subscriber.ts";

/** gRPC's codes: one that the SDK tries again, and one that it does not. */
const UNAVAILABLE = 14;
const FAILED_PRECONDITION = 9;

const refusalOf = async (publishing: Promise<unknown>): Promise<PublishError> => {
  const thrown: unknown = await publishing.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof PublishError) return thrown;
  throw new Error(`no PublishError came: ${String(thrown)}`);
};

const letters = (count: number, text = "x") => Array.from({ length: count }, () => step(text));

describeOn(pubsubEmulator, "the publisher, on the emulator,", (emulator) => {
  let projectId: string;
  let proxy: GrpcProxy;
  let publisher: PubsubPublisher;
  const opened: { close(): Promise<void> }[] = [];

  const publisherWith = (options: Partial<PubsubPublisherOptions> = {}): PubsubPublisher => {
    publisher = new PubsubPublisher({ projectId, emulatorHost: proxy.host, ...options });
    opened.push(publisher);
    return publisher;
  };
  const listen = async (): Promise<Recorder> => {
    const recorder = new Recorder();
    const subscriber = new PubsubSubscriber({ projectId, emulatorHost: emulator().host, onError: () => undefined });
    opened.push(subscriber);
    await subscriber.subscribe("from-steps", recorder.deliver);
    return recorder;
  };
  const requests = (): number => proxy.calls.filter((method) => method === "Publish").length;

  beforeEach(async () => {
    projectId = await makeProject(emulator().host);
    proxy = await GrpcProxy.open(emulator().host);
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((each) => each.close()));
    await proxy.close();
  });

  describe("sends together", () => {
    test("what is published together, and what comes within the wait", async () => {
      publisherWith({ batch: { maxMilliseconds: 50 } });
      await Promise.all([publisher.publish(letters(20)), publisher.publish(letters(20))]);
      expect(requests()).toBe(1);
    });

    test("at most so many messages, and so many bytes", async () => {
      publisherWith({ batch: { maxMessages: 10 } });
      await publisher.publish(letters(30));
      expect(requests()).toBe(3);
      publisherWith({ batch: { maxBytes: 10_000 } });
      await publisher.publish(letters(3, "x".repeat(6_000)));
      expect(requests()).toBe(6);
    });

    test("of one ordering key no more than Pub/Sub takes in a request, however much of it waits", async () => {
      const recorder = await listen();
      publisherWith({ emulatorHost: emulator().host });
      const large = ["1", "2", "3", "4", "5"].map((digit) => digit.repeat(2_900_000));
      await Promise.all(large.map((text) => publisher.publish([step(text, "a")])));
      expect(textsOf(await recorder.untilDelivered(5)).map((text) => text[0])).toEqual(["1", "2", "3", "4", "5"]);
    });

    test("packed where asked for: JSON in less than half the bytes", async () => {
      const recorder = await listen();
      const data = JSON.stringify(
        Array.from({ length: 200 }, (_, number) => ({ number, path: `src/cart-${number}.ts` })),
      );
      const sizes = await Promise.all(
        [false, true].map(async (gzip) => {
          const line = await countedLine(emulator().host);
          await publisherWith({ emulatorHost: line.host, gzip }).publish([step(data)]);
          await publisher.close();
          return line.close();
        }),
      );
      const [plain = 0, packed = Infinity] = sizes;
      expect(packed).toBeLessThan(plain / 2);
      expect(textsOf(await recorder.untilDelivered(2))).toEqual([data, data]);
    });
  });

  describe("when a message of an ordering key fails", () => {
    test("what was published behind it fails with it, and all goes again in order", async () => {
      const recorder = await listen();
      publisherWith({ batch: { maxMessages: 1 } });
      let refused = 1;
      proxy.fateOf = (method) =>
        method === "Publish" && refused-- > 0 ? { kind: "refused", status: FAILED_PRECONDITION } : { kind: "passes" };
      const first = publisher.publish([step("a1", "a"), step("a2", "a")]);
      const behind = publisher.publish([step("a3", "a")]);
      expect((await refusalOf(first)).failed).toEqual([0, 1]);
      expect((await refusalOf(behind)).failed).toEqual([0]);
      // Nothing of the key was sent after the one that failed.
      expect(requests()).toBe(1);

      await publisher.publish([step("a1", "a"), step("a2", "a"), step("a3", "a")]);
      expect(textsOf(await recorder.untilDelivered(3))).toEqual(["a1", "a2", "a3"]);
    });

    test("other keys go on", async () => {
      const recorder = await listen();
      publisherWith({ batch: { maxMessages: 1 } });
      let refused = 1;
      proxy.fateOf = (method) =>
        method === "Publish" && refused-- > 0 ? { kind: "refused", status: FAILED_PRECONDITION } : { kind: "passes" };
      const error = await refusalOf(
        publisher.publish([step("a1", "a"), step("b1", "b"), step("a2", "a"), step("b2", "b")]),
      );
      expect(error.failed).toEqual([0, 2]);
      expect(error.message).toMatch(/^2 of 4 messages did not get to steps: 9 FAILED_PRECONDITION/);
      expect(textsOf(await recorder.untilDelivered(2))).toEqual(["b1", "b2"]);
    });
  });

  describe("when Pub/Sub takes nothing", () => {
    test("for less than the deadline, the messages arrive when it does again", async () => {
      const recorder = await listen();
      publisherWith();
      let refused = 3;
      proxy.fateOf = (method) =>
        method === "Publish" && refused-- > 0 ? { kind: "refused", status: UNAVAILABLE } : { kind: "passes" };
      const ids = await publisher.publish([step("a1", "a"), step("a2", "a")]);
      const deliveries = await recorder.untilDelivered(2);
      expect(deliveries.map(({ messageId }) => messageId)).toEqual(ids);
      expect(requests()).toBe(4);
    });

    test("for longer, the error names the topic, the places and the reason; later everything goes again", async () => {
      const recorder = await listen();
      publisherWith({ deadlineMs: 400 });
      proxy.fateOf = () => ({ kind: "refused", status: UNAVAILABLE });
      const started = performance.now();
      const error = await refusalOf(publisher.publish([step("a1", "a"), step("free")]));
      expect(performance.now() - started).toBeGreaterThanOrEqual(400);
      expect(error.failed).toEqual([0, 1]);
      expect(error.message).toMatch(/^2 of 2 messages did not get to steps: .*400 milliseconds.*UNAVAILABLE/);

      proxy.fateOf = () => ({ kind: "passes" });
      await publisher.publish([step("a1", "a"), step("free")]);
      expect([...textsOf(await recorder.untilDelivered(2))].sort()).toEqual(["a1", "free"]);
    });

    test("and never answers, it is given up at the deadline", async () => {
      publisherWith({ deadlineMs: 300 });
      proxy.fateOf = () => ({ kind: "passes", afterMs: 60_000 });
      expect((await refusalOf(publisher.publish([step("a")]))).message).toMatch(/steps: .*(DEADLINE|300 milliseconds)/);
    });

    test("but loses its answer, the message comes twice rather than never", async () => {
      const recorder = await listen();
      publisherWith();
      let cut = 1;
      proxy.fateOf = (method) =>
        method === "Publish" && cut-- > 0 ? { kind: "cut", when: "answered" } : { kind: "passes" };
      const [id] = await publisher.publish([step("a1", "a")]);
      const deliveries = await recorder.untilDelivered(2);
      expect(textsOf(deliveries)).toEqual(["a1", "a1"]);
      expect(deliveries.map(({ messageId }) => messageId)).toContain(id);
    });
  });

  test("killed and empty again, it is published to and heard as before, and nothing was taken for sent meanwhile", async () => {
    const recorder = await listen();
    publisherWith({ emulatorHost: emulator().host, deadlineMs: 1_000 });
    await publisher.publish([step("before", "a")]);
    await recorder.untilAcked(1);
    await emulator().kill();
    const error = await refusalOf(publisher.publish([step("meanwhile", "a")]));
    expect(error.message).toContain("steps");

    await emulator().start();
    const tooEarly = async () => (await refusalOf(publisher.publish([step("too early", "a")]))).message;
    await until(async () => (await tooEarly()).includes("NOT_FOUND"), "an answer of the new one");
    await makeTopology(emulator().host, projectId);
    await publisher.publish([step("after", "a")]);
    await until(() => recorder.acked.length === 2, "the message after", { withinMs: 30_000 });
    expect(textsOf(recorder.acked)).toEqual(["before", "after"]);
  });

  test("closed, it has sent what it had, in order, and takes nothing more", async () => {
    const recorder = await listen();
    publisherWith({ batch: { maxMessages: 1 } });
    let slow = 1;
    proxy.fateOf = (method) => ({ kind: "passes", afterMs: method === "Publish" && slow-- > 0 ? 300 : 0 });
    const publishing = publisher.publish([step("a1", "a"), step("a2", "a"), step("a3", "a")]);
    await until(() => requests() === 1, "the first request");
    await publisher.close();
    expect(await publishing).toHaveLength(3);
    expect((await refusalOf(publisher.publish([step("late")]))).message).toBe("the publisher has been closed");
    expect(textsOf(await recorder.untilDelivered(3))).toEqual(["a1", "a2", "a3"]);
  });
});

/** A line to the host that counts what goes there. */
async function countedLine(host: string): Promise<{ readonly host: string; close(): number }> {
  const [address, port] = host.split(":");
  let bytes = 0;
  const server = createServer((socket) => {
    const onward = connectTo(Number(port), address);
    socket.on("data", (chunk) => (bytes += chunk.byteLength));
    for (const [from, to] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      from.pipe(to);
      from.on("error", () => to.destroy());
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port: own } = server.address() as AddressInfo;
  return {
    host: `127.0.0.1:${own}`,
    close: () => {
      server.close();
      return bytes;
    },
  };
}
