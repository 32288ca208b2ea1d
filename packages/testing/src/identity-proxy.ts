import { generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

const ISSUER = "https://cloud.google.com/iap";

/** A key that signs assertions. */
export interface ProxyKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** Says who somebody is as Google's identity-aware proxy does, with keys of its own, which it serves over loopback HTTP. */
export class IdentityProxy {
  /** What its assertions name as their audience. */
  readonly audience = "/projects/1/locations/europe-west1/services/dashboard-web";
  readonly key = IdentityProxy.newKey("first");
  readonly #server: Server;
  readonly #now: () => number;
  #isDown = false;

  /** @param now the time of its assertions, in seconds since the epoch. Default: the machine's. */
  static async start(now: () => number = () => Date.now() / 1000): Promise<IdentityProxy> {
    const proxy = new IdentityProxy(now);
    await new Promise<void>((listening) => proxy.#server.listen(0, "127.0.0.1", listening));
    return proxy;
  }

  static newKey(kid: string): ProxyKey {
    return { kid, ...generateKeyPairSync("ec", { namedCurve: "P-256" }) };
  }

  private constructor(now: () => number) {
    this.#now = now;
    this.#server = createServer((_request, response) => {
      const { kid, publicKey } = this.key;
      const jwk = { ...publicKey.export({ format: "jwk" }), kid, use: "sig", alg: "ES256" };
      if (this.#isDown) response.writeHead(500).end();
      else response.end(JSON.stringify({ keys: [jwk] }));
    });
  }

  /** Where its keys are. */
  get jwksUrl(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/keys`;
  }

  /** From now on its keys cannot be had. */
  fail(): void {
    this.#isDown = true;
  }

  /** The value of the assertion header for ada@example.com: a valid one, but for what is given. */
  assertion(claims: object = {}, header: object = {}, key: ProxyKey = this.key): string {
    const iat = Math.floor(this.#now());
    const valid = { iss: ISSUER, aud: this.audience, sub: "accounts.google.com:1", email: "ada@example.com" };
    const input = [
      { alg: "ES256", typ: "JWT", kid: key.kid, ...header },
      { ...valid, iat, exp: iat + 600, ...claims },
    ]
      .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
      .join(".");
    const signature = sign("sha256", Buffer.from(input), { key: key.privateKey, dsaEncoding: "ieee-p1363" });
    return `${input}.${signature.toString("base64url")}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((closed) => this.#server.close(closed));
  }
}
