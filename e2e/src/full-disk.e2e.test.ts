import { readFileSync, rmSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GitRepository, until } from "@contextpilot/testing";
import { HouseApi } from "./house-api.ts";
import { sendPush, type Door } from "./pushes.ts";
import { runProgram, type Program } from "./run-program.ts";
import { canMountDisks, fill, onDiskWith } from "./small-disk.ts";

const PUSHES = 40;

let folder: string;
let program: Program | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "contextpilot-full-disk-"));
});
afterEach(async () => {
  await program?.stop("SIGKILL");
  program = undefined;
  await rm(folder, { recursive: true, force: true });
});

const describeOnDisk = canMountDisks() ? describe : describe.skip;

describeOnDisk("on a disk that fills up [needs user namespaces, to mount a small disk]", () => {
  test("a house refuses pushes, loses none that it took, and goes on when there is room", async () => {
    const repository = await GitRepository.create(join(folder, "shop.git"));
    const hashes = await repository.commitAll(
      Array.from({ length: PUSHES + 1 }, (_, at) => ({
        changes: [{ path: `src/${at}.ts`, content: "x\n".repeat(50) }],
      })),
    );
    const data = join(folder, "data");
    await mkdir(data);
    program = runProgram(
      new URL("./house-program.ts", import.meta.url),
      [data, JSON.stringify({ shop: repository.path })],
      { under: onDiskWith(data, 16 * 1024) },
    );
    const house = JSON.parse(await program.line()) as Door & { apiUrl: string };
    const send = (at: number) =>
      sendPush(house, {
        repository: "shop",
        ref: "refs/heads/main",
        before: hashes[at] ?? "",
        after: hashes[at + 1] ?? "",
      });
    const onDisk = join(`/proc/${program.child.pid}/root`, data);
    const ballast = join(onDisk, "ballast");

    expect(await send(0)).toBe(202);
    fill(ballast);
    let next = 1;
    let refused: number | undefined = 202;
    while (refused === 202 && next < PUSHES) refused = await send(next++);
    // The log, too, finds no room for so many refusals.
    const again = await Promise.all(Array.from({ length: 40 }, () => send(next - 1)));
    expect([refused, ...new Set(again)]).toEqual([503, 503]);

    rmSync(ballast);
    const roomAgainAt = Date.now();
    for (let at = next - 1; at < PUSHES; at += 1) {
      await until(async () => (await send(at)) === 202, `the 202 of push ${at}`);
    }
    const updates = await new HouseApi(house.apiUrl).untilEvents("context.update", PUSHES, 90_000);
    const measured = updates.map(({ data: update }) => (update as { commit_hash: string }).commit_hash);
    expect(measured.toSorted()).toEqual(hashes.slice(1).toSorted());
    const lastLine = readFileSync(join(onDisk, "house.log"), "utf8").trim().split("\n").at(-1) ?? "";
    expect(Date.parse((JSON.parse(lastLine) as { time: string }).time)).toBeGreaterThan(roomAgainAt);
    expect(await program.stop("SIGTERM")).toBe(0);
    expect(program.errors()).toBe("");
  });
});
