import type { Bus } from "./bus.ts";

let current: Bus | undefined;

/** Makes a bus the one that `defaultBus` gives, for programs that pass none around; undefined takes it away. */
export function useAsDefaultBus(bus: Bus | undefined): void {
  current = bus;
}

/** The program's one bus. Throws an Error where there is none: it is never made by asking for it. */
export function defaultBus(): Bus {
  if (current === undefined)
    throw new Error("there is no default bus: call useAsDefaultBus(createBus({ … })) at the start");
  return current;
}
