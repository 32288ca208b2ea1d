import { execFile, type ExecFileException } from "node:child_process";
import { StartError } from "@contextpilot/agent-host";

export interface GitOptions {
  readonly input?: Buffer;
  readonly author?: Author;
  /** With the configuration of whoever runs this, for what is theirs. Default: without anybody's. */
  readonly usersOwn?: boolean;
}

/** Runs git in a folder without a shell. Throws a StartError with git's own words. */
export function runGit(folder: string, args: readonly string[], options: GitOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      "git",
      args,
      { cwd: folder, env: environment(options), maxBuffer: 16 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (error === null) return resolve(stdout);
        reject(new StartError(`git ${args[0] ?? ""} in ${folder}: ${problemOf(error, stderr)}`, { cause: error }));
      },
    );
    child.stdin?.on("error", () => undefined); // A git that has read enough closes its input; its exit code tells.
    child.stdin?.end(options.input);
  });
}

/** In one line: what git said, or what kept it from saying anything. */
function problemOf(error: ExecFileException, stderr: string): string {
  if (error.code === "ENOENT") return "git was not found: install it, or add it to PATH";
  const words = (stderr.trim() || error.message).replaceAll(/\s*\n\s*/g, "; ");
  return /no space left|out of diskspace/i.test(words) ? `${words}: free some space on the disk` : words;
}

export interface Author {
  readonly name: string;
  readonly email: string;
}

function environment({ author, usersOwn = false }: GitOptions): NodeJS.ProcessEnv {
  const { PATH, HOME, XDG_CONFIG_HOME, TMPDIR, SystemRoot } = process.env;
  return {
    PATH,
    HOME,
    TMPDIR,
    SystemRoot,
    LC_ALL: "C",
    ...(usersOwn ? { XDG_CONFIG_HOME } : { GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" }),
    GIT_TERMINAL_PROMPT: "0",
    ...(author && {
      GIT_AUTHOR_NAME: author.name,
      GIT_AUTHOR_EMAIL: author.email,
      GIT_COMMITTER_NAME: author.name,
      GIT_COMMITTER_EMAIL: author.email,
    }),
  };
}
