import { collection } from "@contextpilot/messaging";
import { z } from "zod";
import { authorSchema } from "./authors.ts";
import { keptPairSchema } from "./file-pairs.ts";
import { followedFileSchema } from "./followed-files.ts";

/** The files that are followed and who works on them, a document a repository. */
export const fileHistories = collection(
  "files",
  z.object({
    files: z.array(followedFileSchema).default([]),
    next_id: z.int().default(1),
    authors: z.array(authorSchema).default([]),
  }),
);

/** Which of the files change together, a document a repository. */
export const pairHistories = collection("pairs", z.object({ pairs: z.array(keptPairSchema).default([]) }));
