export type { Backoff } from "./rpc/backoff.ts";
export type { GrpcCompression } from "./rpc/compression.ts";
export { DirectTransport } from "./rpc/direct-transport.ts";
export type { DirectTransportOptions } from "./rpc/direct-transport.ts";
export { GrpcServer, ListenError } from "./rpc/grpc-server.ts";
export type { BoundAddress, GrpcServerOptions, ServerTLSConfig } from "./rpc/grpc-server.ts";
export type { HttpConnectProxyConfig, TLSConfig } from "./rpc/grpc-socket.ts";
export { GrpcTransport } from "./rpc/grpc-transport.ts";
export type { GrpcTransportOptions } from "./rpc/grpc-transport.ts";
export { AddressError } from "./rpc/host-port.ts";
export type { KeepAliveConfig } from "./rpc/keep-alive.ts";
export { defaultRetryConfig } from "./rpc/retry.ts";
export type { CallKind, RetryConfig } from "./rpc/retry.ts";
export { RPCError } from "./rpc/rpc-error.ts";
export type { RPCErrorDetail, RPCErrorOptions } from "./rpc/rpc-error.ts";
export { RPCStatusCode, statusName } from "./rpc/status.ts";
export { serveThread } from "./rpc/thread-service.ts";
export type { ThreadServiceOptions } from "./rpc/thread-service.ts";
export { ThreadTransport } from "./rpc/thread-transport.ts";
export type { ThreadTransportOptions } from "./rpc/thread-transport.ts";
export type {
  IncomingCall,
  Metadata,
  RpcHandler,
  Transport,
  UnaryCall,
} from "./rpc/transport.ts";
