import { isSignature, isSignedBy, sign } from "./signature.ts";

// GitHub's own example: https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
const SECRET = "It's a Secret to Everybody";
const BODY = Buffer.from("Hello, World!");
const SIGNATURE = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

test("GitHub's example is signed as GitHub signs it", () => {
  expect(sign(SECRET, BODY)).toBe(SIGNATURE);
  expect(isSignedBy(SECRET, BODY, SIGNATURE)).toBe(true);
});

test("one bit of the body, the secret or the digest less, and it is not signed", () => {
  expect(isSignedBy(SECRET, Buffer.from("Hello, World"), SIGNATURE)).toBe(false);
  expect(isSignedBy(`${SECRET}!`, BODY, SIGNATURE)).toBe(false);
  expect(isSignedBy(SECRET, BODY, SIGNATURE.replace(/7$/, "6"))).toBe(false);
});

test("only sha256= and 64 hex digits are a signature", () => {
  expect(isSignature(SIGNATURE)).toBe(true);
  for (const other of [undefined, "", [SIGNATURE], ` ${SIGNATURE}`, `${SIGNATURE}\n`, `${SIGNATURE}, ${SIGNATURE}`]) {
    expect(isSignature(other)).toBe(false);
  }
});
