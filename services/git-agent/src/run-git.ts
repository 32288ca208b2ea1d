import { spawn } from "node:child_process";
import { realpath, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

import { GitError } from "./git-error.ts";

/** A repository on this machine and the bounds within which git may read it. */
export interface Repository {
  /** The folder: a bare repository, or one with a work tree. Its parents are never searched. */
  readonly path: string;
  /** Ends every git process of this reader; what was aborted throws the signal's reason. */
  readonly signal?: AbortSignal;
  /** For one git process, in milliseconds. Default 60,000. */
  readonly timeLimitMs?: number;
  /** Bytes on one git process's standard output. Default 1 GiB: the readers stream, so it bounds time, not memory. */
  readonly outputLimitBytes?: number;
  /** Of a repository that is elsewhere: brings what is read of its commits. Where it is absent, everything is on this machine. */
  readonly bring?: Bring;
  /** Of a git that talks to another machine: beside, and before, the environment that every git here has. */
  readonly environment?: Readonly<Record<string, string>>;
  /** What such a git failed of, by its own words. */
  readonly failureOf?: (where: string, complaint: string) => GitError;
}

/** What is fetched when it is asked for, and not before. Commits, and how they follow each other, are always there. */
export interface Bring {
  /** The trees of commits and of their first parents, and the contents that differ. Throws a GitError. */
  readonly changes: (commits: readonly string[]) => Promise<void>;
  /** Contents by their names. Throws a GitError. */
  readonly blobs: (hashes: readonly string[]) => Promise<void>;
}

const TIME_LIMIT_MS = 60_000;
const OUTPUT_LIMIT_BYTES = 1024 ** 3;
const STDERR_KEPT_BYTES = 4096;

/**
 * Nobody's configuration but the repository's own, and of that nothing that starts a program. Ownership is not asked
 * (`safe.directory`), because whoever configured the path vouches for it and GIT_CEILING_DIRECTORIES keeps git inside.
 */
const SAFE_OPTIONS = [
  "--no-pager",
  ...["safe.directory=*", "core.hooksPath=/dev/null", "core.fsmonitor=false", "core.attributesFile=/dev/null"].flatMap(
    (setting) => ["-c", setting],
  ),
];

function environment(ceiling: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env["PATH"], // where git is; of this process's environment git sees nothing else
    LC_ALL: "C",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_ATTR_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_NO_REPLACE_OBJECTS: "1", // refs/replace can be pushed, and would show another commit under the same hash
    GIT_NO_LAZY_FETCH: "1", // reading never goes to the network…
    GIT_ALLOW_PROTOCOL: "", // …nor in versions of git that do not know the line above
    GIT_CEILING_DIRECTORIES: ceiling,
  };
}

/**
 * Runs git in the repository, without a shell, and yields its standard output as it comes; leaving the loop early ends
 * the process. No process outlives the generator.
 *
 * @param args the command and its arguments; nothing that came from outside may stand where git looks for an option
 * @param input for standard input: lines, each with its newline, or what another git says; where that one fails it ends early
 * @throws GitError, or the reason of `repository.signal`
 */
export async function* streamGit(
  repository: Repository,
  args: readonly string[],
  input: Iterable<string> | AsyncIterable<Buffer> = [],
): AsyncGenerator<Buffer, void, undefined> {
  const { signal, timeLimitMs = TIME_LIMIT_MS, outputLimitBytes = OUTPUT_LIMIT_BYTES, environment: more } = repository;
  const path = await realFolder(repository);
  signal?.throwIfAborted();
  const where = `git ${args[0]} in ${repository.path}`;

  const env = { ...environment(dirname(path)), ...more };
  const child = spawn("git", [...SAFE_OPTIONS, ...args], {
    cwd: path,
    env,
    stdio: "pipe",
    detached: more !== undefined,
  });
  // A git that talks to another machine has children, which would wait for that machine when it is gone: it leads a group of its own.
  const kill = () => (more === undefined ? child.kill("SIGKILL") : killGroup(child.pid));
  let stopped: Error | undefined;
  const stop = (reason: Error) => {
    stopped ??= reason;
    kill();
  };
  const abort = () => stop(signal?.reason instanceof Error ? signal.reason : new Error("aborted"));
  signal?.addEventListener("abort", abort, { once: true });
  const timer = setTimeout(
    () => stop(new GitError("timeout", `${where} took more than ${timeLimitMs} ms and was stopped`)),
    timeLimitMs,
  );

  let startFailure: Error | undefined;
  child.once("error", (error) => (startFailure = error));
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  let complaint = "";
  child.stderr.on("data", (chunk: Buffer) => {
    if (complaint.length < STDERR_KEPT_BYTES) complaint += chunk.toString("latin1");
  });
  // A git that has read enough closes its input: that is no error, its exit code tells.
  const fed = pipeline(Readable.from(input), child.stdin).catch(() => undefined);

  try {
    let bytes = 0;
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > outputLimitBytes) {
        throw new GitError("too-large", `${where} printed more than ${outputLimitBytes} bytes and was stopped`);
      }
      yield chunk;
    }
    await closed;
    if (stopped) throw stopped;
    if (startFailure) {
      throw new GitError("did-not-start", `${where} did not start (${whyNot(startFailure)})`, {
        cause: startFailure,
      });
    }
    if (child.exitCode !== 0) {
      const kept = complaint.slice(0, STDERR_KEPT_BYTES).trim();
      throw repository.failureOf?.(where, kept) ?? failureOf(where, child.exitCode, kept);
    }
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
    if (child.exitCode === null) kill();
    await closed;
    await fed;
  }
}

function killGroup(leader: number | undefined): void {
  if (leader === undefined) return; // it did not start
  try {
    process.kill(-leader, "SIGKILL");
  } catch {
    // ended meanwhile, all of it
  }
}

/** Like streamGit, with the whole output at once: for answers that are short by nature. */
export async function readGit(
  repository: Repository,
  args: readonly string[],
  input?: Iterable<string> | AsyncIterable<Buffer>,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of streamGit(repository, args, input)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function realFolder(repository: Repository): Promise<string> {
  const folder = await realpath(repository.path).catch(() => undefined);
  if (folder && (await stat(folder)).isDirectory()) return folder;
  throw new GitError("not-a-repository", `${repository.path} is no folder; check the configured path`);
}

/** A folder that may not be entered is told by Node as if git could not be run. */
const whyNot = (failure: Error): string =>
  "code" in failure && failure.code === "EACCES"
    ? "permission denied: may this process enter the folder?"
    : "is git installed and in PATH?";

/** Git speaks English here (LC_ALL=C); these are its words for an object that is not there. */
const MISSING_OBJECT =
  /bad object|bad revision|unable to read|could not read|missing (blob|tree|commit)|unable to find/i;

function failureOf(where: string, exitCode: number | null, complaint: string): GitError {
  if (/not a git repository/i.test(complaint)) {
    return new GitError("not-a-repository", `${where}: it is no git repository; check the configured path`);
  }
  if (MISSING_OBJECT.test(complaint)) {
    return new GitError("not-found", `${where}: an object is missing (${complaint}); it may be on its way, or lost`);
  }
  return new GitError("failed", `${where} ended with exit code ${exitCode}: ${complaint || "no explanation"}`);
}
