import { KeyQueue } from "./key-queue.ts";

/** Work that ends when it is told to, and writes down when it begins and ends. */
function work(log: string[], name: string) {
  const gate = Promise.withResolvers<string>();
  const run = async (): Promise<string> => {
    log.push(`${name} begins`);
    try {
      return await gate.promise;
    } finally {
      log.push(`${name} ends`);
    }
  };
  return { run, end: () => gate.resolve(name), fail: () => gate.reject(new Error(name)) };
}

/** Lets every promise settle that can. */
const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

test("work under one key runs one after the other, in the order of the calls", async () => {
  const queue = new KeyQueue();
  const log: string[] = [];
  const [a, b, c] = [work(log, "a"), work(log, "b"), work(log, "c")] as const;
  const running = [a, b, c].map(({ run }) => queue.run(["k"], run));
  c.end();
  b.end();
  await settled();
  expect(log).toEqual(["a begins"]);
  a.end();
  expect(await Promise.all(running)).toEqual(["a", "b", "c"]);
  expect(log).toEqual(["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
});

test.each([
  ["other keys", ["x"], ["y"]],
  ["no key", [], []],
])("work under %s runs at once", async (_which, first, second) => {
  const queue = new KeyQueue();
  const log: string[] = [];
  const [a, b] = [work(log, "a"), work(log, "b")] as const;
  const running = [queue.run(first, a.run), queue.run(second, b.run)];
  await settled();
  expect(log).toEqual(["a begins", "b begins"]);
  b.end();
  a.end();
  expect(await Promise.all(running)).toEqual(["a", "b"]);
});

test("a failure goes to its caller alone and does not hold up the next", async () => {
  const queue = new KeyQueue();
  const [a, b] = [work([], "a"), work([], "b")] as const;
  const first = queue.run(["k"], a.run);
  const second = queue.run(["k"], b.run);
  a.fail();
  b.end();
  await expect(first).rejects.toThrow("a");
  expect(await second).toBe("b");
});

test("work that throws before its first promise fails like any other", async () => {
  const queue = new KeyQueue();
  const thrown = queue.run(["k"], () => {
    throw new RangeError("at once");
  });
  await expect(thrown).rejects.toThrow("at once");
  expect(await queue.run(["k"], () => Promise.resolve("next"))).toBe("next");
});

test("work under several keys waits for each of them, and holds each", async () => {
  const queue = new KeyQueue();
  const log: string[] = [];
  const [x, y, both, after] = [work(log, "x"), work(log, "y"), work(log, "both"), work(log, "after")] as const;
  const running = [
    queue.run(["x"], x.run),
    queue.run(["y"], y.run),
    queue.run(["x", "y"], both.run),
    queue.run(["y"], after.run),
  ];
  after.end();
  both.end();
  x.end();
  await settled();
  expect(log).toEqual(["x begins", "y begins", "x ends"]);
  y.end();
  await Promise.all(running);
  expect(log.slice(3)).toEqual(["y ends", "both begins", "both ends", "after begins", "after ends"]);
});

test("the same keys in another order, or twice, lock nobody out", async () => {
  const queue = new KeyQueue();
  const orders = [["x", "y"], ["y", "x"], ["x", "x"], ["y", "z", "x"], ["z"]];
  let running = 0;
  const done = await Promise.all(
    Array.from({ length: 200 }, (_, index) =>
      queue.run(orders[index % 4] ?? [], async () => {
        running += 1;
        expect(running).toBe(1); // all of the four share x
        await settled();
        running -= 1;
        return index;
      }),
    ),
  );
  expect(done).toEqual(Array.from({ length: 200 }, (_, index) => index));
});
