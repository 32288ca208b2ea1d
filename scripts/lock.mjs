import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";

/**
 * Does the work while holding the lock file, which names its owner's process id; a lock whose owner has died is taken over.
 * Rejects when a living owner keeps it for more than ten minutes.
 *
 * @param {string} path
 * @param {() => Promise<void>} work
 * @param {() => void} [onWait] called once when another process holds the lock
 */
export async function withLock(path, work, onWait = () => {}) {
  // Written aside and linked into place: nobody ever reads a lock without its owner in it.
  const mine = `${path}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  try {
    const deadline = Date.now() + 600_000;
    let waited = false;
    while (!linked(mine, path)) {
      if (dropIfDead(path, mine)) continue;
      if (!waited) onWait();
      waited = true;
      if (Date.now() > deadline) throw new Error(`${path} is still held; delete it if no installation is running`);
      await wait(100);
    }
    rmSync(mine);
    try {
      await work();
    } finally {
      rmSync(path, { force: true });
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

/**
 * @param {string} from
 * @param {string} to
 */
function linked(from, to) {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/**
 * Removes the lock when its owner is dead, and says whether it is worth trying again at once. It is renamed first and read again, since another process may have taken it over in between.
 *
 * @param {string} path
 * @param {string} mine
 */
function dropIfDead(path, mine) {
  const aside = `${mine}.dead`;
  try {
    if (isAlive(Number(readFileSync(path, "utf8")))) return false;
    renameSync(path, aside);
    if (isAlive(Number(readFileSync(aside, "utf8")))) linked(aside, path);
    rmSync(aside);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
  return true;
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

/** @param {unknown} error */
function codeOf(error) {
  return typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
}
