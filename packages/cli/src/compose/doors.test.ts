import { once } from "node:events";
import { createServer, type AddressInfo, type Server } from "node:net";
import { doorsOf, isOpen, refuseTaken } from "./doors.ts";

const PORTS = [{ variable: "WEBHOOK_PORT", usual: "4700" }];
const doorAt = (port: number) => doorsOf(PORTS, { file: { WEBHOOK_PORT: String(port) }, process: {} });

let other: Server;
let port: number;
beforeEach(async () => {
  other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  ({ port } = other.address() as AddressInfo);
});
afterEach(() => void other.close());

test("a door is where the environment puts it, else at its usual port", () => {
  expect(doorsOf(PORTS, { file: {}, process: {} })).toMatchObject([{ address: "http://127.0.0.1:4700" }]);
  expect(doorAt(port)).toMatchObject([{ address: `http://127.0.0.1:${port}` }]);
});

test("a port that another program has is named, with the variable that says another", async () => {
  const [door] = doorAt(port);
  if (door === undefined) throw new Error("there is no door");
  await expect(refuseTaken(door)).rejects.toThrow(
    `port ${port} cannot be had (EADDRINUSE): stop the program that has it, or set WEBHOOK_PORT in .env to another`,
  );
  other.close();
  await once(other, "close");
  await refuseTaken(door);
  expect(await isOpen(door)).toBe(false);
});
