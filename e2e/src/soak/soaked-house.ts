import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Gate } from "../gate.ts";
import type { Door } from "../pushes.ts";
import { IssuerServer } from "./issuer-server.ts";
import type { SoakPlatform, SoakPlatformKind } from "./platform.ts";
import { Resident } from "./resident.ts";
import { everybodyIn } from "./roster.ts";

export interface SoakedHouseOptions {
  readonly kind: SoakPlatformKind;
  /** For repositories, logs, and what is compiled. */
  readonly folder: string;
  /** For what must outlive processes: on the disk that is made full, where there is one. */
  readonly data: string;
  /** Hears of a process that ended, and was not asked to. */
  readonly onOwnEnd: (name: string, end: number | NodeJS.Signals) => void;
}

/** A platform, and bus, webhook, clock and agents in a process each. */
export class SoakedHouse {
  readonly platform: SoakPlatform;
  readonly residents: readonly Resident[];
  /** Where developers push to. */
  readonly door: Door;
  readonly #closing: readonly (() => Promise<unknown>)[];
  #closed: Promise<void> | undefined;

  private constructor(
    parts: Pick<SoakedHouse, "platform" | "residents" | "door">,
    closing: readonly (() => Promise<unknown>)[],
  ) {
    this.platform = parts.platform;
    this.residents = parts.residents;
    this.door = parts.door;
    this.#closing = closing;
  }

  /** Its processes are started later; the folder of its repositories is there. */
  static async open({ kind, folder, data, onOwnEnd }: SoakedHouseOptions): Promise<SoakedHouse> {
    const closing: (() => Promise<unknown>)[] = [];
    const gates = new Map<string, Gate>();
    for (const name of everybodyIn(kind.roster)) {
      const gate = await Gate.open();
      gates.set(name, gate);
      closing.push(() => gate.close());
    }
    const gateOf = (name: string): Gate => {
      const gate = gates.get(name);
      if (gate === undefined) throw new TypeError(`there is no ${name}`);
      return gate;
    };
    const addressOf = (name: string): string => `http://${gateOf(name).host}`;
    const issuer = await IssuerServer.open();
    closing.push(() => issuer.close());

    const repositories = repositoriesIn(folder);
    await mkdir(repositories);
    const secret = randomUUID();
    const told = {
      PORT: "0",
      WEBHOOK_SECRET: secret,
      GIT_FOLDER: repositories,
      AUTHOR_KEY: secret,
      NODE_COMPILE_CACHE: join(folder, "compiled"),
    };
    const platform = await kind.open({
      folder: data,
      environmentOf: (service) => ({ ...told, ...issuer.environmentOf(service) }),
      tokenFor: (service) => issuer.tokenFor(service),
      addressOf,
    });
    closing.push(() => platform.close());

    const residents = Object.entries(platform.programs).map(
      ([name, program]) =>
        new Resident({
          ...program,
          name,
          log: join(folder, `${name}.log`),
          gate: gateOf(name),
          onOwnEnd: (end) => onOwnEnd(name, end),
        }),
    );
    for (const resident of residents) closing.push(() => resident.close());
    return new SoakedHouse({ platform, residents, door: { webhookUrl: addressOf("webhook"), secret } }, closing);
  }

  /** One process before the others, who then find its code compiled. */
  async start(): Promise<void> {
    const [first, ...others] = this.residents;
    await first?.start();
    await Promise.all(others.map((resident) => resident.start()));
  }

  /** Ends everything that was begun, the last first. Safe to call again. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    for (const close of this.#closing.toReversed()) await close();
  }
}

export const repositoriesIn = (folder: string): string => join(folder, "repositories");
