import { statSync } from "node:fs";
import { StartError, parseEnvironment, type Environment } from "@contextpilot/agent-host";
import * as z from "zod";
import type { ReadableRepository } from "./readable-repository.ts";
import { remoteRepositories, type RemoteRepositoriesOptions } from "./remote-repositories.ts";
import { repositoriesIn } from "./repositories-in.ts";
import { REPOSITORY, isPattern, isTemplate } from "./repository-names.ts";

/** What the git-agent must be told. */
export interface GitAgentConfig {
  /** The repository that pushes call by the name; undefined where it may not be read, and is set aside. Asked at each push. */
  readonly repository: (name: string) => ReadableRepository | undefined;
  /** The names of all repositories that may be read. Asked at each tick, which looks for pushes that nobody told of. */
  readonly repositories: () => readonly string[];
  /** The secret that turns authors' e-mail addresses into ids. */
  readonly authorKey: string;
}

const FOLDER_REMEDY = "set it to the folder that holds the repositories, by their names: shop or shop.git";
/** As short as a key may be that nobody tries out. */
const MIN_KEY_LENGTH = 16;
const KEY_REMEDY = `set it to a random text of at least ${MIN_KEY_LENGTH} characters, as from: openssl rand -hex 32`;

const URL_REMEDY = `set it to where repositories are, as https://github.com/${REPOSITORY}.git`;
const LIST_REMEDY =
  "set it to the repositories that may be read, separated by commas: acme/shop, or acme/* for all of an owner's";

const schema = z.object({
  /** Of the repositories themselves; with GIT_URL where clones are kept. */
  GIT_FOLDER: z.string({ error: FOLDER_REMEDY }).refine(isFolder, `it is no folder; ${FOLDER_REMEDY}`),
  GIT_URL: z.string().refine(isTemplate, URL_REMEDY).optional(),
  GIT_REPOSITORIES: z
    .string()
    .transform((text) => text.split(/[\s,]+/).filter((item) => item !== ""))
    .refine((items) => items.length > 0 && items.every(isPattern), LIST_REMEDY)
    .optional(),
  GIT_USERNAME: z
    .string()
    .regex(/^[^:\s]+$/, "set it to a name without a colon or a space")
    .default("x-access-token"),
  GIT_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]+$/, "it holds more than a token: spaces, or a line's end within")
    .optional(),
  AUTHOR_KEY: z.string({ error: KEY_REMEDY }).min(MIN_KEY_LENGTH, KEY_REMEDY),
  PUBSUB_EMULATOR_HOST: z.string().optional(),
  K_SERVICE: z.string().optional(),
});

/** Reads the configuration of a process of its own. Throws a StartError, one line that names the variable and the remedy. */
export function gitAgentConfig(env: Environment): GitAgentConfig {
  const read = parseEnvironment(schema, env);
  const authorKey = read.AUTHOR_KEY;
  if (read.GIT_URL === undefined && read.GIT_REPOSITORIES === undefined) {
    if (read.K_SERVICE !== undefined)
      throw new StartError(`GIT_URL is not set, and Cloud Run has no disk: ${URL_REMEDY}`);
    return { ...repositoriesIn(read.GIT_FOLDER), authorKey };
  }
  return { ...remoteRepositories(remoteOptions(read)), authorKey };
}

function remoteOptions(read: z.infer<typeof schema>): RemoteRepositoriesOptions {
  const { GIT_FOLDER, GIT_URL, GIT_REPOSITORIES, GIT_USERNAME, GIT_TOKEN, PUBSUB_EMULATOR_HOST } = read;
  if (GIT_URL === undefined) throw new StartError(`GIT_URL is not set, and GIT_REPOSITORIES is: ${URL_REMEDY}`);
  if (GIT_REPOSITORIES === undefined)
    throw new StartError(`GIT_REPOSITORIES is not set, and GIT_URL is: ${LIST_REMEDY}`);
  if (PUBSUB_EMULATOR_HOST === undefined && !isPrivate(new URL(GIT_URL.replace(REPOSITORY, "name")))) {
    throw new StartError(
      "GIT_URL is wrong: without encryption anybody may read and change what is fetched; set it to an https address",
    );
  }
  const credentials = GIT_TOKEN === undefined ? {} : { credentials: { username: GIT_USERNAME, token: GIT_TOKEN } };
  return { url: GIT_URL, allowed: GIT_REPOSITORIES, folder: GIT_FOLDER, ...credentials };
}

/** Encrypted, or on this machine. */
const isPrivate = ({ protocol, hostname }: URL): boolean =>
  protocol === "https:" || ["localhost", "127.0.0.1", "[::1]"].includes(hostname);

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
