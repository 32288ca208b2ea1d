import { join } from "node:path";
import { whatNow } from "./what-now.ts";

const here = process.cwd();
const place = { root: here, environmentFile: join(here, "other.env"), data: join(here, "other") };
const doors = [{ variable: "DASHBOARD_PORT", port: 4801, address: "http://127.0.0.1:4801" }];

test("it says how to push, what came of it, and by which token something is decided", () => {
  const said = whatNow({ repositories: join(here, "repositories"), doors }, place).join("\n");
  expect(said).toContain("./contextpilot watch repositories/app.git --data other");
  expect(said).toContain("./contextpilot chains --data other");
  expect(said).toMatch(
    /dead-letters --data other, .*http:\/\/127\.0\.0\.1:4801.* API_TOKEN of other\.env: Authorization: Bearer/,
  );
});

test("where the repositories are the engine's own, it says nothing of a folder", () => {
  expect(whatNow({ repositories: undefined, doors }, place).join("\n")).not.toContain("git init");
});
