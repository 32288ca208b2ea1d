import { lossesOf } from "./plan-losses.ts";

const changing = (type: string, ...actions: readonly string[]) => ({
  resource_changes: [{ address: `${type}.subscription["coach-from-context"]`, type, change: { actions } }],
});

test.each([
  ["delete", "create"],
  ["create", "delete"],
])("a subscription that is made anew (%s, %s) would lose what waits in it", (...actions) => {
  expect(lossesOf(changing("google_pubsub_subscription", ...actions))).toEqual([
    expect.stringMatching(
      /^google_pubsub_subscription\.subscription\["coach-from-context"\] would be made anew, .* a new subscription/,
    ),
  ]);
});

test.each([
  ["google_pubsub_subscription", "update"],
  ["google_pubsub_subscription", "create"],
  ["google_pubsub_subscription", "delete"],
  ["google_pubsub_subscription", "no-op"],
])("%s: %s loses nothing that was not meant", (type, action) => {
  expect(lossesOf(changing(type, action))).toEqual([]);
});

test("what holds nothing may be made anew, and a plan may be empty", () => {
  expect(lossesOf(changing("google_compute_managed_ssl_certificate", "create", "delete"))).toEqual([]);
  expect(lossesOf({})).toEqual([]);
});
