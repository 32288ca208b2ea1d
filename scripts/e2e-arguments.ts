import { parseArgs } from "node:util";

/** Each has its `e2e/src/<platform>.e2e.test.ts`. */
export const PLATFORMS = ["embedded", "emulators", "compose"] as const;
export type Platform = (typeof PLATFORMS)[number];

export const USAGE = `npm run e2e -- [--platform <platform>] [jest's own arguments]

Runs the end-to-end suite: the same tests on every platform.

  --platform <platform>   what the house stands on: ${PLATFORMS.join(", ")} (default: ${PLATFORMS[0]})
  --help                  shows this

npm run e2e -- -t "becomes a nudge" runs the tests of that name alone.`;

export type E2eArguments =
  | { readonly kind: "help" }
  | { readonly kind: "wrong"; readonly problem: string }
  | { readonly kind: "run"; readonly platform: Platform; readonly jest: readonly string[] };

/** Takes what is ours out of the arguments; the rest is jest's, as it stands. */
export function parseE2eArguments(args: readonly string[]): E2eArguments {
  const { values, tokens } = parseArgs({
    args: [...args],
    options: { platform: { type: "string" }, help: { type: "boolean", short: "h" } },
    strict: false,
    tokens: true,
  });
  if (values.help === true) return { kind: "help" };
  const { platform: asked = PLATFORMS[0] } = values;
  const platform = PLATFORMS.find((one) => one === asked);
  if (platform === undefined) {
    return { kind: "wrong", problem: `--platform ${String(asked)}: it is ${PLATFORMS.join(", ")}` };
  }
  const ours = new Set(
    tokens.flatMap((token) => {
      if (token.kind !== "option" || token.name !== "platform") return [];
      return token.inlineValue === false ? [token.index, token.index + 1] : [token.index];
    }),
  );
  return { kind: "run", platform, jest: args.filter((_, at) => !ours.has(at)) };
}
