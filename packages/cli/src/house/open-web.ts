import { listen, type Logger } from "@contextpilot/agent-host";
import {
  DeadLetterOffice,
  PacedPublisher,
  Replays,
  createWeb,
  thisMachine,
  type AskHandled,
  type Feed,
  type SqliteReadModel,
} from "@contextpilot/dashboard";
import type { Publisher } from "@contextpilot/messaging";
import type { Closing } from "./closing.ts";

export interface WebPlace {
  readonly readModel: SqliteReadModel;
  readonly follow: Feed["follow"];
  readonly askHandled: AskHandled;
  readonly publisher: Publisher;
  readonly logger: Logger;
  readonly apiToken: string;
  readonly replayEnabled: boolean;
  readonly port: number;
}

/** Opens the people's door, and sends first what was decided there before a crash. Gives its address. */
export async function openWeb(
  { readModel, follow, askHandled, publisher: bus, logger, apiToken: token, replayEnabled: enabled, port }: WebPlace,
  closing: Closing,
): Promise<string> {
  const publisher = new PacedPublisher(bus);
  const office = new DeadLetterOffice({ readModel, decisions: readModel.decisions, publisher, logger });
  const replays = new Replays({ runs: readModel.replayRuns, publisher, enabled });
  await office.finishPending();
  const web = createWeb({
    readModel,
    follow,
    askHandled,
    logger,
    access: thisMachine({ token }),
    operator: { office, replays },
  });
  closing.add(() => web.close());
  // Before the web: it waits for its requests, and a long redrive is one.
  closing.add(() => publisher.close());
  return listen(web, { host: "127.0.0.1", port, portSetting: "--api-port" });
}
