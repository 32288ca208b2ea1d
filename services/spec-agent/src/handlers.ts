import { handlersOf } from "@contextpilot/messaging";
import { proposeChangelog } from "./propose-changelog.ts";
import { reportDocuments } from "./report-documents.ts";

export const handlers = handlersOf("spec-agent", {
  "git.commit.v1": proposeChangelog,
  "context.update.v1": reportDocuments,
});
