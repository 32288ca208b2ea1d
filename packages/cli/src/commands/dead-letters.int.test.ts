import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  bytesOf,
  nudgeEvent,
  openCommandHouse,
  runCommand,
  type CommandHouse,
  type RunOptions,
} from "./commands.fixture.ts";

let house: CommandHouse;
beforeEach(async () => {
  house = await openCommandHouse();
});
afterEach(() => house.close());

const deadLetters = (line: string, options?: RunOptions) => house.run(["dead-letters", ...line.split(" ")], options);
const jsonIn = (out: string): readonly Record<string, unknown>[] =>
  out
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const stateOf = async (id: string): Promise<unknown> =>
  jsonIn((await deadLetters(`show ${id} --json`)).out)[0]?.["state"];

test("list shows the groups that have open ones, with --group their dead letters, with --json the same for machines", async () => {
  await house.die("a", bytesOf(nudgeEvent("a")));
  await house.die("b", bytesOf(nudgeEvent("b")));
  await house.die("x", Buffer.from("{"), { dead_letter_code: "invalid-json", dead_letter_reason: "is not JSON" });

  const [json, late] = jsonIn((await deadLetters("list --json")).out);
  expect([json?.["code"], json?.["open"], late?.["code"], late?.["open"]]).toEqual([
    "invalid-json",
    1,
    "handler-failed",
    2,
  ]);
  const { out } = await deadLetters("list");
  expect(out).toMatch(
    /2 open +dashboard +handler-failed +coach\.nudge\.v1\n +it broke \[event=…\]\n +group [0-9a-f]{12}, 2 in all/,
  );

  const group = await deadLetters(`list --group ${String(late?.["group_id"])}`);
  expect(group.out).toMatch(/^b {2}open .*\n.*\na {2}open /);
  expect(
    jsonIn((await deadLetters("list --letters --json --limit 2")).out).map((one) => one["dead_letter_id"]),
  ).toEqual(["x", "b"]);
  expect((await deadLetters("list --letters --limit 2")).out).toContain("There are more: --limit 4");
});

test("an empty house says so", async () => {
  expect((await deadLetters("list")).out).toBe("No dead letter is open.\n");
  expect((await deadLetters("list --state all")).out).toBe("No dead letter is here.\n");
  expect((await deadLetters("list --json")).out).toBe("");
});

test("show says why and what, and its commands work as they are printed", async () => {
  await house.die("a b'c", bytesOf(nudgeEvent("e1", "push-1")), {
    correlation_id: "push-1",
    dead_letter_failures: "5",
  });
  const { out } = await house.run(["dead-letters", "show", "a b'c"]);
  expect(out).toContain("why        handler-failed: it broke");
  expect(out).toMatch(/failures +5\n/);
  expect(out).toMatch(/chain +push-1\n/);
  expect(out).toContain(`  "title": "Test the cart",\n`);
  expect(out).toContain(
    String.raw`./contextpilot dead-letters redrive 'a b'\''c' --api ${house.api} --data ${house.data}`,
  );

  await house.run(["dead-letters", "redrive", "a b'c", "--by", "ada"]);
  const after = (await house.run(["dead-letters", "show", "a b'c"])).out;
  expect(after).toMatch(/redriven\n[^]*decided +redrive by ada at .*, sent as message 1\n/);
  expect(after).not.toContain("Send it again");
});

test("bytes that are no JSON are shown as numbers and letters, and raw bytes only where no terminal is", async () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  await house.die("x", bytes);
  expect((await deadLetters("show x")).out).toContain(
    "00000020  20 21 22 23 24 25 26 27 28 29 2a 2b 2c 2d 2e 2f   !\"#$%&'()*+,-./",
  );
  expect((await deadLetters("show x --raw")).out).toBe(Buffer.from(bytes).toString("latin1"));
  await expect(deadLetters("show x --raw", { isForPeople: true })).rejects.toThrow("> letter.json");
  await house.die("none", new Uint8Array());
  expect((await deadLetters("show none")).out).toContain("(no bytes)");
});

