import { handlers as coachHandlers } from "@contextpilot/coach-agent";
import { handlers as contextHandlers } from "@contextpilot/context-agent";
import { handlers as gitHandlers, type GitAgentConfig } from "@contextpilot/git-agent";
import {
  createReceiver,
  type HandlersOf,
  type Payloads,
  type Publisher,
  type Receiver,
  type Store,
} from "@contextpilot/messaging";
import { handlers as specHandlers } from "@contextpilot/spec-agent";
import { handlers as strategyHandlers } from "@contextpilot/strategy-agent";
import type { HeardBy, Service } from "@contextpilot/topology";

export interface ReceiverParts {
  readonly storeOf: (service: Service) => Store;
  readonly publisherOf: (service: Service) => Publisher;
  readonly payloads: Payloads;
  readonly gitAgent: GitAgentConfig;
}

/** The services that handle events, by the topology. */
type Agent = { [S in Service]: [HeardBy<S>] extends [never] ? never : S }[Service];
type Agents = { readonly [S in Agent]: HandlersOf<S> };

/** A receiver for each agent, each with a store of its own. An agent of the topology that is left out does not compile. */
export function openReceivers({
  gitAgent,
  storeOf,
  publisherOf,
  payloads,
}: ReceiverParts): readonly [Service, Receiver][] {
  const agents: Agents = {
    "git-agent": gitHandlers(gitAgent),
    "context-agent": contextHandlers,
    "strategy-agent": strategyHandlers,
    "spec-agent": specHandlers,
    "coach-agent": coachHandlers,
  };
  const open = <S extends Agent>(service: S): [S, Receiver] => [
    service,
    createReceiver({
      service,
      handlers: agents[service],
      store: storeOf(service),
      publisher: publisherOf(service),
      payloads,
    }),
  ];
  return (Object.keys(agents) as Agent[]).map((service) => open(service));
}
