/** A time in milliseconds since 1970, as the value of a field. */
export const timestampValue = (ms: number) => ({
  timestampValue: { seconds: Math.floor(ms / 1_000), nanos: (((ms % 1_000) + 1_000) % 1_000) * 1_000_000 },
});
