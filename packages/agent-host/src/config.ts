import * as z from "zod";
import type { PushAuthConfig } from "./authenticate-push.ts";
import { parseEnvironment, type Environment } from "./environment.ts";
import { isLocalAddress } from "./local-address.ts";
import { listenConfigOf, listenShape, type ListenConfig } from "./listen-config.ts";
import { StartError } from "./start-error.ts";

/** What every agent's process is told by its surroundings. */
export interface AgentConfig extends ListenConfig {
  readonly push: PushAuthConfig;
  /** The one tenant whose events the agent takes; undefined: everyone's. */
  readonly tenantId: string | undefined;
}

const GOOGLE_ISSUER = "https://accounts.google.com";
const GOOGLE_JWKS_URL = "https://www.googleapis.com/oauth2/v3/certs";

const list = z
  .string()
  .transform((text) => text.split(/[\s,]+/).filter((item) => item !== ""))
  .refine((items) => items.length > 0, "set it to one or more, separated by commas");

const schema = z.object({
  ...listenShape,
  /** See {@link PushAuthConfig.mode}. Default: the signature is verified here. */
  PUSH_AUTH_MODE: z.enum(["app", "platform"], { error: "set it to app or platform" }).default("app"),
  PUSH_AUDIENCE: z.string({
    error: "set it to the audience that this agent's push subscriptions put into their tokens",
  }),
  PUSH_SERVICE_ACCOUNTS: z
    .string({ error: "set it to the e-mail addresses of the service accounts that may push, separated by commas" })
    .pipe(list),
  /** Default: Google. Set together with PUSH_JWKS_URL. */
  PUSH_ISSUER: list.optional(),
  PUSH_JWKS_URL: z
    .url({ protocol: /^https?$/, error: "set it to the http(s) address of the issuer's keys" })
    .optional(),
  TENANT_ID: z.string().optional(),
});

/** Reads an agent's configuration. Throws a StartError, one line that names the variable and the remedy. */
export function agentConfig(env: Environment): AgentConfig {
  const read = parseEnvironment(schema, env);
  const onCloudRun = read.K_SERVICE !== undefined;
  const issuers = read.PUSH_ISSUER ?? [GOOGLE_ISSUER];
  const jwksUrl = read.PUSH_JWKS_URL ?? GOOGLE_JWKS_URL;
  if ((read.PUSH_ISSUER === undefined) !== (read.PUSH_JWKS_URL === undefined)) {
    throw new StartError(
      "PUSH_ISSUER and PUSH_JWKS_URL belong together: set both for an issuer of your own, none for Google",
    );
  }
  if (read.PUSH_AUTH_MODE === "platform" && !onCloudRun) {
    throw new StartError("PUSH_AUTH_MODE=platform trusts Cloud Run to verify signatures: elsewhere set it to app");
  }
  if (onCloudRun && [...issuers, jwksUrl].some(isLocalAddress)) {
    throw new StartError(
      "PUSH_ISSUER and PUSH_JWKS_URL name a local issuer, which Cloud Run must not trust: unset them, Google's are the default",
    );
  }
  return {
    ...listenConfigOf(read),
    push: {
      mode: read.PUSH_AUTH_MODE,
      issuers,
      jwksUrl,
      audience: read.PUSH_AUDIENCE,
      serviceAccounts: read.PUSH_SERVICE_ACCOUNTS,
    },
    tenantId: read.TENANT_ID,
  };
}
