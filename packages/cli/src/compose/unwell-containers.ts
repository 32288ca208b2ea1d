import * as z from "zod";
import { outputOf } from "./output-of.ts";

/** A container that is not as it should be. */
export interface Unwell {
  readonly service: string;
  /** What follows its name: `ended with exit code 1`. */
  readonly what: string;
  /** It has only just begun. */
  readonly mayBecomeWell: boolean;
  /** The last lines of its log. */
  readonly said: string;
}

const LAST_LINES = "5";

const container = z.object({
  Id: z.string(),
  Config: z.object({ Labels: z.record(z.string(), z.string()) }),
  State: z.object({
    Status: z.string(),
    ExitCode: z.number(),
    Health: z.object({ Status: z.string() }).nullish(),
  }),
});

/** Those of the containers that ended with an error, start over and over, or are not ready; with what they said last. */
export async function unwellContainers(ids: readonly string[]): Promise<readonly Unwell[]> {
  if (ids.length === 0) return [];
  const { out } = await outputOf("docker", ["inspect", "--type=container", ...ids]);
  const all = await Promise.all(
    z
      .array(container)
      .parse(JSON.parse(out || "[]"))
      .map(async ({ Id, Config, State }) => {
        const wrong = wrongWith(State);
        if (wrong === undefined) return [];
        const logs = await outputOf("docker", ["logs", "--tail", LAST_LINES, Id]);
        const service = Config.Labels["com.docker.compose.service"] ?? Id;
        return [{ ...wrong, service, said: (logs.out + logs.err).trim() }];
      }),
  );
  return all.flat();
}

function wrongWith({
  Status,
  ExitCode,
  Health,
}: z.output<typeof container>["State"]): Omit<Unwell, "service" | "said"> | undefined {
  if (Status === "exited" && ExitCode === 0) return undefined;
  if (Status === "exited") return { what: `ended with exit code ${ExitCode}`, mayBecomeWell: false };
  if (Status === "running" && ["", "healthy"].includes(Health?.Status ?? "")) return undefined;
  if (Status === "running" && Health?.Status === "unhealthy")
    return { what: "runs, and does not become ready", mayBecomeWell: false };
  return { what: Status === "running" ? "is not ready yet" : `does not run (it is ${Status})`, mayBecomeWell: true };
}
