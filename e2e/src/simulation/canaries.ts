export interface Mutation {
  /** In packages/messaging/src. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/**
 * Faults that the simulation must find: each breaks one promise of receive() where it is kept. One that survives shows that the
 * simulation looks away.
 */
export const CANARIES: Readonly<Record<string, readonly Mutation[]>> = {
  "what is in progress elsewhere is acked": [
    {
      file: "outcome.ts",
      find: `      return "nack";`,
      replace: `      return outcome.error.code === "claim-held" ? "ack" : "nack";`,
    },
  ],
  "what follows from an event has a random id": [
    {
      file: "downstream.ts",
      find: `event_id: derivedId(identity, service, parent.event_type, place, parent.replay_generation ?? ""),`,
      replace: `event_id: crypto.randomUUID(),`,
    },
  ],
  "published before the commit": [
    {
      file: "decide.ts",
      find: `    await claim?.stopRenewing();\n`,
      replace: `    await claim?.stopRenewing();\n    await this.#outbox.publish(work.inboxKey, messages);\n`,
    },
  ],
  "committed by who does not hold the claim any more": [
    { file: "decide.ts", find: `...(claim === undefined ? [] : [claim.release()])`, replace: `` },
  ],
  "the inbox forgets after a second": [
    {
      file: "inbox.ts",
      find: `new Date(now.getTime() + KEPT_DAYS * DAY_MS)`,
      replace: `new Date(now.getTime() + 1000)`,
    },
  ],
  "the inbox knows messages, not events": [
    {
      file: "work.ts",
      find: `this.inboxKey = inboxKey(service, event);`,
      replace: `this.inboxKey = inboxKey(service, { ...event, event_id: delivery.messageId });`,
    },
  ],
  "state is written beside the commit": [
    {
      file: "decide.ts",
      find: `      await this.#store.commit({\n`,
      replace: `      await this.#store.commit({ documents: work.changesTo(stored, decision) });\n      await this.#store.commit({\n`,
    },
    { file: "decide.ts", find: `...work.changesTo(stored, decision), `, replace: `` },
  ],
  "acked before it was published": [
    {
      file: "decide.ts",
      find: `    await this.#outbox.publish(work.inboxKey, messages); // 9 publish`,
      replace: `    void this.#outbox.publish(work.inboxKey, messages).catch(() => {});`,
    },
  ],
  "what was only read may change before the commit": [
    {
      file: "work.ts",
      find: `changesTo(`,
      replace: `changesTo(...of: [readonly StoredDocument[], Decision<string, StateRefs, string>]): readonly DocumentChange[] {
    return this.#allChangesTo(...of).filter(({ change }) => change.kind !== "keep");
  }

  #allChangesTo(`,
    },
  ],
  "skipped without asking the inbox": [
    { file: "receive.ts", find: `(await decider.finish(envelope)) ??`, replace: `` },
  ],
  "one inbox for all consumers": [
    {
      file: "inbox.ts",
      find: `const identity = [event.tenant_id, service, event.event_type,`,
      replace: `service = "everybody";\n  const identity = [event.tenant_id, service, event.event_type,`,
    },
  ],
};
