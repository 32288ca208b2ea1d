import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repositoriesIn } from "./repositories-in.ts";

let outer: string;
let folder: string;

const create = (...path: string[]): void => {
  const repository = join(outer, ...path);
  mkdirSync(repository, { recursive: true });
  writeFileSync(join(repository, "HEAD"), "ref: refs/heads/main\n");
};

beforeEach(() => {
  outer = realpathSync(mkdtempSync(join(tmpdir(), "contextpilot-repositories-")));
  folder = join(outer, "repositories");
  create("outside");
  create("repositories", "shop.git");
  create("repositories", "tools");
  create("repositories", "acme", "shop.git");
  create("repositories-too");
});
afterEach(() => rmSync(outer, { recursive: true }));

const pathOf = (name: string) => repositoriesIn(folder).repository(name)?.path;

test.each([
  ["shop", "shop.git"],
  ["tools", "tools"],
  ["acme/shop", "acme/shop.git"],
])("%s is the folder %s", (name, path) => {
  expect(pathOf(name)).toBe(join(folder, path));
});

test("all of them are listed, each by its one name, and a new one without a restart", () => {
  const { repositories } = repositoriesIn(folder);
  expect(repositories()).toEqual(["acme/shop", "shop", "tools"]);
  create("repositories", "shop");
  create("repositories", "new.git");
  expect(repositories()).toEqual(["acme/shop", "new", "shop", "tools"]);
});

test.each([
  "",
  ".",
  "..",
  "../outside",
  "../repositories-too",
  "acme/../../outside",
  "acme/..",
  "acme/../shop",
  "./shop",
  "shop/",
  "/shop",
  "//shop",
  "a/b/c",
  "acme//shop",
  "shop.git",
  "acme",
  "nobody",
  "nobody/shop",
  "shop\0",
  "shop\n",
  "..\\outside",
  "%2e%2e/outside",
  "-shop/..",
])("%j is no repository of the folder", (name) => {
  expect(pathOf(name)).toBeUndefined();
});

test("an absolute path is no name, even of a repository of the folder", () => {
  expect(pathOf(join(folder, "tools"))).toBeUndefined();
  expect(pathOf(join(outer, "outside"))).toBeUndefined();
});

test("a link is no repository, wherever it leads, and harms none", () => {
  symlinkSync(join(outer, "outside"), join(folder, "away"));
  symlinkSync(outer, join(folder, "up"));
  symlinkSync(folder, join(folder, "self"));
  symlinkSync("nothing", join(folder, "dangling"));
  symlinkSync("loop", join(folder, "loop"));
  symlinkSync("tools", join(folder, "alias"));
  for (const name of ["away", "up/outside", "up", "self", "self/tools", "dangling", "loop", "alias"]) {
    expect(pathOf(name)).toBeUndefined();
  }
  expect(repositoriesIn(folder).repositories()).toEqual(["acme/shop", "shop", "tools"]);
});

test("a folder that is gone has no repositories", () => {
  expect(repositoriesIn(join(outer, "gone")).repositories()).toEqual([]);
  expect(repositoriesIn(join(outer, "gone")).repository("shop")).toBeUndefined();
});
