import { Command, InvalidArgumentError, Option, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { objectName } from "@contextpilot/events";
import type { GoogleCloudConfig } from "../config.ts";
import type { SmokePush } from "../smoke/first-event.ts";
import { printReport } from "../smoke/print-report.ts";
import { runSmoke } from "../smoke/run-smoke.ts";
import { CommandError } from "./command-error.ts";
import type { Terminal } from "./terminal.ts";

const HELP = `
First it looks, and changes nothing: topics and subscriptions with filters and dead letters, the identities and audiences of pushes, Pub/Sub's own grants for
dead letters; with --webhook also whether that refuses a request without a signature, and one with a forged one. Then it publishes one git.commit.v1 that nobody made, in a tenant of its own, and waits until the coach's nudge about it stands in the dashboard's database.
With --repository, --before and --after it is a git.push.v1 instead: git-agent fetches those commits, one of which must be worth a nudge.
With PUBSUB_EMULATOR_HOST and FIRESTORE_EMULATOR_HOST set it is Google's emulators that are meant, else the real services.

Whoever runs it needs, in the project: roles/pubsub.viewer, roles/iam.securityReviewer, roles/datastore.viewer, and roles/pubsub.publisher on git-events.

Exit codes:
  0  all is well
  1  something is wrong: what, and what mends it, is said
  2  a wrong option

Examples:
  $ ./contextpilot smoke --project my-project --database contextpilot --within 10
  $ ./contextpilot smoke --project my-project --database contextpilot --repository acme/shop --before <commit> --after <commit> --json`;

const MOST_SECONDS = 600;

const seconds = (text: string): number => {
  const value = Number(text);
  if (value > 0 && value <= MOST_SECONDS) return value;
  throw new InvalidArgumentError(`it must be a number of seconds above 0, at most ${MOST_SECONDS}.`);
};

const commit = (text: string): string => {
  if (objectName.safeParse(text).success) return text;
  throw new InvalidArgumentError("it must be a commit's name in full, 40 or 64 hex digits: git rev-parse gives it.");
};

const tenant = (text: string): string => {
  if (/^[\w.-]{1,100}$/.test(text)) return text;
  throw new InvalidArgumentError("it must be 1 to 100 letters, digits, dots, dashes and underscores.");
};

const address = (text: string): string => {
  if (/^https?:$/.test(URL.parse(text)?.protocol ?? "")) return text;
  throw new InvalidArgumentError("it must be an http(s) address: terraform output -raw webhook_url gives it.");
};

/** `contextpilot smoke`: whether a deployed house is as it shall be, and brings a change to its nudge. */
export const smokeCommand = (terminal: Terminal, config: GoogleCloudConfig): CommandUnknownOpts =>
  new Command("smoke")
    .description("check a deployed house, and send one chain through it to its nudge; exits 1 when something is wrong")
    .addOption(
      new Option("--project <id>", "the Google Cloud project; on the emulators any name").makeOptionMandatory(),
    )
    .option("--database <id>", "the house's Firestore database (default: FIRESTORE_DATABASE, else (default))")
    .option("--repository <name>", "with --before and --after: a repository that git-agent may read")
    .option("--before <commit>", "where its branch stood; its name in full", commit)
    .option("--after <commit>", "where it stands now", commit)
    .addOption(
      new Option("--tenant <id>", "whose the chain is; of a push, the beginning of it")
        .argParser(tenant)
        .default("smoke"),
    )
    .option("--webhook <url>", "the webhook's address: whether it refuses what is not signed", address)
    .addOption(new Option("--timeout <seconds>", "how long the nudge is waited for").argParser(seconds).default(60))
    .option("--within <seconds>", "how long the nudge may take, else it is wrong (default: the timeout)", seconds)
    .option("--json", "for machines: one JSON object", false)
    // Exit code 1 would say that something is wrong with the house.
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
    .addHelpText("after", HELP)
    .action(async ({ json, repository, before, after, database = config.database, within, webhook, ...options }) => {
      refuseHalfEmulated(config);
      const push = pushIn({ repository, before, after });
      const report = await runSmoke({ ...config, ...options, database, within, webhook, push });
      printReport(report, { json, fetched: push !== undefined, knocked: webhook !== undefined }, terminal);
      if (!report.ok) terminal.fail();
    });

function pushIn({ repository, before, after }: { readonly [K in keyof SmokePush]: string | undefined }) {
  const isGiven = [repository, before, after].some((each) => each !== undefined);
  if (!isGiven) return undefined;
  if (repository && before && after) return { repository, before, after };
  throw new CommandError("--repository, --before and --after belong together: say all of them, or none", {
    exitCode: 2,
  });
}

/** The chain would be said in one place and looked for in another. */
function refuseHalfEmulated({ emulatorHost, firestoreEmulatorHost }: GoogleCloudConfig): void {
  if ((emulatorHost === undefined) === (firestoreEmulatorHost === undefined)) return;
  throw new CommandError(
    "one of PUBSUB_EMULATOR_HOST and FIRESTORE_EMULATOR_HOST is set: set both, or neither for the real services",
    { exitCode: 2 },
  );
}
