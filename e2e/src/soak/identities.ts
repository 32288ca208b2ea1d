/** Who pushes to agents, and what its tokens are for. */
export const PUSHER = "pusher@example.org";
export const audienceOf = (service: string): string => `https://${service}.example.org`;

/** An environment variable with JSON of the soak's own in it. */
export const told = (name: string): unknown => JSON.parse(process.env[name] ?? "{}");
