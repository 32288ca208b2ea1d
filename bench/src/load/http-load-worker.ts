import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { parentPort, type MessagePort } from "node:worker_threads";
import type { Answered, Shots } from "./http-load.ts";

/**
 * The load's own thread. Written on bare sockets because what measures must be much cheaper than what it measures: a client
 * that parses and counts what it need not took longer for a request than the bare route did.
 */
if (parentPort !== null) serve(parentPort);

function serve(port: MessagePort): void {
  port.on("message", (shots: Shots) => {
    void fire(shots).then(
      (answered) => port.postMessage(answered),
      (error: unknown) => port.postMessage({ failure: String(error) } satisfies Answered),
    );
  });
}

async function fire({ port, head, bodies, connections, expect }: Shots): Promise<Answered> {
  const requests = bodies.map((body) => {
    const bytes = Buffer.from(body);
    return Buffer.concat([Buffer.from(`${head}content-length: ${bytes.byteLength}\r\n\r\n`), bytes]);
  });
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(port)));
  let next = 0;
  const shoot = (socket: Socket): Promise<void> =>
    new Promise((resolve, reject) => {
      const send = (): void => {
        const request = requests[next];
        next += 1;
        if (request === undefined) resolve();
        else socket.write(request);
      };
      // One request at a time on a connection, and answers without a body: what comes in is one whole answer.
      socket.on("data", (answer: Buffer) => {
        const status = Number(answer.toString("latin1", 9, 12));
        if (status === expect) send();
        else reject(new Error(`answered ${status}, not ${expect}`));
      });
      socket.on("error", reject);
      socket.on("close", () => reject(new Error("the connection was closed")));
      send();
    });
  try {
    const start = performance.now();
    await Promise.all(sockets.map(shoot));
    return { perSecond: requests.length / ((performance.now() - start) / 1000) };
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  return socket;
}
