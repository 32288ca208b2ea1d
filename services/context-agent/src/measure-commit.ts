import { contextUpdate } from "@contextpilot/events";
import { collection, handler } from "@contextpilot/messaging";
import * as z from "zod";
import { measure } from "./measurement.ts";

/** Which commits were measured, and the branch that brought each first. */
const measured = collection("measured", z.object({ branch: z.string().optional() }));

/**
 * A commit is measured once, on the first branch that brings it: pushed again after a force push or on another branch, it
 * says nothing new.
 */
export const measureCommit = handler("git.commit.v1", {
  state: (commit) => ({ measured: measured.of(commit.data.repository, commit.data.commit_hash) }),
  decide: ({ data }, state) => {
    const { branch } = state.measured;
    if (branch !== undefined) return { events: [], note: `measured before, on ${branch}` };
    if (!data.new_to_repository) return { events: [], note: "another branch had brought it" };
    const update = contextUpdate(measure(data), { key: [data.repository, data.commit_hash], user_id: data.author_id });
    return { events: [update], state: { measured: { branch: data.branch } } };
  },
});
