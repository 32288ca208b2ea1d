import { GitError } from "./git-error.ts";

const HASH = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

/** A full object name, SHA-1 or SHA-256, in lower case: the only thing from outside that is ever handed to git. */
export function isObjectHash(text: string): boolean {
  return HASH.test(text);
}

/** How a push says "there is nothing": before a branch's creation, after its deletion. */
export function isZeroHash(text: string): boolean {
  return /^0+$/.test(text);
}

/** @throws GitError `failed` for anything but a full object name */
export function requireObjectHash(text: string): string {
  if (!isObjectHash(text)) {
    throw new GitError("failed", `${JSON.stringify(text)} is no object name: 40 or 64 hexadecimal digits are expected`);
  }
  return text;
}
