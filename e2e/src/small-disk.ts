import { spawnSync } from "node:child_process";
import { closeSync, openSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";

const UNSHARED = ["--user", "--map-root-user", "--mount"];

/**
 * A command that runs another one with the folder on a disk of its own, with so much room. The disk goes with the process; who
 * looks from outside finds it under `/proc/<pid>/root`.
 */
export function onDiskWith(folder: string, kibibytes: number): readonly string[] {
  const fill = 'head -c 4096 /dev/zero > "$2/other"'; // a disk of size 0 would be one without a limit
  const script = `mount -t tmpfs -o "size=$1" tmpfs "$2" && ${fill} && shift 2 && exec "$@"`;
  return ["unshare", ...UNSHARED, "sh", "-c", script, "sh", `${kibibytes + 4}k`, folder];
}

/** Whether this machine lets this user mount a disk that nobody else sees. */
export function canMountDisks(): boolean {
  return spawnSync("unshare", [...UNSHARED, "mount", "-t", "tmpfs", "tmpfs", tmpdir()]).status === 0;
}

/** Writes a file until the disk is full. */
export function fill(file: string): void {
  const descriptor = openSync(file, "w");
  try {
    for (let bytes = Buffer.alloc(64 * 1024); bytes.length > 0;) {
      try {
        writeSync(descriptor, bytes);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
        bytes = bytes.subarray(0, bytes.length >> 1); // the last gap takes less
      }
    }
  } finally {
    closeSync(descriptor);
  }
}
