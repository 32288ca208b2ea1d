import type { ProjectSettings, SubscriptionSettings } from "@contextpilot/pubsub";
import { resolveTopology } from "@contextpilot/topology";
import { ok, wrong } from "../doctor/finding.ts";
import type { Check } from "./check.ts";

const CHECK = "pushes";
const MEND = "give it back what Terraform gave it: make tf-apply-<environment>";

/**
 * Whether every subscription is pushed somewhere, with the token of a service account for an audience. A service that is pushed
 * nothing at all is taken to pull.
 */
export function examinePushes({ subscriptions }: ProjectSettings): readonly Check[] {
  const found = new Map(subscriptions.map((each) => [each.name, each]));
  const services = Map.groupBy(resolveTopology().subscriptions, ({ service }) => service);
  const heard = [...services.values()].map((each) => each.flatMap(({ name }) => found.get(name) ?? []));
  const pushed = heard.filter((each) => each.some(isPushed)).flat();
  const pulled = heard.flat().length - pushed.length;
  if (pushed.length === 0) return [wrong(CHECK, "no subscription is pushed to anybody", MEND)];
  const problems = pushed.flatMap((each) => problemOf(each) ?? []);
  if (problems.length > 0) return problems.map((what) => wrong(CHECK, what, MEND));
  const others = pulled === 0 ? "" : `; ${pulled} are pulled`;
  return [ok(CHECK, `${pushed.length} subscriptions are pushed, each with an identity and an audience${others}`)];
}

const isPushed = ({ pushEndpoint }: SubscriptionSettings): boolean => pushEndpoint !== "";

function problemOf(subscription: SubscriptionSettings): string | undefined {
  const { name, pushIdentity } = subscription;
  if (!isPushed(subscription)) return `${name} is paused: it is pushed nowhere`;
  if (pushIdentity === undefined) return `${name} is pushed without an identity, which its agent refuses`;
  if (pushIdentity.audience === "") return `${name} is pushed with a token that names no audience`;
  return undefined;
}
