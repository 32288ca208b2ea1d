import { changedFilter } from "./composed-operations/changed-filter.ts";
import { growingDeadLetters } from "./composed-operations/growing-dead-letters.ts";
import { pauses } from "./composed-operations/pauses.ts";
import { restoredDatabase } from "./composed-operations/restored-database.ts";
import { versions } from "./composed-operations/versions.ts";
import type { ComposedHouse } from "./composed/composed-house.ts";
import { Scene } from "./platform-suite/scene.ts";
import type { HousePlace } from "./platform-suite/suite-house.ts";

/** Declares the tests of what docs/operations.md has people do, on the composed house. */
export function composedOperations(house: () => ComposedHouse): void {
  describe("docs/operations.md", () => {
    let place: HousePlace | undefined;
    let scene: Scene | undefined;
    const current = (): Scene => {
      if (scene === undefined) throw new Error("no scene is open");
      return scene;
    };

    beforeEach(async () => {
      place = house().place();
      scene = await Scene.open(place);
    });
    afterEach(async () => {
      await scene?.close();
      await place?.close();
      scene = undefined;
      place = undefined;
    });

    versions(house, current);
    changedFilter(house, current);
    restoredDatabase(house, current);
    pauses(house, current);
    growingDeadLetters(house, current);
  });
}
