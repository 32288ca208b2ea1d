import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Where an image's sources come from; its labels say so. */
export interface Origin {
  /** The repository's address on the web; empty where git knows none. */
  readonly source: string;
  /** The commit's hash, with `-dirty` where files differ from it; empty outside git. */
  readonly revision: string;
  /** Of the package. */
  readonly version: string;
  /** The commit's time, so that the same commit gives the same label; empty outside git. */
  readonly created: string;
}

/** Reads it of the folder's package.json and git. */
export function readOrigin(root: string): Origin {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  const dirty = git(root, "status", "--porcelain") !== "";
  const revision = git(root, "rev-parse", "HEAD");
  return {
    source: webAddressOf(git(root, "config", "remote.origin.url")),
    revision: dirty && revision !== "" ? `${revision}-dirty` : revision,
    version,
    created: git(root, "log", "-1", "--format=%cI"),
  };
}

/** Of a remote, without whatever it holds of a user or a password: `git@github.com:acme/shop.git` is https://github.com/acme/shop. */
export function webAddressOf(remote: string): string {
  const [, host, path] =
    /^(?:(?:https?|ssh):\/\/)?(?:[^@/]*@)?([\w.-]+\.[a-z]+)(?::\d+)?[:/](.+?)(?:\.git)?\/?$/.exec(remote) ?? [];
  return host === undefined || remote.startsWith("/") ? "" : `https://${host}/${path}`;
}

function git(root: string, ...args: readonly string[]): string {
  try {
    return execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return "";
  }
}
