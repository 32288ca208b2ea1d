import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { GitRepository } from "@contextpilot/testing";
import type { ComposedHouse } from "../composed/composed-house.ts";
import { chains, type Scene } from "../platform-suite/scene.ts";
import { jsonIn } from "../run-contextpilot.ts";
import { Operator } from "./operator.ts";

export function growingDeadLetters(house: () => ComposedHouse, scene: () => Scene): void {
  test("an agent that reads the wrong folder fills its dead letters, in one group; it is mended, the group redriven, and each push has its effects once", async () => {
    const operator = new Operator(house());
    const stale = join(house().repositories, "../stale");
    await mkdir(stale, { recursive: true });
    await GitRepository.create(join(stale, "shop.git"));
    await operator.deploy("git-agent", { GIT_FOLDER: stale });
    try {
      for (const who of ["ada", "bob", "cleo"]) await scene().send(await scene().pushOf(who));
      await scene().untilDeadLetters(3);
    } finally {
      await operator.deploy("git-agent");
    }
    const groups = jsonIn((await scene().contextpilot("dead-letters", "--json")).out);
    expect(groups).toEqual([expect.objectContaining({ consumer: "git-agent", code: "handler-failed", open: 3 })]);
    expect(await scene().api.events("git.commit")).toEqual([]);

    const group = String(groups[0]?.["group_id"]);
    const redriven = await scene().contextpilot("dead-letters", "redrive", "--group", group, "--by", "ada", "--json");
    expect([redriven.err, redriven.code]).toEqual(["", 0]);
    await scene().api.untilEvents("coach.nudge", 3);
    expect(await scene().chainTypes(3)).toEqual(chains(3));
    expect(scene().handledTwice()).toEqual([]);
    expect((await scene().contextpilot("dead-letters", "--json")).out).toBe("");
  });
}
