import { randomUUID } from "node:crypto";
import { describeOn, firestoreEmulator, payloadsConformance } from "@contextpilot/testing";
import { FirestoreConnection } from "./firestore-connection.ts";
import { FirestorePayloads } from "./firestore-payloads.ts";

describeOn(firestoreEmulator, "on Google's emulator", (emulator) => {
  payloadsConformance("FirestorePayloads", async () => {
    const projectId = `test-${randomUUID()}`;
    let connection: FirestoreConnection;
    const open = () => {
      connection = new FirestoreConnection({ projectId, emulatorHost: emulator().host });
      return new FirestorePayloads(connection);
    };
    return {
      payloads: open(),
      reopen: async () => {
        await connection.close();
        return open();
      },
      close: () => connection.close(),
    };
  });

  describe("a payload in Firestore", () => {
    const DAY_MS = 86_400_000;
    const bytes = Buffer.alloc(2 * 1_024 * 1_024, "é");
    let now = Date.parse("2026-03-02T10:00:00Z");
    let connection: FirestoreConnection;
    let payloads: FirestorePayloads;
    beforeEach(() => {
      connection = new FirestoreConnection({ projectId: `test-${randomUUID()}`, emulatorHost: emulator().host });
      payloads = new FirestorePayloads(connection, { clock: { now: () => new Date(now) } });
    });
    afterEach(() => connection.close());

    const chunkNames = (name: string) => ["", ".1", ".2"].map((part) => `${connection.root}/payloads/${name}${part}`);
    /** When each of its chunks expires, in days from the first moment on. */
    const expiries = async (name: string): Promise<readonly number[]> => {
      const found = await connection.read(chunkNames(name), Date.now() + 10_000);
      const start = Date.parse("2026-03-02T10:00:00Z");
      return [...found.values()].map(
        ({ fields }) => (Number(fields?.["expire_at"]?.timestampValue?.seconds) * 1_000 - start) / DAY_MS,
      );
    };

    test("is kept for 70 days after it was put or got, and a read writes once a day at most", async () => {
      const name = await payloads.put(bytes);
      now += DAY_MS / 2;
      await payloads.get(name);
      expect(await expiries(name)).toEqual([70, 70, 70]);
      now += DAY_MS;
      expect((await payloads.get(name))?.byteLength).toBe(bytes.byteLength);
      expect(await expiries(name)).toEqual([71.5, 71.5, 71.5]);
      now += DAY_MS;
      await payloads.put(bytes);
      expect(await expiries(name)).toEqual([72.5, 72.5, 72.5]);
    });

    test("of which a chunk is gone is not there, and may be put again", async () => {
      const name = await payloads.put(bytes);
      await connection.commit([{ delete: chunkNames(name)[2] ?? "" }], Date.now() + 10_000);
      expect(await payloads.get(name)).toBeUndefined();
      await payloads.put(bytes);
      expect((await payloads.get(name))?.byteLength).toBe(bytes.byteLength);
    });
  });
});
