import { gzipSync } from "node:zlib";
import type { Attributes } from "@contextpilot/events";
import type { ErrorCode, SkipReason } from "@contextpilot/messaging";

/** A message that nobody should have sent, and how it ends: handled, set aside for that reason, or a dead letter with that code. */
export interface BadMessage {
  readonly name: string;
  readonly data: Uint8Array;
  readonly attributes: Attributes;
  readonly ends: "handled" | SkipReason | ErrorCode;
  /** Pub/Sub, and our broker, refuse to take it at all. */
  readonly noBusTakesIt: boolean;
}

/** A git.commit.v1 as it should be, and its attributes. Each has an id of its own. */
export function goodCommit(): Pick<BadMessage, "data" | "attributes"> {
  return { data: Buffer.from(JSON.stringify(commit())), attributes: { event_type: "git.commit.v1" } };
}

/**
 * What an agent that handles git.commit.v1 must end well with, whichever way it comes: one row, one end. No two rows are the same
 * event, so that none is a duplicate.
 */
export function badMessages(): readonly BadMessage[] {
  return [
    ...unreadable(),
    ...numbers(),
    ...texts(),
    ...keys(),
    ...wrongFields(),
    ...wrongData(),
    ...wrongAttributes(),
    ...notForThisAgent(),
  ];
}

type Row = readonly [name: string, body: string | Uint8Array | object, attributes?: Attributes];

let commits = 0;
const commit = (fields: object = {}, data: object = {}): Record<string, unknown> => ({
  event_id: `commit-${++commits}`,
  event_type: "git.commit.v1",
  timestamp: "2026-11-21T08:30:00Z",
  source: "git-agent",
  ...fields,
  data: { branch: "main", commit_hash: "abc", message: "fix: it", files_changed: ["a.ts"], ...data },
});

/** A commit as text, with a piece of JSON that no object could hold in the place of `"?"`. */
const withPiece = (piece: string, fields: object = {}, data: object = {}): string =>
  JSON.stringify(commit(fields, data)).replace('"?"', () => piece);

const rows = (ends: BadMessage["ends"], list: readonly Row[]): readonly BadMessage[] =>
  list.map(([name, body, attributes = {}]) => ({ name, data: bytesOf(body), attributes, ends, noBusTakesIt: false }));

function bytesOf(body: string | Uint8Array | object): Uint8Array {
  if (body instanceof Uint8Array) return body;
  return Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
}

const nested = (levels: number, open: string, close: string): string => open.repeat(levels) + close.repeat(levels);
const utf8 = (text: string): Uint8Array => Buffer.from(text);
function unreadable(): readonly BadMessage[] {
  const whole = JSON.stringify(commit());
  return rows("invalid-json", [
    ["nothing at all", utf8(""), { event_type: "git.commit.v1" }],
    ["blanks", " \n\t"],
    ["no JSON", "hello"],
    ["half a commit", whole.slice(0, whole.length / 2)],
    ["two commits", whole + whole],
    ["100,000 nested arrays", nested(100_000, "[", "]")],
    ["100,000 nested objects", nested(100_000, '{"a":', "}")],
    ["100,000 nested arrays in the data", withPiece(nested(100_000, "[", "]"), {}, { extra: "?" })],
    ["65 levels in the metadata", withPiece(nested(65, "[", "]"), { metadata: { deep: "?" } })],
    ["100,000 arrays that do not end", "[".repeat(100_000)],
    ["a byte order mark", Buffer.concat([Buffer.of(0xef, 0xbb, 0xbf), utf8(whole)])],
    ["UTF-16", Buffer.from(`\uFEFF${whole}`, "utf16le")],
    ["gzip", gzipSync(whole)],
    ["zeros", new Uint8Array(1024)],
    ["a byte that is no UTF-8", Buffer.concat([utf8(whole.slice(0, -2)), Buffer.of(0xff), utf8("}")])],
    ["the bytes of a lone surrogate", Buffer.concat([utf8('{"a":"'), Buffer.of(0xed, 0xa0, 0x80), utf8('"}')])],
    ["a NUL as it is in a text", whole.replace("fix", "\u0000")],
    ["a NUL behind the commit", `${whole}\u0000`],
    ["the same key twice", whole.replace("{", '{"event_type":"git.push.v1",')],
    ["the same key twice, spelt otherwise", whole.replace("{", String.raw`{"event\u005fid":"other",`)],
  ]);
}

