import { clockTick, createEvent, type Envelope } from "@contextpilot/events";
import { systemClock, type Clock } from "./ports/clock.ts";
import type { Publisher } from "./ports/publisher.ts";
import { messageOf } from "./message.ts";

const MINUTE_MS = 60_000;
/** One that comes later is left out: those after it have woken the same, and would wait behind it where ticks take longer than a minute. */
const TICK_TTL_SECONDS = 300;

/** The tick of the minute in which `now` lies; its id follows from the minute, whoever says it. */
export function tickOf(now: Date): Envelope {
  const minute = new Date(Math.floor(now.getTime() / MINUTE_MS) * MINUTE_MS).toISOString();
  return createEvent(clockTick({ minute }, { key: [minute], ttl_seconds: TICK_TTL_SECONDS }), {
    source: "clock",
    timestamp: minute,
  });
}

/** The clock ticks for everyone: to a process that serves one tenant, a tick is that tenant's. Other events stay whose they are. */
export function tickFor(tenant: string | undefined, event: Envelope): Envelope {
  return tenant === undefined || event.event_type !== "clock.tick.v1" ? event : { ...event, tenant_id: tenant };
}

/** What says the ticks where no Cloud Scheduler does. */
export interface RunningClock {
  /** Says no more, and resolves when what it was saying has been said. */
  stop(): Promise<void>;
}

/**
 * Says the tick of this minute at once, for what became due while nobody ticked, and of each further minute as it begins. A tick
 * that the bus does not take is reported and left out: the next one wakes the same.
 */
export function startClock(
  publisher: Publisher,
  { clock = systemClock, onError }: { readonly clock?: Clock; readonly onError: (error: unknown) => void },
): RunningClock {
  let timer: NodeJS.Timeout | undefined;
  let saying: Promise<unknown> = Promise.resolve();
  const tick = (): void => {
    const now = clock.now();
    saying = publisher.publish([messageOf(tickOf(now))]).catch(onError);
    timer = setTimeout(tick, MINUTE_MS - (now.getTime() % MINUTE_MS));
  };
  tick();
  return {
    stop: async () => {
      clearTimeout(timer);
      await saying;
    },
  };
}
