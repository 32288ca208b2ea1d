/** A path for reading: nothing invisible in it, and of a long one the end, which tells more. So many UTF-16 units at most. */
export function shown(path: string, longest: number): string {
  // Category C: control characters, unpaired surrogates, and what turns the direction of writing.
  const printable = path.replaceAll(/\p{C}/gu, "?");
  // A cut in the middle of a character leaves half of it in front.
  return printable.length <= longest ? printable : `…${printable.slice(1 - longest).replace(/^[\uDC00-\uDFFF]/, "")}`;
}

export const oneDecimal = (value: number): number => Math.round(value * 10) / 10;
export const percent = (share: number): number => Math.round(share * 100);
