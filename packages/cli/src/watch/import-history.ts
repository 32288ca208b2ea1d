import { createEvent, gitPush } from "@contextpilot/events";
import { SIGNATURE_HEADER, pushKey, sign, type Push } from "@contextpilot/webhook";
import { CommandError } from "../commands/command-error.ts";
import type { HouseApi } from "../commands/house-api.ts";
import { MeasuredCommits } from "./measured-commits.ts";
import { countCommits, type History } from "./read-history.ts";

export interface ImportPlace {
  readonly house: HouseApi;
  readonly webhookUrl: string;
  /** The webhook's. */
  readonly secret: string;
  /** As the house calls the repository, and where git keeps it. */
  readonly repository: string;
  readonly gitFolder: string;
}

/** How far an import is. */
export interface Imported {
  /** Commits of the slices that the house has been through. */
  readonly commits: number;
  /** What it measured meanwhile: less where an import is repeated, and a part was measured before. */
  readonly measured: number;
}

/**
 * Imports a history, a slice after the other through the webhook's door, each when the one before was measured: so the house is
 * never more than a slice behind. What it has taken before it drops by the event ids, so an import that was stopped goes on when it
 * is given again. Ends early, without an error, when `signal` aborts. Throws a CommandError.
 */
export async function importHistory(
  place: ImportPlace,
  { ref, slices }: Pick<History, "ref" | "slices">,
  { signal, onProgress }: { readonly signal: AbortSignal; readonly onProgress: (imported: Imported) => void },
): Promise<Imported> {
  const { house, repository, gitFolder } = place;
  await using measured = await MeasuredCommits.of(house, signal);
  let commits = 0;
  measured.onEach((total) => onProgress({ commits, measured: total }));
  for (const slice of slices) {
    if (measured.signal.aborted) break;
    const push: Push = { repository, ref, ...slice, forced: false, origin: "import" };
    const chain = chainOf(push);
    const known = await isKnown(house, chain);
    const count = await countCommits(gitFolder, slice);
    measured.expect(chain);
    await send(place, push);
    if (!known) await measured.reaches(chain, count);
    if (measured.signal.aborted) break;
    commits += count;
    onProgress({ commits, measured: measured.total });
  }
  return { commits, measured: measured.total };
}

const chainOf = (push: Push): string =>
  createEvent(gitPush(push, { key: pushKey(push) }), { source: "webhook", timestamp: "" }).correlation_id;

/** Whether the slice was sent before: then it was measured, or is being so. */
const isKnown = (house: HouseApi, chain: string): Promise<boolean> =>
  house.get(`/chains/${chain}`, { limit: 1 }).then(
    () => true,
    () => false, // whatever else is wrong with the house, the sending says
  );

async function send({ webhookUrl, secret }: ImportPlace, push: Push): Promise<void> {
  const body = JSON.stringify(push);
  const headers = { "content-type": "application/json", [SIGNATURE_HEADER]: sign(secret, Buffer.from(body)) };
  const again = "the same command again goes on with the import";
  const answer = await fetch(`${webhookUrl}/webhooks/git`, { method: "POST", headers, body }).catch(
    (cause: unknown) => {
      throw new CommandError(`the house at ${webhookUrl} does not answer: ${again}`, { cause });
    },
  );
  await answer.arrayBuffer();
  if (answer.status === 202) return;
  throw new CommandError(`the house at ${webhookUrl} did not take a part of the history (${answer.status}): ${again}`);
}
