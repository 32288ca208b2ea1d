import { generateKeyPairSync, sign, type JsonWebKey, type KeyObject } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { PushAuthConfig } from "./authenticate-push.ts";

export const AUDIENCE = "test-agent";
export const ACCOUNT = "bus@test.iam.example";

/** A key of an issuer: its id, both halves. */
export interface IssuerKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** An issuer of push tokens, whose keys are served over loopback HTTP and can be changed, slowed or taken away. */
export interface Issuer {
  readonly url: string;
  readonly config: PushAuthConfig;
  readonly key: IssuerKey;
  /** How often the keys were asked for. */
  readonly fetches: () => number;
  /** Serves these keys from now on; `down` answers 500. */
  serve(keys: readonly IssuerKey[] | "down"): void;
  /** The value of an Authorization header: a valid token, but for what is given. */
  bearer(claims?: object, header?: object, key?: IssuerKey): string;
  close(): Promise<void>;
}

export function newKey(kid: string): IssuerKey {
  return { kid, ...generateKeyPairSync("rsa", { modulusLength: 2048 }) };
}

export async function startIssuer(now: () => number = () => Date.now() / 1000): Promise<Issuer> {
  const key = newKey("first");
  let keys: readonly IssuerKey[] | "down" = [key];
  let fetches = 0;
  const server = createServer((_request, response) => {
    fetches += 1;
    if (keys === "down") response.writeHead(500).end();
    else response.end(JSON.stringify({ keys: keys.map(jwkOf) }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    key,
    config: { mode: "app", issuers: [url], jwksUrl: `${url}/keys`, audience: AUDIENCE, serviceAccounts: [ACCOUNT] },
    fetches: () => fetches,
    serve: (next) => {
      keys = next;
    },
    bearer: (claims = {}, header = {}, by = key) =>
      `Bearer ${compact({ alg: "RS256", kid: by.kid, ...header }, { ...validClaims(url, now()), ...claims }, rs256(by))}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function validClaims(issuer: string, now: number): object {
  const iat = Math.floor(now);
  return { iss: issuer, aud: AUDIENCE, email: ACCOUNT, email_verified: true, sub: "1", iat, exp: iat + 3600 };
}

export type Signer = (input: string) => Uint8Array;

export const rs256 =
  ({ privateKey }: IssuerKey): Signer =>
  (input) =>
    sign("sha256", Buffer.from(input), privateKey);

/** A compact JWS of any header and payload, as objects or as JSON text. */
export function compact(header: object | string, payload: object | string, signer: Signer): string {
  const input = `${base64url(header)}.${base64url(payload)}`;
  return `${input}.${Buffer.from(signer(input)).toString("base64url")}`;
}

function base64url(value: object | string): string {
  return Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
}

function jwkOf({ kid, publicKey }: IssuerKey): JsonWebKey {
  return { ...publicKey.export({ format: "jwk" }), kid, use: "sig", alg: "RS256" };
}
