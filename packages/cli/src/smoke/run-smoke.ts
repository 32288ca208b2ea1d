import { FirestoreReadModel } from "@contextpilot/dashboard";
import type { Envelope } from "@contextpilot/events";
import { FirestoreConnection } from "@contextpilot/firestore";
import { messageOf } from "@contextpilot/messaging";
import { PubsubProject, PubsubPublisher } from "@contextpilot/pubsub";
import type { GoogleCloudConfig } from "../config.ts";
import { ok, wrong } from "../doctor/finding.ts";
import { awaitNudge } from "./await-nudge.ts";
import { isWrong, reasonOf, unchecked, type Check } from "./check.ts";
import { examineGrants } from "./examine-grants.ts";
import { examinePushes } from "./examine-pushes.ts";
import { examineTopology } from "./examine-topology.ts";
import { commitOf, pushOf, type SmokePush } from "./first-event.ts";
import { examineWebhook } from "./examine-webhook.ts";
import { whereItStopped } from "./where-it-stopped.ts";

export interface SmokeOptions extends GoogleCloudConfig {
  readonly project: string;
  readonly tenant: string;
  /** Default: a commit is made up, and git-agent has no part. */
  readonly push: SmokePush | undefined;
  /** The webhook's address. Default: whether it wants signatures is not looked at. */
  readonly webhook: string | undefined;
  /** How long the nudge is waited for, in seconds. */
  readonly timeout: number;
  /** How long it may take, in seconds. Default: whatever it takes within the timeout. */
  readonly within: number | undefined;
}

export interface SmokeReport {
  readonly ok: boolean;
  readonly project: string;
  readonly tenant: string;
  readonly correlation_id: string;
  /** From before the first event was published to the nudge in the dashboard; null where none came. */
  readonly publish_to_nudge_ms: number | null;
  readonly checks: readonly Check[];
}

/** Looks at a project, sends one chain through it, and says how both went. Writes nothing but that chain. */
export async function runSmoke(options: SmokeOptions): Promise<SmokeReport> {
  const now = new Date();
  const first = options.push ? pushOf(options.push, options.tenant, now) : commitOf(options.tenant, now);
  const looks = [...(await examineProject(options)), await examineWebhook(options.webhook)];
  const { checks, ms } = await sendThrough(first, options);
  const all = [...looks, ...checks];
  return {
    ok: !all.some(isWrong),
    project: options.project,
    tenant: first.tenant_id,
    correlation_id: first.correlation_id,
    publish_to_nudge_ms: ms,
    checks: all,
  };
}

async function examineProject({ project: projectId, emulatorHost }: SmokeOptions): Promise<readonly Check[]> {
  const project = new PubsubProject({ projectId, emulatorHost });
  try {
    const actual = await project.read();
    const pushes =
      emulatorHost === undefined
        ? examinePushes(actual)
        : [unchecked("pushes", "not checked: the emulator pushes without identities")];
    return [...examineTopology(actual), ...pushes, ...(await examineGrants(actual, project))];
  } catch (error) {
    const mend =
      "check the project's id, and who asks: gcloud auth application-default login signs in; roles/pubsub.viewer is needed there";
    return [wrong("project", `Pub/Sub of ${projectId} cannot be looked at: ${reasonOf(error)}`, mend)];
  } finally {
    await project.close().catch(() => undefined);
  }
}

const CHAIN = "chain";

interface Sent {
  readonly checks: readonly Check[];
  readonly ms: number | null;
}

const failed = (check: Check): Sent => ({ checks: [check], ms: null });

async function sendThrough(first: Envelope, options: SmokeOptions): Promise<Sent> {
  const { project: projectId, emulatorHost, firestoreEmulatorHost, database, timeout, within } = options;
  const publisher = new PubsubPublisher({ projectId, emulatorHost });
  const firestore = new FirestoreConnection({ projectId, database, emulatorHost: firestoreEmulatorHost });
  try {
    const stopped = await reach(publisher, firestore, database);
    if (stopped !== undefined) return failed(stopped);
    const beganAt = performance.now();
    const refused = await publisher.publish([messageOf(first)]).then(() => undefined, cannotPublish);
    if (refused !== undefined) return failed(refused);
    const seen = await awaitNudge(new FirestoreReadModel(firestore), first, timeout * 1000);
    const ms = Math.round(performance.now() - beganAt);
    if (seen.nudge === undefined) return failed(whereItStopped(first, seen));
    return { checks: [ok(CHAIN, `${first.event_type} became a nudge`), inTime(ms, within)], ms };
  } catch (error) {
    return failed(cannotRead(error, database));
  } finally {
    await Promise.allSettled([publisher.close(), firestore.close()]);
  }
}

/** Ahead of the measuring: clients are loaded and connected. Undefined: all is well. */
async function reach(
  publisher: PubsubPublisher,
  firestore: FirestoreConnection,
  database: string | undefined,
): Promise<Check | undefined> {
  const unreachable = await publisher.ready().then(() => undefined, cannotPublish);
  return (
    unreachable ??
    firestore.ready().then(
      () => undefined,
      (error: unknown) => cannotRead(error, database),
    )
  );
}

const cannotPublish = (error: unknown): Check =>
  wrong(
    CHAIN,
    `its first event was not published: ${reasonOf(error)}`,
    "whoever runs this needs roles/pubsub.publisher on the topic git-events",
  );

const cannotRead = (error: unknown, database = "(default)"): Check =>
  wrong(
    CHAIN,
    `the dashboard's read model cannot be read: ${reasonOf(error)}`,
    `check that --database ${database} is the house's, and that whoever runs this has roles/datastore.viewer there`,
  );

function inTime(ms: number, within: number | undefined): Check {
  const took = `publish to nudge took ${(ms / 1000).toFixed(1)} s`;
  if (within === undefined) return ok("time", took);
  if (ms <= within * 1000) return ok("time", `${took}, at most ${within} s are allowed`);
  const mend =
    "run it once more: instances may have had to start; where it stays so, raise minInstances, or see which agent is slow";
  return wrong("time", `${took}, and at most ${within} s are allowed`, mend);
}
