import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { workspaceFolders } from "../workspaces.mjs";
import { BASE_IMAGES } from "./base-images.ts";

const root = resolve(import.meta.dirname, "../..");
const read = (file: string): string => readFileSync(join(root, file), "utf8");

test.each([
  ["Dockerfile", /^FROM (\S+\/\S+)/gm],
  ["docker-compose.yml", /^ {2}image: \$\{EMULATORS_IMAGE:-(\S+)\}$/gm],
])("what %s stands on can be stood in for", (file, images) => {
  const named = new Set(Array.from(read(file).matchAll(images), ([, image = ""]) => image));
  expect(named.size).toBeGreaterThan(0);
  expect(Object.keys(BASE_IMAGES)).toEqual(expect.arrayContaining([...named]));
});

test("a build sees the package.json of every workspace, or nothing could be installed", () => {
  const seen = read(".dockerignore")
    .split("\n")
    .filter((line) => line.startsWith("!"))
    .map((line) => line.slice(1));
  const manifests = workspaceFolders(root).map((folder) => `${folder}/package.json`);
  expect(manifests.filter((path) => !seen.some((each) => path === each || path.startsWith(`${each}/`)))).toEqual([]);
});
