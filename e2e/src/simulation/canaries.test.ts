import { readFileSync } from "node:fs";
import { CANARIES } from "./canaries.ts";

test.each(Object.entries(CANARIES).flatMap(([canary, mutations]) => mutations.map((one) => ({ canary, ...one }))))(
  "what the canary replaces is there: $canary, $file",
  ({ file, find }) => {
    expect(readFileSync(new URL(`../../../${file}`, import.meta.url), "utf8")).toContain(find);
  },
);
