export { createWebhook, type Accepted, type WebhookOptions } from "./app.ts";
export { webhookConfig, type WebhookConfig } from "./config.ts";
export { MAX_UPDATES } from "./read-push.ts";
export { MIN_SECRET_LENGTH, SIGNATURE_HEADER, sign } from "./signature.ts";
