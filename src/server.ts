export {
  ServerStartError,
  startServer,
  startServerThread,
  type DynamicConfig,
  type ListenOptions,
  type MetricsListenOptions,
  type Server,
  type ServerOptions,
  type ServerThread,
  type ServerThreadOptions,
  type StopOptions,
} from "./server/index.ts";
