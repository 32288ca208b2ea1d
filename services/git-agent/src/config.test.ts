import { tmpdir } from "node:os";
import { gitAgentConfig } from "./config.ts";

const env = { GIT_FOLDER: tmpdir(), AUTHOR_KEY: "sixteen-letters!" };

test("the repositories come from GIT_FOLDER, the authors' key from AUTHOR_KEY", () => {
  expect(gitAgentConfig(env)).toMatchObject({ authorKey: "sixteen-letters!" });
});

test.each([
  [{ GIT_FOLDER: undefined }, /^GIT_FOLDER is not set: set it to the folder/],
  [{ GIT_FOLDER: "/nowhere/at/all" }, /^GIT_FOLDER is wrong: it is no folder; set it to/],
  [{ GIT_FOLDER: import.meta.filename }, /^GIT_FOLDER is wrong: it is no folder/],
  [{ AUTHOR_KEY: " " }, /^AUTHOR_KEY is not set: .*openssl rand -hex 32$/],
  [{ AUTHOR_KEY: "fifteen-letters" }, /^AUTHOR_KEY is wrong: (?!.*fifteen-letters)[^\n]*openssl rand -hex 32$/],
])("a fault is one line with the remedy, never with the key: %j", (fault, line) => {
  expect(() => gitAgentConfig({ ...env, ...fault })).toThrow(line);
});
