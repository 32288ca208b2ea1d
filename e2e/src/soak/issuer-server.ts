import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { LocalIssuer } from "@contextpilot/broker";
import { PUSHER, audienceOf } from "./identities.ts";

/** Stands for Google's issuer: it outlives whoever pushes with its tokens, and serves their keys. */
export class IssuerServer {
  readonly #server: Server;
  readonly #issuer: LocalIssuer;

  private constructor(server: Server, issuer: LocalIssuer) {
    this.#server = server;
    this.#issuer = issuer;
  }

  static async open(): Promise<IssuerServer> {
    const server = createServer((_request, response) => {
      void issuer.jwks().then((jwks) => response.end(JSON.stringify(jwks)));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const issuer = new LocalIssuer({ issuer: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
    return new IssuerServer(server, issuer);
  }

  /** For pushes to a service; an hour long. */
  tokenFor(service: string): Promise<string> {
    return this.#issuer.token({ audience: audienceOf(service), serviceAccount: PUSHER });
  }

  /** What a service's process is told of whom it may trust. */
  environmentOf(service: string): Readonly<Record<string, string>> {
    return {
      PUSH_AUDIENCE: audienceOf(service),
      PUSH_SERVICE_ACCOUNTS: PUSHER,
      PUSH_ISSUER: this.#issuer.issuer,
      PUSH_JWKS_URL: this.#issuer.issuer,
    };
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }
}
