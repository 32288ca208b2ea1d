import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

/**
 * A passage for TCP connections to what listens on this machine. Shut, it makes of that a dependency that is down, and of what was
 * under way something that nobody knows the end of; what lies behind it goes on, and keeps what it has.
 */
export class Gate {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #port = 0;
  #isShut = false;

  private constructor(server: Server) {
    this.#server = server;
    server.on("connection", (socket) => this.#pass(socket));
  }

  static async open(): Promise<Gate> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    return new Gate(server);
  }

  /** `127.0.0.1:port` on this side. */
  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Where it leads: `127.0.0.1:port`. */
  leadTo(host: string): this {
    this.#port = Number(host.split(":").at(-1));
    return this;
  }

  /** Cuts every connection, and each new one at once. */
  shut(): void {
    this.#isShut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  reopen(): void {
    this.#isShut = false;
  }

  async close(): Promise<void> {
    this.shut();
    this.#server.close();
    await once(this.#server, "close");
  }

  #pass(outer: Socket): void {
    if (this.#isShut) return void outer.destroy();
    const inner = connect(this.#port, "127.0.0.1");
    for (const [socket, other] of [
      [outer, inner],
      [inner, outer],
    ] as const) {
      this.#sockets.add(socket);
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  }
}
