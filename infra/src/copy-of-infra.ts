import { cp, mkdtemp, rm } from "node:fs/promises";
import { globSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");

/** A folder with what Terraform reads, for tests that change it. */
export interface CopyOfInfra extends AsyncDisposable {
  readonly root: string;
  /** `infra/terraform` in it. */
  readonly terraform: string;
}

/** What Terraform's files read of the house. */
const READ = "{services,packages/drivers}/*/{deployment,firestore.indexes}.json";

/** Copies Terraform's files and what they read, and the further folders of the project that are named. */
export async function copyOfInfra(...folders: readonly string[]): Promise<CopyOfInfra> {
  const root = await mkdtemp(join(tmpdir(), "contextpilot-infra-"));
  for (const file of ["infra/terraform", ...globSync(READ, { cwd: ROOT }), ...folders]) {
    await cp(join(ROOT, file), join(root, file), { recursive: true, verbatimSymlinks: true });
  }
  return {
    root,
    terraform: join(root, "infra/terraform"),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}
