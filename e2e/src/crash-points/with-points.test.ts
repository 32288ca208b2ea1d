import type { CrashPoint } from "./crash-point.ts";
import { withPoints } from "./with-points.ts";

const point = (name: string, at: CrashPoint["at"]): CrashPoint => ({ name, step: "8 commit", file: "a.ts", at });

test("a source dies where its points say, before a text or after it", () => {
  const points = [point("soon", { before: "b();" }), point("late", { after: "a();" }), point("end", { after: "c();" })];
  expect(withPoints("a(); b(); c();", points)).toBe(
    `a(); crashPoint("late");   crashPoint("soon"); b(); c(); crashPoint("end"); `,
  );
});

test.each(["a();", "a(); b(); b();"])(
  "a place that is not there once, in %p, is no point that can be passed",
  (source) => {
    expect(() => withPoints(source, [point("gone", { before: "b();" })])).toThrow(
      'crash point "gone": a.ts has not once the text "b();"',
    );
  },
);
