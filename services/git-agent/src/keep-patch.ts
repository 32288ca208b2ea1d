import type { DataOf } from "@contextpilot/events";
import { handler } from "@contextpilot/messaging";
import { asMessageError } from "./as-message-error.ts";
import type { GitAgentConfig } from "./config.ts";
import { patchIdOf } from "./patch-ids.ts";
import { useRepository } from "./readable-repository.ts";
import { proposedPatches, withPatch, type ProposedPatches } from "./proposed-patches.ts";

interface Proposal {
  readonly data: DataOf<"proposal.created.v1">;
}

/** Keeps of each proposal by what its patch will be known when somebody has committed it: as it is created, and as it is updated. */
export const keepPatch = (config: GitAgentConfig) => ({
  "proposal.created.v1": handler("proposal.created.v1", keeping(config)),
  "proposal.updated.v1": handler("proposal.updated.v1", keeping(config)),
});

const keeping = (config: GitAgentConfig) => ({
  state: ({ data }: Proposal) => ({ patches: proposedPatches.of(data.repository) }),

  read: async ({ data }: Proposal, _state: unknown, { signal }: { readonly signal: AbortSignal }) => {
    const { repository, patch } = data;
    const found = config.repository(repository);
    if (found === undefined) return { unkept: `repository ${repository} is not configured here` };
    if (patch === undefined) return { unkept: "a person has to do the work: there is no patch" };
    try {
      const patch_id = await useRepository(found, undefined, signal, (place) => patchIdOf(place, patch));
      return patch_id === undefined ? { unkept: "its patch is none that git reads" } : { patch_id };
    } catch (error) {
      throw asMessageError(error, repository);
    }
  },

  decide: (
    { data }: Proposal,
    { patches }: { readonly patches: ProposedPatches },
    facts: { readonly unkept: string } | { readonly patch_id: string },
  ) => {
    if ("unkept" in facts) return { events: [], note: facts.unkept };
    const { proposal_id, revision, files } = data;
    const next = withPatch(patches, { proposal_id, revision, files, patch_id: facts.patch_id });
    return { events: [], state: { patches: next }, note: "kept, to know its commit by" };
  },
});
