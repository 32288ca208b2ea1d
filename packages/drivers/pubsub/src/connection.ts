import type { PubSub } from "@google-cloud/pubsub";

/** Where Pub/Sub is. */
export interface PubsubConnection {
  readonly projectId: string;
  /** `host:port` of Google's emulator. Default: PUBSUB_EMULATOR_HOST, which the SDK reads by itself; without it the real service. */
  readonly emulatorHost?: string | undefined;
}

/** The one place that loads the SDK: that takes 170 to 260 ms, and a process that never needs it never waits for it. */
export const loadSdk = () => import("@google-cloud/pubsub");

/** Options of the gRPC channel, which the SDK hands on. */
export type ChannelOptions = Readonly<Record<`grpc.${string}`, number>>;

/** How long a channel that broke waits before it connects again: gRPC would wait up to two minutes after a long outage. */
const RECONNECT = { "grpc.initial_reconnect_backoff_ms": 200, "grpc.max_reconnect_backoff_ms": 2_000 } as const;

/** Google's own client, for what our ports do not offer. Who connects closes it. */
export async function connect(
  { projectId, emulatorHost }: PubsubConnection,
  channel: ChannelOptions = {},
): Promise<PubSub> {
  const { PubSub } = await loadSdk();
  const emulator = emulatorHost ?? process.env["PUBSUB_EMULATOR_HOST"];
  const place =
    emulator === undefined ? {} : { ...(await withoutCredentials()), apiEndpoint: emulator, emulatorMode: true };
  return new PubSub({ projectId, ...place, ...RECONNECT, ...channel });
}

/** An emulator asks for none; the SDK would look for some all the same, and first of all ask for Google's metadata server. */
async function withoutCredentials() {
  const { GoogleAuth, PassThroughClient } = await import("google-auth-library");
  return { auth: new GoogleAuth({ authClient: new PassThroughClient() }) };
}

/** A client that is opened at its first use, and closed only where it was opened. */
export class LazyClient<T extends { close(): Promise<unknown> }> {
  readonly #open: () => Promise<T>;
  #opened: Promise<T> | undefined;

  constructor(open: () => Promise<T>) {
    this.#open = open;
  }

  get(): Promise<T> {
    this.#opened ??= this.#open();
    return this.#opened;
  }

  async close(): Promise<void> {
    await (await this.#opened)?.close();
  }
}
