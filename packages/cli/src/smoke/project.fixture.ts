import { wantedSettings, type ProjectSettings, type SubscriptionSettings } from "@contextpilot/pubsub";
import { resolveTopology } from "@contextpilot/topology";

const pushIdentity = { serviceAccount: "push@project.iam.gserviceaccount.com", audience: "https://agent.example" };

/** A project just as the topology and Terraform have it, but for what is said of a subscription. */
export function projectWith(changed: Readonly<Record<string, Partial<SubscriptionSettings>>> = {}): ProjectSettings {
  const { topics, subscriptions } = wantedSettings(resolveTopology());
  const pushed = { pushEndpoint: "https://agent.example/events", pushIdentity };
  return { topics, subscriptions: subscriptions.map((each) => ({ ...each, ...pushed, ...changed[each.name] })) };
}

/** The same with one subscription as it is without an identity. */
export function withoutIdentity(name: string): ProjectSettings {
  const { topics, subscriptions } = projectWith();
  return {
    topics,
    subscriptions: subscriptions.map((each) => {
      const { pushIdentity: _, ...rest } = each;
      return each.name === name ? rest : each;
    }),
  };
}
