import { PubsubProject, planChanges, planDeletion, wantedSettings } from "@contextpilot/pubsub";
import { resolveTopology } from "@contextpilot/topology";

/** The house's topics and subscriptions in Google's emulator of Pub/Sub. */
export class EmulatedTopology {
  readonly #connection: { readonly projectId: string; readonly emulatorHost: string };

  constructor(projectId: string, emulatorHost: string) {
    this.#connection = { projectId, emulatorHost };
  }

  /** Gives the emulator what it has not of it, pushed to the endpoint, with {subscription} in it. */
  async make(endpoint: string): Promise<void> {
    const { topics, subscriptions } = wantedSettings(resolveTopology(), endpoint);
    // The topology's 10-600 s are for a cloud. Without a policy the emulator pushes again after a second, each time.
    const wanted = { topics, subscriptions: subscriptions.map((each) => ({ ...each, retry: undefined })) };
    await this.#inProject(async (project) => {
      for (const step of planChanges(wanted, await project.read())) await project.take(step);
    });
  }

  /** Takes it all away: else the emulator pushes on to where nobody listens any more. */
  async remove(): Promise<void> {
    await this.#inProject(async (project) => {
      for (const step of planDeletion(wantedSettings(resolveTopology()), await project.read()))
        await project.take(step);
    });
  }

  async #inProject(work: (project: PubsubProject) => Promise<void>): Promise<void> {
    const project = new PubsubProject(this.#connection);
    try {
      await work(project);
    } finally {
      await project.close();
    }
  }
}
