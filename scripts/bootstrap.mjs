// Brings what a fresh clone lacks, through npm and into the project only: Node 24 and pnpm into .tools, the libraries into
// node_modules. Prints the path of Node 24. Quiet and quick when all is there. No library and no young syntax: a Node that is
// too old must get as far as being told so.

import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { withLock } from "./lock.mjs";
import { workspaceFolders } from "./workspaces.mjs";

const nodeVersion = "24.21.0";
const pnpmVersion = "12.21.0";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const tools = join(root, ".tools");
const toolsStamp = join(tools, "installed");
const librariesStamp = join(root, "node_modules", ".installed");

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
  const quiet = ["--loglevel=error", "--no-audit", "--no-fund", "--no-update-notifier"];
  const alone = ["--prefix", tools, "--no-save", "--no-package-lock", "--ignore-scripts", "--include=optional"];
  await install("npm", ["install", ...alone, ...quiet, ...wantedTools()]);
  const version = spawnSync(node, ["--version"], { encoding: "utf8" });
  if (!(version.stdout || "").startsWith("v24.")) {
    const cause = version.error ? version.error.message : version.stderr || version.stdout;
    throw new SetupError(
      `the Node ${nodeVersion} that npm brought does not run here (${cause.trim()}). Install Node 24 yourself.`,
    );
  }
  writeFileSync(toolsStamp, `${wantedTools().join("\n")}\n`);
}

function librariesStand() {
  return read(librariesStamp) === librariesHash();
}

async function installLibraries() {
  say("installing the libraries into node_modules");
  const hash = librariesHash();
  await install(node, [pnpm, "install", "--frozen-lockfile", "--config.confirmModulesPurge=false"]);
  writeFileSync(librariesStamp, hash);
}

/** Of everything that decides what pnpm installs. */
function librariesHash() {
  const hash = createHash("sha256");
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
 * @param {string} command
 * @param {string[]} args
 * @returns {Promise<void>}
 */
function install(command, args) {
  // The caller's npm settings for this very run (silence among them) and a production environment are not meant for it.
  const { NODE_ENV: _, npm_config_loglevel: __, ...env } = process.env;
  env["PATH"] = [dirname(node), env["PATH"]].join(delimiter);
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => (output = (output + text).slice(-8_000)));
    }
    child.on("error", (error) => reject(new SetupError(`cannot run ${command}: ${error.message}`)));
    child.on("close", (code, signal) => {
      if (code === 0) return resolve();
      reject(new SetupError(explain(`\`${[command, ...args].join(" ")}\` (${signal || code})`, output)));
    });
  });
}

/**
 * @param {string} step
 * @param {string} output
 */
function explain(step, output) {
  const known = [
    { sign: /ENOSPC|no space left/i, remedy: "The disk is full: free about 1 GB" },
    {
      sign: /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED|NO_OFFLINE|ERR_SOCKET|FETCH/i,
      remedy: "The package registry cannot be reached: check the network, the proxy and `npm config get registry`",
    },
    {
      sign: /EACCES|EROFS|EPERM|permission denied|read-only/i,
      remedy: `Make ${root} and npm's cache writable for you`,
    },
    {
      sign: /OUTDATED_LOCKFILE/,
      remedy:
        "pnpm-lock.yaml does not fit a package.json: run `.tools/node_modules/.bin/pnpm install`, commit the lockfile",
    },
    {
      sign: /E404|ETARGET|NO_MATCHING/,
      remedy: "The registry lacks a package: check `npm config get registry`, or bring Node 24",
    },
  ].find(({ sign }) => sign.test(output));
  const end = output.trim().split("\n").slice(-15).join("\n");
  return `${step} failed:\n${end}\n${known ? known.remedy : "See above for the cause, mend it"}, and run the same command again.`;
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
