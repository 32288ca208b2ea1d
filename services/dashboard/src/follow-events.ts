import { Readable } from "node:stream";
import type { FastifyInstance } from "fastify";
import { followQuery, readQuery, type FollowQuery } from "./queries.ts";
import type { FeedEntry } from "./take-delivery.ts";

/** Calls the listener after each event and dead letter that is kept from then on, until the function that comes back is called. */
export type Follow = (listener: (entry: FeedEntry) => void) => (() => void) | Promise<() => void>;

/** Who reads more slowly than the house speaks is cut off here; the lists still have everything. */
const MAX_BEHIND_BYTES = 8 * 1024 * 1024;

/**
 * `GET /events/follow`: each event of the tenant that is asked for, from now on, as it is kept, until whoever asked goes away: server-sent events
 * whose data is a SeenEvent. The first thing sent is a comment, so that who follows knows that nothing is missed from there on.
 */
export function addFollowRoute(
  api: FastifyInstance,
  { follow, tenant }: { readonly follow: Follow; readonly tenant: string },
): void {
  const streams = new Set<Readable>();
  // An orderly end waits for its requests, and these have none by themselves.
  let ending = false;
  api.addHook("preClose", async () => {
    ending = true;
    for (const stream of streams) stream.push(null);
  });

  api.get("/events/follow", async ({ query }, reply) => {
    const wanted = readQuery(followQuery, query);
    const stream = new Readable({ read: () => undefined });
    const stop = await follow((entry) => {
      if (entry.kind !== "event" || entry.event.tenant_id !== tenant || !isWanted(wanted, entry)) return;
      const { event, seen_at } = entry;
      if (stream.readableLength > MAX_BEHIND_BYTES) stream.destroy();
      else stream.push(`data: ${JSON.stringify({ event, seen_at })}\n\n`);
    });
    streams.add(stream);
    stream.once("close", () => {
      stop();
      streams.delete(stream);
    });
    stream.push(": following\n\n");
    if (ending) stream.push(null);
    // The stream is the connection's last answer: kept alive, it would hold up an orderly end.
    return reply.header("connection", "close").type("text/event-stream").send(stream);
  });
}

/** A family stands for all its versions. */
function isWanted({ type, trace, agent }: FollowQuery, { event }: Extract<FeedEntry, { kind: "event" }>): boolean {
  const isOfType = type === undefined || event.event_type === type || event.event_type.replace(/\.v\d+$/, "") === type;
  return (
    isOfType &&
    (trace === undefined || event.trace_id === trace) &&
    (agent === undefined || event.source_agent_id === agent)
  );
}
