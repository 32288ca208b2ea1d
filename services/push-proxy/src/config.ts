import {
  listenConfigOf,
  listenShape,
  parseEnvironment,
  type Environment,
  type ListenConfig,
} from "@contextpilot/agent-host";
import * as z from "zod";

/** What the push proxy is told by its surroundings. */
export interface PushProxyConfig extends ListenConfig {
  /** The tokens' issuer: where agents reach the proxy, for the keys. */
  readonly issuer: string;
  /** Where a service takes pushes. */
  readonly endpointOf: (service: string) => string;
  /** Who the tokens of a service's pushes are for: its PUSH_AUDIENCE. */
  readonly audienceOf: (service: string) => string;
  /** Who pushes: one of the agents' PUSH_SERVICE_ACCOUNTS. */
  readonly serviceAccount: string;
}

const SERVICE = "{service}";
const forService =
  (text: string): ((service: string) => string) =>
  (service) =>
    text.replaceAll(SERVICE, service);

const schema = z.object({
  ...listenShape,
  PUSH_ISSUER: z.url({
    protocol: /^https?$/,
    error: "set it to the http(s) address at which the agents reach this proxy, as their PUSH_ISSUER",
  }),
  AGENT_ENDPOINT: z
    .string({ error: `set it to where agents take pushes, as http://${SERVICE}:8080/events` })
    .refine((text) => text.includes(SERVICE) && URL.canParse(text.replaceAll(SERVICE, "agent")), {
      error: `set it to an address with ${SERVICE} in it, as http://${SERVICE}:8080/events`,
    }),
  AGENT_AUDIENCE: z
    .string()
    .refine((text) => text.includes(SERVICE), { error: `set it to a text with ${SERVICE} in it` })
    .default(`https://${SERVICE}.local.contextpilot.example`),
  PUSH_SERVICE_ACCOUNT: z.string().default("pubsub-push@local.contextpilot.example"),
});

/** Reads the proxy's configuration. Throws a StartError, one line that names the variable and the remedy. */
export function pushProxyConfig(env: Environment): PushProxyConfig {
  const read = parseEnvironment(schema, env);
  return {
    ...listenConfigOf(read),
    issuer: read.PUSH_ISSUER.replace(/\/$/, ""),
    endpointOf: forService(read.AGENT_ENDPOINT),
    audienceOf: forService(read.AGENT_AUDIENCE),
    serviceAccount: read.PUSH_SERVICE_ACCOUNT,
  };
}
