import { runGit } from "./run-git.ts";
import { afterEdit } from "./source-text.ts";
import { AUTHORS, HISTORY } from "./story.ts";

const DAY_SECONDS = 86_400;

/** Writes the story into an empty repository's `main`, spread over the six weeks before `now`, in one git process. */
export async function writeHistory(repository: string, now: Date): Promise<void> {
  const files = new Map<string, string>();
  const begin = Math.floor(now.getTime() / 1000) - 42 * DAY_SECONDS;
  const step = Math.floor((41 * DAY_SECONDS) / HISTORY.length);
  const commands = HISTORY.flatMap(({ who, subject, edits }, index) => {
    const { name, email } = AUTHORS[who];
    const at = begin + index * step;
    const changes = edits.flatMap((edit) => {
      const content = afterEdit(files.get(edit.path), edit);
      files.set(edit.path, content);
      return [`M 100644 inline ${edit.path}\n`, data(content)];
    });
    return [
      `commit refs/heads/main\n`,
      `author ${name} <${email}> ${at} +0000\ncommitter ${name} <${email}> ${at} +0000\n`,
      data(subject),
      ...changes,
      "\n",
    ];
  });
  await runGit(repository, ["fast-import", "--quiet", "--date-format=raw"], { input: Buffer.from(commands.join("")) });
}

const data = (content: string): string => `data ${Buffer.byteLength(content)}\n${content}\n`;
