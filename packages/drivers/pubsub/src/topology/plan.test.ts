import { resolveTopology, type ResolvedTopology } from "@contextpilot/topology";
import { planChanges, planDeletion } from "./plan.ts";
import type { ProjectSettings, SubscriptionSettings } from "./settings.ts";
import { PULLED, wantedSettings } from "./wanted.ts";

const topology: ResolvedTopology = {
  topics: [{ name: "steps", families: [], retentionDays: 7 }],
  subscriptions: [
    {
      name: "agent-from-steps",
      topic: "steps",
      service: "coach-agent",
      raw: false,
      filter: 'attributes.kind = "wanted"',
      ordered: true,
      ackDeadlineSeconds: 60,
      retry: { minimumSeconds: 10, maximumSeconds: 600 },
      retentionDays: 7,
    },
  ],
  services: [],
};

/** The project just as the topology wants it, but for this of its subscription. */
function projectWith(changed: Partial<SubscriptionSettings> = {}): ProjectSettings {
  const { topics, subscriptions } = wantedSettings(topology);
  return {
    topics,
    subscriptions: subscriptions.map((subscription) => ({ pushEndpoint: "", ...subscription, ...changed })),
  };
}

const empty: ProjectSettings = { topics: [], subscriptions: [] };

describe("to make a project as the topology wants it", () => {
  test("an empty one gets its topics before its subscriptions", () => {
    const steps = planChanges(wantedSettings(topology), empty);
    expect(steps.map(({ kind, resource, name }) => `${kind} ${resource} ${name}`)).toEqual([
      "create topic steps",
      "create subscription agent-from-steps",
    ]);
  });

  test("one that is so needs nothing", () => {
    const steps = planChanges(wantedSettings(topology), projectWith());
    expect(steps.map(({ kind }) => kind)).toEqual(["keep", "keep"]);
  });

  test.each<[string, Partial<SubscriptionSettings>]>([
    ["ackDeadlineSeconds", { ackDeadlineSeconds: 10 }],
    ["retry", { retry: undefined }],
    ["deadLetter", { deadLetter: { topic: "steps-dlq", maxDeliveryAttempts: 5 } }],
    ["retentionSeconds", { retentionSeconds: 600 }],
    ["expiresAfterSeconds", { expiresAfterSeconds: 2_678_400 }],
  ])("another %s is changed", (field, changed) => {
    const [, step] = planChanges(wantedSettings(topology), projectWith(changed));
    expect(step).toMatchObject({ kind: "update", name: "agent-from-steps", differences: [{ field }] });
  });

  test("a topic's retention is changed", () => {
    const actual = { ...projectWith(), topics: [{ name: "steps", retentionSeconds: undefined }] };
    const [step] = planChanges(wantedSettings(topology), actual);
    expect(step).toMatchObject({ kind: "update", differences: [{ field: "retentionSeconds", to: 604_800 }] });
  });

  test.each<[string, Partial<SubscriptionSettings>]>([
    ["filter", { filter: "" }],
    ["ordered", { ordered: false }],
    ["topic", { topic: "_deleted-topic_" }],
  ])(
    "another %s cannot be changed: it is refused, whatever else differs, and the way around is named",
    (field, changed) => {
      const [, step] = planChanges(wantedSettings(topology), projectWith({ ...changed, ackDeadlineSeconds: 10 }));
      expect(step).toMatchObject({ kind: "refuse", name: "agent-from-steps" });
      const remedy = step?.kind === "refuse" ? step.remedy : "";
      expect(remedy).toContain(`never changes a subscription's ${field}`);
      expect(remedy).toMatch(/make agent-from-steps-next on steps .* empty agent-from-steps; delete .* apply again/);
    },
  );

  test("what the topology does not know is left alone", () => {
    const [stranger] = projectWith({ name: "stranger" }).subscriptions;
    const actual = projectWith();
    const steps = planChanges(wantedSettings(topology), {
      topics: [...actual.topics, { name: "strange", retentionSeconds: undefined }],
      subscriptions: [...actual.subscriptions, ...(stranger === undefined ? [] : [stranger])],
    });
    expect(steps.map(({ name }) => name)).toEqual(["steps", "agent-from-steps"]);
  });
});

/** What becomes of the subscription. */
function subscriptionAfter(pattern?: string, actual: ProjectSettings = empty) {
  const step = planChanges(wantedSettings(topology, pattern), actual).find(
    ({ resource }) => resource === "subscription",
  );
  return step?.kind === "create" ? step.wanted : step;
}

describe("where pushes go", () => {
  test("follows from the service and the subscription", () => {
    expect(subscriptionAfter("http://127.0.0.1:8085/{service}?by={subscription}")).toMatchObject({
      pushEndpoint: "http://127.0.0.1:8085/coach-agent?by=agent-from-steps",
    });
  });

  test("is left as it is where nobody says it", () => {
    const pushed = projectWith({ pushEndpoint: "https://coach.example/events" });
    expect(subscriptionAfter(undefined, pushed)).toMatchObject({ kind: "keep" });
    expect(subscriptionAfter(PULLED, pushed)).toMatchObject({
      kind: "update",
      differences: [{ field: "pushEndpoint", from: "https://coach.example/events", to: "" }],
    });
  });

  test.each(["coach", "{service}", "https://{host}/events", "ftp://127.0.0.1/{service}"])("is not %s", (pattern) => {
    expect(() => wantedSettings(topology, pattern)).toThrow(TypeError);
  });
});

describe("to take the topology away", () => {
  test("subscriptions go before their topics, and what is not there is not named", () => {
    const steps = planDeletion(wantedSettings(topology), projectWith());
    expect(steps.map(({ kind, name }) => `${kind} ${name}`)).toEqual(["delete agent-from-steps", "delete steps"]);
    expect(planDeletion(wantedSettings(topology), empty)).toEqual([]);
  });

  test("a topic that somebody else hears stays", () => {
    const steps = planDeletion(wantedSettings(topology), projectWith({ name: "stranger" }));
    expect(steps).toMatchObject([{ kind: "refuse", name: "steps", remedy: expect.stringContaining("stranger") }]);
  });
});

test("the house's own topology asks for nothing that expires or comes back at once", () => {
  for (const { expiresAfterSeconds, retry } of wantedSettings(resolveTopology()).subscriptions) {
    expect({ expiresAfterSeconds, retry }).toEqual({
      expiresAfterSeconds: "never",
      retry: { minimumSeconds: 10, maximumSeconds: 600 },
    });
  }
});
