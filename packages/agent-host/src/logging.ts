import {
  destination,
  pino,
  stdSerializers,
  stdTimeFunctions,
  type DestinationStream,
  type LoggerOptions as PinoOptions,
} from "pino";
import { build as prettyStream } from "pino-pretty";
import { levelOf, type LogLevel, type LogLevels } from "./log-levels.ts";

type LogMethod = (fields: object, message: string) => void;

/** What the house needs of a logger; pino's own is one. */
export interface Logger {
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
}

export interface LoggerOptions {
  /** Stands in every line. */
  readonly service: string;
  /** One level, or those of which the service takes its own. Default: `info`. */
  readonly level?: LogLevel | LogLevels;
  /** Where lines of JSON go. Default: standard output, as text for people where that is a terminal. */
  readonly destination?: DestinationStream;
}

/** What no line shows, neither by itself nor among headers: tokens, signatures, secrets. Within any field would cost a line 10 µs more. */
const SECRET_FIELDS = ["authorization", "cookie", "x-hub-signature-256", "token", "secret", "password"] as const;

/** Cloud Logging's names for the levels. */
const SEVERITIES: Readonly<Record<string, string>> = { trace: "DEBUG", warn: "WARNING", fatal: "CRITICAL" };

/**
 * A logger that writes one line of JSON an entry, with the names that Google's Cloud Logging reads: severity, time, message.
 * Lines are written before the call returns, so that the last one before an exit is not lost.
 */
export function createLogger({ service, level = "info", destination: to }: LoggerOptions): Logger {
  const options: PinoOptions = {
    level: typeof level === "string" ? level : levelOf(level, service),
    base: { service },
    messageKey: "message",
    // Of an error only what every error has: clients' errors carry requests, and those carry tokens.
    serializers: { err: safeError },
    redact: SECRET_FIELDS.flatMap((name) => [`["${name}"]`, `headers["${name}"]`]),
  };
  if (to === undefined && process.stdout.isTTY) return pino(options, terminal());
  return pino(
    {
      ...options,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ severity: SEVERITIES[label] ?? label.toUpperCase() }) },
    },
    to ?? destination({ dest: 1, sync: true }),
  );
}

/** Text for people. In this thread: a worker of its own costs start time and may lose the last lines. */
function terminal(): DestinationStream {
  return prettyStream({
    messageKey: "message",
    messageFormat: "{service}: {message}",
    ignore: "service,hostname,pid",
    translateTime: "SYS:HH:MM:ss.l",
    singleLine: true,
    sync: true,
  });
}

function safeError(error: Error): object {
  const { message, stack } = stdSerializers.err(error);
  // The name that it gives itself: its class may have another one in a bundle.
  return { type: error.name, message, stack };
}
