import { lookup as lookUp, type LookupAddress, type LookupAllOptions } from "node:dns";
import type { LookupFunction } from "node:net";

type LookUpAll = (
  host: string,
  options: LookupAllOptions,
  answer: (error: NodeJS.ErrnoException | null, addresses: readonly LookupAddress[]) => void,
) => void;

/**
 * A lookup that begins with another of a name's addresses each time, as Cloud Run spreads requests over a service's instances, of both
 * versions while one takes over from the other. The system's own always puts the same one first (RFC 6724, rule 9).
 */
export function instancesInTurn(lookup: LookUpAll = lookUp): LookupFunction {
  let turn = 0;
  return (host, options, answer) => {
    lookup(host, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return answer(error, []);
      turn += 1;
      const inTurn = startingAt(turn % addresses.length, addresses);
      if (options.all === true) return answer(null, inTurn);
      const [first] = inTurn;
      return answer(null, first?.address ?? "", first?.family);
    });
  };
}

const startingAt = (at: number, all: readonly LookupAddress[]): LookupAddress[] => [
  ...all.slice(at),
  ...all.slice(0, at),
];
