import { flushCompileCache } from "node:module";
import { createLogger, listen, runProcess } from "@contextpilot/agent-host";
import { createPushProxy } from "@contextpilot/push-proxy";
import { PUSHER, audienceOf, told } from "./identities.ts";
import { heardBy, type Roster } from "./roster.ts";

/** What the push proxy's process is told, in SOAK_PROXY. */
export interface ProxyTold {
  readonly roster: Roster;
  /** By service: where its processes listen, and the token to push with. */
  readonly agents: Readonly<Record<string, { readonly addresses: readonly string[]; readonly token: string }>>;
}

/** The emulator does not say what waits on it; what failed it pushes again after a second. */
const SILENT_MS = 10_000;

/** The clock is never silent. */
const isCounted = (method: string, url: string): boolean => method === "POST" && !url.endsWith("-from-clock");

/** The push proxy before agents of several processes: each push goes to one of them, by chance, as behind a balancer. */
await runProcess(async () => {
  const { roster, agents } = told("SOAK_PROXY") as ProxyTold;
  const heard = heardBy(roster);
  // The topology knows no witnesses: whose a subscription is follows from its name.
  const serviceOf = new Map(heard.map(({ name, service }) => [name, service]));
  const tokens = new Map(Object.entries(agents).map(([service, { token }]) => [audienceOf(service), token]));
  const logger = createLogger({ service: "push-proxy" });
  const app = createPushProxy({
    logger,
    subscriptions: heard.map((subscription) => ({ ...subscription, service: "context-agent" as const })),
    issuer: () => ({
      token: ({ audience }) => Promise.resolve(tokens.get(audience) ?? ""),
      jwks: () => Promise.reject(new Error("its tokens come from elsewhere")),
    }),
    targetOf: ({ name, ackDeadlineSeconds }) => {
      const service = serviceOf.get(name) ?? "";
      const addresses = agents[service]?.addresses ?? [];
      const address = addresses[Math.floor(Math.random() * addresses.length)] ?? "";
      return {
        endpoint: `${address}/events`,
        audience: audienceOf(service),
        serviceAccount: PUSHER,
        ackDeadlineSeconds,
      };
    },
  });
  let running = 0;
  let silentSince = performance.now();
  app.addHook("onRequest", async ({ method, url }) => void (isCounted(method, url) && (running += 1)));
  app.addHook("onResponse", async ({ method, url }) => {
    if (!isCounted(method, url)) return;
    running -= 1;
    silentSince = performance.now();
  });
  app.get("/silent", () => String(running === 0 && performance.now() - silentSince > SILENT_MS));
  logger.info({ address: await listen(app, { host: "127.0.0.1", port: 0 }) }, "listening");
  flushCompileCache(); // a kill would leave nothing for the next start
  return { logger, close: () => app.close() };
});
