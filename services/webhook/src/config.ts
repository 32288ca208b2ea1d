import { parseEnvironment, type Environment } from "@contextpilot/agent-host";
import * as z from "zod";
import { MIN_SECRET_LENGTH } from "./signature.ts";

/** What the webhook must be told. */
export interface WebhookConfig {
  /** Shared with GitHub and with the hooks of the repositories. */
  readonly secret: string;
  /** Whose the pushes are; undefined: of `default`. */
  readonly tenant: string | undefined;
}

const REMEDY = `set it to a random text of at least ${MIN_SECRET_LENGTH} characters, as from: openssl rand -hex 32`;

const schema = z.object({
  WEBHOOK_SECRET: z.string({ error: REMEDY }).min(MIN_SECRET_LENGTH, REMEDY),
  TENANT_ID: z.string().optional(),
});

/** Reads the webhook's configuration. Throws a StartError, one line that names the variable and the remedy, never its value. */
export function webhookConfig(env: Environment): WebhookConfig {
  const { WEBHOOK_SECRET: secret, TENANT_ID: tenant } = parseEnvironment(schema, env);
  return { secret, tenant };
}
