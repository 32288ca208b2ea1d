import type { CrashPoint } from "./crash-point.ts";

/** The source with a call of `crashPoint(<name>)` at each point. Throws where a place is not there (any more), or there twice. */
export function withPoints(source: string, points: readonly CrashPoint[]): string {
  const marks = points.map(({ name, file, at }) => {
    const text = "before" in at ? at.before : at.after;
    const place = source.indexOf(text);
    if (place === -1 || source.includes(text, place + 1)) {
      throw new Error(`crash point "${name}": ${file} has not once the text ${JSON.stringify(text)}`);
    }
    return { name, place: "before" in at ? place : place + text.length };
  });
  // From the end, so that no mark moves the places of the others.
  return marks
    .toSorted((a, b) => b.place - a.place)
    .reduce(
      (so, { name, place }) => `${so.slice(0, place)} crashPoint(${JSON.stringify(name)}); ${so.slice(place)}`,
      source,
    );
}
