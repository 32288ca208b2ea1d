// Brings what a fresh clone lacks, through npm and into the project only: Node 24 and pnpm into .tools, the libraries into
// node_modules. Prints the path of Node 24. Quiet and quick when all is there. No library and no young syntax: a Node that is
// too old must get as far as being told so.

import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs, { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { withLock } from "./lock.mjs";
import { workspaceFolders } from "./workspaces.mjs";

const nodeVersion = "24.21.0";
const pnpmVersion = "12.21.0";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const tools = join(root, ".tools");
const toolsStamp = join(tools, "installed");
const librariesStamp = join(root, "node_modules", ".installed");

// For a bundle alone: without what only development needs.
const production = process.argv.includes("--production") ? ["--prod"] : [];

const runningMajor = Number(process.versions.node.split(".")[0]);
const bringNode = runningMajor !== 24;
const node = bringNode ? join(tools, "node_modules", ".bin", "node") : process.execPath;
// Its own `.bin/pnpm` is no program until an install script has replaced it, and install scripts may be forbidden here.
const pnpm = join(tools, "node_modules", "pnpm", "bin", "pnpm.mjs");

/** What keeps the project from being set up, in words for whoever typed the command. */
class SetupError extends Error {}

try {
  await setUp();
  process.stdout.write(`${node}\n`);
} catch (error) {
  if (!(error instanceof Error)) throw error;
  say(error instanceof SetupError ? error.message : explain("setting up", error.message));
  process.exitCode = 1;
}

async function setUp() {
  if (runningMajor < 20) {
    throw new SetupError(
      `Node 20 or later is needed, this is ${process.version}. Get a newer one at https://nodejs.org.`,
    );
  }
  if (toolsStand() && librariesStand()) return;
  fs.accessSync(root, fs.constants.W_OK);
  mkdirSync(tools, { recursive: true });
  await withLock(
    join(tools, "lock"),
    async () => {
      if (!toolsStand()) await installTools();
      if (!librariesStand()) await installLibraries();
    },
    () => say("another process is installing; waiting for it"),
  );
}

function wantedTools() {
  // The package `node` itself would need an install script to fetch this one.
  const build = process.platform === "darwin" && process.arch === "arm64" ? "node-bin" : "node";
  const nodePackage = `${build}-${process.platform}-${process.arch}@${nodeVersion}`;
  return bringNode ? [nodePackage, `pnpm@${pnpmVersion}`] : [`pnpm@${pnpmVersion}`];
}

function toolsStand() {
  const installed = read(toolsStamp).split("\n");
  return wantedTools().every((tool) => installed.includes(tool)) && existsSync(node) && existsSync(pnpm);
}

async function installTools() {
  say(`installing ${bringNode ? `Node ${nodeVersion} and ` : ""}pnpm ${pnpmVersion} into .tools, once`);
  // Of an installation that was cut off, npm would take the torn packages for whole ones.
  rmSync(join(tools, "node_modules"), { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  const alone = ["--prefix", tools, "--no-save", "--no-package-lock", "--ignore-scripts", "--include=optional"];
  const quiet = ["--loglevel=error", "--no-audit", "--no-fund", "--no-update-notifier"];
  const impatient = ["--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"];
  await install("npm install", "npm", ["install", ...alone, ...quiet, ...impatient, ...wantedTools()]);
  const { stdout, stderr, error, signal } = spawnSync(node, ["--version"], { encoding: "utf8" });
  if (!(stdout || "").startsWith("v24.")) {
    throw new SetupError(
      explain(`Node ${nodeVersion}, as npm brought it,`, error ? error.message : stderr || stdout || String(signal)),
    );
  }
  writeFileSync(toolsStamp, `${wantedTools().join("\n")}\n`);
}

function librariesStand() {
  return read(librariesStamp) === librariesHash();
}

async function installLibraries() {
  say("installing the libraries into node_modules");
  rmSync(librariesStamp, { force: true });
  const hash = librariesHash();
  const impatient = ["--config.fetchRetryMintimeout=1000", "--config.fetchRetryMaxtimeout=5000"];
  const unasked = [...production, "--frozen-lockfile", "--config.confirmModulesPurge=false", "--reporter=append-only"];
  await install("pnpm install", node, [pnpm, "install", ...unasked, ...impatient]);
  writeFileSync(librariesStamp, hash);
}

/** Of everything that decides what pnpm installs. */
function librariesHash() {
  const hash = createHash("sha256").update(production.join());
  const manifests = workspaceFolders(root).map((folder) => `${folder}/package.json`);
  for (const file of ["pnpm-lock.yaml", "pnpm-workspace.yaml", "package.json", ...manifests]) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update("\0");
  }
  return hash.digest("hex");
}

/**
 * Runs an installer in silence; shows what it said when it fails.
 *
 * @param {string} step
 * @param {string} command
 * @param {string[]} args
 * @returns {Promise<void>}
 */
function install(step, command, args) {
  // The caller's npm settings for this very run (silence among them) and a production environment are not meant for it.
  const { NODE_ENV: _, npm_config_loglevel: __, ...env } = process.env;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => (output = (output + text).slice(-8_000)));
    }
    // Whoever stops this stops the installer; the lock is kept until it has stopped.
    let stopped = false;
    /** @param {NodeJS.Signals} signal */
    const stop = (signal) => (stopped = child.kill(signal));
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
    for (const signal of signals) process.on(signal, stop);
    child.on("error", (error) => reject(new SetupError(`cannot run ${command}: ${error.message}`)));
    child.on("close", (code, signal) => {
      for (const each of signals) process.off(each, stop);
      if (stopped) reject(new SetupError("stopped while installing"));
      else if (code === 0) resolve();
      else reject(new SetupError(explain(`${step} (${signal || code})`, output)));
    });
  });
}

/**
 * @param {string} step
 * @param {string} output
 */
function explain(step, output) {
  const end = output.trim().split("\n").slice(-15).join("\n");
  return `${step} failed:\n${end}\n${remedyOf(output)}, and run the same command again.`;
}

/** @param {string} output */
function remedyOf(output) {
  // Not every installer notices that the disk is full.
  if (freeBytes() < 50_000_000 || /ENOSPC|no space left/i.test(output)) return "The disk is full: free about 1 GB";
  if (/OUTDATED_LOCKFILE/.test(output)) {
    return "pnpm-lock.yaml does not fit a package.json: run `.tools/node_modules/.bin/pnpm install`, commit the lockfile";
  }
  if (
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED|ERR_SOCKET|ERR_PNPM_\w*FETCH/.test(
      output,
    )
  ) {
    return "The package registry cannot be reached: check the network, the proxy and `npm config get registry`";
  }
  if (/EACCES|EROFS|EPERM|permission denied|read-only/i.test(output))
    return `Make ${root} and npm's cache writable for you`;
  return "Mend the cause, or install Node 24 yourself";
}

function freeBytes() {
  try {
    const { bavail, bsize } = fs.statfsSync(root);
    return bavail * bsize;
  } catch {
    return Infinity;
  }
}

/** @param {string} path */
function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** @param {string} text */
function say(text) {
  process.stderr.write(`contextpilot: ${text}\n`);
}
