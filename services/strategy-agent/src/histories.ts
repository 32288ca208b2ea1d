import { collection } from "@contextpilot/messaging";
import * as z from "zod";
import { authorSchema } from "./authors.ts";
import { budgetSchema, UNSPENT } from "./budget.ts";
import { keptPairSchema } from "./file-pairs.ts";
import { followedFileSchema } from "./followed-files.ts";

/** The files that are followed, who works on them, and how much of them was told this hour: a document a repository. */
export const fileHistories = collection(
  "files",
  z.object({
    files: z.array(followedFileSchema).default([]),
    next_id: z.int().default(1),
    authors: z.array(authorSchema).default([]),
    budget: budgetSchema.default(UNSPENT),
  }),
);

/** Which of the files change together, a document a repository. */
export const pairHistories = collection("pairs", z.object({ pairs: z.array(keptPairSchema).default([]) }));
