import { FirestoreStore, type FirestoreConnection } from "@contextpilot/firestore";
import { readHandled } from "@contextpilot/messaging";
import type { AskHandled } from "./handlings.ts";

/** What the services remember, read where they keep it: all of them share a database. */
export function askInboxes(connection: FirestoreConnection): AskHandled {
  return (service, events) => readHandled(new FirestoreStore(connection, { service }), service, events);
}
