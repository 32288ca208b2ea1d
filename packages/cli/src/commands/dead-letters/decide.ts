import { readFile } from "node:fs/promises";
import type { DecisionAnswer, Refusal } from "@contextpilot/dashboard";
import { CommandError } from "../command-error.ts";
import type { HouseApi } from "../house-api.ts";
import { plainJson, plainLine } from "../plain-text.ts";
import type { Terminal } from "../terminal.ts";
import { countOpen } from "./list.ts";

export interface DecideOptions {
  readonly group?: string | undefined;
  readonly all: boolean;
  readonly by: string;
  /** Of a redrive. */
  readonly rate?: number;
  readonly yes: boolean;
  readonly json: boolean;
}

type Kind = "redrive" | "discard" | "resend";
const PAST = { redrive: "redriven", discard: "discarded", resend: "resent" } as const;

/** What one call does at most: about a second's work, so that progress is seen and Ctrl-C is soon obeyed. */
const MOST_OF_A_CALL = 1000;

/** Redrives or discards: some by id, those of a group, or all; in as many calls as it takes. */
export async function decideOnDeadLetters(
  house: HouseApi,
  kind: "redrive" | "discard",
  ids: readonly string[],
  options: DecideOptions,
  terminal: Terminal,
): Promise<void> {
  const { group, all, by, rate, yes, json } = options;
  if ([ids.length > 0, group !== undefined, all].filter(Boolean).length !== 1) {
    throw new CommandError("name the dead letters by their ids, or --group <id>, or --all");
  }
  const total = ids.length > 0 ? ids.length : await countOpen(house, group);
  if (all && !yes) await askFirst(`${capital(kind)} all ${total} open dead letters?`, terminal);

  const limit = Math.min(MOST_OF_A_CALL, Math.max(1, Math.round(rate ?? MOST_OF_A_CALL)));
  const choices =
    ids.length > 0 ? chunksOf(ids, limit).map((part) => ({ ids: part })) : [all ? { all, limit } : { group, limit }];
  const tally: Tally = { done: 0, refused: [] };
  for (const choice of choices) {
    let place: { cursor?: number; up_to?: number } | undefined = {};
    while (place !== undefined) {
      terminal.progress(`${PAST[kind]} ${tally.done} of ${total}`);
      const body = { by, ...choice, ...place, ...(rate === undefined ? {} : { rate }) };
      const answer: DecisionAnswer = await house.post<DecisionAnswer>(`/dead-letters/${kind}`, body);
      add(tally, answer, kind);
      place = answer.next === null ? undefined : { cursor: answer.next, up_to: answer.up_to ?? 0 };
    }
  }
  tell(kind, tally, json, terminal);
}

/** Sends a file's bytes (`-`: standard input) instead of a dead letter's own. */
export async function resendDeadLetter(
  house: HouseApi,
  id: string,
  file: string,
  { by, json }: Pick<DecideOptions, "by" | "json">,
  terminal: Terminal,
): Promise<void> {
  const data = file === "-" ? await terminal.read() : await readGiven(file);
  const body = { by, data_base64: Buffer.from(data).toString("base64") };
  const answer = await house.post<DecisionAnswer>(`/dead-letters/${encodeURIComponent(id)}/resend`, body);
  const tally: Tally = { done: 0, refused: [] };
  add(tally, answer, "resend");
  tell("resend", tally, json, terminal);
}

interface Tally {
  done: number;
  readonly refused: Refusal[];
}

function add(tally: Tally, { done, refused, stopped }: DecisionAnswer, kind: Kind): void {
  tally.done += done;
  tally.refused.push(...refused);
  if (stopped)
    throw new CommandError(`the house stopped on the way: ${tally.done} were ${PAST[kind]}, the rest is as it was`);
}

/** The sum; and each that was refused, with why. */
function tell(kind: Kind, { done, refused }: Tally, json: boolean, terminal: Terminal): void {
  if (json) terminal.print(plainJson({ kind, done, refused }));
  else terminal.print(`${capital(PAST[kind])} ${done} dead letter${done === 1 ? "" : "s"}.`);
  if (refused.length === 0) return;
  terminal.fail();
  if (json) return;
  for (const { dead_letter_id, problem } of refused) {
    terminal.note(`${plainLine(dead_letter_id)} stays as it was: ${plainLine(problem)}`);
  }
}

async function askFirst(question: string, terminal: Terminal): Promise<void> {
  const answer = await terminal.confirm(question);
  if (answer === undefined) throw new CommandError("--all without a terminal to ask at needs --yes");
  if (!answer) throw new CommandError("nothing was done");
}

async function readGiven(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new CommandError(`${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

function chunksOf<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
