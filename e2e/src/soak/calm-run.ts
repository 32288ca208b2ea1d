import { createReceiver, MemoryStore } from "@contextpilot/messaging";
import { Ledger } from "../checker/ledger.ts";
import { WITNESSES } from "../checker/witnesses.ts";

/** What the witnesses say to the same commits one after the other, in one process to which nothing happens. */
export async function calmRun({ accepted }: Ledger): Promise<Ledger> {
  const ledger = new Ledger();
  const publisher = { publish: async () => [] };
  const witnesses = {
    tally: WITNESSES.tally(2),
    worker: WITNESSES.worker(2, async () => {}),
  };
  for (const [service, handlers] of Object.entries(witnesses)) {
    const store = new MemoryStore();
    const { receive } = createReceiver({
      service,
      handlers,
      publisher,
      store: {
        read: (keys) => store.read(keys),
        due: (now, limit) => store.due(now, limit),
        commit: async (unit) => {
          await store.commit(unit);
          ledger.wrote(unit, 0);
        },
      },
    });
    for (const { event, message } of accepted.values()) {
      if (!event.event_type.startsWith("git.commit.")) continue;
      const place = { messageId: event.event_id, publishTime: event.timestamp, subscription: `${service}-from-git` };
      await receive({ ...message, ...place, deliveryAttempt: 1 });
    }
  }
  return ledger;
}
