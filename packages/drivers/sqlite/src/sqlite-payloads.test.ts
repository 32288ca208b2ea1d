import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { payloadsConformance } from "@contextpilot/testing";
import { SqlitePayloads } from "./sqlite-payloads.ts";

payloadsConformance("SqlitePayloads", async () => {
  const folder = mkdtempSync(join(tmpdir(), "payloads-"));
  const file = join(folder, "payloads.sqlite");
  let payloads = SqlitePayloads.open({ file });
  return {
    payloads,
    reopen: async () => {
      await payloads.close();
      payloads = SqlitePayloads.open({ file });
      return payloads;
    },
    close: async () => {
      await payloads.close();
      rmSync(folder, { recursive: true });
    },
  };
});
