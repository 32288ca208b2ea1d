import { withTimeLimit } from "./time-limit.ts";

/** Far longer than the work takes; short enough that a timer left behind does not hold the run up. */
const LONG_MS = 5_000;
const timersOf = (): number => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;

test.each<[string, () => Promise<unknown>]>([
  ["ends well", () => Promise.resolve("done")],
  ["fails", () => Promise.reject(new Error("broken"))],
  [
    "throws at once",
    () => {
      throw new Error("broken");
    },
  ],
])("work that %s leaves no timer", async (_how, work) => {
  const before = timersOf();
  await withTimeLimit(LONG_MS, work).catch(() => undefined);
  expect(timersOf()).toBe(before);
});

test("work that ends in time gives its result or its error, and is not aborted", async () => {
  let signal: AbortSignal | undefined;
  const result = await withTimeLimit(LONG_MS, (given) => {
    signal = given;
    return Promise.resolve("done");
  });
  expect([result, signal?.aborted]).toEqual(["done", false]);
  await expect(withTimeLimit(LONG_MS, () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
});

test("work that heeds no signal is left behind at the limit, and what becomes of it disturbs nobody", async () => {
  const late = Promise.withResolvers<never>();
  const limited = withTimeLimit(5, () => late.promise);
  await expect(limited).rejects.toMatchObject({ code: "time-limit", message: "took longer than 5 ms" });
  late.reject(new Error("too late"));
});

test("the signal aborts with the reason that the caller gets", async () => {
  let reason: unknown;
  const limited = withTimeLimit(5, (signal) => {
    const { promise, reject } = Promise.withResolvers<never>();
    signal.addEventListener("abort", () => {
      reason = signal.reason;
      reject(new Error("aborted"));
    });
    return promise;
  });
  const error: unknown = await limited.catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "time-limit", class: "counted" });
  expect(reason).toBe(error);
});

test.each([0, -1])("a limit of %i ms has passed already", async (ms) => {
  await expect(withTimeLimit(ms, () => new Promise(() => undefined))).rejects.toMatchObject({ code: "time-limit" });
});
