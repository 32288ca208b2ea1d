/** Where a repository's name stands in the address of all. */
export const REPOSITORY = "{repository}";

/** Letters, digits, `_`, `.`, `-`; neither `.` nor `..`, and nothing that means something in an address. */
const SEGMENT = String.raw`(?!\.{1,2}(?:/|$))[\w.-]+`;
/** `shop`, `acme/shop`, and as GitLab says it `acme/web/shop`; without the suffix of its folder, so that a repository has one name. */
const NAME = new RegExp(`^${SEGMENT}(?:/${SEGMENT})*$(?<!\\.git)`);
const LONGEST_NAME = 256;

export const isName = (text: string): boolean => text.length <= LONGEST_NAME && NAME.test(text);

/** What stands in a list of the allowed: a name, or `acme/*`. */
export const isPattern = (text: string): boolean => isName(text.replace(/\/\*$/, ""));

/** Whether the name is one, and in the list: by itself, or as one of an owner's own. */
export function isAllowed(name: string, patterns: readonly string[]): boolean {
  const owner = name.slice(0, name.lastIndexOf("/") + 1);
  return isName(name) && patterns.some((pattern) => pattern === name || (owner !== "" && pattern === `${owner}*`));
}

/** Whether it is the address of any repository, once the name is in it: the name in its path, no user, nothing behind the path. */
export function isTemplate(text: string): boolean {
  const parts = text.split(REPOSITORY);
  const url = URL.parse(parts.join("name"));
  if (parts.length !== 2 || url === null || !/^https?:$/.test(url.protocol)) return false;
  const begins = `${url.protocol}//${url.host}/`;
  return (parts[0] ?? "").startsWith(begins) && !/[?#@\s\\%]/.test(text) && url.href === parts.join("name");
}
