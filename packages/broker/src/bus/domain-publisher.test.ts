import { defineEvent, type Envelope } from "@contextpilot/events";
import * as z from "zod";
import { MemoryLog } from "../memory-log.ts";
import { createBus } from "./create-bus.ts";
import { domainPublisher } from "./domain-publisher.ts";

const registered = defineEvent("user.registered.v1", (object) => object({ user_id: z.string().min(1) }));
const renamed = defineEvent("user.renamed.v1", (object) => object({ user_id: z.string(), name: z.string() }));

test("a domain's events are published by name, checked, in the publisher's chain", async () => {
  await using bus = createBus({ source: "accounts", log: new MemoryLog() });
  const heard: Envelope[] = [];
  await bus.subscribe({ patterns: ["#"] }, (event) => void heard.push(event));
  const users = domainPublisher(bus.publisher(), { registered, renamed });

  const { eventId } = await users.registered({ user_id: "ada" }, { priority: "high" }, { tenant_id: "shop" });
  await users.renamed({ user_id: "ada", name: "Ada" });
  await expect(users.registered({ user_id: "" })).rejects.toThrow("user.registered.v1 data.user_id");
  await bus.whenIdle();

  expect(heard.map(({ event_type }) => event_type)).toEqual(["user.registered.v1", "user.renamed.v1"]);
  expect(heard[0]).toMatchObject({ event_id: eventId, source: "accounts", priority: "high", tenant_id: "shop" });
  expect(heard[1]?.correlation_id).toBe(heard[0]?.correlation_id);
});
