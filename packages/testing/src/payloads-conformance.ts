import { createHash } from "node:crypto";
import type { Payloads } from "@contextpilot/messaging";

export interface OpenedPayloads {
  readonly payloads: Payloads;
  /** Closes the payloads, or lets them go as a crash would, and opens what they left behind. */
  readonly reopen?: () => Promise<Payloads>;
  close(): Promise<void>;
}

/** Declares the tests that all Payloads pass. `open` gives empty ones each time; those that outlive their process have `reopen`. */
export function payloadsConformance(name: string, open: () => Promise<OpenedPayloads>): void {
  describe(`${name} keeps the promises of Payloads`, () => {
    let opened: OpenedPayloads;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());

    test("bytes come back under their SHA-256, whatever they are", async () => {
      const cases = [Buffer.from("{}"), Buffer.from([0, 255, 254, 0]), Buffer.alloc(3 * 1024 * 1024, "é")];
      for (const bytes of cases) {
        const hash = await opened.payloads.put(bytes);
        expect(hash).toBe(createHash("sha256").update(bytes).digest("hex"));
        expect(Buffer.from((await opened.payloads.get(hash)) ?? []).equals(bytes)).toBe(true);
      }
    });

    test("an unknown hash has no bytes", async () => {
      expect(await opened.payloads.get("0".repeat(64))).toBeUndefined();
    });

    test("the same bytes may be put by many at once", async () => {
      const bytes = Buffer.from("same");
      const hashes = await Promise.all(Array.from({ length: 20 }, () => opened.payloads.put(bytes)));
      expect(new Set(hashes).size).toBe(1);
    });

    test("what was put is there after opening again, where it outlives its process", async () => {
      const hash = await opened.payloads.put(Buffer.from("kept"));
      const payloads = (await opened.reopen?.()) ?? opened.payloads;
      expect(Buffer.from((await payloads.get(hash)) ?? []).toString()).toBe("kept");
    });
  });
}
