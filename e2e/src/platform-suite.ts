import { agentDown } from "./platform-suite/agent-down.ts";
import { badMessages } from "./platform-suite/bad-messages.ts";
import { deadLetters } from "./platform-suite/dead-letters.ts";
import { duplicates } from "./platform-suite/duplicates.ts";
import { order } from "./platform-suite/order.ts";
import { proposals } from "./platform-suite/proposals.ts";
import { pushToNudge } from "./platform-suite/push-to-nudge.ts";
import { restarts } from "./platform-suite/restarts.ts";
import { Scene } from "./platform-suite/scene.ts";
import type { HousePlace } from "./platform-suite/suite-house.ts";
import { wrongTokens } from "./platform-suite/wrong-tokens.ts";

/** Declares the tests that the house passes on every platform, end to end. `open` gives an empty place each time. */
export function platformSuite(name: string, open: () => Promise<HousePlace>): void {
  describe(`the house on ${name}`, () => {
    let place: HousePlace | undefined;
    let scene: Scene | undefined;
    const current = (): Scene => {
      if (scene === undefined) throw new Error("no scene is open");
      return scene;
    };

    beforeEach(async () => {
      place = await open();
      scene = await Scene.open(place);
    });
    afterEach(async () => {
      await scene?.close();
      await place?.close();
      scene = undefined;
      place = undefined;
    });

    pushToNudge(current);
    duplicates(current);
    agentDown(current);
    restarts(current);
    order(current);
    proposals(current);
    deadLetters(current);
    wrongTokens(current);
    badMessages(current);
  });
}
