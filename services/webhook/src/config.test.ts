import { webhookConfig } from "./config.ts";

test("the secret comes from WEBHOOK_SECRET", () => {
  expect(webhookConfig({ WEBHOOK_SECRET: "sixteen-letters!" })).toEqual({ secret: "sixteen-letters!" });
});

test.each([{}, { WEBHOOK_SECRET: "" }, { WEBHOOK_SECRET: "fifteen-letters" }])(
  "a secret that is missing or short is one line with the variable and the remedy: %p",
  (env) => {
    const line = /^WEBHOOK_SECRET (?!.*fifteen-letters)[^\n]*openssl rand -hex 32$/;
    expect(() => webhookConfig(env)).toThrow(line);
  },
);
