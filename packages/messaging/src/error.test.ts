import { CLASS_OF_CODE, MessageError, type ErrorCode } from "./error.ts";

test.each([
  [{}, "outbox publish failed"],
  [{ event: "e1", subscription: "git-from-push" }, "outbox publish failed [event=e1 subscription=git-from-push]"],
  [{ event: undefined, failures: 0 }, "outbox publish failed [failures=0]"],
  [{ event: undefined }, "outbox publish failed"],
])("with %j it says %p", (details, message) => {
  expect(MessageError.retryable("publish-failed", "outbox publish failed", details).message).toBe(message);
});

test("it carries its code, its details and its cause", () => {
  const cause = new Error("down");
  const error = MessageError.permanent("rejected", "no", { event: "e1" }, { cause });
  expect(error).toMatchObject({ name: "MessageError", code: "rejected", details: { event: "e1" }, cause });
  expect(error).toBeInstanceOf(Error);
});

test.each(Object.entries(CLASS_OF_CODE))("%s is %s", (code, expected) => {
  expect(new MessageError(code as ErrorCode, "problem").class).toBe(expected);
});

test("what a handler calls retryable is never permanent, and the other way round", () => {
  // @ts-expect-error a counted code is not for good
  expect(MessageError.permanent("handler-failed", "no").class).toBe("counted");
  // @ts-expect-error a permanent code is not for later
  expect(MessageError.retryable("rejected", "no").class).toBe("permanent");
});

describe("what was thrown", () => {
  test("stays as it is where it is a MessageError", () => {
    const error = MessageError.permanent("rejected", "no");
    expect(MessageError.from(error, { event: "e1" })).toBe(error);
  });

  test.each([
    [new RangeError("broken"), "broken [event=e1]"],
    ["text", "text [event=e1]"],
    [undefined, "undefined [event=e1]"],
    [null, "null [event=e1]"],
    [{ code: 7 }, "{ code: 7 } [event=e1]"],
    [Object.create(null), "[Object: null prototype] {} [event=e1]"],
    [Symbol("s"), "Symbol(s) [event=e1]"],
  ])("%p is a failure of the handler, with the cause kept", (thrown, message) => {
    const error = MessageError.from(thrown, { event: "e1" });
    expect(error).toMatchObject({ code: "handler-failed", class: "counted", message, cause: thrown });
  });
});
