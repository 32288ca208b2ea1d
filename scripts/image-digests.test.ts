import { digestsOf } from "./image-digests.ts";

const digest = (character: string): string => `sha256:${character.repeat(64)}`;
const folder = "europe-west1-docker.pkg.dev/shop-staging/contextpilot";

test("of what was pushed, the processes of the cloud are kept, in the order of their names", () => {
  const printed = `${folder}/webhook@${digest("b")}\n${folder}/push-proxy@${digest("c")}\n${folder}/coach-agent@${digest("a")}\n`;
  expect(digestsOf(printed, ["webhook", "coach-agent"])).toEqual({
    digests: { "coach-agent": digest("a"), webhook: digest("b") },
    problems: [],
  });
});

test.each([
  ["", "nothing was printed"],
  [`${folder}/webhook:1`, "it has a tag and no digest"],
  [`${folder}/webhook@sha256:abc`, "its digest is cut off"],
  [`${folder}/web-hook@${digest("a")}`, "it is another one"],
])("an image is missing: %j, for %s", (printed) => {
  expect(digestsOf(printed, ["webhook"]).problems).toEqual(["webhook was not pushed: no line names its digest"]);
});
