import { resolveTopology } from "@contextpilot/topology";
import { subscriptionResource, subscriptionSettings } from "./resources.ts";
import { wantedSettings } from "./wanted.ts";

const wanted = wantedSettings(resolveTopology(), "https://{service}.example/events").subscriptions;

test.each(wanted)("$name is read as it was written", (subscription) => {
  const resource = subscriptionResource("project", subscription);
  expect(subscriptionSettings(resource)).toEqual(subscription);
  expect(resource.expirationPolicy).toEqual({});
});

test("another address keeps the identity of the pushes", () => {
  const [subscription] = wanted;
  if (subscription === undefined) throw new TypeError("the topology has a subscription");
  const oidcToken = { serviceAccountEmail: "push@project.iam.gserviceaccount.com", audience: "https://agents.example" };
  const pushed = { pushEndpoint: "https://before.example/events", oidcToken };
  const { pushConfig } = subscriptionResource("project", subscription, pushed);
  expect(pushConfig).toEqual({ pushEndpoint: subscription.pushEndpoint, oidcToken });
});

test("who pushes is read with the rest", () => {
  const oidcToken = { serviceAccountEmail: "push@project.iam.gserviceaccount.com", audience: "https://agents.example" };
  expect(subscriptionSettings({ pushConfig: { pushEndpoint: "https://agent.example", oidcToken } })).toMatchObject({
    pushIdentity: { serviceAccount: oidcToken.serviceAccountEmail, audience: oidcToken.audience },
  });
});
