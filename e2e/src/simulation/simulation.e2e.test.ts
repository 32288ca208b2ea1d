import { availableParallelism } from "node:os";
import { runProgram } from "../run-program.ts";
import { CANARIES } from "./canaries.ts";

const SIMULATION = new URL("main.ts", import.meta.url);
const MUTATE = new URL("mutate.ts", import.meta.url);

const SEEDS = process.env["CI"] === undefined ? 500 : 10_000;
/** The shyest canary is found by one plan in a hundred. */
const CANARY_SEEDS = 1_000;

test(`in ${SEEDS} plans of misfortune nothing is lost, nothing takes effect twice, and all that is said follows from what happened`, async () => {
  const processes = Math.min(2, availableParallelism());
  const each = SEEDS / processes;
  const simulations = Array.from({ length: processes }, (_, part) =>
    runProgram(SIMULATION, ["--seeds", String(each), "--from", String(1 + part * each), "--json"]),
  );
  for (const simulation of simulations) {
    const code = await simulation.ended();
    expect({ code, said: simulation.lines.slice(0, -1), errors: simulation.errors() }).toEqual({
      code: 0,
      said: [],
      errors: "",
    });
    expect(JSON.parse(simulation.lines.at(-1) ?? "")).toMatchObject({ runs: expect.any(Number) });
  }
}, 900_000);

test.each(Object.keys(CANARIES))(
  "the simulation finds the canary: %s",
  async (canary) => {
    const simulation = runProgram(SIMULATION, ["--seeds", String(CANARY_SEEDS), "--no-shrink"], {
      load: MUTATE,
      environment: { CANARY: canary },
    });
    expect([await simulation.ended(), simulation.errors()]).toEqual([1, ""]);
    expect(simulation.lines.join("\n")).toContain("broken: ");
  },
  300_000,
);
