import type { MessagePort } from "node:worker_threads";
import type { LogAttributes, Logger, LogLevel } from "../core/telemetry/logger.ts";
import type { BoundAddress } from "../rpc/grpc-server.ts";
import { serveThread } from "../rpc/thread-service.ts";
import { startServer, type Server, type ServerOptions, type StopOptions } from "./server.ts";

/** Options of a server that runs in its own thread: those that can be sent there. */
export type ServerThreadOptions = Omit<ServerOptions, "clock" | "newId" | "logger" | "store"> & {
  /** "memory:", "sqlite:PATH" or a path. */
  readonly store: string;
};

/** What a server's thread is started with. */
export interface ServerThreadData {
  readonly options: ServerThreadOptions;
  /** Carries the calls. */
  readonly callPort: MessagePort;
}

/** What the thread tells its owner. */
export type ServerThreadMessage =
  | { readonly kind: "started"; readonly address: BoundAddress | undefined }
  | { readonly kind: "failed"; readonly code: string; readonly message: string }
  | { readonly kind: "log"; readonly level: LogLevel; readonly message: string; readonly attributes: LogAttributes }
  | { readonly kind: "stopped" };

/** What its owner tells the thread. */
export interface StopServerMessage extends StopOptions {
  readonly kind: "stop";
}

/** Runs a server in this thread until its owner says stop. */
export async function serveServerThread(control: MessagePort, { options, callPort }: ServerThreadData): Promise<void> {
  const tell = (message: ServerThreadMessage): void => control.postMessage(message);
  let server: Server;
  try {
    server = await startServer({ ...options, logger: forwardingLogger(tell) });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    tell({ kind: "failed", code, message: error instanceof Error ? error.message : String(error) });
    callPort.close();
    control.close();
    return;
  }
  const stopServing = serveThread(server.handler, callPort);
  control.on("message", (message: StopServerMessage) => {
    void server.stop(message).finally(() => {
      tell({ kind: "stopped" });
      stopServing();
      control.close();
    });
  });
  tell({ kind: "started", address: server.address });
}

function forwardingLogger(tell: (message: ServerThreadMessage) => void): Logger {
  const line =
    (level: LogLevel) =>
    (message: string, attributes: LogAttributes = {}): void =>
      tell({ kind: "log", level, message, attributes });
  return {
    trace: line("trace"),
    debug: line("debug"),
    info: line("info"),
    warn: line("warn"),
    error: line("error"),
  };
}
