import { DeliveryAttempts } from "./delivery-attempts.ts";

test("each message has a count of its own, which ends with its ack", () => {
  const attempts = new DeliveryAttempts();
  expect(["a", "a", "b", "a"].map((key) => attempts.count(key))).toEqual([1, 2, 1, 3]);
  attempts.forget("a");
  expect(["a", "b"].map((key) => attempts.count(key))).toEqual([1, 2]);
});

test("of more messages than it holds, those begin anew that came longest ago", () => {
  const attempts = new DeliveryAttempts(2);
  expect(["a", "b", "a", "c", "a", "b"].map((key) => attempts.count(key))).toEqual([1, 1, 2, 1, 3, 1]);
});
