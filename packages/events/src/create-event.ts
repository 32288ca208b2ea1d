import type { Draft } from "./define-event.ts";
import type { Envelope } from "./envelope.ts";
import { deepFreeze } from "./freeze.ts";
import { derivedId } from "./identity.ts";

/** Where an event stands: who says it, when, and in which chain. */
export interface Origin {
  readonly source: string;
  readonly timestamp: string;
  /** Default: `default`. */
  readonly tenant_id?: string;
  /** Used where the draft has no natural key; default: a random UUID, for what nothing caused. */
  readonly event_id?: string;
  readonly correlation_id?: string;
  readonly parent_event_id?: string;
  readonly hops?: number;
  readonly trace_id?: string;
  readonly execution_id?: string;
  readonly replay_generation?: string;
}

/** Completes a draft to an event, frozen. With a natural key the id follows from tenant, type, key and replay generation. */
export function createEvent<T extends string, D>(draft: Draft<T, D>, origin: Origin): Envelope<T, D> {
  const { key, event_type, data, cause: _cause, attributes: _attributes, ...said } = draft;
  const tenant = origin.tenant_id ?? "default";
  const event_id =
    key === undefined
      ? (origin.event_id ?? crypto.randomUUID())
      : derivedId(event_type, tenant, origin.replay_generation ?? "", ...key);
  const { timestamp, source, event_id: _, ...chain } = origin;
  return deepFreeze({
    event_id,
    event_type,
    timestamp,
    source,
    data,
    ...said,
    ...chain,
    tenant_id: tenant,
    correlation_id: origin.correlation_id ?? event_id,
    hops: origin.hops ?? 0,
  });
}
