import {
  isLocalAddress,
  listenConfigOf,
  listenShape,
  parseEnvironment,
  StartError,
  type Environment,
  type ListenConfig,
  type PersonAuthConfig,
} from "@contextpilot/agent-host";
import * as z from "zod";

/** Who may use the web: whom the identity-aware proxy lets in; or this machine, whose changes take the token. */
export type WebAccess =
  | ({ readonly kind: "proxy" } & PersonAuthConfig)
  | { readonly kind: "local"; readonly token: string | undefined };

/** What the web's process is told. */
export interface WebConfig extends ListenConfig {
  readonly access: WebAccess;
  /** Whose events are shown. */
  readonly tenant: string;
  readonly replayEnabled: boolean;
}

/** https://cloud.google.com/iap/docs/signed-headers-howto */
const GOOGLE_KEYS = "https://www.gstatic.com/iap/verify/public_key-jwk";
const AUDIENCE_REMEDY =
  "set it to the audience of the identity-aware proxy's assertions, as /projects/<number>/global/backendServices/<id>";
const TOKEN_REMEDY = "set it to a random text of at least 16 characters, as from: openssl rand -hex 32";

const schema = z.object({
  ...listenShape,
  /** See {@link WebAccess}. */
  WEB_ACCESS: z.enum(["proxy", "local"], { error: "set it to proxy or local" }).default("proxy"),
  IAP_AUDIENCE: z.string().optional(),
  /** Default: Google's. */
  IAP_JWKS_URL: z.url({ protocol: /^https?$/, error: "set it to the http(s) address of the proxy's keys" }).optional(),
  /** Of who may change something, where the web is for this machine. Default: nobody may. */
  API_TOKEN: z.string().min(16, TOKEN_REMEDY).optional(),
  TENANT_ID: z.string().default("default"),
  ENABLE_EVENT_REPLAY: z.enum(["true", "false"], { error: "set it to true or false" }).default("true"),
});

/** Reads the web's configuration. Throws a StartError, one line that names the variable and the remedy. */
export function webConfig(env: Environment): WebConfig {
  const read = parseEnvironment(schema, env);
  return {
    ...listenConfigOf(read),
    access: read.WEB_ACCESS === "local" ? localAccess(read) : proxyAccess(read),
    tenant: read.TENANT_ID,
    replayEnabled: read.ENABLE_EVENT_REPLAY === "true",
  };
}

type Read = z.output<typeof schema>;

function localAccess({ K_SERVICE, IAP_AUDIENCE, API_TOKEN: token }: Read): WebAccess {
  if (K_SERVICE !== undefined) {
    throw new StartError("WEB_ACCESS=local asks nobody who they are: on Cloud Run leave it out, and set IAP_AUDIENCE");
  }
  if (IAP_AUDIENCE !== undefined) {
    throw new StartError("WEB_ACCESS=local and IAP_AUDIENCE contradict each other: leave one of them out");
  }
  return { kind: "local", token };
}

function proxyAccess({ K_SERVICE, IAP_AUDIENCE: audience, IAP_JWKS_URL: jwksUrl = GOOGLE_KEYS }: Read): WebAccess {
  if (audience === undefined) {
    throw new StartError(`IAP_AUDIENCE is not set: ${AUDIENCE_REMEDY}; for this machine alone, set WEB_ACCESS=local`);
  }
  if (K_SERVICE !== undefined && isLocalAddress(jwksUrl)) {
    throw new StartError("IAP_JWKS_URL names keys of this machine, which Cloud Run must not trust: leave it out");
  }
  return { kind: "proxy", audience, jwksUrl };
}