const numbers = (): readonly BadMessage[] => [
  ...rows("invalid-json", [
    ["1e400 in the data", withPiece("1e400", {}, { lines_added: "?" })],
    ["-1e400 where nobody looks", withPiece("-1e400", { metadata: { score: "?" } })],
    ["a whole number of 1,000 digits", withPiece("9".repeat(1000), {}, { extra: "?" })],
    ["9007199254740993 in the data", withPiece("9007199254740993", {}, { extra: "?" })],
    ["1e400 hops", withPiece("1e400", { hops: "?" })],
    ["NaN", withPiece("NaN", {}, { lines_added: "?" })],
    ["a number in hex", withPiece("0x10", {}, { lines_added: "?" })],
  ]),
  ...rows("handled", [
    ["the largest double", withPiece("1.7976931348623157e308", {}, { extra: "?" })],
    ["2^53 and 2^60 as JavaScript writes them", commit({}, { extra: [2 ** 53, 2 ** 60] })],
    ["a number too small for a double", withPiece("1e-400", {}, { extra: "?" })],
    ["zero below zero", withPiece("-0", { hops: "?" })],
  ]),
];

const texts = (): readonly BadMessage[] => [
  ...rows("handled", [
    ["a lone surrogate in a text", commit({}, { message: "\ud800", branch: "\udfff" })],
    ["a lone surrogate as a key", commit({}, { "\ud800": 1 })],
    ["NUL in texts", commit({}, { message: "a\u0000b", branch: "\u0000" })],
    ["NUL in an id", commit({ event_id: "nul-\u0000-in-an-id", tenant_id: "\u0000", user_id: "a\u0000b" })],
    ["lines and colours for a terminal", commit({ event_id: "\u001b[2J\r\n\u2028\u0007" }, { message: "\u001b[31m" })],
    ["a tenant that would leave its place", commit({ tenant_id: "../../other", correlation_id: "a/b" })],
    ["a text of 1 MB", commit({}, { message: "語".repeat(350_000) })],
  ]),
  ...rows(
    "invalid-envelope",
    ["event_id", "tenant_id", "correlation_id", "source", "user_id", "trace_id"].map((field) => [
      `a lone surrogate as ${field}`,
      commit({ [field]: "\ud800" }),
    ]),
  ),
];

const ofPrototype = { event_id: 5, correlation_id: 5, hops: -1, proposal_id: 5, admin: true };
const keys = (): readonly BadMessage[] =>
  rows("handled", [
    ["__proto__ in the envelope", withPiece(JSON.stringify(ofPrototype), { p: "?" }).replace('"p":', '"__proto__":')],
    ["__proto__ in the data", withPiece(JSON.stringify(ofPrototype), {}, { p: "?" }).replace('"p":', '"__proto__":')],
    ["__proto__ in the metadata", withPiece('{"__proto__":{"admin":true}}', { metadata: "?" })],
    [
      "constructor and toString",
      commit({ constructor: { prototype: { admin: true } } }, { toString: 1, hasOwnProperty: 2 }),
    ],
    ["a key of 100 KB", commit({}, { ["k".repeat(100_000)]: 1 })],
    ["10,000 keys", commit({}, Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`k${at}`, at])))],
  ]);

