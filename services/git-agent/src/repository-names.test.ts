import { isAllowed, isPattern, isTemplate } from "./repository-names.ts";

const ALL = ["shop", "acme/shop", "acme/*", "group/web/*"];

test.each(["shop", "acme/shop", "acme/other", "acme/.github", "acme/-x", "acme/a..b", "group/web/shop"])(
  "%s may be read",
  (name) => expect(isAllowed(name, ALL)).toBe(true),
);

test.each([
  "",
  "tools",
  "other/shop",
  "Acme/shop",
  "acme",
  "acme/",
  "acme/web/shop",
  "group/shop",
  "acme/*",
  "acme/..",
  "acme/.",
  "acme/../other/shop",
  "acme/shop.git",
  "acme//shop",
  "/acme/shop",
  "acme/shop@evil.example",
  "acme/shop?x",
  "acme/shop#x",
  "acme/shop:x",
  "acme/%2e%2e",
  "acme\\..\\x",
  "acme/shop x",
  "acme/shop\n",
  "acme/shop\0",
  "acme/$&",
  `acme/${"x".repeat(260)}`,
])("%j may not", (name) => expect(isAllowed(name, ALL)).toBe(false));

test("what is no name may not be read, be it in the list", () => {
  for (const name of ["acme/..", "acme/*", "acme/shop@evil.example"]) expect(isAllowed(name, [name])).toBe(false);
});

test.each(["acme/shop", "acme/*", "group/web/*"])("%s may stand in the list", (text) =>
  expect(isPattern(text)).toBe(true),
);
test.each(["*", "*/shop", "acme/**", "acme/s*", "/*", "https://github.com/acme/shop"])(
  "%s may not stand in the list",
  (text) => expect(isPattern(text)).toBe(false),
);

test.each([
  "https://github.com/{repository}.git",
  "https://git.example.com:8443/base/{repository}",
  "http://127.0.0.1:8080/{repository}.git",
])("%s is the address of any", (text) => expect(isTemplate(text)).toBe(true));

test.each([
  "",
  "https://github.com/acme/shop.git",
  "https://{repository}.example.com/",
  "https://{repository}/x",
  "https://github.com{repository}",
  "https://github.com/{repository}/{repository}",
  "https://token@github.com/{repository}.git",
  "https://user:token@github.com/{repository}.git",
  "https://github.com/{repository}?x=1",
  "https://github.com/x?r={repository}",
  "https://github.com/#{repository}",
  "https://github.com/../{repository}",
  "ssh://git@github.com/{repository}.git",
  "git@github.com:{repository}.git",
  "file:///srv/{repository}.git",
  "ext::sh -c x {repository}",
  "/srv/{repository}.git",
])("%s is not", (text) => expect(isTemplate(text)).toBe(false));
