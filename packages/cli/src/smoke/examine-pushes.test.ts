import { examinePushes } from "./examine-pushes.ts";
import { projectWith, withoutIdentity } from "./project.fixture.ts";

test("all are pushed with an identity and an audience", () => {
  expect(examinePushes(projectWith())).toMatchObject([{ state: "ok" }]);
});

test("a service that is pushed nothing pulls", () => {
  const pulled = projectWith({ "context-from-git": { pushEndpoint: "" } });
  expect(examinePushes(pulled)).toMatchObject([{ state: "ok", what: expect.stringContaining("1 are pulled") }]);
});

test("one that was paused is named", () => {
  const paused = projectWith({ "coach-from-context": { pushEndpoint: "" } });
  expect(examinePushes(paused)).toMatchObject([
    { state: "wrong", what: "coach-from-context is paused: it is pushed nowhere" },
  ]);
});

test("one without an identity is named, and one without an audience", () => {
  expect(examinePushes(withoutIdentity("coach-from-context"))).toMatchObject([
    { state: "wrong", what: expect.stringMatching(/^coach-from-context .*without an identity/) },
  ]);
  const pushIdentity = { serviceAccount: "push@project.iam.gserviceaccount.com", audience: "" };
  expect(examinePushes(projectWith({ "coach-from-context": { pushIdentity } }))).toMatchObject([
    { state: "wrong", what: expect.stringMatching(/^coach-from-context .*no audience/) },
  ]);
});

test("a project that nobody is pushed from is not taken for one that pulls", () => {
  const { topics, subscriptions } = projectWith();
  const pulled = subscriptions.map((each) => ({ ...each, pushEndpoint: "" }));
  expect(examinePushes({ topics, subscriptions: pulled })).toMatchObject([{ state: "wrong" }]);
});
