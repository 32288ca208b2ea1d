/**
 * Resolves once the condition holds; looks again `everyMs` (default: 2; more where looking costs something). Rejects after `withinMs` (default: 30 s) with `what`
 * was awaited, which may be a function that says how far it got.
 */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string | (() => string),
  { withinMs = 30_000, everyMs = 2 }: { readonly withinMs?: number; readonly everyMs?: number } = {},
): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > end)
      throw new Error(`not within ${withinMs} ms: ${typeof what === "string" ? what : what()}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
