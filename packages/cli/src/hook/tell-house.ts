import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";

/**
 * What the hook of a watched repository runs: tells the house which refs a push moved. It never blocks or fails a push: 2 s at
 * most, exit code 0 always, and one line where the house did not hear it. Node's own modules only, so that it starts fast.
 *
 * Arguments: the house's data folder, the repository's name there; of a clone also its git folder and the remote it follows.
 */
const TIME_LIMIT_MS = 2000;
/** The webhook takes so many in one request. */
const MAX_UPDATES = 100;

interface Update {
  readonly before: string;
  readonly after: string;
  readonly ref: string;
}

const [, , dataFolder = "", repository = "", gitFolder, remote] = process.argv;

// Git gives up nothing for us: whatever happens, the push has happened.
const limit = setTimeout(() => quit("it did not answer within 2 s"), TIME_LIMIT_MS);

try {
  const told = updatesIn(await text(process.stdin)).flatMap((update) =>
    gitFolder === undefined ? [update] : followed(update, gitFolder, remote),
  );
  for (let start = 0; start < told.length; start += MAX_UPDATES) await tell(told.slice(start, start + MAX_UPDATES));
} catch (error) {
  quit(error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error));
}
clearTimeout(limit);

async function tell(updates: readonly Update[]): Promise<void> {
  const address = read("house.json")?.["webhook_url"];
  const secret = read("secrets.json")?.["webhook"];
  if (address === undefined || secret === undefined) quit("it does not run");
  const body = JSON.stringify({ repository, updates });
  const signature = createHmac("sha256", secret).update(body).digest("hex");
  const answer = await fetch(`${address}/webhooks/git`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-hub-signature-256": `sha256=${signature}` },
    body,
  });
  if (answer.status !== 202) quit(`it answered ${answer.status}`);
}

/** Each line of standard input is `<before> <after> <ref>`. */
function updatesIn(input: string): readonly Update[] {
  return input.split("\n").flatMap((line) => {
    const [before, after, ...ref] = line.split(" ");
    return isHash(before) && isHash(after) && ref.length > 0 ? [{ before, after, ref: ref.join(" ") }] : [];
  });
}

/** Newer versions of git also name what a symbolic ref pointed to. */
function isHash(word: string | undefined): word is string {
  return word !== undefined && /^[0-9a-f]{40,64}$/.test(word);
}

/**
 * A clone sees a push as its own picture of the remote moving. Git does not tell the hook where that stood before (zeros), the
 * ref's log does. Branches of another remote than the followed one keep its name.
 */
function followed({ before, after, ref }: Update, folder: string, main: string | undefined): readonly Update[] {
  const branch = /^refs\/remotes\/(.+)$/.exec(ref)?.[1];
  if (branch === undefined || branch.endsWith("/HEAD")) return [];
  const own = main !== undefined && branch.startsWith(`${main}/`) ? branch.slice(main.length + 1) : branch;
  const stood = /^0+$/.test(before) ? (loggedBefore(join(folder, "logs", ref), after) ?? before) : before;
  return stood === after ? [] : [{ before: stood, after, ref: `refs/heads/${own}` }];
}

function loggedBefore(file: string, after: string): string | undefined {
  const entries = (readIfThere(file) ?? "").split("\n");
  return entries.findLast((entry) => entry.split(" ")[1] === after)?.split(" ")[0];
}

function read(name: string): Partial<Record<string, string>> | undefined {
  const content = readIfThere(join(dataFolder, name));
  return content === undefined ? undefined : (JSON.parse(content) as Partial<Record<string, string>>);
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function quit(why: string): never {
  process.stderr.write(`ContextPilot did not hear of this push (${why}); the push itself is fine.\n`);
  process.exit(0);
}
