import { openEmbedded } from "@contextpilot/cli";
import { platformSuite } from "./platform-suite.ts";
import { placeInProcess } from "./platform-suite/place-in-process.ts";

platformSuite("everything in one process", () => placeInProcess(openEmbedded));
