import { isNativeError } from "node:util/types";

export type DatabaseErrorCode = "corrupt" | "locked" | "read-only" | "full" | "newer" | "failed";

/** What is wrong with the file, and what whoever runs the house can do. */
const MEANING = {
  corrupt: {
    problem: "is damaged, or is no database",
    remedy:
      "Move it away, with the -wal file beside it if there is one, and start again with an empty one or with a copy.",
  },
  locked: {
    problem: "is in use by another ContextPilot",
    remedy: "Stop that one, or give this one a data folder of its own.",
  },
  "read-only": {
    problem: "cannot be written",
    remedy: "Let this user write the file and its folder, or choose another data folder.",
  },
  full: {
    problem: "cannot grow: the disk is full",
    remedy: "Free some space; what was accepted before is kept.",
  },
  newer: {
    problem: "was written by a newer ContextPilot",
    remedy: "Update this one, or choose another data folder.",
  },
  failed: {
    problem: "cannot be used",
    remedy: "Check its path and the disk, or choose another data folder.",
  },
} as const satisfies Record<DatabaseErrorCode, { problem: string; remedy: string }>;

/** A database file that cannot be used: its message is one line with the file, what is wrong and the remedy. */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
  readonly code: DatabaseErrorCode;
  readonly file: string;
  readonly remedy: string;

  constructor(code: DatabaseErrorCode, file: string, reason: string, options?: ErrorOptions) {
    const { problem, remedy } = MEANING[code];
    super(`${file} ${problem} (${reason}). ${remedy}`, options);
    this.code = code;
    this.file = file;
    this.remedy = remedy;
  }

  /** What SQLite or the file system threw, as a DatabaseError; anything else comes back as it is. */
  static from(thrown: unknown, file: string): unknown {
    // Not instanceof: an error that Node itself made is of another realm inside a vm context, such as jest's.
    if (thrown instanceof DatabaseError || !isNativeError(thrown)) return thrown;
    const code = codeOf(thrown);
    return code === undefined ? thrown : new DatabaseError(code, file, thrown.message, { cause: thrown });
  }
}

function codeOf(error: Error): DatabaseErrorCode | undefined {
  if ("errcode" in error && typeof error.errcode === "number") return codeOfSqlite(error.errcode);
  if ("syscall" in error && "code" in error) return codeOfFileSystem(error.code);
  return undefined;
}

/** The exclusive lock was refused, as it is for a file that this user may only read. */
const SQLITE_IOERR_LOCK = 3_850;

/** https://www.sqlite.org/rescode.html: the primary code is the low byte of an extended one. */
function codeOfSqlite(errcode: number): DatabaseErrorCode {
  if (errcode === SQLITE_IOERR_LOCK) return "read-only";
  switch (errcode & 0xff) {
    case 11: // SQLITE_CORRUPT
    case 26: // SQLITE_NOTADB
      return "corrupt";
    case 5: // SQLITE_BUSY
    case 6: // SQLITE_LOCKED
      return "locked";
    case 3: // SQLITE_PERM
    case 8: // SQLITE_READONLY
    case 14: // SQLITE_CANTOPEN: the file is there, so it is the log beside it that this user may not make
      return "read-only";
    case 13: // SQLITE_FULL
      return "full";
    default:
      return "failed";
  }
}

function codeOfFileSystem(code: unknown): DatabaseErrorCode {
  switch (code) {
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return "read-only";
    case "ENOSPC":
    case "EDQUOT":
      return "full";
    default:
      return "failed";
  }
}
