import {
  createLogger,
  DeliveryCounter,
  logDelivery,
  openTelemetry,
  runProcess,
  type Logger,
} from "@contextpilot/agent-host";
import { acknowledgementOf, type Deliver, type Receive } from "@contextpilot/messaging";
import { drainSubscription, type PubsubSubscriber } from "@contextpilot/pubsub";
import { resolveTopology, type Service } from "@contextpilot/topology";
import { openGoogleCloud, openSubscriber } from "./google-cloud.ts";
import { jobConfig } from "./job-config.ts";
import { handledBy, takenBy, type Handlers, type ReceiverWith, type TakeWith } from "./service-receiver.ts";

/** The topology brings again what was nacked after 10 s at the earliest: it is left for the next run, which may have more luck. */
const EMPTY_SECONDS = 5;
/** Of an error, which may tell of every time that it was tried. */
const MAX_PROBLEM = 1_000;

/**
 * Runs a service as a job, as on Cloud Run: told by its environment, it takes what waits in each of its subscriptions until nothing has come for
 * five seconds or its time is nearly up, says in one line how the deliveries ended, and exits with 0. On SIGTERM it answers what runs, and ends likewise. What could not be handled
 * is left for the next run. Exits with 1 where it cannot start, which it says in one line, or where a subscription cannot be heard.
 */
export function runJob<S extends Service>(service: S, handlers: Handlers<S>): Promise<void> {
  return runPulled(service, handledBy(service, handlers));
}

/** Runs a service that takes each delivery as it is, of every tenant, likewise: `take` keeps the promises of createRawReceiver. */
export function runRawJob(service: Service, takeWith: TakeWith): Promise<void> {
  return runPulled(service, takenBy(service, takeWith));
}

function runPulled(service: Service, receiverWith: ReceiverWith): Promise<void> {
  return runProcess(async () => {
    const { logLevel, takesForSeconds, tenantId } = jobConfig(process.env);
    const logger = createLogger({ service, level: logLevel });
    const cloud = openGoogleCloud(service, process.env, logger);
    const subscriber = openSubscriber(process.env, logger);
    const telemetry = await openTelemetry(service, process.env);
    const tracing = telemetry?.tracing;
    const { receive } = receiverWith({ cloud, logger, tracing, tenantId });
    const told = new AbortController();
    const done = drainService(service, {
      subscriber,
      receive: tracing?.receive(receive) ?? receive,
      logger,
      projectId: cloud.projectId,
      told: told.signal,
      timeUp: takesForSeconds === undefined ? undefined : AbortSignal.timeout(takesForSeconds * 1000),
    });
    return {
      logger,
      done,
      close: async () => {
        told.abort();
        await Promise.allSettled([done]);
        await subscriber.close();
        await cloud.close();
        await telemetry?.close();
      },
    };
  });
}

interface Draining {
  readonly subscriber: PubsubSubscriber;
  readonly receive: Receive;
  readonly logger: Logger;
  readonly projectId: string;
  readonly told: AbortSignal;
  readonly timeUp: AbortSignal | undefined;
}

/** All subscriptions at once. One that cannot be heard is logged, and holds up no other; then it rejects. */
async function drainService(service: Service, draining: Draining): Promise<void> {
  const { subscriber, logger, told, timeUp } = draining;
  const counter = new DeliveryCounter();
  const deliver = logged(draining, counter);
  const signal = AbortSignal.any(timeUp === undefined ? [told] : [told, timeUp]);
  const unheard: string[] = [];
  const drain = async (subscription: string): Promise<void> => {
    try {
      await drainSubscription(subscriber, subscription, deliver, { emptySeconds: EMPTY_SECONDS, signal });
    } catch (error) {
      unheard.push(subscription);
      logger.error({ subscription, problem: String(error).slice(0, MAX_PROBLEM) }, "a subscription cannot be heard");
    }
  };
  const own = resolveTopology().subscriptions.filter((each) => each.service === service);
  await Promise.all(own.map(({ name }) => drain(name)));
  const ending = told.aborted ? "told-to" : timeUp?.aborted ? "time-up" : "empty";
  logger.info({ ending, unheard, ...counter.counts }, "drained");
  if (unheard.length > 0) throw new Error(`not heard: ${unheard.join(", ")}`);
}

function logged({ receive, logger, projectId }: Draining, counter: DeliveryCounter): Deliver {
  return async (delivery) => {
    const start = performance.now();
    const outcome = await receive(delivery);
    counter.add(outcome);
    logDelivery(logger, { push: delivery, durationMs: performance.now() - start, projectId }, outcome);
    return acknowledgementOf(outcome);
  };
}
