import { retryDelayMs } from "./retry-delay.ts";

const bounds = { minimumSeconds: 10, maximumSeconds: 600 };

test.each([
  [1, 10_000],
  [2, 20_000],
  [3, 40_000],
  [6, 320_000],
  [7, 600_000],
  [100, 600_000],
])("after failure %i a message waits %i ms", (attempts, ms) => {
  expect(retryDelayMs(bounds, attempts, 0.5)).toBe(ms);
});

test("up to a tenth less or more", () => {
  expect(retryDelayMs(bounds, 1, 0)).toBe(9000);
  expect(retryDelayMs(bounds, 1, 1)).toBe(11_000);
});
