import { spawnSync } from "node:child_process";
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
