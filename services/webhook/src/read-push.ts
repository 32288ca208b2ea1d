import { gitPush, type DataOf } from "@contextpilot/events";
import { MessageError, parseStrictJson } from "@contextpilot/messaging";
import * as z from "zod";
import { Refusal } from "./refusal.ts";

/** One ref that a push moved. */
export type Push = DataOf<"git.push.v1">;

/** A push to many refs at once is one request of the hook; a mirror's first push has more and is sent in several. */
export const MAX_UPDATES = 100;

const refUpdate = {
  ref: z.string().startsWith("refs/", "must be a full ref name, as refs/heads/main"),
  before: z.string(),
  after: z.string(),
  forced: z.boolean().default(false),
};
/** Whoever reads an older history in says so, and nobody is nudged by it. */
const onePush = z.strictObject({ repository: z.string(), origin: z.literal("import").optional(), ...refUpdate });
const severalUpdates = z.strictObject({
  repository: z.string(),
  updates: z.array(z.strictObject(refUpdate)).min(1).max(MAX_UPDATES),
});
const githubPush = z.object({ repository: z.object({ full_name: z.string() }), ...refUpdate });

/**
 * Reads the body of `POST /webhooks/git`: `{ repository, ref, before, after, forced?, origin? }`, or `{ repository, updates: [{ ref,
 * before, after, forced? }, …] }` for a push of several refs, {@link MAX_UPDATES} at most. Throws a Refusal that says what is wrong and where.
 */
export function readGitPush(body: Uint8Array): readonly Push[] {
  const value = parse(body);
  if (typeof value === "object" && value !== null && "updates" in value) {
    const { repository, updates } = shaped(severalUpdates, value);
    return updates.map((update, index) => checked({ repository, ...update }, `updates.${index}.`));
  }
  const { origin, ...push } = shaped(onePush, value);
  return [checked({ ...push, ...(origin && { origin }) })];
}

/** Reads GitHub's push payload, of which four fields matter here. Throws a Refusal that says what is wrong and where. */
export function readGitHubPush(body: Uint8Array): Push {
  const { repository, ref, before, after, forced } = shaped(githubPush, parse(body));
  return checked({ repository: repository.full_name, ref, before, after, forced });
}

function parse(body: Uint8Array): unknown {
  try {
    return parseStrictJson(body);
  } catch (thrown) {
    const { message } = MessageError.from(thrown);
    throw new Refusal("invalid-body", `the body ${message}`, { cause: thrown });
  }
}

function shaped<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw invalid(issue?.path.join(".") ?? "", issue?.message ?? "is not valid");
}

/** The event's own rules for the values: lengths, full object names. */
function checked(data: Push, place = ""): Push {
  const read = gitPush.read(data);
  if (read.ok) return read.value;
  throw invalid(`${place}${read.path}`, read.problem);
}

function invalid(path: string, problem: string): Refusal {
  return new Refusal("invalid-body", `${path === "" ? "the body" : path}: ${problem}`);
}
