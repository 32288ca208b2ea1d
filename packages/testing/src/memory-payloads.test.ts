import { MemoryPayloads } from "@contextpilot/messaging";
import { payloadsConformance } from "./payloads-conformance.ts";

payloadsConformance("MemoryPayloads", async () => ({ payloads: new MemoryPayloads(), close: async () => undefined }));
