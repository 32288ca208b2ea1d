export {
  MAX_ATTRIBUTES,
  MAX_ATTRIBUTE_NAME_BYTES,
  MAX_ATTRIBUTE_VALUE_BYTES,
  problemOfAttribute,
} from "./attribute-limits.ts";
export { attributesOf, contradictingAttribute, type Attributes } from "./attributes.ts";
export {
  catalogue,
  definitionOf,
  type AnyEvent,
  type DataOf,
  type EventFamily,
  type EventOf,
  type EventType,
} from "./catalogue.ts";
export { clockTick } from "./clock.ts";
export { coachNudge } from "./coach.ts";
export { CHANGE_TYPES, FILE_KINDS, contextUpdate, type ChangeType, type FileKind } from "./context.ts";
export { createEvent, type Origin } from "./create-event.ts";
export {
  causeOf,
  defineEvent,
  type Cause,
  type Draft,
  type DraftOptions,
  type EventDefinition,
} from "./define-event.ts";
export {
  PRIORITIES,
  encodeEnvelope,
  envelopeJsonSchema,
  idempotencyKey,
  readEnvelope,
  type Envelope,
  type Priority,
  type Read,
} from "./envelope.ts";
export { parseEventType, withVersion, type FamilyOf, type ParsedEventType } from "./event-type.ts";
export { CHANGE_STATUSES, CHANGELOG_PATH, gitCommit, gitPush, objectName } from "./git.ts";
export { derivedId } from "./identity.ts";
export type { JsonSchema } from "./json-schema.ts";
export { PROPOSAL_IMPACTS, proposalCreated, proposalUpdated } from "./proposal.ts";
export { silenceOver } from "./silence-over.ts";
export { specUpdate } from "./spec.ts";
export { SEVERITIES, strategyInsight, type Severity } from "./strategy.ts";
