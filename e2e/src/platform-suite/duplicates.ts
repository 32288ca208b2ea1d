import { encodeEnvelope } from "@contextpilot/events";
import { messageOf } from "@contextpilot/messaging";
import { until } from "@contextpilot/testing";
import { chains, commitOf, type Scene } from "./scene.ts";

export function duplicates(scene: () => Scene): void {
  test("a push that the hook sends many times has one effect", async () => {
    const push = await scene().pushOf("ada");
    await Promise.all(Array.from({ length: 5 }, () => scene().send(push)));
    await scene().api.untilEvents("coach.nudge", 1);
    const other = await scene().pushOf("bob");
    await scene().send(push, other); // once more, after its chain has ended
    await scene().api.untilEvents("coach.nudge", 2);
    const measured = () => scene().handled("coach-agent", "context.update.v1").map(commitOf);
    await until(
      () => measured().length >= 2,
      () => `two handled updates, there were ${measured().length}`,
    );
    expect(measured()).toEqual([push.after, other.after]);
    expect(await scene().chainTypes(2)).toEqual(chains(2));
  });

  test("an event that the bus brings again, as the same message or as another, has no second effect", async () => {
    await scene().send(await scene().pushOf("ada"));
    await scene().api.untilEvents("coach.nudge", 1);
    const [update] = await scene().api.events("context.update");
    if (update === undefined) throw new Error("there is no update");
    const duplicatesSeen = (): number =>
      scene()
        .outcomes("coach-agent", update.event_id)
        .filter((outcome) => outcome === "duplicate").length;

    await scene().house.publisher.publish([messageOf(update)]);
    await until(() => duplicatesSeen() === 1, "the coach to have heard it again");
    const body = pushRequest(encodeEnvelope(update), update.event_type);
    for (let time = 0; time < 2; time += 1) {
      expect(await scene().house.push("coach-from-context", body)).toBe(204);
    }
    await until(() => duplicatesSeen() === 3, "the coach to have heard it twice more");

    await scene().send(await scene().pushOf("bob"));
    await scene().api.untilEvents("coach.nudge", 2);
    expect(await scene().chainTypes(2)).toEqual(chains(2));
  });
}

const pushRequest = (data: Uint8Array, event_type: string): string =>
  JSON.stringify({
    message: {
      data: Buffer.from(data).toString("base64"),
      messageId: "once-more",
      publishTime: "2026-11-21T10:00:00Z",
      attributes: { event_type },
    },
    subscription: "projects/local/subscriptions/coach-from-context",
  });
