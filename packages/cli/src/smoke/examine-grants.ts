import type { ProjectSettings, PubsubProject } from "@contextpilot/pubsub";
import { resolveTopology } from "@contextpilot/topology";
import { ok, wrong } from "../doctor/finding.ts";
import { reasonOf, unchecked, type Check } from "./check.ts";

const CHECK = "dead letters";
/** Pub/Sub's own account in a project, by the project's number. */
const SERVICE_AGENT = /^serviceAccount:service-\d+@gcp-sa-pubsub\.iam\.gserviceaccount\.com$/;
const PUBLISHES: readonly string[] = ["roles/pubsub.publisher", "roles/pubsub.editor", "roles/pubsub.admin"];
const TAKES: readonly string[] = ["roles/pubsub.subscriber", "roles/pubsub.editor", "roles/pubsub.admin"];

/**
 * Whether Pub/Sub itself may put aside what nobody takes: publish on each dead-letter topic, and take from each subscription that
 * has one. Without either it forwards nothing, and says so nowhere.
 */
export async function examineGrants(
  { subscriptions }: ProjectSettings,
  project: Pick<PubsubProject, "grants">,
): Promise<readonly Check[]> {
  const ours = new Set(resolveTopology().topics.map(({ name }) => name));
  const forwarded = subscriptions.flatMap(({ name, deadLetter }) =>
    deadLetter && ours.has(deadLetter.topic) ? [{ name, topic: deadLetter.topic }] : [],
  );
  const topics = [...new Set(forwarded.map(({ topic }) => topic))];
  const asked = [
    ...topics.map((name) => ({ resource: "topic", name, roles: PUBLISHES }) as const),
    ...forwarded.map(({ name }) => ({ resource: "subscription", name, roles: TAKES }) as const),
  ];
  try {
    const answers = await Promise.all(asked.map(({ resource, name }) => project.grants(resource, name)));
    if (answers.includes(undefined)) return [unchecked(CHECK, "not checked: the emulator has no IAM")];
    const missing = asked.filter(({ roles }, place) => !isGranted(roles, answers[place]));
    if (missing.length === 0) {
      return [
        ok(CHECK, `Pub/Sub may publish on ${topics.length} topics and take from ${forwarded.length} subscriptions`),
      ];
    }
    return missing.map(({ resource, name, roles: [role = ""] }) =>
      wrong(
        CHECK,
        `Pub/Sub forwards nothing: its own account is not ${role} on the ${resource} ${name}`,
        "make tf-apply-<environment> grants it (infra/terraform/dead-letters.tf)",
      ),
    );
  } catch (error) {
    return [
      wrong(
        CHECK,
        `the grants cannot be read: ${reasonOf(error)}`,
        "whoever runs this needs roles/iam.securityReviewer on the project, or another role with pubsub.topics.getIamPolicy and pubsub.subscriptions.getIamPolicy",
      ),
    ];
  }
}

type Grants = Awaited<ReturnType<PubsubProject["grants"]>>;

const isGranted = (roles: readonly string[], grants: Grants = []): boolean =>
  grants.some(({ role, members }) => roles.includes(role) && members.some((member) => SERVICE_AGENT.test(member)));
