import { specUpdate } from "@contextpilot/events";
import { handler } from "@contextpilot/messaging";

/** Says of each measured commit which of the pages that describe the code it changed. */
export const reportDocuments = handler("context.update.v1", {
  decide: ({ data }) => {
    const { repository, branch, commit_hash, author_id } = data;
    if (data.is_merge) return { events: [], note: "a merge repeats what its commits brought" };
    if (data.origin === "import") return { events: [], note: "imported history" };
    const documents = data.changes
      .filter(({ kind }) => kind === "docs")
      .map(({ path, previous_path, status, lines_added, lines_removed }) => ({
        path,
        ...(previous_path !== undefined && { previous_path }),
        status,
        lines_added,
        lines_removed,
      }));
    if (documents.length === 0) return { events: [], note: "changes no documentation" };
    const update = specUpdate(
      { repository, branch, commit_hash, author_id, documents },
      { key: [repository, commit_hash], user_id: author_id },
    );
    return { events: [update] };
  },
});
