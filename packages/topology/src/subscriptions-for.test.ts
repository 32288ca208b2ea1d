import { subscriptionsFor } from "./subscriptions-for.ts";

const servicesFor = (eventType: string) => subscriptionsFor(eventType).map(({ service }) => service);

test("a commit is handled by those whose subscriptions hear it, and by nobody who takes all as it is", () => {
  expect(servicesFor("git.commit.v1")).toEqual(expect.arrayContaining(["context-agent", "spec-agent"]));
  expect(servicesFor("git.commit.v1")).not.toContain("dashboard");
  expect(servicesFor("git.commit.v1")).not.toContain("coach-agent");
});

test("every version of a family is heard alike, and of an unknown family nobody", () => {
  expect(servicesFor("git.commit.v7")).toEqual(servicesFor("git.commit.v1"));
  expect(servicesFor("git.commits.v1")).toEqual([]);
});
