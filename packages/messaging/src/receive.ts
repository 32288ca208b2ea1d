import type { Delivery } from "./ports/subscriber.ts";
import type { Outcome } from "./outcome.ts";

/** Takes a delivery through its life and says how it ended. Never rejects. */
export type Receive = (delivery: Delivery) => Promise<Outcome>;
