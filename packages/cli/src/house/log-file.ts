import { once } from "node:events";
import { createWriteStream, type WriteStream } from "node:fs";
import { StartError } from "@contextpilot/agent-host";

/**
 * The house's log: lines appended to one file. Where they cannot be written (a full disk) they are lost; the house goes on, and
 * so does its log once it can.
 */
export class LogFile {
  readonly #path: string;
  #stream: WriteStream;

  private constructor(path: string, stream: WriteStream) {
    this.#path = path;
    this.#stream = stream;
  }

  /** Opens the file, and makes it where there is none. Rejects with a StartError. */
  static async open(path: string): Promise<LogFile> {
    const stream = append(path);
    try {
      await once(stream, "open");
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      throw new StartError(
        `the log ${path} cannot be written (${code}): move away what is there, or choose another data folder with --data`,
        { cause },
      );
    }
    return new LogFile(path, stream);
  }

  write(line: string): void {
    // A stream ends at its first error.
    if (this.#stream.destroyed) this.#stream = append(this.#path);
    this.#stream.write(line);
  }

  /** Resolves when what was written is in the file, or lost. */
  close(): Promise<void> {
    return new Promise((resolve) => this.#stream.end(() => resolve()));
  }
}

function append(path: string): WriteStream {
  const stream = createWriteStream(path, { flags: "a", mode: 0o600 });
  stream.on("error", () => undefined);
  return stream;
}
