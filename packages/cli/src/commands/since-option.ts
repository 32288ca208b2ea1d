import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import * as z from "zod";

const UNITS = { d: "days", w: "weeks", m: "months", y: "years" } as const;
const date = z.union([z.iso.date(), z.iso.datetime({ offset: true })]);

/** How far back a history goes, as `git rev-list --since` takes it. */
export const sinceOption = () =>
  new Option(
    "--since <time>",
    "import the default branch's history from then on: 90d, 12w, 6m, 1y, or a date; it is measured, and nudges nobody",
  ).argParser(sinceOf);

function sinceOf(text: string): string {
  const [, count, unit] = /^([1-9]\d{0,3})([dwmy])$/.exec(text) ?? [];
  if (count !== undefined && isUnit(unit)) return `${count} ${UNITS[unit]} ago`;
  // Of a date alone git would take the hour from now.
  if (date.safeParse(text).success) return text.includes("T") ? text : `${text}T00:00:00Z`;
  throw new InvalidArgumentError("say how far back: 90d, 12w, 6m or 1y, or a date as 2026-03-01.");
}

const isUnit = (unit: string | undefined): unit is keyof typeof UNITS => unit !== undefined && unit in UNITS;
