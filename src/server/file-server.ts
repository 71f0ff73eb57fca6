import { availableParallelism } from "node:os";
import { DirectTransport } from "../rpc/direct-transport.ts";
import type { OwnedTransport } from "../rpc/shared-transport.ts";
import { startServer } from "./server.ts";
import { startServerThread } from "./server-thread.ts";

// The main thread and the one of workflow code. A server's thread beside them wants a processor of its own: where there is
// none, its calls pay the way from thread to thread for nothing.
const OTHER_THREADS = 2;

/**
 * Starts the server of a database file for this process alone.
 *
 * @throws {ServerStartError | StoreError} If it cannot start.
 */
export async function startFileServer(path: string): Promise<OwnedTransport> {
  const store = `sqlite:${path}`;
  if (availableParallelism() > OTHER_THREADS) return startServerThread({ store });
  const server = await startServer({ store });
  return { transport: new DirectTransport(server.handler), stop: () => server.stop() };
}
