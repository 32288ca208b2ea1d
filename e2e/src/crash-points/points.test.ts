import { readFileSync } from "node:fs";
import { CRASH_POINTS } from "./points.ts";
import { withPoints } from "./with-points.ts";

test.each(CRASH_POINTS)("the place is there: $name", (point) => {
  const source = readFileSync(new URL(`../../../packages/${point.file}`, import.meta.url), "utf8");
  expect(withPoints(source, [point])).toContain(`crashPoint(${JSON.stringify(point.name)})`);
});
