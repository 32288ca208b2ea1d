/** A change of `terraform show -json <plan>`, as far as it is read here. */
interface Change {
  readonly address: string;
  readonly type: string;
  readonly change: { readonly actions: readonly string[] };
}

/** What holds something that is gone with it, and what to do instead of losing it. */
const HOLDS: Readonly<Record<string, string>> = {
  google_pubsub_subscription:
    "the messages that wait in it: give what it shall hear a new subscription beside it first",
  google_pubsub_topic: "its history, from which a seek brings messages again",
  google_firestore_database: "all that the house remembers: restore into another name instead",
  google_secret_manager_secret: "its values: add them again before services start",
  google_bigquery_table: "its rows",
};

/**
 * What a plan would lose by making it anew, a sentence each: Terraform deletes first, and a plan of hundreds of lines hides it.
 * What is only deleted was taken out of the topology on purpose.
 */
export function lossesOf(plan: { readonly resource_changes?: readonly Change[] }): readonly string[] {
  return (plan.resource_changes ?? []).flatMap(({ address, type, change: { actions } }) => {
    const loses = HOLDS[type];
    const anew = actions.includes("delete") && actions.includes("create");
    return anew && loses !== undefined ? [`${address} would be made anew, and lose ${loses}`] : [];
  });
}
