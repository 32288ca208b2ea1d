import { join } from "node:path";
import { GitRepository, until } from "@contextpilot/testing";
import { resolveTopology } from "@contextpilot/topology";
import { jsonIn } from "../run-contextpilot.ts";
import { chains, commitOf, type Scene } from "./scene.ts";

/** A message that nobody can read is a dead letter of each that hears its topic. */
const HEARERS = resolveTopology()
  .subscriptions.filter(({ topic, raw }) => topic === "context-updates" && !raw)
  .map(({ service }) => service)
  .toSorted();

export function deadLetters(scene: () => Scene): void {
  async function redrive(deadLetterId: string): Promise<void> {
    const args = ["dead-letters", "redrive", deadLetterId, "--yes", "--by", "ada", "--json"];
    const { out, err, code } = await scene().contextpilot(...args);
    expect([err, code, jsonIn(out)]).toEqual(["", 0, [{ kind: "redrive", done: 1, refused: [] }]]);
  }

  test("a poisoned message is a dead letter of each that hears it; a redrive reaches the one consumer, where it dies again", async () => {
    const message = {
      topic: "context-updates",
      data: Buffer.from("{"),
      attributes: { event_type: "context.update.v1" },
    };
    await scene().house.publisher.publish([message]);
    const letters = await scene().untilDeadLetters(HEARERS.length);
    expect(letters.map(({ consumer }) => consumer).toSorted()).toEqual(HEARERS);
    for (const letter of letters)
      expect(letter).toMatchObject({ code: "invalid-json", message_id: expect.any(String) });

    const ofCoach = letters.find(({ consumer }) => consumer === "coach-agent");
    await redrive(ofCoach?.dead_letter_id ?? "");
    const [again] = await scene().untilDeadLetters(HEARERS.length + 1);
    expect(again).toMatchObject({ consumer: "coach-agent", state: "open", attributes: { redrive_to: "coach-agent" } });
    expect((await scene().contextpilot("dead-letters", "show", again?.dead_letter_id ?? "")).out).toMatch(
      /failed as +the redrive of [0-9a-f]{32}\n/,
    );
    expect(await scene().api.deadLetters()).toHaveLength(HEARERS.length + 1);
  });

  test("a push whose commit does not come is a dead letter after five tries; once it is there, a redrive makes the nudge of it", async () => {
    const elsewhere = await GitRepository.create(join(scene().repository.path, "../elsewhere.git"));
    const after = await elsewhere.commit({
      message: "refactor: what ada does",
      changes: [{ path: "src/ada.ts", content: "export const ada = 1;\n".repeat(60) }],
    });
    await scene().repository.commit({ branch: "other" });
    await scene().send({ repository: "shop", ref: "refs/heads/main", before: "0".repeat(40), after });
    const [letter] = await scene().untilDeadLetters(1);
    expect(letter).toMatchObject({ consumer: "git-agent", code: "handler-failed" });
    const [push] = await scene().api.events("git.push");
    const outcomes = (): readonly string[] => scene().outcomes("git-agent", push?.event_id ?? "");
    await until(() => outcomes().length >= 5, "the git-agent's own words on all tries"); // a container's come a little later
    expect(outcomes()).toEqual([...Array.from({ length: 4 }, () => "retry"), "dead-lettered"]);

    await scene().repository.git("fetch", "--quiet", elsewhere.path, "main:main");
    await redrive(letter?.dead_letter_id ?? "");
    await scene().api.untilEvents("coach.nudge", 1);
    expect(await scene().chainTypes(1)).toEqual(chains(1));
    expect(scene().handled("context-agent", "git.commit.v1").map(commitOf)).toEqual([after]);
  });
}
