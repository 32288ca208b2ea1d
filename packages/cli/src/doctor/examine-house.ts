import { accessSync, constants, statSync } from "node:fs";
import { readHouseAddress, type HouseAddress } from "../house/house-address.ts";
import { readApiToken, secretsFile } from "../house/secrets.ts";
import { ok, wrong, type Finding } from "./finding.ts";

const ANSWER_LIMIT_MS = 2000;

export function examineDataFolder(data: string): Finding {
  const stat = statSync(data, { throwIfNoEntry: false });
  if (stat === undefined) return ok("data folder", `${data} is not there yet: the first ./contextpilot up makes it`);
  try {
    if (!stat.isDirectory()) throw new Error("it is no folder");
    accessSync(data, constants.R_OK | constants.W_OK | constants.X_OK);
    return ok("data folder", data);
  } catch (error) {
    const mend = "let this user read and write it, or choose another with --data";
    return wrong("data folder", `${data} cannot be used: ${(error as Error).message}`, mend);
  }
}

/** Whoever reads the secrets may push in anybody's name. */
export function examineSecrets(data: string): Finding {
  const file = secretsFile(data);
  try {
    const isThere = readApiToken(data) !== undefined;
    if (!isThere) return ok("secrets", "there are none yet: the first start makes them");
    const others = statSync(file).mode & 0o077;
    return others === 0
      ? ok("secrets", `${file}, for its owner only`)
      : wrong("secrets", `${file} can be read by others`, `chmod 600 ${file}`);
  } catch (error) {
    return wrong("secrets", (error as Error).message, "bring back a copy; made anew, authors get other ids");
  }
}

/** Whether the house runs, and where; undefined beside the finding where it does not. */
export async function examineHouse(data: string): Promise<{ finding: Finding; address: HouseAddress | undefined }> {
  const address = readHouseAddress(data);
  if (address === undefined) {
    return { finding: ok("house", "does not run: ./contextpilot up starts it"), address };
  }
  const { apiUrl, webhookUrl } = address;
  const silent = await Promise.all([apiUrl, webhookUrl].map(async (url) => ((await answers(url)) ? [] : [url])));
  const [first] = silent.flat();
  if (first === undefined) {
    return { finding: ok("house", `runs: web API at ${apiUrl}, webhook at ${webhookUrl}`), address };
  }
  const what = `was not ended in order, and does not answer at ${first}`;
  return { finding: wrong("house", what, "start it again: ./contextpilot up"), address: undefined };
}

async function answers(url: string): Promise<boolean> {
  try {
    const { ok: isWell } = await fetch(new URL("/health/live", url), { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
    return isWell;
  } catch {
    return false;
  }
}
