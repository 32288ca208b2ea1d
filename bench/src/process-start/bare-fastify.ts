/** The least that a process listening for pushes can be: Fastify with one route, as the house bundles a program. */
import { fastify } from "fastify";

const app = fastify({ logger: false });
app.post("/events", (_request, reply) => reply.code(204).send());
// `none`, by which a bundle is compiled without a start, is refused as an agent refuses it.
process.stdout.write(`${JSON.stringify({ address: await app.listen({ port: Number(process.env["PORT"]) }) })}\n`);
process.on("SIGTERM", () => void app.close().then(() => process.exit()));
