import type { ConnectConfig } from "./client-options.ts";
import { Connection } from "./connection.ts";
import { openTransport } from "./transport-scheme.ts";

/** Where a service is expected that no address is given of. */
export const DEFAULT_ADDRESS = "localhost:7233";

/** Opens the connection of a client, without its plugins. @throws {RPCError} If the service cannot be reached. */
export async function openConnection({ address = DEFAULT_ADDRESS, ...options }: ConnectConfig): Promise<Connection> {
  // As in the reference SDKs, a key is never sent in the clear unless that is asked for.
  const tls = options.tls ?? (options.apiKey === undefined ? undefined : true);
  const connection = new Connection(await openTransport(address, { ...options, tls }), options);
  if (options.lazy === true) return connection;
  try {
    await connection.connect();
  } catch (error) {
    await connection.close();
    throw error;
  }
  return connection;
}
