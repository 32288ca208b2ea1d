import type { Acknowledgement, Deliver, Delivery } from "@contextpilot/messaging";
import { until } from "./until.ts";

/** A subscriber that keeps what it was delivered and answers as it is told; by default it acks. */
export class Recorder {
  readonly deliveries: Delivery[] = [];
  readonly acked: Delivery[] = [];
  readonly #answer: (delivery: Delivery, timesSeen: number) => Acknowledgement | Promise<Acknowledgement>;

  constructor(
    answer: (delivery: Delivery, timesSeen: number) => Acknowledgement | Promise<Acknowledgement> = () => "ack",
  ) {
    this.#answer = answer;
  }

  readonly deliver: Deliver = async (delivery) => {
    this.deliveries.push(delivery);
    const timesSeen = this.deliveries.filter(({ messageId }) => messageId === delivery.messageId).length;
    const answer = await this.#answer(delivery, timesSeen);
    if (answer === "ack") this.acked.push(delivery);
    return answer;
  };

  async untilDelivered(count: number): Promise<readonly Delivery[]> {
    await until(
      () => this.deliveries.length >= count,
      () => `${count} deliveries, there were ${this.deliveries.length}`,
    );
    return this.deliveries;
  }

  async untilAcked(count: number): Promise<readonly Delivery[]> {
    await until(
      () => this.acked.length >= count,
      () => `${count} acks, there were ${this.acked.length}`,
    );
    return this.acked;
  }
}
