import { commitAgent, memoryInUse } from "@contextpilot/testing";
import { pushAuthenticator } from "./authenticate-push.ts";
import { createAgent } from "./create-agent.ts";
import { startIssuer } from "./issuer.fixture.ts";
import { createLogger } from "./logging.ts";
import { listen } from "./serve.ts";

const MIB = 1024 * 1024;

test("150 pushes of 1 MiB that are dead letters, and 150 refused ones, leave nothing in memory", async () => {
  const issuer = await startIssuer();
  const { receiver } = commitAgent({ publish: (messages) => Promise.resolve(messages.map(String)) });
  const app = createAgent({
    service: "context-agent",
    logger: createLogger({ service: "context-agent", destination: { write: () => {} } }),
    authenticate: pushAuthenticator(issuer.config),
    receiver,
  });
  const url = await listen(app, { host: "127.0.0.1", port: 0 });
  const body = Buffer.alloc(MIB, "{");
  const [good, bad] = [issuer.bearer(), issuer.bearer({ aud: "another" })];
  const push = async (authorization: string): Promise<number> => {
    const headers = { authorization, "content-type": "application/json" };
    const response = await fetch(`${url}/events`, { method: "POST", headers, body });
    await response.arrayBuffer();
    return response.status;
  };
  const round = async (times: number): Promise<void> => {
    for (let time = 0; time < times; time += 1) {
      expect([await push(good), await push(bad).catch(() => 401)]).toEqual([204, 401]);
    }
  };

  await round(20);
  const before = await memoryInUse();
  await round(150);
  expect((await memoryInUse()) - before).toBeLessThan(8 * MIB);
  await app.close();
  await issuer.close();
});
