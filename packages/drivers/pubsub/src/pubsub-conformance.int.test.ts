import { describeOn, publisherSubscriberConformance, pubsubEmulator } from "@contextpilot/testing";
import { makeProject } from "./emulated-topology.fixture.ts";
import { PubsubPublisher } from "./pubsub-publisher.ts";
import { PubsubSubscriber } from "./pubsub-subscriber.ts";

describeOn(pubsubEmulator, "on the emulator", (emulator) => {
  publisherSubscriberConformance(
    "Google Pub/Sub",
    async (topology) => {
      const emulatorHost = emulator().host;
      const projectId = await makeProject(emulatorHost, topology);
      const publisher = new PubsubPublisher({ projectId, emulatorHost });
      const subscriber = new PubsubSubscriber({ projectId, emulatorHost });
      return {
        publisher,
        subscriber,
        close: async () => {
          await Promise.all([publisher.close(), subscriber.close()]);
        },
      };
    },
    {
      filters: "the emulator (0.8.20) keeps filters and does not apply them",
      patterns: "Pub/Sub has no routing keys",
      priorities: "Pub/Sub has no priorities",
      messageTtl: "Pub/Sub keeps messages for at least ten minutes",
      durable: "the emulator keeps everything in memory, and Pub/Sub everything that it took",
    },
  );
});
