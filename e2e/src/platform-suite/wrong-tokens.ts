import { PUSHER } from "@contextpilot/cli";
import { LocalIssuer } from "@contextpilot/broker";
import { createEvent, encodeEnvelope, gitPush } from "@contextpilot/events";
import type { Scene } from "./scene.ts";

export function wrongTokens(scene: () => Scene): void {
  test("a push with no token, a forged one, another agent's or another sender's is refused, and nothing of it is handled", async () => {
    const { endpoint, audience } = scene().agent("git-agent");
    const { issuer, issuerName } = scene().house;
    const forger = new LocalIssuer({ issuer: issuerName });
    const { audience: others } = scene().agent("context-agent");
    const tokens: readonly (readonly [number, string | undefined])[] = [
      [401, undefined],
      [401, "no.token.atall"],
      [401, await forger.token({ audience, serviceAccount: PUSHER })],
      ...(issuer === undefined
        ? []
        : ([
            [401, await issuer.token({ audience: others, serviceAccount: PUSHER })],
            [403, await issuer.token({ audience, serviceAccount: "somebody@local.contextpilot.example" })],
          ] as const)),
    ];
    const push = await scene().pushOf("ada");
    const data = encodeEnvelope(
      createEvent(gitPush({ ...push, forced: false }), { source: "webhook", timestamp: "2026-11-21T10:00:00Z" }),
    );
    const body = JSON.stringify({
      message: {
        data: Buffer.from(data).toString("base64"),
        attributes: { event_type: "git.push.v1" },
        messageId: "1",
        publishTime: "2026-11-21T10:00:00Z",
      },
      subscription: "projects/local/subscriptions/git-from-push",
    });
    for (const [status, token] of tokens) {
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const json = { "content-type": "application/json" };
      const answer = await fetch(endpoint, { method: "POST", headers: { ...json, ...headers }, body });
      expect([token, answer.status]).toEqual([token, status]);
      await answer.arrayBuffer();
    }
    expect(scene().handlings.filter(({ subscription }) => subscription === "git-from-push")).toEqual([]);
    expect(await scene().api.events()).toEqual([]);

    // The same bytes with the right token are a push like any other.
    expect(await scene().house.push("git-from-push", body)).toBe(204);
    await scene().api.untilEvents("coach.nudge", 1);
  });
}
