import { userInfo } from "node:os";
import { fileURLToPath } from "node:url";
import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { shellWord } from "./plain-text.ts";

/** Where a house keeps everything unless it is told otherwise. */
export const DEFAULT_DATA = fileURLToPath(new URL("../../../../.contextpilot", import.meta.url));
export const DEFAULT_API = "http://127.0.0.1:4701";

export const dataOption = () =>
  new Option("--data <folder>", "where the house keeps everything").default(
    DEFAULT_DATA,
    ".contextpilot in the project",
  );

export const apiOption = () =>
  new Option(
    "--api <url>",
    `where the house's web API listens (default: where the house in the data folder says, else ${DEFAULT_API})`,
  ).argParser((text: string) => {
    if (/^https?:$/.test(URL.parse(text)?.protocol ?? "")) return text;
    throw new InvalidArgumentError(`it must be an address, as ${DEFAULT_API}.`);
  });

export const tenantOption = () => new Option("--tenant <id>", "another tenant's than the one that the house shows");
export const jsonOption = () => new Option("--json", "for machines: one JSON object a line").default(false);
export const yesOption = () => new Option("--yes", "without asking").default(false);
export const byOption = () =>
  new Option("--by <name>", "who decides, as it is recorded").default(whoRuns(), "the user of this machine");

export const rateOption = (perSecond: number) =>
  new Option("--rate <number>", "messages a second")
    .argParser((text: string) => {
      const value = Number(text);
      if (value >= 0.1 && value <= 10_000) return value;
      throw new InvalidArgumentError("a rate is a number from 0.1 to 10000 messages a second.");
    })
    .default(perSecond);

export const portOption = <Flag extends string>(flag: Flag, what: string, usual: number) =>
  new Option(`${flag} <port>` as const, what)
    .argParser((text: string) => {
      const value = Number(text);
      if (/^\d+$/.test(text) && value <= 65_535) return value;
      throw new InvalidArgumentError("a port is a number from 0 to 65535; 0 takes any free one.");
    })
    .default(usual);

export const limitOption = (most: number) =>
  new Option("--limit <number>", "how many at most")
    .argParser((text: string) => {
      if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
      throw new InvalidArgumentError("it must be a whole number from 1.");
    })
    .default(most);

/** What a further command needs to reach the same house. */
export function sameHouse({ api, data, tenant }: { api?: string; data: string; tenant?: string }): string {
  const given = [
    ["--api", api],
    ["--data", data === DEFAULT_DATA ? undefined : data],
    ["--tenant", tenant],
  ] as const;
  return given.flatMap(([flag, value]) => (value === undefined ? [] : [` ${flag} ${shellWord(value)}`])).join("");
}

/** A user without a name is one too: containers run under any number. */
function whoRuns(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? "unknown"}`;
  }
}
