import type { DeadLetterAnswer, Decision } from "@contextpilot/dashboard";
import { CommandError } from "../command-error.ts";
import type { HouseApi } from "../house-api.ts";
import { plainJson, plainLine, plainLines, shellWord } from "../plain-text.ts";
import type { Terminal } from "../terminal.ts";

export interface ShowOptions {
  /** The message's bytes and nothing else. */
  readonly raw: boolean;
  readonly json: boolean;
  /** How the commands that are shown go on: `--data …` where it was given. */
  readonly sameHouse: string;
}

/** A message longer than this is not shown whole. */
const SHOWN_CHARACTERS = 64 * 1024;
const SHOWN_BYTES = 1024;

/** Shows one dead letter: why, where, its bytes, what was decided, and the commands that put it in order. */
export async function showDeadLetter(
  house: HouseApi,
  id: string,
  { raw, json, sameHouse }: ShowOptions,
  terminal: Terminal,
): Promise<void> {
  if (raw && terminal.isForPeople) {
    throw new CommandError(
      "--raw writes a stranger's bytes, which could command a terminal: send them to a file, > letter.json",
    );
  }
  const letter = await house.get<DeadLetterAnswer>(`/dead-letters/${encodeURIComponent(id)}`);
  const data = Buffer.from(letter.data_base64, "base64");
  if (raw) terminal.write(data);
  else if (json) terminal.print(plainJson(letter));
  else for (const line of linesOf(letter, data, sameHouse, terminal)) terminal.print(line);
}

function linesOf(letter: DeadLetterAnswer, data: Buffer, sameHouse: string, { colours }: Terminal): readonly string[] {
  const { dead_letter_id, state, consumer, subscription, arrivals, seen_at, last_seen_at } = letter;
  const about: readonly (readonly [string, string | undefined])[] = [
    ["consumer", subscription === undefined ? consumer : `${consumer}, which heard it on ${subscription}`],
    ["why", `${letter.code}: ${letter.reason}`],
    ["failures", letter.failures === undefined ? "its handler was not reached" : String(letter.failures)],
    ["event", [letter.event_type, letter.event_id].filter((part) => part !== undefined).join("  ") || undefined],
    ["chain", letter.correlation_id],
    ["group", letter.group_id],
    ["published", letter.publish_time],
    ["died", letter.dead_at],
    ["seen", arrivals === 1 ? seen_at : `${arrivals} times, from ${seen_at} to ${last_seen_at}`],
    ["failed as", originIn(letter.attributes)],
    ...letter.decisions.map((decision) => ["decided", inWords(decision)] as const),
    ["bytes", String(letter.bytes)],
  ];
  return [
    `${colours.bold(`Dead letter ${plainLine(dead_letter_id)}`)}  ${state}`,
    ...about.flatMap(([name, value]) =>
      value === undefined ? [] : [`  ${colours.dim(name.padEnd(10))} ${plainLine(value)}`],
    ),
    "",
    contentOf(data),
    "",
    ...commandsFor(letter, sameHouse),
  ];
}

/** A message that was sent by hand before, and failed again. */
function originIn({ redriven_from, resent_from }: DeadLetterAnswer["attributes"]): string | undefined {
  if (redriven_from !== undefined) return `the redrive of ${redriven_from}`;
  return resent_from === undefined ? undefined : `the edited ${resent_from}`;
}

function inWords({ kind, by, at, status, message_id, problem }: Decision): string {
  const end = {
    done: message_id === null ? "" : `, sent as message ${message_id}`,
    failed: `, failed: ${problem}`,
    pending: ", under way",
  };
  return `${kind} by ${by} at ${at}${end[status]}`;
}

/** JSON as people read it, other bytes as numbers and letters. */
function contentOf(data: Buffer): string {
  const text = asJson(data);
  if (text === undefined) return hexLines(data);
  if (text.length <= SHOWN_CHARACTERS) return plainLines(text);
  return `${plainLines(text.slice(0, SHOWN_CHARACTERS))}\n… and ${text.length - SHOWN_CHARACTERS} characters more: show --raw > letter.json has all`;
}

function asJson(data: Buffer): string | undefined {
  try {
    return plainJson(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(data)), 2);
  } catch {
    return undefined;
  }
}

function hexLines(data: Buffer): string {
  const lines: string[] = [];
  for (let at = 0; at < Math.min(data.length, SHOWN_BYTES); at += 16) {
    const part = data.subarray(at, at + 16);
    const numbers = Array.from(part, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const letters = part.toString("latin1").replaceAll(/[^\x20-\x7e]/g, ".");
    lines.push(`${at.toString(16).padStart(8, "0")}  ${numbers.padEnd(48)} ${letters}`);
  }
  if (data.length > SHOWN_BYTES)
    lines.push(`… and ${data.length - SHOWN_BYTES} bytes more: show --raw > letter.bin has all`);
  return lines.length === 0 ? "(no bytes)" : lines.join("\n");
}

function commandsFor({ dead_letter_id, state }: DeadLetterAnswer, sameHouse: string): readonly string[] {
  const id = shellWord(dead_letter_id);
  const command = (rest: string): string => `./contextpilot dead-letters ${rest}${sameHouse}`;
  if (state === "redriven" || state === "resent") return [];
  return [
    `Send it again as it is:  ${command(`redrive ${id}`)}`,
    `Send it again edited:    ${command(`show ${id} --raw`)} > letter.json`,
    `                         ${command(`resend ${id} letter.json`)}`,
    ...(state === "open" ? [`Lay it aside:            ${command(`discard ${id}`)}`] : []),
  ];
}
