import { createHmac } from "node:crypto";

/**
 * Who wrote a commit, without saying it: HMAC-SHA256 of the e-mail address, trimmed and in lower case, in hexadecimal,
 * cut to 32 digits. The same key gives the same person the same id, on every repository; without the key nobody can try
 * addresses.
 */
export function authorId(key: string, email: string): string {
  return createHmac("sha256", key).update(email.trim().toLowerCase()).digest("hex").slice(0, 32);
}
