import type { DataOf } from "@contextpilot/events";
import { addEntries } from "./add-entries.ts";
import { patchOf, type Patch } from "./patch.ts";
import type { Entry } from "./sections.ts";

type Document = NonNullable<DataOf<"git.commit.v1">["documents"]>[number];

/** How a changelog gets its lines: those that it does not have yet, and the patch that adds them; or why it cannot. */
export type ChangelogPatch<E extends Entry> =
  | { readonly kind: "patch"; readonly path: string; readonly added: readonly E[]; readonly patch: Patch }
  | { readonly kind: "complete"; readonly path: string }
  | { readonly kind: "refused"; readonly why: string };

/** The page that a project without a changelog gets. */
const NEW_PATH = "CHANGELOG.md";

/** The patch that adds the lines to a repository's changelog, or makes it where there is none. Never throws. */
export function changelogPatch<E extends Entry>(
  document: Document | undefined,
  lines: readonly E[],
): ChangelogPatch<E> {
  const path = document?.path ?? NEW_PATH;
  if (document && /\.(?!md$|markdown$)\w+$/i.test(path)) return { kind: "refused", why: `${path} is no Markdown` };
  if (document && document.text === undefined) {
    return { kind: "refused", why: `${path} cannot be read: it is binary, not in UTF-8, or a link` };
  }
  const page = document?.text === undefined ? undefined : { text: document.text, truncated: document.truncated };
  const result = addEntries(page, lines);
  if (result.kind === "refused") return { kind: "refused", why: `${path} ${result.why}` };
  if (result.added.length === 0) return { kind: "complete", path };
  return { kind: "patch", path, added: result.added, patch: patchOf(path, page?.text, result.text) };
}
