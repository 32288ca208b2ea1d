import { GitError } from "./git-error.ts";
import { isObjectHash } from "./object-hash.ts";
import { refText } from "./path-text.ts";
import type { Branches } from "./read-branches.ts";
import { LONGEST_REF } from "./read-branches.ts";
import { remoteEnvironment, remoteFailure, type Remote } from "./remote-git.ts";
import { readGit, streamGit, type Repository } from "./run-git.ts";
import { splitTokens } from "./split-tokens.ts";

const NEWLINE = 10;
const HEADS = "refs/heads/";

/**
 * Where the branches of a remote stand. Throws a GitError, and also where it says none at all: all branches of a repository are hardly
 * deleted, but there are doors that answer everything with an empty page.
 *
 * @param bounds of the git process; its path is any folder
 */
export async function readRemoteBranches(remote: Remote, bounds: Repository): Promise<Branches> {
  const branches = new Map<string, string>();
  const output = streamGit(asking(remote, bounds), ["ls-remote", "--heads", "origin"]);
  for await (const line of splitTokens(output, NEWLINE, 2 * LONGEST_REF)) {
    const [hash = "", ref = ""] = line.toString("latin1").split("\t");
    if (!isObjectHash(hash) || !ref.startsWith(HEADS)) continue;
    const name = `${HEADS}${refText(Buffer.from(ref.slice(HEADS.length), "latin1"))}`;
    if (name.length <= LONGEST_REF) branches.set(name, hash);
  }
  if (branches.size === 0)
    throw new GitError("remote-failed", `${remote.url} says no branch: it has none, or is no repository`);
  return branches;
}

/** The branch that a remote's HEAD names, as `refs/heads/main`; undefined where it names none. Throws a GitError. */
export async function readRemoteHead(remote: Remote, bounds: Repository): Promise<string | undefined> {
  const output = await readGit(asking(remote, bounds), ["ls-remote", "--symref", "origin", "HEAD"]);
  return /^ref: (refs\/heads\/(?!\S*\.\.)\S+)\tHEAD$/m.exec(output.toString())?.[1];
}

const asking = (remote: Remote, bounds: Repository): Repository => ({
  ...bounds,
  environment: remoteEnvironment(remote),
  failureOf: (where, complaint) => remoteFailure(remote, where, complaint),
});
