import * as z from "zod";
import { defineEvent, type ObjectSchema } from "./define-event.ts";

/** A commit's or object's name: SHA-1 or SHA-256, in full. All zeros stand for "nothing there". */
export const objectName = z
  .string()
  .regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, "must be a full object name of 40 or 64 hex digits");

/**
 * A push moved a ref. Its natural key is repository, ref, before and after: a hook that repeats itself says the same event.
 * `cursor` is set where the git-agent goes on with a long push in a further event.
 */
export const gitPush = defineEvent("git.push.v1", (object) =>
  object({
    repository: z.string().min(1).max(256),
    ref: z.string().min(1).max(1024),
    before: objectName,
    after: objectName,
    /** As the sender says; what git says is on each commit. */
    forced: z.boolean().default(false),
    /** `import`: history that is read once, to know it; the branch is not moved by it. Absent: a push. */
    origin: z.enum(["push", "import"]).optional(),
    cursor: object({
      /** How many commits were said before this slice. */
      offset: z.int().min(0),
      /** The other branches' tips as they were when the push was first read: the list stays the same in each slice. */
      known_tips: z.array(objectName).max(2000),
    }).optional(),
  }),
);

export const CHANGE_STATUSES = ["added", "modified", "deleted", "renamed", "copied", "type-changed"] as const;

/** The shape of one changed file: what git.commit carries, and context.update with the file's kind beside it. */
export const fileChangeShape = {
  path: z.string().min(1),
  /** Where it was before a rename or copy. */
  previous_path: z.string().min(1).optional(),
  status: z.enum(CHANGE_STATUSES),
  /** As `git show --numstat` counts; 0 for a binary file. */
  lines_added: z.int().min(0),
  lines_removed: z.int().min(0),
  binary: z.boolean(),
  /** Lines of the new version; absent where it was not read (deleted, binary, over 1 MiB). */
  lines_total: z.int().min(0).optional(),
  /** Sum of the indentation levels of the new version's lines; absent where it was not read. */
  indentation_complexity: z.number().min(0).optional(),
  /** The functions that git names in the hunk headers; at most 20. */
  functions: z.array(z.string()).max(20).default([]),
} as const;

const fileChange = (object: ObjectSchema) => object(fileChangeShape);

/** Where a changelog is looked for: at the root, by one of the names that projects give it. */
export const CHANGELOG_PATH =
  /^(?:change-?log|changes|history|news|releases|release-?notes)(?:\.(?:md|markdown|txt|rst|adoc))?$/i;

const document = (object: ObjectSchema) =>
  object({
    path: z.string().min(1),
    blob_hash: objectName,
    /** Its first 64 KiB, cut after a line; every byte of it, also a byte order mark. Absent where it is no UTF-8 text or no plain file. */
    text: z.string().optional(),
    /** The file goes on behind `text`. */
    truncated: z.boolean().default(false),
  });

/** One commit that a push brought to a branch. Natural key: repository, ref, hash. */
export const gitCommit = defineEvent("git.commit.v1", (object) =>
  object({
    repository: z.string().min(1).max(256).default("default"),
    branch: z.string().min(1).max(1024),
    commit_hash: z.string().min(1).max(64),
    parent_hashes: z.array(z.string()).default([]),
    /** A keyed hash of the author's e-mail address: the same person, the same id, and no address on the wire. */
    author_id: z.string().min(1).max(256).default("unknown"),
    committed_at: z.string().optional(),
    message: z.string(),
    /** The paths of `changes`: the 1,000 largest at most. */
    files_changed: z.array(z.string()),
    changes: z.array(fileChange(object)).max(1000).default([]),
    /** Over all files, also those that `changes` leaves out. */
    files_total: z.int().min(0).default(0),
    lines_added: z.int().min(0).default(0),
    lines_removed: z.int().min(0).default(0),
    changes_truncated: z.boolean().default(false),
    /** Measured against its first parent. */
    is_merge: z.boolean().default(false),
    /** The push rewrote the branch. */
    forced: z.boolean().default(false),
    /** How the house came to know of it. */
    origin: z.enum(["push", "import"]).default("push"),
    /** No other branch had brought it before. */
    new_to_repository: z.boolean().default(true),
    /** The branch is the one that the repository's HEAD names. */
    default_branch: z.boolean().default(false),
    /**
     * On the last commit of a push to the default branch: the repository's changelog as that commit has it; none where there
     * is none. Absent on every other commit.
     */
    documents: z.array(document(object)).max(1).optional(),
    /** The proposal whose approval made this commit. */
    proposal_id: z.string().optional(),
  }),
);
