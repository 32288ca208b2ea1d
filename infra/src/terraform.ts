import { spawn } from "node:child_process";
import { once } from "node:events";
import { globSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { googleSchema } from "./stand-in-provider/google-schema.ts";
import { onlyTypes } from "./stand-in-provider/provider-schema.ts";
import { serveProvider } from "./stand-in-provider/serve-provider.ts";
import { type TestOutcome, testOutcome } from "./test-outcome.ts";

/** Terraform in one folder, ready to check what stands there. It asks no cloud, and leaves nothing in the folder. */
export interface Terraform extends AsyncDisposable {
  /** What `terraform validate` finds wrong, a sentence each. */
  validate(): Promise<readonly string[]>;
  /** Runs the folder's tests, all of them or those of the files that are named (`tests/policy.tftest.hcl`). */
  test(...files: readonly string[]): Promise<TestOutcome>;
}

/**
 * Initializes a folder. The provider is a stand-in that knows the real one's schema; with TERRAFORM_PROVIDER=registry it is the real
 * one, from Terraform's registry. Throws where terraform is not installed, or the folder cannot be initialized.
 */
export async function openTerraform(folder: string): Promise<Terraform> {
  const data = await mkdtemp(join(tmpdir(), "contextpilot-terraform-"));
  const provider = process.env["TERRAFORM_PROVIDER"] === "registry" ? undefined : await standIn(folder);
  const env = {
    TF_DATA_DIR: data,
    ...(provider === undefined ? {} : { TF_REATTACH_PROVIDERS: reattach(provider.address) }),
  };
  const running = new Set<Promise<unknown>>();
  const terraform = (...args: readonly string[]): ReturnType<typeof run> => {
    const ended = run(args, folder, env);
    running.add(ended);
    return ended;
  };
  // Terraform kills the process that its provider is said to be in, which is this one, where it finds nobody at the address.
  const close = async (): Promise<void> => {
    await Promise.allSettled(running);
    await provider?.[Symbol.asyncDispose]();
    await rm(data, { recursive: true, force: true });
  };
  const init = await terraform("init", "-backend=false", "-input=false", "-no-color").catch(async (error) => {
    await close();
    throw error;
  });
  if (init.code !== 0) {
    await close();
    throw new Error(`terraform init failed in ${folder}:\n${init.err}`);
  }
  return {
    validate: async () => {
      const { out } = await terraform("validate", "-json");
      const { diagnostics } = JSON.parse(out) as { diagnostics: readonly Diagnostic[] };
      return diagnostics.map(({ summary, detail }) => `${summary}: ${detail}`);
    },
    test: async (...files) => {
      const { out, err } = await terraform("test", "-json", "-verbose", ...files.map((file) => `-filter=${file}`));
      return testOutcome(out, err);
    },
    [Symbol.asyncDispose]: close,
  };
}

/** What `terraform fmt` would change in a folder and all below it, a file each. */
export async function unformatted(folder: string): Promise<readonly string[]> {
  const { out } = await run(["fmt", "-check", "-recursive", "-list=true"], folder, {});
  return out.split("\n").filter((line) => line !== "");
}

interface Diagnostic {
  readonly summary: string;
  readonly detail: string;
}

/** Knows the types that the folder names: holding all 1,500 against their schema takes Terraform seconds a run. */
async function standIn(folder: string): ReturnType<typeof serveProvider> {
  const sources = globSync("**/*.{tf,hcl}", { cwd: folder }).map((file) => readFileSync(join(folder, file), "utf8"));
  const named = new Set(sources.join("\n").match(/\bgoogle_\w+/g));
  return serveProvider(onlyTypes(await googleSchema(), named));
}

/** How Terraform is told of a provider that runs already, and is not to be installed or started. */
const reattach = (address: string): string =>
  JSON.stringify({
    "registry.terraform.io/hashicorp/google": {
      Protocol: "grpc",
      ProtocolVersion: 5,
      Pid: process.pid,
      Test: true,
      Addr: { Network: "tcp", String: address },
    },
  });

async function run(args: readonly string[], cwd: string, env: Readonly<Record<string, string>>) {
  const child = spawn("terraform", args, {
    cwd,
    env: { ...process.env, ...env, CHECKPOINT_DISABLE: "1", TF_IN_AUTOMATION: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = once(child, "close").catch((error: unknown) => {
    throw new Error("terraform cannot be run: install version 1.11 or later, and have it on the PATH", {
      cause: error,
    });
  });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { out, err, code: code as number | null };
}
