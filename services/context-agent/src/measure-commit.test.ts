import { scenario } from "@contextpilot/testing";
import { commitDraft } from "./commits.fixture.ts";
import { handlers } from "./handlers.ts";

const agent = scenario("context-agent", handlers);

test("a commit becomes a context update, named by repository and hash and said to its author", () =>
  agent
    .given()
    .when({ draft: commitDraft(), at: "10:00" })
    .expect((said) =>
      expect(said).toMatchObject([
        { event_type: "context.update.v1", user_id: "ada", data: { repository: "shop", commit_hash: "def456" } },
      ]),
    ));

test("a commit that another branch had brought is not measured", () =>
  agent
    .given()
    .when({ draft: commitDraft({ new_to_repository: false }), at: "10:00" })
    .expect((said) => expect(said).toEqual([])));

test("a commit that a second branch brings is not measured again", () =>
  agent
    .given({ draft: commitDraft({ branch: "topic" }), at: "10:00" })
    .when({ draft: commitDraft({ branch: "main" }), at: "10:05" })
    .expect((said, outcomes) => {
      expect(said).toEqual([]);
      expect(outcomes).toMatchObject([{ kind: "handled" }]);
    }));

test("the same hash in another repository is another commit", () =>
  agent
    .given({ draft: commitDraft(), at: "10:00" })
    .when({ draft: commitDraft({ repository: "fork" }), at: "10:05" })
    .expect((said) => expect(said).toMatchObject([{ data: { repository: "fork" } }])));
