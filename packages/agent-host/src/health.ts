import { setTimeout as delay } from "node:timers/promises";
import type { FastifyInstance } from "fastify";
import type { Logger } from "./logging.ts";

/** Says whether something that the service needs is there: false, or a rejection, where not. */
export type ReadyCheck = () => boolean | Promise<void>;
export type ReadyChecks = Readonly<Record<string, ReadyCheck>>;

/** A check that has not answered by then has failed. */
const CHECK_LIMIT_MS = 2_000;
/** For so long a check's answer stands: whoever asks often costs no more. */
const ANSWER_STANDS_MS = 1_000;

/**
 * `GET /health/live`: 200 while the process answers at all. `GET /health/ready`: 200 when every check holds, else 503, each
 * by its name as `ok` or `failed`, as it was within the last second. Why a check failed is logged and not answered: nobody has been asked for a token here.
 */
export function addHealth(app: FastifyInstance, service: string, checks: ReadyChecks, logger: Logger): void {
  app.get("/health/live", () => ({ status: "ok", service }));
  const asked = Object.entries(checks).map(
    ([name, check]) => [name, oncePerSecond(() => holds(name, check, logger))] as const,
  );
  app.get("/health/ready", async (_request, reply) => {
    const results = await Promise.all(asked.map(async ([name, isOk]) => [name, await isOk()] as const));
    const ready = results.every(([, ok]) => ok);
    return reply.code(ready ? 200 : 503).send({
      status: ready ? "ready" : "not-ready",
      service,
      checks: Object.fromEntries(results.map(([name, ok]) => [name, ok ? "ok" : "failed"])),
    });
  });
}

/** Those who ask at the same time, or shortly after, share an answer. */
function oncePerSecond(ask: () => Promise<boolean>): () => Promise<boolean> {
  let answer: Promise<boolean> | undefined;
  let until = 0;
  return () => {
    if (answer === undefined || performance.now() >= until) {
      answer = ask();
      until = performance.now() + ANSWER_STANDS_MS;
    }
    return answer;
  };
}

async function holds(name: string, check: ReadyCheck, logger: Logger): Promise<boolean> {
  const answered = new AbortController();
  const tooLate = delay(CHECK_LIMIT_MS, false, { signal: answered.signal }).catch(() => false);
  try {
    return (await Promise.race([check(), tooLate])) !== false;
  } catch (err) {
    logger.warn({ check: name, err }, "not ready");
    return false;
  } finally {
    answered.abort();
  }
}
