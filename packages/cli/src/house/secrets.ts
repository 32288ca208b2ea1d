import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StartError } from "@contextpilot/agent-host";
import { z } from "zod";

const schema = z.object({
  /** Signs what hooks send to the webhook. */
  webhook: z.string().min(16),
  /** Turns authors' e-mail addresses into ids. Another key, other ids: keep it. */
  author_key: z.string().min(16),
});

export type Secrets = z.output<typeof schema>;

/** The house's secrets, from a file that only its owner may read; made at the first start. Throws a StartError. */
export function loadSecrets(dataFolder: string): Secrets {
  const file = join(dataFolder, "secrets.json");
  const text = readIfThere(file);
  if (text === undefined) {
    const secrets = { webhook: randomBytes(32).toString("hex"), author_key: randomBytes(32).toString("hex") };
    writeFileSync(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600, flag: "wx" });
    return secrets;
  }
  const read = schema.safeParse(parseOrUndefined(text));
  if (read.success) return read.data;
  throw new StartError(
    `${file} cannot be read as the house's secrets: bring back a copy, or remove it to have new ones made`,
  );
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new StartError(`${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
