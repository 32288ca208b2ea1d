import type { Environment, Logger, Tracing } from "@contextpilot/agent-host";
import {
  createRawReceiver,
  createReceiver,
  type Delivery,
  type HandlersOf,
  type Receiver,
} from "@contextpilot/messaging";
import type { Service } from "@contextpilot/topology";
import type { GoogleCloud } from "./google-cloud.ts";

/** What a process has when it makes its receiver. */
export interface Started {
  readonly cloud: GoogleCloud;
  readonly logger: Logger;
  readonly tracing: Tracing | undefined;
  readonly tenantId: string | undefined;
}

export type ReceiverWith = (started: Started) => Receiver;

/** Handlers, or what makes them of the environment. */
export type Handlers<S extends Service> = HandlersOf<S> | ((env: Environment) => HandlersOf<S>);

/** What makes a service's part of what has just been opened, to keep the promises of createRawReceiver. */
export type TakeWith = (cloud: GoogleCloud, logger: Logger) => (delivery: Delivery) => Promise<void>;

/** The receiver of a service with handlers, of the one tenant that the process serves. */
export function handledBy<S extends Service>(service: S, handlers: Handlers<S>): ReceiverWith {
  return ({ cloud, tracing, tenantId }) => {
    const own = typeof handlers === "function" ? handlers(process.env) : handlers;
    return createReceiver({
      service,
      handlers: tracing?.handlers(own) ?? own,
      store: tracing?.store(cloud.store) ?? cloud.store,
      publisher: tracing?.publisher(cloud.publisher) ?? cloud.publisher,
      payloads: cloud.payloads,
      ...(tenantId === undefined ? {} : { tenant: tenantId }),
    });
  };
}

/** The receiver of a service that takes each delivery as it is, of every tenant. */
export function takenBy(service: Service, takeWith: TakeWith): ReceiverWith {
  return ({ cloud, tracing, logger }) => {
    const publisher = tracing?.publisher(cloud.publisher) ?? cloud.publisher;
    return createRawReceiver({ service, take: takeWith(cloud, logger), publisher });
  };
}
