import type { Delivery, OutgoingMessage } from "@contextpilot/messaging";

/** A message whose data is the text. */
export function fact(text: string, attributes: OutgoingMessage["attributes"] = {}): OutgoingMessage {
  return { topic: "facts", data: Buffer.from(text), attributes };
}

/** The `number`-th step of an ordering key. */
export function step(orderingKey: string, number: number): OutgoingMessage {
  return { topic: "steps", data: Buffer.from(`${orderingKey} ${number}`), attributes: {}, orderingKey };
}

export const textOf = ({ data }: Pick<Delivery, "data">): string => Buffer.from(data).toString();
export const textsOf = (deliveries: readonly Delivery[]): string[] => deliveries.map(textOf);
