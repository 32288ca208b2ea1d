import { ok, wrong } from "../doctor/finding.ts";
import { reasonOf, unchecked, type Check } from "./check.ts";

const CHECK = "signatures";
const ANSWER_WITHIN_MS = 10_000;

/** GitHub's ping, which asks for nothing: where somebody takes it, nothing comes of it. */
const BODY = "{}";
const HEADERS = { "content-type": "application/json", "x-github-event": "ping" } as const;
/** In the form of a signature, and of no secret. */
const FORGED = { "x-hub-signature-256": `sha256=${"0".repeat(64)}` } as const;

/** Whether the webhook at the address refuses what nobody signed, and what another than its secret has signed. */
export async function examineWebhook(url: string | undefined): Promise<Check> {
  if (url === undefined) return unchecked(CHECK, "not checked: --webhook says where the webhook is");
  const unsigned = await problemOf(url, "no signature", {});
  const problem = unsigned ?? (await problemOf(url, "a forged signature", FORGED));
  return problem ?? ok(CHECK, "the webhook refuses what is not signed, and what is signed by another");
}

async function problemOf(
  url: string,
  what: string,
  signature: Readonly<Record<string, string>>,
): Promise<Check | undefined> {
  try {
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    const headers = { ...HEADERS, ...signature };
    const { status } = await fetch(url, { method: "POST", headers, body: BODY, redirect: "manual", signal });
    return status === 401 ? undefined : wrong(CHECK, `${url} answers ${status} to ${what}, not 401`, mendOf(status));
  } catch (error) {
    return wrong(CHECK, `${url} does not answer: ${reasonOf(error)}`, mendOf(0));
  }
}

function mendOf(status: number): string {
  if (status >= 200 && status < 300)
    return "close it at once, for anyone can say pushes: gcloud run services remove-iam-policy-binding webhook --member=allUsers --role=roles/run.invoker";
  if (status === 403)
    return "nobody may call it, GitHub neither: make tf-apply-<environment> opens it, where the organization lets allUsers";
  return "check the address (the output webhook_url), and the webhook's log";
}
