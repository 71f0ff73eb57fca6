export { startServer, type ListenOptions, type Server, type ServerOptions, type StopOptions } from "./server.ts";
export type { MetricsListenOptions } from "./server-metrics.ts";
export type { DynamicConfig } from "./settings.ts";
export { FaultyStore } from "./store/faulty-store.ts";
export { openStore } from "./store/open-store.ts";
export { ServerStartError, startServerThread, type ServerThread } from "./server-thread.ts";
export type { ServerThreadOptions } from "./thread-service.ts";
export { seededRandom } from "./store/seeded-random.ts";
