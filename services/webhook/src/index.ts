export { createWebhook, type Accepted, type WebhookOptions } from "./app.ts";
export { webhookConfig, type WebhookConfig } from "./config.ts";
export { pushKey } from "./publish-pushes.ts";
export { MAX_UPDATES, type Push } from "./read-push.ts";
export { MIN_SECRET_LENGTH, SIGNATURE_HEADER, sign } from "./signature.ts";
