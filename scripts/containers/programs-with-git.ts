// Prints which programs run git, a line each: for the Dockerfile.

import { resolve } from "node:path";
import { housePrograms } from "../house-programs.ts";

for (const { name, git } of housePrograms(resolve(import.meta.dirname, "../.."))) if (git) console.log(name);
