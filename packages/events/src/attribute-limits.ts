// Pub/Sub's limits: https://cloud.google.com/pubsub/quotas#resource_limits. Its texts are UTF-8, which has no lone surrogates.
export const MAX_ATTRIBUTES = 100;
export const MAX_ATTRIBUTE_NAME_BYTES = 256;
export const MAX_ATTRIBUTE_VALUE_BYTES = 1024;

/** What a bus would refuse an attribute for, as `is no valid Unicode`; undefined where it would take it. */
export function problemOfAttribute(name: string, value: string): string | undefined {
  if (name === "") return "has no name";
  if (isLonger(name, MAX_ATTRIBUTE_NAME_BYTES)) return `has a name over ${MAX_ATTRIBUTE_NAME_BYTES} bytes`;
  if (isLonger(value, MAX_ATTRIBUTE_VALUE_BYTES)) return `is over ${MAX_ATTRIBUTE_VALUE_BYTES} bytes`;
  return name.isWellFormed() && value.isWellFormed() ? undefined : "is no valid Unicode";
}

/** UTF-8 takes one to three bytes for each UTF-16 unit: most texts need no counting. */
function isLonger(text: string, bytes: number): boolean {
  return text.length * 3 > bytes && Buffer.byteLength(text) > bytes;
}
