export {
  ServerStartError,
  startServer,
  startServerThread,
  type DynamicConfig,
  type ListenOptions,
  type Server,
  type ServerOptions,
  type ServerThread,
  type ServerThreadOptions,
  type StopOptions,
} from "./server/index.ts";
