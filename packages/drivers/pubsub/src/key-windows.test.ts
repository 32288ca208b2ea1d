import { KeyWindows, type Ended } from "./key-windows.ts";

const MEGABYTE = 1_000_000;

/** Publishes by hand: what was sent, and what was said to have ended. */
class Sender {
  readonly sent: string[] = [];
  readonly ended: string[] = [];
  readonly #windows = new KeyWindows();
  readonly #under = new Map<string, Ended>();

  /** `a1` is the first message of key a. */
  publish(name: string, megabytes: number): void {
    this.#windows.publish(
      name.slice(0, 1),
      megabytes * MEGABYTE,
      (ended) => {
        this.sent.push(name);
        this.#under.set(name, ended);
      },
      (reason) => this.ended.push(reason === undefined ? name : `${name}: ${reason.message}`),
    );
  }

  end(name: string, reason?: Error): void {
    this.#under.get(name)?.(reason, "id");
  }
}

test("what fits in a request goes at once; what would not waits, and keeps its order", () => {
  const sender = new Sender();
  for (const name of ["a1", "a2", "a3"]) sender.publish(name, 4);
  sender.publish("a4", 0.1);
  sender.publish("b1", 4);
  expect(sender.sent).toEqual(["a1", "a2", "b1"]);
  sender.end("a1");
  expect(sender.sent).toEqual(["a1", "a2", "b1", "a3", "a4"]);
});

test("a message larger than that goes alone", () => {
  const sender = new Sender();
  sender.publish("a1", 0.1);
  sender.publish("a2", 9.9);
  sender.publish("a3", 0.1);
  sender.end("a1");
  expect(sender.sent).toEqual(["a1", "a2"]);
  sender.end("a2");
  expect(sender.sent).toEqual(["a1", "a2", "a3"]);
});

test("what waits behind a message that fails, fails with it and is never sent; the next is", () => {
  const sender = new Sender();
  for (const name of ["a1", "a2", "a3"]) sender.publish(name, 6);
  sender.end("a1", new Error("refused"));
  expect(sender.ended).toEqual(["a1: refused", "a2: refused", "a3: refused"]);
  sender.publish("a4", 6);
  expect(sender.sent).toEqual(["a1", "a4"]);
});
