import type { FastifyInstance, FastifyReply } from "fastify";
import type { DeadLetterOffice, DecisionAnswer } from "../dead-letters/dead-letter-office.ts";
import type { ReplayCount, ReplayRun } from "../replays/replay-runs.ts";
import type { Replays } from "../replays/replays.ts";
import { choiceIn, discardBody, goOnBody, readBody, redriveBody, replayBody, resendBody } from "./bodies.ts";
import { requireOperator } from "./require-operator.ts";

/** Who may change something through the API, and what. */
export interface Operator {
  /** Whoever shows it may. */
  readonly token: string;
  readonly office: DeadLetterOffice;
  readonly replays: Replays;
}

/** `POST /api/replays` with `dry_run`: what it would say. */
export interface DryRunAnswer extends ReplayCount {
  readonly dry_run: true;
}

/**
 * What changes something: every call shows the token, says who decides, and does a bounded part; who has more to do calls again
 * with the answer's `next` and `up_to`. A call whose asker goes away stops.
 */
export function addOperatorRoutes(
  api: FastifyInstance,
  { token, office, replays }: Operator,
  { tenant: own }: { readonly tenant: string },
): void {
  api.addHook("onRequest", async (request) => requireOperator(request, token));

  api.post("/dead-letters/redrive", ({ body }, reply): Promise<DecisionAnswer> => {
    const { by, rate, tenant: tenant_id = own, ...choice } = readBody(redriveBody, body);
    return office.redrive(choiceIn(choice), { tenant_id, by, rate, signal: untilGone(reply) });
  });

  api.post("/dead-letters/discard", ({ body }): Promise<DecisionAnswer> => {
    const { by, tenant: tenant_id = own, ...choice } = readBody(discardBody, body);
    return office.discard(choiceIn(choice), { tenant_id, by });
  });

  api.post<{ Params: { id: string } }>("/dead-letters/:id/resend", ({ params, body }): Promise<DecisionAnswer> => {
    const { by, tenant: tenant_id = own, data_base64 } = readBody(resendBody, body);
    return office.resend(params.id, Buffer.from(data_base64, "base64"), { tenant_id, by });
  });

  api.post("/replays", async ({ body }): Promise<DryRunAnswer | ReplayRun> => {
    const { by, tenant: tenant_id = own, chain: correlation_id, dry_run, ...wanted } = readBody(replayBody, body);
    const selection = { tenant_id, correlation_id, ...wanted };
    return dry_run ? { dry_run, ...(await replays.count(selection)) } : replays.begin(selection, by);
  });

  api.post<{ Params: { generation: string } }>(
    "/replays/:generation",
    ({ params, body }, reply): Promise<ReplayRun> => {
      const { tenant = own, limit, rate } = readBody(goOnBody, body);
      return replays.goOn(tenant, params.generation, { limit, rate, signal: untilGone(reply) });
    },
  );
}

/** Aborts when the connection ends before its answer. */
function untilGone(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once("close", () => controller.abort());
  return controller.signal;
}
