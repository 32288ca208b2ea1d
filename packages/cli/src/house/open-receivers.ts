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
import type { Service } from "@contextpilot/topology";

export interface ReceiverParts {
  readonly storeOf: (service: Service) => Store;
  readonly publisher: Publisher;
  readonly payloads: Payloads;
  readonly gitAgent: GitAgentConfig;
}

/** A receiver for each agent of the house, each with a store of its own. */
export function openReceivers({
  storeOf,
  publisher,
  payloads,
  gitAgent,
}: ReceiverParts): readonly [Service, Receiver][] {
  const open = <S extends Service>(service: S, handlers: HandlersOf<S>): [Service, Receiver] => [
    service,
    createReceiver({ service, handlers, store: storeOf(service), publisher, payloads }),
  ];
  return [
    open("git-agent", gitHandlers(gitAgent)),
    open("context-agent", contextHandlers),
    open("coach-agent", coachHandlers),
  ];
}
