import type { Edit } from "./story.ts";

/** What a file holds after an edit: a text as it is, or its source with functions added at the end. */
export function afterEdit(before: string | undefined, edit: Edit): string {
  if ("text" in edit) return edit.text;
  return [before ?? "", ...edit.adds.map(edit.path.endsWith(".test.ts") ? testSource : functionSource)].join("");
}

/** About twenty lines of plain code, different for each name, so that a change has the size of a real one. */
function functionSource(name: string): string {
  const limit = 5 + (name.length % 7);
  return `
export function ${name}(input) {
  if (input === undefined) {
    throw new TypeError("${name} needs an input");
  }
  const kept = [];
  for (const item of input.items) {
    if (item.amount > ${limit}) {
      kept.push({ ...item, checked: true });
    } else if (item.amount > 0) {
      kept.push(item);
    }
  }
  kept.sort((one, other) => one.amount - other.amount);
  const total = kept.reduce((sum, item) => sum + item.amount, 0);
  if (total === 0) {
    return { kind: "${name}", items: [], total };
  }
  return {
    kind: "${name}",
    items: kept.slice(0, ${limit}),
    total,
  };
}
`;
}

const testSource = (name: string): string => `
test("${name.replaceAll(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`)}", () => {
  const result = run("${name}");
  expect(result.total).toBe(${name.length});
});
`;
