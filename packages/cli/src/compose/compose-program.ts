import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { CommandError } from "../commands/command-error.ts";
import { outputOf } from "./output-of.ts";

const leave = (): void => undefined;

/** Docker's compose: the newer one where it is there, else docker-compose. */
export class ComposeProgram {
  /** As people would give it, without what it is to do. */
  readonly words: readonly string[];
  readonly #folder: string;

  private constructor(words: readonly string[], folder: string) {
    this.words = words;
    this.#folder = folder;
  }

  /** Of the house whose docker-compose.yml is in the folder. Throws a CommandError where no compose is installed. */
  static find(environmentFile: string, folder: string): ComposeProgram {
    const program = [["docker", "compose"], ["docker-compose"]].find(
      ([name = "", ...args]) => spawnSync(name, [...args, "version"], { stdio: "ignore" }).status === 0,
    );
    if (program !== undefined) return new ComposeProgram([...program, "--env-file", environmentFile], folder);
    throw new CommandError(
      "neither docker compose nor docker-compose is here: install Docker, or podman and docker-compose",
    );
  }

  /** Runs it for whoever is at the terminal; gives its exit code. Ctrl-C is for compose, which then says what comes of it. */
  async run(args: readonly string[]): Promise<number> {
    const [program = "", ...words] = this.words;
    process.on("SIGINT", leave);
    try {
      const child = spawn(program, [...words, ...args], { cwd: this.#folder, stdio: "inherit" });
      const [code] = await once(child, "exit");
      return typeof code === "number" ? code : 1;
    } finally {
      process.off("SIGINT", leave);
    }
  }

  /** The ids of the house's containers, also of those that have ended. */
  async containers(): Promise<readonly string[]> {
    const [program = "", ...words] = this.words;
    const { out } = await outputOf(program, [...words, "ps", "--all", "--quiet"], this.#folder);
    return out.split("\n").filter(Boolean);
  }
}
