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

test("on Cloud Run, which has no disk, it must be told where repositories are", () => {
  expect(() => gitAgentConfig({ ...env, K_SERVICE: "git-agent" })).toThrow(
    /^GIT_URL is not set, and Cloud Run has no disk: set it to/,
  );
});

describe("with GIT_URL", () => {
  const remote = {
    ...env,
    GIT_URL: "https://github.com/{repository}.git",
    GIT_REPOSITORIES: "acme/shop, acme/tools, other/*",
  };

  test("repositories are elsewhere: those of GIT_REPOSITORIES may be read, those named in full are looked after", () => {
    const { repository, repositories } = gitAgentConfig({ ...remote, GIT_TOKEN: "" });
    expect(repositories()).toEqual(["acme/shop", "acme/tools"]);
    expect(["acme/shop", "other/any", "acme/any"].map((name) => repository(name) !== undefined)).toEqual([
      true,
      true,
      false,
    ]);
  });

  test.each([
    [{ GIT_URL: "https://github.com/acme/shop.git" }, /^GIT_URL is wrong: set it to where repositories are, as https/],
    [{ GIT_URL: "https://me:sesame@github.com/{repository}" }, /^GIT_URL is wrong: (?!.*sesame)/],
    [{ GIT_URL: "http://git.example.com/{repository}" }, /^GIT_URL is wrong: without encryption .* https address$/],
    [{ GIT_URL: undefined }, /^GIT_URL is not set, and GIT_REPOSITORIES is: set it to/],
    [{ GIT_REPOSITORIES: undefined }, /^GIT_REPOSITORIES is not set, and GIT_URL is: .*acme\/\* for all/],
    [{ GIT_REPOSITORIES: "*" }, /^GIT_REPOSITORIES is wrong: set it to the repositories that may be read/],
    [{ GIT_TOKEN: "sesame\nHost: evil" }, /^GIT_TOKEN is wrong: (?!.*sesame)/],
    [{ GIT_USERNAME: "me:sesame" }, /^GIT_USERNAME is wrong: (?!.*sesame)/],
  ])("a fault is one line with the remedy, never with the token: %j", (fault, line) => {
    expect(() => gitAgentConfig({ ...remote, ...fault })).toThrow(line);
  });

  test.each([
    [{ GIT_URL: "http://127.0.0.1:8080/{repository}.git" }],
    [{ GIT_URL: "http://git:8080/{repository}.git", PUBSUB_EMULATOR_HOST: "pubsub:8085" }],
  ])("without encryption on this machine, and beside emulators: %j", (local) => {
    expect(gitAgentConfig({ ...remote, ...local }).repositories()).toEqual(["acme/shop", "acme/tools"]);
  });
});
