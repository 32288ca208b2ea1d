import {
  PubsubProject,
  planChanges,
  planDeletion,
  wantedSettings,
  type Step,
  type WantedSettings,
} from "@contextpilot/pubsub";
import { resolveTopology } from "@contextpilot/topology";
import type { PubsubConfig } from "../../config.ts";
import { CommandError } from "../command-error.ts";
import { plainLine } from "../plain-text.ts";
import type { Terminal } from "../terminal.ts";
import { printCounts, printStep } from "./print-step.ts";

interface TopologyOptions extends PubsubConfig {
  readonly project: string;
  readonly json: boolean;
}

interface EndpointOptions extends TopologyOptions {
  readonly pushEndpoint?: string | undefined;
  readonly pulled?: readonly string[] | undefined;
}

export async function applyTopology(options: EndpointOptions, terminal: Terminal): Promise<void> {
  const wanted = wantedOf(options);
  await inProject(options, async (project) => {
    const steps = planChanges(wanted, await project.read());
    await take(project, steps, options, terminal);
    if (steps.some(({ kind }) => kind === "refuse")) terminal.fail();
  });
}

export async function checkTopology(options: EndpointOptions, terminal: Terminal): Promise<void> {
  const wanted = wantedOf(options);
  await inProject(options, async (project) => {
    const steps = planChanges(wanted, await project.read());
    for (const step of steps) printStep(step, "found", options, terminal);
    printCounts(steps, "found", options, terminal);
    if (steps.some(({ kind }) => kind !== "keep")) terminal.fail();
  });
}

export async function deleteTopology(
  options: TopologyOptions & { readonly yes: boolean },
  terminal: Terminal,
): Promise<void> {
  await inProject(options, async (project) => {
    const steps = planDeletion(wantedOf(options), await project.read());
    const count = steps.filter(({ kind }) => kind === "delete").length;
    if (count > 0 && !options.yes) {
      await askFirst(
        `Delete ${count} topics and subscriptions in ${placeOf(options)}, and all messages there?`,
        terminal,
      );
    }
    await take(project, steps, options, terminal);
    if (steps.some(({ kind }) => kind === "refuse")) terminal.fail();
  });
}

/** Each is printed when it is done: who reads on after a failure knows how far it got. */
async function take(
  project: PubsubProject,
  steps: readonly Step[],
  options: TopologyOptions,
  terminal: Terminal,
): Promise<void> {
  for (const step of steps) {
    await project.take(step).catch((cause: unknown) => {
      throw cannot(`${step.kind} the ${step.resource} ${step.name} in ${placeOf(options)}`, cause);
    });
    printStep(step, "done", options, terminal);
  }
  printCounts(steps, "done", options, terminal);
}

async function inProject(options: TopologyOptions, work: (project: PubsubProject) => Promise<void>): Promise<void> {
  const project = new PubsubProject({ projectId: options.project, emulatorHost: options.emulatorHost });
  try {
    await work(project);
  } catch (cause) {
    throw cause instanceof CommandError ? cause : cannot(`look at ${placeOf(options)}`, cause);
  } finally {
    await project.close().catch(() => undefined);
  }
}

function wantedOf({ pushEndpoint, pulled }: EndpointOptions): WantedSettings {
  try {
    return wantedSettings(resolveTopology(), pushEndpoint, pulled);
  } catch (cause) {
    throw cause instanceof TypeError ? new CommandError(plainLine(cause.message), { cause, exitCode: 2 }) : cause;
  }
}

const placeOf = ({ project, emulatorHost }: TopologyOptions): string =>
  emulatorHost === undefined ? `project ${project}` : `project ${project} of the emulator at ${emulatorHost}`;

function cannot(what: string, cause: unknown): CommandError {
  const reason = (cause as { message?: unknown } | undefined)?.message;
  return new CommandError(plainLine(`cannot ${what}: ${String(reason ?? cause)}`), { cause, exitCode: 2 });
}

async function askFirst(question: string, terminal: Terminal): Promise<void> {
  const answer = await terminal.confirm(question);
  if (answer === undefined) throw new CommandError("delete without a terminal to ask at needs --yes", { exitCode: 2 });
  if (!answer) throw new CommandError("nothing was done", { exitCode: 2 });
}
