import * as z from "zod";

export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** How much is logged: one level for all, and others for single components, by the name that stands in their lines. */
export interface LogLevels {
  readonly all: LogLevel;
  readonly components: Readonly<Record<string, LogLevel>>;
}

/** Names of levels that other loggers have and ours has not. */
const ALIASES: Readonly<Record<string, string>> = { warning: "warn", critical: "fatal" };

const REMEDY = `set it to one of ${LOG_LEVELS.join(", ")}, with other levels for components as in info,coach-agent=debug`;

/** Reads `LOG_LEVEL`: `info`, or `info,coach-agent=debug,webhook=warn`. Without a level for all: `info`. */
export const logLevels = z.string().transform((text, { issues }): LogLevels => {
  const components: Record<string, LogLevel> = {};
  let all: LogLevel = "info";
  for (const part of text.split(",").map((each) => each.trim())) {
    const [, component, name = ""] = /^(?:([\w-]+)=)?(\w+)$/.exec(part) ?? [];
    const level = levelNamed(name);
    if (level === undefined) issues.push({ code: "custom", message: REMEDY, input: text });
    else if (component === undefined) all = level;
    else components[component] = level;
  }
  return { all, components };
});

function levelNamed(name: string): LogLevel | undefined {
  const given = name.toLowerCase();
  return LOG_LEVELS.find((level) => level === (ALIASES[given] ?? given));
}

export const levelOf = ({ all, components }: LogLevels, component: string): LogLevel => components[component] ?? all;