const wrongFields = (): readonly BadMessage[] => [
  ...rows("invalid-envelope", [
    ["null", "null"],
    ["a number", "7"],
    ["a list", JSON.stringify([commit()])],
    ["an empty object", "{}"],
    ["an event_id of 10 KB", commit({ event_id: "x".repeat(10_240) })],
    ["an empty event_id", commit({ event_id: "" })],
    ["an event_id that is a number", commit({ event_id: 7 })],
    ["an event_type of one word", commit({ event_type: "commit" })],
    ["an event_type in capitals", commit({ event_type: "Git.Commit.v1" })],
    ["an event_type of 10 KB", commit({ event_type: `git.${"x".repeat(10_240)}.v1` })],
    ["the year 99999", commit({ timestamp: "99999-01-01T00:00:00Z" })],
    ["the year +099999", commit({ timestamp: "+099999-01-01T00:00:00Z" })],
    ["February 30th", commit({ timestamp: "2026-02-30T00:00:00Z" })],
    ["a time in Berlin", commit({ timestamp: "2026-11-21T08:30:00+01:00" })],
    ["a time in seconds", commit({ timestamp: 1_795_000_000 })],
    ["-1 hops", commit({ hops: -1 })],
    ["half a hop", commit({ hops: 0.5 })],
    ["hops that are a text", commit({ hops: "1" })],
    ["a ttl that is a text", commit({ ttl_seconds: "60" })],
    ["a ttl below zero", commit({ ttl_seconds: -1 })],
    ["a ttl that is null", commit({ ttl_seconds: null })],
    ["max_retries below zero", commit({ max_retries: -1 })],
    ["a priority that is none", commit({ priority: "urgent" })],
    ["metadata that is a list", commit({ metadata: [] })],
    ["data that is a list", { ...commit(), data: [] }],
    ["data that is null", { ...commit(), data: null }],
    ["no data", { ...commit(), data: undefined }],
    ["a data_ref that leaves its place", { ...commit(), data_ref: { hash: "../../etc/passwd", bytes: 1 } }],
  ]),
  ...rows("too-many-hops", [
    ["11 hops", commit({ hops: 11 })],
    ["9,007,199,254,740,991 hops", commit({ hops: Number.MAX_SAFE_INTEGER })],
  ]),
  ...rows("handled", [
    ["the year 9999, and a ttl past it", commit({ timestamp: "9999-12-31T23:59:59Z", ttl_seconds: 1e300 })],
    ["fields that nobody knows", commit({ version: "7", $schema: [], "": null })],
  ]),
];

const wrongData = (): readonly BadMessage[] =>
  rows("invalid-data", [
    ["files that are a number", commit({}, { files_changed: 7 })],
    ["a file that is null", commit({}, { files_changed: [null] })],
    ["lines below zero", commit({}, { lines_added: -1 })],
    ["no commit hash", commit({}, { commit_hash: undefined })],
    ["1,001 changes", commit({}, { changes: Array.from({ length: 1001 }, () => ({})) })],
  ]);

const many = (count: number): Attributes =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`own_${at}`, "x"]));

const wrongAttributes = (): readonly BadMessage[] => [
  ...rows("attribute-mismatch", [
    ["an event_id that disagrees", commit(), { event_id: "another" }],
    ["a tenant that disagrees", commit(), { tenant_id: "another" }],
    ["an event_type that disagrees", commit(), { event_type: "git.push.v1" }],
    ["hops that disagree", commit({ hops: 1 }), { hops: "01" }],
    ["an idempotency_key that disagrees", commit(), { idempotency_key: "git.commit.v1:default:another" }],
    ["an empty source", commit(), { source: "" }],
  ]),
  ...rows("handled", [["an attribute named __proto__", commit(), { constructor: "x", ["__proto__"]: "y" }]]),
  ...[
    ...rows("handled", [
      ["101 attributes", commit(), { event_type: "git.commit.v1", ...many(100) }],
      ["10,000 attributes", commit(), many(10_000)],
      ["an attribute of 100 KB", commit(), { baggage: "x".repeat(100_000) }],
      ["an attribute's name of 10 KB", commit(), { ["n".repeat(10_240)]: "x" }],
      ["an attribute without a name", commit(), { "": "x" }],
      ["an attribute that is no valid Unicode", commit(), { half: "\ud800" }],
      ["an attribute's name that is no valid Unicode", commit(), { "\ud800": "x" }],
    ]),
    ...rows("attribute-mismatch", [
      ["an event_id of 100 KB that disagrees", commit(), { event_id: "x".repeat(100_000) }],
    ]),
    ...rows("invalid-json", [
      ["101 attributes and no JSON", "{", many(101)],
      ["attributes that no bus takes and no JSON", "{", { "": "x", long: "x".repeat(100_000), half: "\ud800" }],
      ["neither bytes nor attributes", "", {}],
    ]),
  ].map((message) => ({ ...message, noBusTakesIt: true })),
];

const notForThisAgent = (): readonly BadMessage[] => [
  ...rows("another-family", [
    ["a family that nobody knows", commit({ event_type: "nobody.knows.v1" })],
    ["a family of ours, for others", commit({ event_type: "coach.nudge.v1" })],
    ["a family named like a method", commit({ event_type: "constructor.prototype.v1" })],
  ]),
  ...rows("unknown-version", [["version 9999", commit({ event_type: "git.commit.v9999" })]]),
  ...rows("expired", [["a ttl of almost nothing", commit({ ttl_seconds: 5e-324 })]]),
  ...rows("addressed-to-another", [["redriven to another", commit(), { redrive_to: "coach-agent" }]]),
];
