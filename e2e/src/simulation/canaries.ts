export interface Mutation {
  /** From the root. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/**
 * Faults that the simulation must find: each breaks one promise of receive(), or of the broker, where it is kept. One that survives shows that the
 * simulation looks away.
 */
export const CANARIES: Readonly<Record<string, readonly Mutation[]>> = {
  "what is in progress elsewhere is acked": [
    {
      file: "packages/messaging/src/outcome.ts",
      find: `      return "nack";`,
      replace: `      return outcome.error.code === "claim-held" ? "ack" : "nack";`,
    },
  ],
  "what follows from an event has a random id": [
    {
      file: "packages/messaging/src/downstream.ts",
      find: `event_id: placeId(parent, service, place, identity)`,
      replace: `event_id: crypto.randomUUID()`,
    },
  ],
  "published before the commit": [
    {
      file: "packages/messaging/src/decide.ts",
      find: `    if (claim !== undefined) await claim.stopRenewing();\n`,
      replace: `    if (claim !== undefined) await claim.stopRenewing();\n    await this.#outbox.publish(work.inboxKey, messages);\n`,
    },
  ],
  "committed by who does not hold the claim any more": [
    {
      file: "packages/messaging/src/decide.ts",
      find: `...(claim === undefined ? [] : [claim.release()])`,
      replace: ``,
    },
  ],
  "the inbox forgets after a second": [
    {
      file: "packages/messaging/src/inbox.ts",
      find: `new Date(now.getTime() + KEPT_DAYS * DAY_MS)`,
      replace: `new Date(now.getTime() + 1000)`,
    },
  ],
  "the inbox knows messages, not events": [
    {
      file: "packages/messaging/src/work.ts",
      find: `this.inboxKey = inboxKey(service, event);`,
      replace: `this.inboxKey = inboxKey(service, { ...event, event_id: delivery.messageId });`,
    },
  ],
  "state is written beside the commit": [
    {
      file: "packages/messaging/src/decide.ts",
      find: `      await this.#store.commit({\n`,
      replace: `      await this.#store.commit({ documents: work.changesTo(stored, decision) });\n      await this.#store.commit({\n`,
    },
    { file: "packages/messaging/src/decide.ts", find: `...work.changesTo(stored, decision), `, replace: `` },
  ],
  "acked before it was published": [
    {
      file: "packages/messaging/src/decide.ts",
      find: `    if (messages.length > 0) await this.#outbox.publish(work.inboxKey, messages); // 9 publish`,
      replace: `    void this.#outbox.publish(work.inboxKey, messages).catch(() => {});`,
    },
  ],
  "what was only read may change before the commit": [
    {
      file: "packages/messaging/src/work.ts",
      find: `changesTo(`,
      replace: `changesTo(...of: [readonly StoredDocument[], Decision<string, StateRefs, string>]): readonly DocumentChange[] {
    return this.#allChangesTo(...of).filter(({ change }) => change.kind !== "keep");
  }

  #allChangesTo(`,
    },
  ],
  "skipped without asking the inbox": [
    {
      file: "packages/messaging/src/receive.ts",
      find: `if (skip === "expired") return await decider.leaveOut(envelope, skip);`,
      replace: `if (skip === "expired") return { kind: "skipped", event: envelope, reason: skip };`,
    },
  ],
  "one inbox for all consumers": [
    {
      file: "packages/messaging/src/inbox.ts",
      find: `const identity = [event.tenant_id, service, event.event_type,`,
      replace: `service = "everybody";\n  const identity = [event.tenant_id, service, event.event_type,`,
    },
  ],
  "published before the log has it": [
    {
      file: "packages/broker/src/broker.ts",
      find: `      sequences = await this.#log.append(taken);\n`,
      replace: `      sequences = taken.map(() => 0);\n      void this.#log.append(taken).then(() => this.#wake(taken)).catch(() => {});\n`,
    },
  ],
  "a log that has it before the disk does": [
    {
      file: "e2e/src/simulation/simulated-log.ts",
      find: `    this.#keep((log) => {\n      for (const [place, message]`,
      replace: `    this.#keepSoon((log) => {\n      for (const [place, message]`,
    },
  ],
};
