import { webhookConfig } from "./config.ts";

test("the secret comes from WEBHOOK_SECRET, whose the pushes are from TENANT_ID", () => {
  const env = { WEBHOOK_SECRET: "sixteen-letters!" };
  expect(webhookConfig({ ...env, TENANT_ID: "acme" })).toEqual({ secret: "sixteen-letters!", tenant: "acme" });
  expect(webhookConfig({ ...env, TENANT_ID: "" })).toMatchObject({ tenant: undefined });
});

test.each([{}, { WEBHOOK_SECRET: "" }, { WEBHOOK_SECRET: "fifteen-letters" }])(
  "a secret that is missing or short is one line with the variable and the remedy: %p",
  (env) => {
    const line = /^WEBHOOK_SECRET (?!.*fifteen-letters)[^\n]*openssl rand -hex 32$/;
    expect(() => webhookConfig(env)).toThrow(line);
  },
);
