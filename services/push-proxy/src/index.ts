export { createPushProxy, type PushProxyOptions } from "./app.ts";
export { pushProxyConfig, type PushProxyConfig } from "./config.ts";
