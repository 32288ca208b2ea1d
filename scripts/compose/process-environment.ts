import type { Deployment } from "../deployments.ts";

/** Where every process listens, in a container of its own. */
export const PORT = 8080;
/** Who signs the pushes: the process between Google's emulator and the agents. */
export const ISSUER = `http://push-proxy:${PORT}`;
const PUSHER = "pubsub-push@local.contextpilot.example";

/**
 * What a process is told in a container, beside what all are told: docs/processes.md has the variables. A value may name a variable of
 * .env; of a secret there is nothing in the file but that.
 */
export function environmentOf({ door, service, secrets, environment }: Deployment): Record<string, string> {
  return {
    ...(door === "events" && {
      PUSH_AUDIENCE: `https://${service}.local.contextpilot.example`,
      PUSH_SERVICE_ACCOUNTS: PUSHER,
      PUSH_ISSUER: ISSUER,
      PUSH_JWKS_URL: `${ISSUER}/.well-known/jwks.json`,
    }),
    ...(door === "people" && {
      // No identity-aware proxy: whoever is at this machine may look, and needs the token to change something.
      WEB_ACCESS: "local",
      API_TOKEN: required("API_TOKEN"),
      ENABLE_EVENT_REPLAY: "${ENABLE_EVENT_REPLAY:-true}",
    }),
    ...(door !== "local" && { TENANT_ID: "${TENANT_ID:-}" }),
    ...Object.fromEntries(Object.keys(secrets).map((name) => [name, required(name)])),
    ...environment,
  };
}

/** Where the variable is missing, compose says what follows the mark, and starts nothing. */
const required = (name: string): string =>
  `\${${name}:?it is not set. npm run compose -- up makes a .env with all that is needed}`;
