import type { Grant } from "@contextpilot/pubsub";
import { examineGrants } from "./examine-grants.ts";
import { projectWith } from "./project.fixture.ts";

const AGENT = "serviceAccount:service-123@gcp-sa-pubsub.iam.gserviceaccount.com";
const granted = (resource: "topic" | "subscription"): readonly Grant[] => [
  {
    role: resource === "topic" ? "roles/pubsub.publisher" : "roles/pubsub.subscriber",
    members: ["user:ada@example.com", AGENT],
  },
];
/** Of a project in which everything is granted, but for what is said of one resource. */
const examine = (name = "", instead: readonly Grant[] = []) =>
  examineGrants(projectWith(), {
    grants: async (resource, of) => (of === name ? instead : granted(resource)),
  });

test("Pub/Sub may put aside what nobody takes", async () => {
  expect(await examine()).toMatchObject([{ state: "ok" }]);
});

test.each([
  ["git-events-dlq", []],
  ["context-from-git", []],
  ["git-events-dlq", granted("subscription")],
  ["context-from-git", granted("topic")],
  [
    "context-from-git",
    [{ role: "roles/pubsub.subscriber", members: ["serviceAccount:service-1@gcp-sa-run.iam.gserviceaccount.com"] }],
  ],
])("on %s it may not, by %j", async (name, instead) => {
  expect(await examine(name, instead)).toMatchObject([
    { state: "wrong", what: expect.stringContaining(name), mend: expect.stringContaining("dead-letters.tf") },
  ]);
});

test("where there is no IAM that is said, and nothing is wrong", async () => {
  const checks = await examineGrants(projectWith(), { grants: async () => undefined });
  expect(checks).toEqual([{ check: "dead letters", state: "unchecked", what: "not checked: the emulator has no IAM" }]);
});

test("who may not read grants is told which role that takes", async () => {
  const checks = await examineGrants(projectWith(), { grants: () => Promise.reject(new Error("7 PERMISSION_DENIED")) });
  expect(checks).toMatchObject([
    {
      state: "wrong",
      what: expect.stringContaining("PERMISSION_DENIED"),
      mend: expect.stringContaining("securityReviewer"),
    },
  ]);
});
