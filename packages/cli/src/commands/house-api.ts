import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import type { ErrorAnswer } from "@contextpilot/dashboard";
import { readHouseAddress } from "../house/house-address.ts";
import { readApiToken } from "../house/secrets.ts";
import { CommandError } from "./command-error.ts";
import { DEFAULT_API } from "./options.ts";
import { plainLine } from "./plain-text.ts";

export interface HouseApiOptions {
  /** Where the web API listens. Default: where the house that runs in the data folder says. */
  readonly api?: string | undefined;
  /** The house's data folder, where its address and its token are. */
  readonly data: string;
  /** Whose things; default: those that the house shows. */
  readonly tenant?: string | undefined;
}

type Query = Readonly<Record<string, string | number | undefined>>;

/** The web API of a house that runs. What it refuses, and a house that is not there, is a CommandError with the remedy. */
export class HouseApi {
  readonly #options: HouseApiOptions & { readonly api: string };

  constructor(options: HouseApiOptions) {
    const { api = readHouseAddress(options.data)?.apiUrl ?? DEFAULT_API } = options;
    this.#options = { ...options, api };
  }

  get<T>(path: string, query: Query = {}): Promise<T> {
    const { tenant } = this.#options;
    const url = urlOf(this.#options.api, path, { ...query, tenant });
    return this.#ask<T>("GET", url, tenant === undefined ? {} : this.#authorization());
  }

  post<T>(path: string, body: object): Promise<T> {
    const { tenant } = this.#options;
    const payload = JSON.stringify(tenant === undefined ? body : { ...body, tenant });
    return this.#ask<T>(
      "POST",
      urlOf(this.#options.api, path),
      { ...this.#authorization(), "content-type": "application/json" },
      payload,
    );
  }

  /**
   * The data of each of the server-sent events at the path, until the signal aborts; first undefined, once the house has begun
   * to listen. A house that ends them is a CommandError.
   */
  async *follow<T>(path: string, query: Query, signal: AbortSignal): AsyncGenerator<T | undefined, void, undefined> {
    const { api } = this.#options;
    try {
      const response = await fetch(urlOf(api, path, query), { signal });
      if (response.status !== 200 || response.body === null) throw this.#refusal(await response.text());
      for await (const line of createInterface({ input: Readable.fromWeb(response.body) })) {
        if (line.startsWith(":")) yield undefined;
        else if (line.startsWith("data: ")) yield JSON.parse(line.slice("data: ".length)) as T;
      }
    } catch (cause) {
      if (signal.aborted) return;
      throw cause instanceof CommandError ? cause : noHouse(api, cause);
    }
    if (!signal.aborted) throw new CommandError(`the house at ${api} has ended`);
  }

  #authorization(): { authorization: string } {
    const { data } = this.#options;
    const token = readApiToken(data);
    if (token === undefined) {
      throw new CommandError(
        `no house has kept its API token in ${data}: name the data folder of the house with --data`,
      );
    }
    return { authorization: `Bearer ${token}` };
  }

  async #ask<T>(method: string, url: URL, headers: Record<string, string>, body?: string): Promise<T> {
    const { api, data } = this.#options;
    const { status, text } = await send(url, { method, headers, body: body ?? null }).catch((cause: unknown) => {
      throw noHouse(api, cause);
    });
    const answer = parse(text);
    if (answer === undefined) throw notTheHouse(api);
    if (status === 200) return answer as T;
    if (status === 401) {
      throw new CommandError(
        `the house at ${api} is not the one that keeps its things in ${data}: name its folder with --data`,
      );
    }
    throw this.#refusal(text);
  }

  #refusal(text: string): CommandError {
    const answer = parse(text);
    return isErrorAnswer(answer) ? new CommandError(plainLine(answer.error.message)) : notTheHouse(this.#options.api);
  }
}

function urlOf(api: string, path: string, query: Query = {}): URL {
  const url = new URL(`/api${path}`, api);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url;
}

const noHouse = (api: string, cause: unknown): CommandError =>
  new CommandError(
    `no house answers at ${api}: start it with ./contextpilot up, or say with --data or --api where it is`,
    {
      cause,
    },
  );

async function send(url: URL, request: RequestInit): Promise<{ status: number; text: string }> {
  const response = await fetch(url, request);
  return { status: response.status, text: await response.text() };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const notTheHouse = (api: string): CommandError =>
  new CommandError(`what answers at ${api} is not ContextPilot's web API: say with --api where that is`);

function isErrorAnswer(answer: unknown): answer is ErrorAnswer {
  const { error } = (answer ?? {}) as Partial<ErrorAnswer>;
  return typeof error?.message === "string";
}
