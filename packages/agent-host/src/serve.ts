import closeWithGrace from "close-with-grace";
import type { FastifyInstance } from "fastify";
import type { Logger } from "./logging.ts";
import { StartError } from "./start-error.ts";

/** Cloud Run: 10 s from SIGTERM to SIGKILL. */
const GRACE_MS = 7_500;

export interface ListenOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** What sets the port, for the error where it is taken. Default: `PORT`. */
  readonly portSetting?: string;
}

/** Listens, and gives the address: `http://127.0.0.1:8080`. Rejects with a StartError where the port cannot be had. */
export async function listen(
  app: FastifyInstance,
  { host, port, portSetting = "PORT" }: ListenOptions,
): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (cause) {
    const problem = PROBLEMS[(cause as NodeJS.ErrnoException).code ?? ""];
    if (problem === undefined) throw cause;
    throw new StartError(`port ${port} on ${host} ${problem}: choose another with ${portSetting}`, { cause });
  }
}

const PROBLEMS: Readonly<Record<string, string>> = {
  EADDRINUSE: "is taken",
  EACCES: "is not allowed to this user",
  EADDRNOTAVAIL: "is no address of this machine",
};

/** What a process has started and must end. */
export interface Running {
  readonly logger: Logger;
  /** Takes nothing new, ends what runs, closes. */
  close(): Promise<void>;
  /** How long that may take, in milliseconds; what still runs then is given up, and comes again. Default: 7,500. */
  readonly graceMs?: number;
  /** Of a process that ends by itself: when its work is done; a rejection is an error that nobody caught. Default: it runs until a signal. */
  readonly done?: Promise<void>;
}

/**
 * Runs a process: starts it, and on SIGTERM or SIGINT, or when its work is done, closes it and exits 0, or 1 where that took too long. A second
 * signal exits at once; one that comes while it starts is heeded when it has started. What cannot start is said on standard error,
 * in one line where it is a StartError, and exits 1. An error that nobody caught is logged, and ends the process in order with 1.
 */
export async function runProcess(start: () => Promise<Running>): Promise<void> {
  // What starts may be called already, from the moment it listens: a signal waits until it can be closed.
  let early: NodeJS.Signals | undefined;
  const onEarly = (signal: NodeJS.Signals): void => {
    if (early !== undefined) process.exit(1);
    early = signal;
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, onEarly);
  let running: Running;
  try {
    running = await start();
  } catch (error) {
    process.stderr.write(`${error instanceof StartError ? error.message : reportOf(error)}\n`);
    process.exit(1);
  }
  const { logger, graceMs = GRACE_MS, done } = running;
  let isClosing = false;
  const grace = closeWithGrace(
    {
      delay: graceMs,
      logger: { error: (err: unknown) => logger.error({ err }, "stopping failed") },
      onTimeout: () => logger.error({ after_ms: graceMs }, "gave up what still ran"),
      onSecondSignal: (signal) => logger.warn({ signal }, "stopped at once"),
      // A fault of memory or of the processor leaves nothing that could be closed in order.
      skip: ["SIGILL", "SIGBUS", "SIGFPE", "SIGSEGV", "SIGTRAP", "SIGABRT"],
    },
    async ({ signal, err }) => {
      isClosing = true;
      if (err !== undefined) logger.error({ err }, "stopping after an error that nobody caught");
      else if (signal !== undefined) logger.info({ signal }, "stopping");
      await running.close();
      logger.info({}, "stopped");
    },
  );
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.off(signal, onEarly);
  if (early !== undefined) process.kill(process.pid, early);
  void done?.then(() => isClosing || grace.close());
}

function reportOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
