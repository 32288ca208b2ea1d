import { planChanges, wantedSettings, type ProjectSettings, type Step } from "@contextpilot/pubsub";
import { resolveTopology } from "@contextpilot/topology";
import { inWords } from "../commands/topology/print-step.ts";
import { ok, wrong } from "../doctor/finding.ts";
import type { Check } from "./check.ts";

const MEND = "make it so: make tf-apply-<environment>; without Terraform ./contextpilot topology apply";

/**
 * Topics and subscriptions against the topology: filter, order, ack deadline, retry, dead letters, expiration. How long messages are
 * kept is an environment's own.
 */
export function examineTopology(actual: ProjectSettings): readonly Check[] {
  const steps = planChanges(wantedSettings(resolveTopology()), actual);
  return (["topic", "subscription"] as const).flatMap((resource): readonly Check[] => {
    const ours = steps.filter((step) => step.resource === resource);
    const problems = ours.flatMap((step) => problemOf(step) ?? []);
    return problems.length > 0 ? problems : [ok(`${resource}s`, `${ours.length} are as the topology has them`)];
  });
}

function problemOf(step: Step): Check | undefined {
  const check = `${step.resource}s`;
  if (step.kind === "create") return wrong(check, `${step.name} is missing`, MEND);
  if (step.kind !== "update" && step.kind !== "refuse") return undefined;
  const differences = step.differences.filter(({ field }) => field !== "retentionSeconds");
  if (differences.length === 0) return undefined;
  const what = `${step.name} is not as the topology has it: ${differences.map(inWords).join(", ")}`;
  return wrong(check, what, step.kind === "refuse" ? step.remedy : MEND);
}
