import type { LookupAddress, LookupOptions } from "node:dns";
import { instancesInTurn } from "./instances-in-turn.ts";

const at = (...addresses: readonly string[]): LookupAddress[] => addresses.map((address) => ({ address, family: 4 }));

/** What three pushes to `coach-agent` are told one after the other, where its instances are as given. */
function threeTimes(instances: readonly LookupAddress[], options: LookupOptions): readonly unknown[] {
  const lookup = instancesInTurn((_host, _options, answer) => answer(null, [...instances]));
  const told: unknown[] = [];
  for (let time = 0; time < 3; time += 1) lookup("coach-agent", options, (_error, address) => told.push(address));
  return told;
}

test("each push begins with the next of a service's instances", () => {
  expect(threeTimes(at("10.0.0.1", "10.0.0.2"), { all: true })).toEqual([
    at("10.0.0.2", "10.0.0.1"),
    at("10.0.0.1", "10.0.0.2"),
    at("10.0.0.2", "10.0.0.1"),
  ]);
  expect(threeTimes(at("10.0.0.1", "10.0.0.2"), {})).toEqual(["10.0.0.2", "10.0.0.1", "10.0.0.2"]);
});

test("one that is alone takes all of them", () => {
  expect(threeTimes(at("10.0.0.1"), {})).toEqual(["10.0.0.1", "10.0.0.1", "10.0.0.1"]);
});

test("a name that nobody has is said so", () => {
  const missing = Object.assign(new Error("getaddrinfo ENOTFOUND coach-agent"), { code: "ENOTFOUND" });
  const lookup = instancesInTurn((_host, _options, answer) => answer(missing, []));
  const said: unknown[] = [];
  lookup("coach-agent", { all: true }, (error) => said.push(error));
  expect(said).toEqual([missing]);
});
