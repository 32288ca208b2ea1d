import type { Envelope } from "@contextpilot/events";
import type { HandlersOf, Outcome } from "@contextpilot/messaging";
import type { Service } from "@contextpilot/topology";
import { Stage, type Told } from "./stage.ts";

export interface Story {
  /** Lets this happen next; what is said about it is what `expect` looks at. */
  when(...told: readonly Told[]): {
    expect(check: (said: readonly Envelope[], outcomes: readonly Outcome[]) => void): Promise<void>;
  };
}

/**
 * Tells stories to a service's handlers through the real receive(): `given(...before).when(...now).expect((said) => …)`. What
 * was said before `when` is not looked at. A service that goes on in a continuation hears it, as on the bus.
 */
export function scenario<S extends Service>(
  service: S,
  handlers: HandlersOf<S>,
): { given(...told: readonly Told[]): Story } {
  return {
    given: (...before) => ({
      when: (...happening) => ({
        expect: async (check) => {
          const stage = new Stage(service, handlers);
          for (const told of before) await stage.tell(told);
          const alreadySaid = stage.publisher.events.length;
          const outcomes: Outcome[] = [];
          for (const told of happening) outcomes.push(...(await stage.tell(told)));
          check(stage.publisher.events.slice(alreadySaid), outcomes);
        },
      }),
    }),
  };
}
