export { Broker, type BrokerOptions } from "./broker.ts";
export type { BrokerSubscription, BrokerTopology } from "./broker-topology.ts";
export { HttpPush, type HttpPushOptions, type PushTarget, type TokenSource } from "./http-push.ts";
export { LocalIssuer, type LocalIssuerOptions } from "./local-issuer.ts";
export { MemoryLog } from "./memory-log.ts";
export type { MessageLog, NewMessage, Pending, Settled, StoredMessage } from "./message-log.ts";
export { encodePushRequest } from "./push-request.ts";
export { SqliteLog, type SqliteLogOptions } from "./sqlite-log.ts";
