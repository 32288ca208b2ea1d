import type { Page } from "@contextpilot/dashboard";

/** What was read of a list, and whether it goes on. */
export interface Found<T> {
  readonly items: readonly T[];
  readonly more: boolean;
}

const MOST_OF_A_PAGE = 500;

/** Reads a list of the web API page by page, up to the limit. */
export async function readPages<T>(
  limit: number,
  read: (page: { limit: number; cursor: number | undefined }) => Promise<Page<T>>,
): Promise<Found<T>> {
  const items: T[] = [];
  let cursor: number | undefined;
  while (items.length < limit) {
    const page = await read({ limit: Math.min(limit - items.length, MOST_OF_A_PAGE), cursor });
    items.push(...page.items);
    if (page.next === null) return { items, more: false };
    cursor = page.next;
  }
  return { items, more: true };
}
