import { writeSync } from "node:fs";
import { SqliteStore } from "./sqlite-store.ts";

// Commits records with a document each, eight at a time, and says the number of each that resolved, until it is killed.
const [file = "", from = "0"] = process.argv.slice(2);
const store = SqliteStore.open({ file });
let next = Number(from);

async function commitOn(_: unknown, worker: number): Promise<never> {
  for (;;) {
    const number = next;
    next += 1;
    const [total] = await store.read([`total${worker}`]);
    const count = typeof total?.value === "number" ? total.value : 0;
    await store.commit({
      create: { key: `record${number}`, value: number },
      documents: [
        { key: `left${number}`, expected: undefined, change: { kind: "set", value: number } },
        { key: `total${worker}`, expected: total?.version, change: { kind: "set", value: count + 1 } },
        { key: `right${number}`, expected: undefined, change: { kind: "set", value: number } },
      ],
    });
    writeSync(1, `${number}\n`);
  }
}

await Promise.all(Array.from({ length: 8 }, commitOn));