test("no message commands a terminal, wherever its text is shown", async () => {
  const evil = "\u001b[2J\u009b1m\u202e\r\u0007evil";
  const event = { ...nudgeEvent("e1"), metadata: { evil } };
  await house.die("a", bytesOf(event), { dead_letter_reason: evil, event_type: evil, dead_letter_consumer: evil });
  await house.die(evil, Buffer.from(`\u001b]0;${evil}`), { redriven_from: evil });

  const commands = /(?!\n)[\p{Cc}\p{Cf}]/u; // line ends are ours
  for (const args of ["list", "list --letters", "list --json", "list --letters --json", "show a", "show a --json"]) {
    const { out } = await deadLetters(args);
    expect(out).toContain("evil");
    expect(out).not.toMatch(commands);
  }
  const { out } = await house.run(["dead-letters", "show", evil]);
  expect(out).not.toMatch(commands);
  const refused = await house.run(["dead-letters", "redrive", evil, "--by", "ada"]);
  expect(refused.out + refused.err).not.toMatch(commands);
  // Escaped, it says the same.
  expect(jsonIn((await deadLetters("show a --json")).out)[0]?.["reason"]).toBe(evil);
});

test("redrive by group goes on over many calls until it is done, and not over others", async () => {
  for (const id of ["a", "b", "c", "d", "e"]) await house.die(id, bytesOf(nudgeEvent(id)));
  await house.die("x", Buffer.from("{"), { dead_letter_reason: "another" });
  const group = String(jsonIn((await deadLetters("list --json")).out)[1]?.["group_id"]);

  const { out, failed } = await deadLetters(`redrive --group ${group} --rate 20`);
  expect([out, failed]).toEqual(["Redriven 5 dead letters.\n", false]);
  expect(house.bus.messages.map(({ attributes }) => attributes["redriven_from"])).toEqual(["a", "b", "c", "d", "e"]);
  expect(await stateOf("x")).toBe("open");
});

test("redrive --all ends, though all that it sends fails again at once", async () => {
  const broken = await openCommandHouse({
    onPublish: async (messages) => {
      for (const { attributes } of messages) await broken.die(`${attributes["redriven_from"]}-again`, Buffer.from("{"));
    },
  });
  try {
    for (const id of ["a", "b", "c"]) await broken.die(id, Buffer.from("{"));
    const { out } = await broken.run(["dead-letters", "redrive", "--all", "--yes", "--rate", "2"]);
    expect(out).toBe("Redriven 3 dead letters.\n");
    expect((await broken.run(["dead-letters", "list"])).out).toContain("3 open");
    await broken.run(["dead-letters", "redrive", "a-again", "b-again", "c-again", "--rate", "20"]);
    expect(broken.bus.messages).toHaveLength(6);
  } finally {
    await broken.close();
  }
});

test("--all asks first; without a terminal it needs --yes", async () => {
  await house.die("a", bytesOf(nudgeEvent("a")));
  await expect(deadLetters("redrive --all")).rejects.toThrow("needs --yes");
  await expect(deadLetters("discard --all", { answer: false })).rejects.toThrow("nothing was done");
  expect(await stateOf("a")).toBe("open");

  expect((await deadLetters("redrive --all --yes")).out).toBe("Redriven 1 dead letter.\n");
  await house.die("b", bytesOf(nudgeEvent("b")));
  expect((await deadLetters("discard --all", { answer: true })).out).toBe("Discarded 1 dead letter.\n");
  expect([await stateOf("a"), await stateOf("b")]).toEqual(["redriven", "discarded"]);
});

test("what is refused is told with its reason, and the command fails", async () => {
  await house.die("a", bytesOf(nudgeEvent("a")));
  await house.die("push", Buffer.from("{"), { dead_letter_code: "invalid-push" });
  expect(await deadLetters("redrive a push none")).toEqual({
    out: "Redriven 1 dead letter.\n",
    err: expect.stringMatching(
      /push stays as it was: its push request .*\nnone stays as it was: no such dead letter\n/,
    ) as string,
    failed: true,
  });
  const json = await deadLetters("discard a --json");
  expect([json.failed, jsonIn(json.out)]).toEqual([
    true,
    [{ kind: "discard", done: 0, refused: [{ dead_letter_id: "a", problem: "it is redriven already" }] }],
  ]);
});

