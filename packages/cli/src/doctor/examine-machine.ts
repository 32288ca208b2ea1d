import { once } from "node:events";
import { createServer } from "node:net";
import { runGit } from "../demo/run-git.ts";
import { ok, wrong, type Finding } from "./finding.ts";

/** git rev-parse --path-format came with 2.31; the hook reference-transaction with 2.28. */
const GIT_LEAST = [2, 31] as const;
const NODE_LEAST = 24;

export function examineNode(version = process.versions.node): Finding {
  const what = `Node ${version}`;
  if (Number(version.split(".")[0]) >= NODE_LEAST) return ok("node", what);
  return wrong("node", `${what} is too old`, `run ./contextpilot, which brings Node ${NODE_LEAST} itself`);
}

/** Asks git, or reads what it said. */
export async function examineGit(said: Promise<string> = runGit("/", ["--version"])): Promise<Finding> {
  const needed = GIT_LEAST.join(".");
  try {
    const what = (await said).trim();
    const [, major = 0, minor = 0] = /(\d+)\.(\d+)/.exec(what)?.map(Number) ?? [];
    const [leastMajor, leastMinor] = GIT_LEAST;
    if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return ok("git", what);
    return wrong("git", `${what} is too old`, `install git ${needed} or later`);
  } catch (error) {
    return wrong("git", (error as Error).message, `install git ${needed} or later, and put it in PATH`);
  }
}

/** Whether a house that is started now could listen there. */
export async function examinePort(port: number, flag: string): Promise<Finding> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
    return ok("ports", `${port} is free, for ${flag}`);
  } catch (error) {
    const { code = "no code" } = error as NodeJS.ErrnoException;
    const mend = `stop the program that has it, or give the house another: ./contextpilot up ${flag} <port>`;
    return wrong("ports", `${port} cannot be listened at (${code})`, mend);
  } finally {
    server.close();
  }
}
