import { catalogue, definitionOf, type EventType } from "./catalogue.ts";
import { readEnvelope } from "./envelope.ts";
import { parseEventType } from "./event-type.ts";

const entries = Object.entries(catalogue);

test.each(entries)("%s is defined under its own name", (type, definition) => {
  expect(definition.type).toBe(type);
  expect(parseEventType(type)).toEqual({ family: definition.family, version: definition.version });
  expect(definitionOf(type)).toBe(definition);
});

test.each(["git.push", "git.push.v2", "toString", "__proto__", ""])("%j is no event of the house", (type) => {
  expect(definitionOf(type)).toBeUndefined();
});

const contextSample = {
  files_changed: ["src/auth.py"],
  lines_added: 150,
  lines_removed: 30,
  commit_hash: "abc123",
  impact_score: 7.5,
  change_type: "refactor",
};
const commitSample = {
  branch: "agent/refactor-auth",
  commit_hash: "def456",
  message: "agent(auth): Extract AuthService",
  files_changed: ["src/auth.py"],
  proposal_id: "cp_042",
};

const proposalSample = {
  proposal_id: "cp_042",
  type: "refactor",
  title: "Extract AuthService",
  files_affected: 4,
  impact: "medium",
  user_id: "dev_123",
};
const insight = {
  insight_id: "i1",
  rule: "hotspot",
  title: "src/auth.py is a hotspot",
  files: ["src/auth.py"],
  evidence: { recent_changes: 7.5 },
  severity: "high",
  commit_hash: "abc123",
};

test.each<[EventType, object, object]>([
  [
    "context.update.v1",
    contextSample,
    { repository: "default", branch: "main", author_id: "unknown", changes: [], breaking: false, origin: "push" },
  ],
  [
    "git.commit.v1",
    commitSample,
    { repository: "default", author_id: "unknown", lines_added: 0, is_merge: false, new_to_repository: true },
  ],
  ["proposal.created.v1", proposalSample, { repository: "default", reason: "", files: [], revision: 1 }],
])("%s is read from a five-field message that says no more than it must", (type, data, defaults) => {
  const envelope = readEnvelope({
    event_id: "20261015-001",
    event_type: type,
    timestamp: "2026-10-15T12:00:00.000000+00:00",
    source: "context-agent",
    data,
  });
  expect(envelope).toMatchObject({ ok: true, value: { tenant_id: "default", hops: 0, data } });
  expect(definitionOf(type)?.read(data)).toMatchObject({ ok: true, value: { ...data, ...defaults } });
});

const push = { repository: "shop", ref: "refs/heads/main", before: "0".repeat(40), after: "a".repeat(40) };
const nudge = {
  nudge_id: "n1",
  title: "Write the missing test",
  why_now: "src/auth.py changed without one",
  next_actions: ["git show abc123", "npm test"],
  eta_minutes: 15,
  priority: "high",
};

test.each<[EventType, object, string, unknown]>([
  ["git.push.v1", push, "repository", ""],
  ["git.push.v1", push, "ref", undefined],
  ["git.push.v1", push, "before", "abc123"],
  ["git.push.v1", push, "after", "A".repeat(40)],
  ["git.push.v1", push, "after", "a".repeat(41)],
  ["git.push.v1", push, "forced", "yes"],
  ["git.push.v1", push, "cursor", 7],
  ["git.commit.v1", commitSample, "branch", ""],
  ["git.commit.v1", commitSample, "commit_hash", "a".repeat(65)],
  ["git.commit.v1", commitSample, "message", undefined],
  ["git.commit.v1", commitSample, "files_changed", "src/auth.py"],
  ["git.commit.v1", commitSample, "lines_added", -1],
  ["git.commit.v1", commitSample, "author_id", "x".repeat(257)],
  ["git.commit.v1", commitSample, "origin", "guess"],
  ["context.update.v1", contextSample, "files_changed", undefined],
  ["context.update.v1", contextSample, "lines_added", "150"],
  ["context.update.v1", contextSample, "lines_removed", 0.5],
  ["context.update.v1", contextSample, "commit_hash", ""],
  ["context.update.v1", contextSample, "impact_score", 10.1],
  ["context.update.v1", contextSample, "impact_score", -0.1],
  ["context.update.v1", contextSample, "change_type", "refactoring"],
  ["strategy.insight.v1", insight, "insight_id", ""],
  ["strategy.insight.v1", insight, "files", []],
  ["strategy.insight.v1", insight, "evidence", ["7.5"]],
  ["strategy.insight.v1", insight, "severity", "urgent"],
  ["strategy.insight.v1", insight, "commit_hash", undefined],
  ["proposal.created.v1", proposalSample, "proposal_id", ""],
  ["proposal.created.v1", proposalSample, "type", ""],
  ["proposal.created.v1", proposalSample, "title", undefined],
  ["proposal.created.v1", proposalSample, "files_affected", -1],
  ["proposal.created.v1", proposalSample, "files_affected", ["src/auth.py"]],
  ["proposal.created.v1", proposalSample, "impact", "urgent"],
  ["proposal.created.v1", proposalSample, "user_id", ""],
  ["git.commit.v1", commitSample, "documents", { path: "CHANGELOG.md" }],
  ["proposal.updated.v1", proposalSample, "base_commit", "main"],
  ["proposal.updated.v1", proposalSample, "patch_sha256", "abc"],
  ["proposal.updated.v1", proposalSample, "revision", 0],
  ["coach.nudge.v1", nudge, "title", "x".repeat(121)],
  ["coach.nudge.v1", nudge, "next_actions", ["one"]],
  ["coach.nudge.v1", nudge, "next_actions", ["1", "2", "3", "4"]],
  ["coach.nudge.v1", nudge, "eta_minutes", 4],
  ["coach.nudge.v1", nudge, "eta_minutes", 26],
  ["coach.nudge.v1", nudge, "priority", "urgent"],
])("%s: of %j a wrong %s is refused by its name: %j", (type, good, field, bad) => {
  const definition = definitionOf(type);
  expect(definition?.read(good)).toMatchObject({ ok: true });
  expect(definition?.read({ ...good, [field]: bad })).toMatchObject({ ok: false, path: field });
});
