export {
  ASSERTION_HEADER,
  personAuthenticator,
  type AuthenticatePerson,
  type Person,
  type PersonAuthConfig,
} from "./authenticate-person.ts";
export { pushAuthenticator, type Authenticate, type PushAuthConfig } from "./authenticate-push.ts";
export { agentConfig, type AgentConfig } from "./config.ts";
export { createAgent, type AgentOptions } from "./create-agent.ts";
export { createApp, MAX_BODY_BYTES, type AppOptions } from "./create-app.ts";
export { decodePush, type DecodedPush } from "./decode-push.ts";
export { parseEnvironment, type Environment } from "./environment.ts";
export type { ReadyCheck, ReadyChecks } from "./health.ts";
export { DeliveryCounter, type DeliveryCounts } from "./delivery-counts.ts";
export { listenConfig, listenConfigOf, listenShape, type ListenConfig } from "./listen-config.ts";
export { isLocalAddress } from "./local-address.ts";
export { logDelivery, type Delivered } from "./log-delivery.ts";
export { LOG_LEVELS, logLevels, type LogLevel, type LogLevels } from "./log-levels.ts";
export { createLogger, type Logger, type LoggerOptions } from "./logging.ts";
export { loggedPublisher, type LoggedPublisherOptions } from "./logged-publisher.ts";
export { TokenRefusal, type RefusalReason } from "./token-refusal.ts";
export { listen, runProcess, type ListenOptions, type Running } from "./serve.ts";
export { StartError } from "./start-error.ts";
export { openTelemetry } from "./telemetry/open-telemetry.ts";
export type { Telemetry } from "./telemetry/telemetry.ts";
export type { Tracing } from "./telemetry/tracing.ts";
