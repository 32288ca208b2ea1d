import { mkdtemp, mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GitRepository, GitServer, Stage } from "@contextpilot/testing";
import { seededRandom } from "./generated-history.ts";
import { handlers } from "./handlers.ts";
import { remoteRepositories, type RemoteRepositoriesOptions } from "./remote-repositories.ts";

export const CREDENTIALS = { username: "reader", token: "sesame-open-9f2c" };

/** `acme/shop` on a server that wants a password, a git-agent that fetches from it, and one that has its folder. */
export class RemoteScene {
  readonly folder: string;
  readonly repository: GitRepository;
  readonly server: GitServer;
  /** Where the clones are. */
  readonly work: string;

  private constructor(folder: string, repository: GitRepository, server: GitServer, work: string) {
    this.folder = folder;
    this.repository = repository;
    this.server = server;
    this.work = work;
  }

  /** @param settings of git, on the server's side */
  static async open(settings: Readonly<Record<string, string>> = {}): Promise<RemoteScene> {
    const folder = await mkdtemp(join(tmpdir(), "git-remote-"));
    const repository = await GitRepository.create(join(folder, "served/acme/shop.git"));
    const work = join(folder, "work");
    await mkdir(work);
    const credentials = `${CREDENTIALS.username}:${CREDENTIALS.token}`;
    const server = await GitServer.start(join(folder, "served"), { credentials, settings });
    return new RemoteScene(folder, repository, server, work);
  }

  options(over: Partial<RemoteRepositoriesOptions> = {}): RemoteRepositoriesOptions {
    const url = `${this.server.url}/{repository}.git`;
    return { url, allowed: ["acme/*"], credentials: CREDENTIALS, folder: this.work, ...over };
  }

  /** With nothing fetched yet. */
  fetching(over?: Partial<RemoteRepositoriesOptions>): Stage<"git-agent"> {
    return new Stage("git-agent", handlers({ ...remoteRepositories(this.options(over)), authorKey: "key" }));
  }

  /** The same agent beside the repository. */
  reading(): Stage<"git-agent"> {
    const repository = (name: string) => (name === "acme/shop" ? { path: this.repository.path } : undefined);
    return new Stage("git-agent", handlers({ repository, repositories: () => ["acme/shop"], authorKey: "key" }));
  }

  async close(): Promise<void> {
    await this.server.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** The same bytes each time, which no compression makes smaller. */
export function incompressible(length: number): Buffer {
  const random = seededRandom(1);
  return Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)));
}
