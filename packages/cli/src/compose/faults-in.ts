import type { Environment } from "@contextpilot/agent-host";
import type { ComposeSettings } from "./compose-settings.ts";

/** As short as the processes take a secret. */
const MIN_SECRET_LENGTH = 16;
/** What compose and docker read themselves. */
const OF_COMPOSE = /^(?:COMPOSE|DOCKER)_/;

export interface ComposeEnvironment {
  /** What .env says. */
  readonly file: Environment;
  /** What weighs more: this process's. */
  readonly process: Environment;
}

/** What a variable of docker-compose.yml will be; undefined where it is not set, or empty. */
export const settingOf = (name: string, { file, process }: ComposeEnvironment): string | undefined =>
  (process[name] ?? file[name]) || undefined;

/** What is wrong with what docker-compose.yml is told, a sentence each, with the remedy; empty where nothing is. */
export function faultsIn(environment: ComposeEnvironment, settings: ComposeSettings): string[] {
  return [
    ...unknownNames(environment, settings),
    ...[...settings.required].flatMap((name) => secretFault(name, settingOf(name, environment))),
    ...portFaults(environment, settings),
  ];
}

function unknownNames({ file }: ComposeEnvironment, { variables }: ComposeSettings): string[] {
  return Object.keys(file)
    .filter((name) => !variables.has(name) && !OF_COMPOSE.test(name))
    .map((name) => `${name} is none of its variables, which are ${[...variables].sort().join(", ")}`);
}

function secretFault(name: string, value = ""): string[] {
  if (value.length >= MIN_SECRET_LENGTH) return [];
  const what = value === "" ? "is not set" : "is too short";
  return [`${name} ${what}: set it to a random text of ${MIN_SECRET_LENGTH} characters or more (openssl rand -hex 32)`];
}

function portFaults(environment: ComposeEnvironment, { ports }: ComposeSettings): string[] {
  const given = ports.map(({ variable, usual }) => [variable, settingOf(variable, environment) ?? usual] as const);
  return given.flatMap(([variable, port], place) => {
    if (!/^\d+$/.test(port) || Number(port) < 1 || Number(port) > 65_535)
      return [`${variable} is ${port}: set it to a port, 1 to 65535`];
    const other = given.slice(0, place).find(([, taken]) => taken === port);
    return other === undefined ? [] : [`${variable} and ${other[0]} are both ${port}: give them a port each`];
  });
}
