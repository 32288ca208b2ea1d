import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";

/**
 * What a repository's post-receive hook runs: tells the house which refs a push moved. It never blocks or fails a push: 2 s at
 * most, exit code 0 always, and one line where the house did not hear it. Node's own modules only, so that it starts fast.
 */
const TIME_LIMIT_MS = 2000;

interface HookConfig {
  readonly url: string;
  readonly secret: string;
  readonly repository: string;
}

// Git gives up nothing for us: whatever happens, the push has happened.
const limit = setTimeout(() => quit("it did not answer within 2 s"), TIME_LIMIT_MS);

try {
  const config = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as HookConfig;
  const body = JSON.stringify({ repository: config.repository, updates: updatesIn(await text(process.stdin)) });
  const signature = createHmac("sha256", config.secret).update(body).digest("hex");
  const answer = await fetch(config.url, {
    method: "POST",
    headers: { "content-type": "application/json", "x-hub-signature-256": `sha256=${signature}` },
    body,
  });
  if (answer.status !== 202) quit(`it answered ${answer.status}`);
} catch (error) {
  quit(error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error));
}
clearTimeout(limit);

/** Each line of standard input is `<before> <after> <ref>`. */
function updatesIn(input: string): readonly { before: string; after: string; ref: string }[] {
  return input.split("\n").flatMap((line) => {
    const [before, after, ...ref] = line.split(" ");
    return before === undefined || after === undefined || ref.length === 0
      ? []
      : [{ before, after, ref: ref.join(" ") }];
  });
}

function quit(why: string): never {
  process.stderr.write(`ContextPilot did not hear of this push (${why}); the push itself is fine.\n`);
  process.exit(0);
}
