import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { crashTests } from "./crash-tests.ts";
import { leftInFolder } from "./left-in-folder.ts";
import { CRASH_POINTS, POINTS_OF } from "./points.ts";
import { whatIsLeft } from "./what-is-left.ts";

crashTests(POINTS_OF.sqlite, 2, (folder) =>
  Promise.resolve({
    arguments: [],
    left: async () => whatIsLeft(await leftInFolder(folder)),
    close: () => Promise.resolve(),
  }),
);

test.each(["sqlite", "emulators"] as const)("every step of a message's life has a crash point (%s)", (pair) => {
  const page = readFileSync(new URL("../../../docs/lifecycle.md", import.meta.url), "utf8");
  const steps = [...page.matchAll(/^ +(\d+ \w+) {2,}/gm)].map(([, step]) => step);
  expect(steps).toHaveLength(10);
  expect(steps.filter((step) => !POINTS_OF[pair].some((point) => point.step === step))).toEqual([]);
});

/** How the drivers' libraries are told to keep something, or to send it. */
const KEEPS = /prepare\("COMMIT"\)|\b(calls|#connection)\.commit\(|\.publishMessage\(/;

test.each(["sqlite", "firestore", "pubsub"])(
  "each file of %s that keeps or sends something has a crash point",
  (driver) => {
    const packages = fileURLToPath(new URL("../../../packages/", import.meta.url));
    const files = globSync(`drivers/${driver}/src/**/*.ts`, { cwd: packages }).filter(
      (file) => !/\.(test|fixture)\.ts$/.test(file) && KEEPS.test(readFileSync(packages + file, "utf8")),
    );
    expect(files).not.toEqual([]);
    expect(files.filter((file) => !CRASH_POINTS.some((point) => point.file === file))).toEqual([]);
  },
);
