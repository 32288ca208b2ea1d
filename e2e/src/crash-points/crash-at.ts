import { registerHooks } from "node:module";
import { CRASH_POINTS, type CrashPoint } from "./points.ts";

/**
 * Loaded before a program (`node --import`), with CRASH_POINT naming one: the process kills itself at the CRASH_PASS-th time that
 * it comes there. Without CRASH_POINT nothing is changed. Ends the process with 2 where the place is not there (any more).
 */
const { CRASH_POINT: name, CRASH_PASS: pass = "1" } = process.env;
const point = CRASH_POINTS.find((point) => point.name === name);
if (name !== undefined && point === undefined) fail("there is no such point");

let passed = 0;
Object.assign(globalThis, {
  crashPoint: () => {
    passed += 1;
    if (passed === Number(pass)) process.kill(process.pid, "SIGKILL");
  },
});

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (point === undefined || !url.endsWith(`/packages/${point.file}`)) return loaded;
    if (loaded.source === undefined || loaded.source === null) return loaded;
    const source = typeof loaded.source === "string" ? loaded.source : new TextDecoder().decode(loaded.source);
    return { ...loaded, source: withPoint(source, point) };
  },
});

function withPoint(source: string, { at, file }: CrashPoint): string {
  const text = "before" in at ? at.before : at.after;
  const [head, tail, ...more] = source.split(text);
  if (head === undefined || tail === undefined || more.length > 0) {
    fail(`${file} has not once the text ${JSON.stringify(text)}`);
  }
  return "before" in at ? `${head}crashPoint(); ${text}${tail}` : `${head}${text} crashPoint();${tail}`;
}

function fail(problem: string): never {
  process.stderr.write(`crash point "${name}": ${problem}\n`);
  process.exit(2);
}
