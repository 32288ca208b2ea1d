import { PLACES_AN_HOUR, placesSchema, takePlace } from "./places.ts";

const at = (time: string): Date => new Date(`2026-03-02T${time}:00Z`);

/** From when each may be told, as they come; "full" where there is no place. */
function taken(count: number, now: Date, from = placesSchema.parse({})) {
  let places = from;
  const times = Array.from({ length: count }, () => {
    const place = takePlace(places, now);
    places = place?.places ?? places;
    return place === undefined ? "full" : (place.from ?? "now");
  });
  return { times, places };
}

test("the hour's places are given at once, then those of the next hours", () => {
  const { times } = taken(2 * PLACES_AN_HOUR + 1, at("10:20"));
  expect(times.filter((time) => time === "now")).toHaveLength(PLACES_AN_HOUR);
  expect(times.filter((time) => time === "2026-03-02T11:00:00.000Z")).toHaveLength(PLACES_AN_HOUR);
  expect(times.at(-1)).toBe("2026-03-02T12:00:00.000Z");
});

test("an hour that begins has its places, but for those that were given out before", () => {
  const { places } = taken(PLACES_AN_HOUR + 10, at("10:59"));
  expect(taken(PLACES_AN_HOUR, at("11:00"), places).times.filter((time) => time === "now")).toHaveLength(
    PLACES_AN_HOUR - 10,
  );
  expect(taken(PLACES_AN_HOUR, at("12:00"), places).times.every((time) => time === "now")).toBe(true);
});

test("no place is given out that lies more than a day ahead", () => {
  const { times, places } = taken(40 * PLACES_AN_HOUR, at("10:20"));
  expect(times.filter((time) => time !== "full")).toHaveLength(24 * PLACES_AN_HOUR);
  expect(takePlace(places, at("11:00"))?.from).toBe("2026-03-03T10:00:00.000Z");
});