test("an edited file or standard input is resent, and only an event is", async () => {
  await house.die("a", Buffer.from("{"));
  await house.die("b", Buffer.from("{"));
  const folder = mkdtempSync(join(tmpdir(), "contextpilot-edited-"));
  const file = join(folder, "letter.json");
  writeFileSync(file, "{}");
  expect(await house.run(["dead-letters", "resend", "a", file])).toMatchObject({
    failed: true,
    err: expect.stringContaining("a stays as it was: event_id: ") as string,
  });
  writeFileSync(file, bytesOf(nudgeEvent("edited")));
  expect((await house.run(["dead-letters", "resend", "a", file])).out).toBe("Resent 1 dead letter.\n");
  await deadLetters("resend b -", { input: bytesOf(nudgeEvent("typed")) });
  expect(house.bus.events.map(({ event_id }) => event_id)).toEqual(["edited", "typed"]);
  rmSync(folder, { recursive: true });
  await expect(house.run(["dead-letters", "resend", "b", file])).rejects.toThrow(/cannot be read: ENOENT/);
});

test("who decided is recorded: the machine's user, or the name given", async () => {
  await house.die("a", bytesOf(nudgeEvent("a")));
  await deadLetters("discard a");
  await deadLetters("redrive a --by ada");
  const decisions = await house.readModel.decisionsAbout("default", "a");
  expect(decisions[0]?.by).not.toBe("");
  expect(decisions[1]?.by).toBe("ada");
});

test.each(["redrive", "redrive a --all", "discard --group g a"])(
  "%s is refused: one choice at a time",
  async (line) => {
    await expect(deadLetters(line)).rejects.toThrow("name the dead letters by their ids, or --group <id>, or --all");
  },
);

test.each([
  ["show none", /no such dead letter/],
  ["redrive a --rate 0", /a rate is a number/],
  ["list --state closed", /Allowed choices are/],
  ["list --limit 0", /whole number/],
])("%s says what is wrong", async (line, words) => {
  await expect(deadLetters(line)).rejects.toThrow(words);
});

const list = (api: string, data: string, line = "list") =>
  runCommand(["dead-letters", ...line.split(" "), "--api", api, "--data", data]);

test("a house that is not there, another program, another house and a missing token are told apart", async () => {
  const stranger = createServer((_request, response) => response.end("hello")).listen(0, "127.0.0.1");
  await once(stranger, "listening");
  const { port } = stranger.address() as { port: number };
  const other = await openCommandHouse();
  try {
    await expect(list("http://127.0.0.1:1", house.data)).rejects.toThrow(/127\.0\.0\.1:1.*\.\/contextpilot up/);
    await expect(list(`http://127.0.0.1:${port}`, house.data)).rejects.toThrow("not ContextPilot's web API");
    await expect(list(house.api, other.data, "discard a")).rejects.toThrow(/not the one that keeps its things.*--data/);
    await expect(list(house.api, "/nowhere", "discard a")).rejects.toThrow(/no house has kept its API token.*--data/);
    await expect(list("nonsense", house.data)).rejects.toThrow("must be an address");
    // To look needs no token.
    expect((await list(house.api, "/nowhere")).failed).toBe(false);
  } finally {
    stranger.close();
    await other.close();
  }
});

test("another tenant's are there for who asks for them", async () => {
  await house.die("a", bytesOf(nudgeEvent("a")), { tenant_id: "acme" });
  expect((await deadLetters("list")).out).toBe("No dead letter is open.\n");
  expect((await deadLetters("list --tenant acme")).out).toContain("1 open");
  expect((await deadLetters("show a --tenant acme")).out).toContain("redrive a --api");
  expect((await deadLetters("discard a --tenant acme")).out).toBe("Discarded 1 dead letter.\n");
});
