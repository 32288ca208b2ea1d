import type { FastifyInstance, FastifyReply } from "fastify";
import type { Access } from "../access/access.ts";
import type { DeadLetterOffice, DecisionAnswer } from "../dead-letters/dead-letter-office.ts";
import type { ReplayCount, ReplayRun } from "../replays/replay-runs.ts";
import type { Replays } from "../replays/replays.ts";
import { choiceIn, discardBody, goOnBody, readBody, redriveBody, replayBody, resendBody } from "./bodies.ts";

/** What may be changed through the API. */
export interface Operator {
  readonly office: DeadLetterOffice;
  readonly replays: Replays;
}

/** `POST /api/replays` with `dry_run`: what it would say. */
export interface DryRunAnswer extends ReplayCount {
  readonly dry_run: true;
}

/**
 * What changes something: every call is the operator's, says who decides, and does a bounded part; who has more to do calls again
 * with the answer's `next` and `up_to`. A call whose asker goes away stops.
 */
export function addOperatorRoutes(
  api: FastifyInstance,
  { office, replays }: Operator,
  { access, tenant: own }: { readonly access: Access; readonly tenant: string },
): void {
  api.addHook("onRequest", async (request) => access.requireOperator(request));

  api.post("/dead-letters/redrive", (request, reply): Promise<DecisionAnswer> => {
    const { by: said, rate, tenant: tenant_id = own, ...choice } = readBody(redriveBody, request.body);
    const by = access.deciderOf(request, said);
    return office.redrive(choiceIn(choice), { tenant_id, by, rate, signal: untilGone(reply) });
  });

  api.post("/dead-letters/discard", (request): Promise<DecisionAnswer> => {
    const { by, tenant: tenant_id = own, ...choice } = readBody(discardBody, request.body);
    return office.discard(choiceIn(choice), { tenant_id, by: access.deciderOf(request, by) });
  });

  api.post<{ Params: { id: string } }>("/dead-letters/:id/resend", (request): Promise<DecisionAnswer> => {
    const { by: said, tenant: tenant_id = own, data_base64 } = readBody(resendBody, request.body);
    const by = access.deciderOf(request, said);
    return office.resend(request.params.id, Buffer.from(data_base64, "base64"), { tenant_id, by });
  });

  api.post("/replays", async (request): Promise<DryRunAnswer | ReplayRun> => {
    const {
      by,
      tenant: tenant_id = own,
      chain: correlation_id,
      dry_run,
      ...wanted
    } = readBody(replayBody, request.body);
    const decider = access.deciderOf(request, by);
    const selection = { tenant_id, correlation_id, ...wanted };
    return dry_run ? { dry_run, ...(await replays.count(selection)) } : replays.begin(selection, decider);
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
