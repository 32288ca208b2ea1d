import { flushCompileCache } from "node:module";
import { createApp, createLogger, listen, listenConfig, runProcess } from "@contextpilot/agent-host";
import { messageOf, tickOf } from "@contextpilot/messaging";
import { PubsubPublisher } from "@contextpilot/pubsub";
import { told } from "./identities.ts";
import { LoopbackPublisher, type LoopbackBus } from "./loopback-publisher.ts";

/** What the clock's process is told, in SOAK_CLOCK. */
export interface ClockTold {
  /** When the soak began, in milliseconds of the machine's clock. */
  readonly since: number;
  readonly bus: LoopbackBus | { readonly projectId: string; readonly emulatorHost: string };
}

const MINUTE_MS = 60_000;
/** A minute of the soak, so that even a short one has many: a push that waits is often seen by several. */
const TICK_MS = 4_000;

/** Says the ticks, of minutes that are shorter than ours. One that the bus does not take is left out. */
await runProcess(async () => {
  const { since, bus } = told("SOAK_CLOCK") as ClockTold;
  const logger = createLogger({ service: "clock" });
  const pubsub = "projectId" in bus ? new PubsubPublisher(bus) : undefined;
  const publisher = pubsub ?? new LoopbackPublisher(bus as LoopbackBus);
  const app = createApp({ service: "clock", logger });
  logger.info({ address: await listen(app, listenConfig(process.env)) }, "listening");
  flushCompileCache(); // a kill would leave nothing for the next start

  const failed = (err: unknown): void => logger.error({ err }, "a tick was not taken");
  let saying: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    const minute = new Date(since + Math.floor((Date.now() - since) / TICK_MS) * MINUTE_MS);
    saying = publisher.publish([messageOf(tickOf(minute))]).catch(failed);
  }, TICK_MS);
  return {
    logger,
    close: async () => {
      clearInterval(timer);
      await saying;
      await app.close();
      await pubsub?.close();
    },
  };
});
