import { once } from "node:events";
import { createServer } from "node:net";
import { CommandError } from "../commands/command-error.ts";
import type { PublishedPort } from "./compose-settings.ts";
import { settingOf, type ComposeEnvironment } from "./faults-in.ts";

/** Where the composed house is met on this machine. */
export interface Door {
  /** The variable that says its port. */
  readonly variable: string;
  readonly port: number;
  readonly address: string;
}

/** The doors that docker-compose.yml publishes, where the environment puts them. */
export function doorsOf(ports: readonly PublishedPort[], environment: ComposeEnvironment): Door[] {
  return ports.map(({ variable, usual }) => {
    const port = Number(settingOf(variable, environment) ?? usual);
    return { variable, port, address: `http://127.0.0.1:${port}` };
  });
}

/** Throws a CommandError where something listens at the door's port already. */
export async function refuseTaken({ variable, port }: Door): Promise<void> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new CommandError(
      `port ${port} cannot be had (${code}): stop the program that has it, or set ${variable} in .env to another`,
      { cause },
    );
  } finally {
    server.close();
  }
}

/** Whether the door is open: somebody answers there, who has what they need. */
export async function isOpen({ address }: Door): Promise<boolean> {
  const answer = await fetch(`${address}/health/ready`).catch(() => undefined);
  return answer?.ok === true;
}
