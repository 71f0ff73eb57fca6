import { fileURLToPath } from "node:url";
import { MessageChannel, Worker, type MessagePort } from "node:worker_threads";
import { TemporalError } from "../core/errors.ts";
import { silentLogger, type Logger } from "../core/telemetry/logger.ts";
import type { BoundAddress } from "../rpc/grpc-server.ts";
import { ThreadTransport } from "../rpc/thread-transport.ts";
import type { Transport } from "../rpc/transport.ts";
import type { StopOptions } from "./server.ts";
import type { ServerThreadMessage, ServerThreadOptions, StopServerMessage } from "./thread-service.ts";

/** A server in its own thread could not start. Its message says what the thread said. */
export class ServerStartError extends TemporalError {
  static override readonly code: string = "TEMPORAL_SERVER_START";
  override readonly name = "ServerStartError";
}

/** An embedded server in its own thread. */
export interface ServerThread {
  /** Calls the server. */
  readonly transport: Transport;
  /** Where gRPC is served; `undefined` if it is not. */
  readonly address: BoundAddress | undefined;
  /** Stops the server and ends its thread. Idempotent. */
  stop(options?: StopOptions): Promise<void>;
}

/**
 * Starts an embedded server in a thread of its own, so that nothing in this one can hold it up.
 *
 * @throws {ServerStartError} If it cannot start, for the same reasons for which `startServer` throws.
 */
export async function startServerThread(
  options: ServerThreadOptions,
  logger: Logger = silentLogger,
): Promise<ServerThread> {
  const { port1: ownPort, port2: callPort } = new MessageChannel();
  const worker = await startWorker({ workerData: { options, callPort }, transferList: [callPort] });
  const ended = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  const address = await started(worker, logger);
  const transport = new ThreadTransport(ownPort);
  // Like a socket that only listens: the thread alone keeps no process alive.
  worker.unref();
  let stopped: Promise<void> | undefined;
  const stop = async ({ drainMs = 0 }: StopOptions): Promise<void> => {
    worker.ref();
    worker.postMessage({ kind: "stop", drainMs } satisfies StopServerMessage);
    await ended;
    await transport.close();
  };
  return { transport, address, stop: (stopOptions = {}) => (stopped ??= stop(stopOptions)) };
}

function started(worker: Worker, logger: Logger): Promise<BoundAddress | undefined> {
  return new Promise((resolve, reject) => {
    worker.on("message", (message: ServerThreadMessage) => {
      switch (message.kind) {
        case "started":
          return resolve(message.address);
        case "failed":
          return reject(new ServerStartError(message.message));
        case "log":
          return logger[message.level](message.message, message.attributes);
        case "stopped":
          return undefined;
      }
    });
    worker.once("error", (cause: Error) => {
      logger.error("the server's thread has ended by an error", { reason: cause.message });
      reject(new ServerStartError(`Cannot start server thread: ${cause.message}`, { cause }));
    });
  });
}

/** Built code is loaded from its file; TypeScript sources, as in this package's own tests, are compiled first. */
async function startWorker(options: {
  readonly workerData: unknown;
  readonly transferList: readonly MessagePort[];
}): Promise<Worker> {
  const transferList = [...options.transferList] as unknown as [];
  const workerOptions = { name: "server", workerData: options.workerData, transferList, execArgv: [] };
  if (!import.meta.url.endsWith(".ts")) return new Worker(new URL("./thread.js", import.meta.url), workerOptions);
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("./thread.ts", import.meta.url))],
    bundle: true,
    write: false,
    format: "cjs",
    platform: "node",
    target: "node20",
    packages: "external",
    logLevel: "silent",
  });
  return new Worker(outputFiles[0]?.text ?? "", { ...workerOptions, eval: true });
}
