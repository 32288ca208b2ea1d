import { createLogger } from "@contextpilot/agent-host";
import { gitPush } from "@contextpilot/events";
import { RecordingPublisher } from "@contextpilot/testing";
import * as fc from "fast-check";
import type { FastifyInstance, LightMyRequestResponse } from "fastify";
import { createWebhook, type Accepted } from "./app.ts";
import { sign } from "./signature.ts";

/** A failure names its seed and path: give them to fc.assert to see it again. */
const RUNS = { numRuns: 500 };
const SECRET = "a-secret-of-the-tests";
const [A, B] = ["a".repeat(40), "b".repeat(40)];
const update = { ref: "refs/heads/main", before: A, after: B };
const bodies = {
  "/webhooks/git": [
    { repository: "shop", ...update, forced: true, origin: "import" },
    { repository: "shop", updates: [update, { ...update, ref: "refs/tags/v1" }] },
  ],
  "/webhooks/github": [{ ...update, forced: false, repository: { full_name: "acme/shop", id: 7 }, commits: [{}] }],
} as const;

let bus: RecordingPublisher;
let app: FastifyInstance;
beforeEach(() => {
  bus = new RecordingPublisher();
  app = createWebhook({
    secret: SECRET,
    publisher: bus,
    logger: createLogger({ service: "webhook", level: "silent" }),
  });
});
afterEach(() => app.close());

const url = fc.constantFrom("/webhooks/git", "/webhooks/github");

function post(to: string, payload: Buffer, signature: string): Promise<LightMyRequestResponse> {
  const headers = { "content-type": "application/json", "x-github-event": "push", "x-hub-signature-256": signature };
  return app.inject({ method: "POST", url: to, payload, headers });
}

const INVALID: unknown = { code: "invalid-body", message: expect.any(String) };

/** Sends a signed body, and holds the answer to what is promised: taken and on the bus as pushes, or refused and said nothing. */
async function take(to: string, payload: Buffer): Promise<number> {
  const saidBefore = bus.messages.length;
  const started = process.cpuUsage();
  const response = await post(to, payload, sign(SECRET, payload));
  expect(process.cpuUsage(started).user).toBeLessThan(1_000_000); // µs

  const { statusCode } = response;
  expect([202, 400]).toContain(statusCode);
  // Reading them throws where what was said is no event.
  const said = bus.events.slice(saidBefore);
  // A bus that speaks UTF-8 would make another text of it, and the receiver find that attributes and body disagree.
  for (const { orderingKey = "", attributes } of bus.messages.slice(saidBefore)) {
    expect([orderingKey, ...Object.values(attributes)].every((value) => value.isWellFormed())).toBe(true);
  }
  const { accepted = [], error } = response.json<Partial<Accepted & Refused>>();
  expect(said.map(({ data }) => gitPush.read(data).ok)).toEqual(accepted.map(() => true));
  expect(error).toEqual(statusCode === 400 ? INVALID : undefined);
  return statusCode;
}
type Refused = { readonly error: { readonly code: string; readonly message: string } };

const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("\ud800", "\u0000", "x".repeat(257), "refs/heads/\udfff", "é".repeat(256), "refs/x".repeat(171)),
);
const anyValue: fc.Arbitrary<unknown> = fc.oneof(anyText, fc.jsonValue({ maxDepth: 3, stringUnit: "binary" }));
const names = ["repository", "full_name", "ref", "before", "after", "forced", "origin", "updates", "__proto__"];

/** A real body in which some members were given other values, at any depth, or damaged bytes. */
const mutated = url.chain((to) =>
  fc
    .record({
      body: fc.constantFrom(...bodies[to === "/webhooks/git" ? to : "/webhooks/github"]),
      values: fc.dictionary(fc.constantFrom(...names), anyValue, { maxKeys: 2 }),
      damage: fc.option(fc.record({ at: fc.nat(), remove: fc.nat(3), insert: fc.uint8Array({ maxLength: 4 }) })),
    })
    .map(({ body, values, damage }) => {
      const text = JSON.stringify(body, (key, value: unknown) => (Object.hasOwn(values, key) ? values[key] : value));
      const bytes = Buffer.from(text);
      if (damage === null) return { to, payload: bytes };
      const at = damage.at % (bytes.length + 1);
      return { to, payload: Buffer.concat([bytes.subarray(0, at), damage.insert, bytes.subarray(at + damage.remove)]) };
    }),
);

test("signed bytes of any kind are no push", async () => {
  await fc.assert(
    fc.asyncProperty(url, fc.uint8Array({ maxLength: 200 }), async (to, bytes) => {
      expect(await take(to, Buffer.from(bytes))).toBe(400);
    }),
    RUNS,
  );
});

test("a signed push with changed values or damaged bytes is said as a push, or refused with 400", async () => {
  const statuses = new Set<number>();
  await fc.assert(
    fc.asyncProperty(mutated, async ({ to, payload }) => {
      statuses.add(await take(to, payload));
    }),
    RUNS,
  );
  // Else the changes were all of one kind, and little was tried.
  expect([...statuses].toSorted((a, b) => a - b)).toEqual([202, 400]);
});

test("any JSON that is signed is answered", async () => {
  await fc.assert(
    fc.asyncProperty(url, fc.jsonValue({ stringUnit: "binary" }), async (to, value) => {
      await take(to, Buffer.from(JSON.stringify(value)));
    }),
    RUNS,
  );
});

test("a signature that was changed is never let in", async () => {
  const payload = Buffer.from(JSON.stringify(bodies["/webhooks/git"][0]));
  const right = sign(SECRET, payload);
  const place = fc.nat(right.length - 1);
  const letter = fc.constantFrom(...Array.from("0123456789abcdefABCDEFgG =, "));
  const changed = fc.oneof(
    fc.tuple(place, letter).map(([at, other]) => right.slice(0, at) + other + right.slice(at + 1)),
    place.map((at) => right.slice(0, at)),
    fc.tuple(place, letter).map(([at, more]) => right.slice(0, at) + more + right.slice(at)),
    fc.string({ unit: "grapheme-ascii" }),
  );
  await fc.assert(
    // A header's value loses the blanks around it, and the digest is hex in either case.
    fc.asyncProperty(
      changed.filter((signature) => signature.trim().toLowerCase() !== right),
      async (signature) => {
        expect((await post("/webhooks/git", payload, signature)).statusCode).toBe(401);
      },
    ),
    RUNS,
  );
  expect(bus.messages).toEqual([]);
});

test("a body that was changed is never let in by the signature of another", async () => {
  const signature = sign(SECRET, Buffer.from(JSON.stringify(bodies["/webhooks/git"][0])));
  const signed = JSON.stringify(bodies["/webhooks/git"][0]);
  await fc.assert(
    fc.asyncProperty(mutated, async ({ to, payload }) => {
      fc.pre(payload.toString("latin1") !== signed);
      expect((await post(to, payload, signature)).statusCode).toBe(401);
    }),
    RUNS,
  );
  expect(bus.messages).toEqual([]);
});
