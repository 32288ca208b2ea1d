import { openEmbedded } from "@contextpilot/cli";
import { platformSuite } from "./platform-suite.ts";

platformSuite("everything in one process", () =>
  Promise.resolve({ open: openEmbedded, close: () => Promise.resolve() }),
);
