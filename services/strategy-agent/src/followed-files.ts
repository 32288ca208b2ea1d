import * as z from "zod";
import type { Change, ChangedFile } from "./change.ts";
import { counted, heaviest } from "./decay.ts";

/** So many files of a repository are followed; beyond, those whose changes weigh least are forgotten. */
export const FILES_KEPT = 500;

/** What a file's history has been said to be. */
const MARKS = ["hotspot", "refactor", "sole-author"] as const;
export type Mark = (typeof MARKS)[number];

export const followedFileSchema = z.object({
  /** Its name in this repository's pairs; stays with it through renames, and is never given again. */
  id: z.int(),
  path: z.string(),
  /** How often it changed since it is followed. */
  changes: z.int(),
  /** The same, decayed. */
  weight: z.number(),
  at: z.number(),
  lines: z.number(),
  complexity: z.number(),
  /** Who made every change since it is followed; absent where more than one did, or somebody unknown. */
  author: z.string().optional(),
  told: z.array(z.enum(MARKS)),
});
export type FollowedFile = z.output<typeof followedFileSchema>;

/** A repository's followed files: those seen first stand first. */
export interface FollowedFiles {
  readonly files: readonly FollowedFile[];
  readonly next_id: number;
}

/**
 * The files after a change: histories move with renames, every changed file counts one change more, and the new ones are
 * followed from here on. A sweeping change is no change of any file: it moves and measures those that are followed.
 */
export function follow({ files, next_id }: FollowedFiles, change: Change): FollowedFiles {
  const byPath = moved(files, change);
  let nextId = next_id;
  for (const file of change.files) {
    const known = byPath.get(file.path);
    if (known !== undefined)
      byPath.set(file.path, change.sweeping ? measured(known, file) : changed(known, file, change));
    else if (!change.sweeping) byPath.set(file.path, begun(nextId++, file, change));
  }
  return { files: heaviest([...byPath.values()], FILES_KEPT), next_id: nextId };
}

/** All leave their places before any arrives: two files may trade theirs. What stood at a new place gives way. */
function moved(files: readonly FollowedFile[], change: Change): Map<string, FollowedFile> {
  const places = new Map(change.files.map(({ path, previousPath }) => [previousPath, path]));
  const byPath = new Map(files.filter(({ path }) => !places.has(path)).map((file) => [file.path, file]));
  for (const file of files) {
    const path = places.get(file.path);
    if (path !== undefined) byPath.set(path, { ...file, path });
  }
  return byPath;
}

function measured(file: FollowedFile, { measure }: ChangedFile): FollowedFile {
  return measure === undefined ? file : { ...file, ...measure };
}

function changed(known: FollowedFile, file: ChangedFile, { author, at }: Change): FollowedFile {
  const { author: before, ...rest } = measured(known, file);
  const sole = before !== undefined && before === author ? { author: before } : {};
  return { ...rest, changes: known.changes + 1, ...counted(known, at), ...sole };
}

function begun(id: number, { path, measure }: ChangedFile, { author, at }: Change): FollowedFile {
  const sole = author === undefined ? {} : { author };
  return {
    id,
    path,
    changes: 1,
    ...counted(undefined, at),
    ...(measure ?? { lines: 0, complexity: 0 }),
    told: [],
    ...sole,
  };
}
