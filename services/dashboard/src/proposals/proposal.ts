import type { DataOf, Envelope } from "@contextpilot/events";
import type { PageQuery } from "../read-model.ts";

type ProposalData = DataOf<"proposal.created.v1">;

/** An event that makes a proposal or updates it, with its data as its type reads it. */
export type ProposedEvent = Envelope<string, ProposalData>;

/** A proposal as it is now: its latest revision. No event ends one yet, so each that was made counts as open. */
export interface Proposal extends ProposalData {
  /** Who proposes. */
  readonly source: string;
  /** The event of this revision, and its chain. */
  readonly event_id: string;
  readonly correlation_id: string;
  /** When the first revision and when this one arrived: UTC, ISO 8601. */
  readonly first_seen_at: string;
  readonly seen_at: string;
}

export interface ProposalQuery extends PageQuery {
  readonly repository?: string | undefined;
}
