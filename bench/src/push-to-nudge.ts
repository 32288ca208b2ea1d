import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { counted, type Benchmark } from "./benchmark.ts";
import { quantiles } from "./figures.ts";
import { pushedRepositories } from "./house/pushed-repositories.ts";
import { RunningHouse } from "./house/run-house.ts";
import { interleave } from "./interleave.ts";

const PUSHES = 40;
/** Between two pushes, at random. */
const MEAN_PAUSE_MS = 40;

/** The whole house: from the moment before the signed push is sent to the nudge on disk. */
export const pushToNudge: Benchmark = {
  name: "push-to-nudge",
  measures: "signed push sent to nudge kept, a commit of 10 files, each push its own author, the whole house embedded",
  run: async (effort) => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "contextpilot-bench-"));
    const count = counted(PUSHES, effort);
    const { repositories, pushes, move } = await pushedRepositories(folder.path, count * (effort.rounds + 1));
    await using house = await RunningHouse.start(join(folder.path, "data"), repositories);
    let sent = 0;
    const { waits } = await interleave(effort, {
      waits: async () => {
        const measured: number[] = [];
        for (const push of pushes.slice(sent, sent + count)) {
          await pause(-Math.log(1 - Math.random()) * MEAN_PAUSE_MS);
          sent += 1;
          await move(push);
          const beganAt = performance.now();
          await Promise.all([house.push(push), house.nudges(sent)]);
          measured.push(performance.now() - beganAt);
        }
        return measured;
      },
    });
    return [
      { name: "push sent to nudge kept, p50", unit: "ms", values: quantiles(waits, 0.5) },
      { name: "push sent to nudge kept, p95", unit: "ms", values: quantiles(waits, 0.95), goal: { atMost: 150 } },
    ];
  },
};
