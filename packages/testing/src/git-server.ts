import { spawn } from "node:child_process";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What becomes of a request: `broken` ends the connection in the middle of the answer, `silent` never says a word. */
export type GitAnswer =
  | "served"
  | "broken"
  | "silent"
  | { readonly status: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>> };

export interface GitRequest {
  /** `/acme/shop.git/git-upload-pack`. */
  readonly path: string;
  readonly authorization: string | undefined;
  /** What the caller speaks: `version=2`. */
  readonly protocol: string | undefined;
}

const KEPT_OF_BROKEN_BYTES = 2000;

/**
 * A real git server for tests: `git http-backend` behind HTTP on this machine, for the bare repositories of a folder. It allows what
 * hosts of repositories do: filters, and any object by its name. What it is asked is kept, and may be answered in another way.
 */
export class GitServer {
  readonly url: string;
  /** In the order of their coming. */
  readonly requests: GitRequest[] = [];
  /** Asked for every request. */
  answer: (request: GitRequest) => GitAnswer = () => "served";
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /**
   * @param folder of the repositories: `acme/shop.git` is at `<url>/acme/shop.git`
   * @param options user and password, as `user:password`, without which it answers 401; default: everybody may read. And git's settings
   */
  static async start(
    folder: string,
    options: { readonly credentials?: string; readonly settings?: Readonly<Record<string, string>> } = {},
  ): Promise<GitServer> {
    const { credentials, settings = {} } = options;
    const server = createServer((request, response) => void handle(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const git = new GitServer(server);
    const environment = backendEnvironment(folder, { "uploadpack.allowFilter": "true", ...settings });
    const expected = credentials && `Basic ${Buffer.from(credentials).toString("base64")}`;
    const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const { authorization } = request.headers;
      const path = new URL(request.url ?? "/", git.url).pathname;
      const asked = { path, authorization, protocol: request.headers["git-protocol"]?.toString() };
      git.requests.push(asked);
      const denied = expected !== undefined && authorization !== expected;
      const answer = denied ? { status: 401, headers: { "www-authenticate": "Basic" } } : git.answer(asked);
      if (answer === "silent") return;
      if (typeof answer === "object") return void response.writeHead(answer.status, answer.headers).end(answer.body);
      serve(request, response, environment, answer === "broken");
    };
    return git;
  }

  /** The requests that fetched objects, and did not only ask for names. */
  get fetches(): number {
    return this.requests.filter(({ path }) => path.endsWith("/git-upload-pack")).length;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

function backendEnvironment(folder: string, settings: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const pairs = Object.entries({ "safe.directory": "*", ...settings });
  return {
    PATH: process.env["PATH"],
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_PROJECT_ROOT: folder,
    GIT_HTTP_EXPORT_ALL: "1",
    GIT_CONFIG_COUNT: String(pairs.length),
    ...Object.fromEntries(
      pairs.flatMap(([key, value], i) => [
        [`GIT_CONFIG_KEY_${i}`, key],
        [`GIT_CONFIG_VALUE_${i}`, value],
      ]),
    ),
  };
}

/** As a web server speaks to a program behind it: CGI, RFC 3875. */
function serve(request: IncomingMessage, response: ServerResponse, env: NodeJS.ProcessEnv, isBroken: boolean): void {
  const { pathname, search } = new URL(request.url ?? "/", "http://localhost");
  const child = spawn("git", ["http-backend"], {
    env: {
      ...env,
      REQUEST_METHOD: request.method,
      PATH_INFO: decodeURIComponent(pathname),
      QUERY_STRING: search.slice(1),
      CONTENT_TYPE: request.headers["content-type"],
      HTTP_CONTENT_ENCODING: request.headers["content-encoding"]?.toString(),
      GIT_PROTOCOL: request.headers["git-protocol"]?.toString(),
      REMOTE_USER: "test",
    },
    stdio: ["pipe", "pipe", "ignore"],
  });
  response.once("close", () => child.kill());
  child.stdin.on("error", () => undefined); // it has read enough
  request.pipe(child.stdin);
  let head = Buffer.alloc(0);
  let sent = 0;
  const send = (chunk: Buffer): void => {
    sent += chunk.length;
    response.write(chunk);
    if (isBroken && sent > KEPT_OF_BROKEN_BYTES) response.destroy();
  };
  child.stdout.on("data", (chunk: Buffer) => {
    if (response.headersSent) return send(chunk);
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end < 0) return;
    const lines = head.toString("latin1", 0, end).split("\r\n");
    for (const [name = "", value = ""] of lines.map((line) => line.split(": "))) {
      if (name === "Status") response.statusCode = Number.parseInt(value, 10);
      else response.setHeader(name, value);
    }
    response.flushHeaders();
    send(head.subarray(end + 4));
  });
  child.stdout.on("end", () => (isBroken ? response.destroy() : response.end()));
}
