import { join, relative } from "node:path";
import { sameHouse } from "../commands/options.ts";
import { plainLine } from "../commands/plain-text.ts";
import type { Composed, ComposedPlace } from "./start-composed.ts";

/** What to do with a composed house that has just come up, a line each; paths as they are from here. */
export function whatNow(
  { repositories, doors }: Composed,
  { data, environmentFile }: ComposedPlace,
): readonly string[] {
  const house = sameHouse({ data: at(data) });
  const bare = repositories === undefined ? undefined : at(join(repositories, "app.git"));
  const web = doors.find(({ variable }) => variable === "DASHBOARD_PORT")?.address;
  return [
    "\nThe house is up, and takes pushes.",
    ...(bare === undefined
      ? []
      : [
          `  git init --bare ${bare}`,
          `  ./contextpilot watch ${bare}${house}`,
          `  git push ${bare} HEAD        # from a clone: what is committed there`,
        ]),
    `What came of it: ./contextpilot chains${house}; it ends with: npm run compose -- down`,
    `To decide, as over what could not be handled: ./contextpilot dead-letters${house}, and redrive there. Who asks ${web ?? "the dashboard"} by hand shows API_TOKEN of ${at(environmentFile)}: Authorization: Bearer <API_TOKEN>`,
  ];
}

const at = (path: string): string => plainLine(relative(process.cwd(), path) || ".");
