/**
 * Cuts a stream of bytes at a delimiter, which is not part of the tokens; a last token without one counts as well.
 *
 * @param longest bytes kept of a token, the rest is dropped: no token can fill the memory
 */
export async function* splitTokens(
  chunks: AsyncIterable<Buffer>,
  delimiter: number,
  longest: number,
): AsyncGenerator<Buffer, void, undefined> {
  let begun: Buffer | undefined;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(delimiter); end >= 0; end = chunk.indexOf(delimiter, start)) {
      yield joined(begun, chunk.subarray(start, end), longest);
      begun = undefined;
      start = end + 1;
    }
    if (start < chunk.length) begun = joined(begun, chunk.subarray(start), longest);
  }
  if (begun) yield begun;
}

function joined(begun: Buffer | undefined, more: Buffer, longest: number): Buffer {
  if (!begun) return more.subarray(0, longest);
  return begun.length >= longest ? begun : Buffer.concat([begun, more]).subarray(0, longest);
}
