import { openStore, startServer, type Server } from "../server/index.ts";
import { UsageError } from "./cli-error.ts";
import { createLineLogger } from "./line-logger.ts";
import type { CliHost } from "./cli-host.ts";
import { readStartDevFlags, type StartDevFlags, uselessFlags } from "./start-dev-flags.ts";
import { packageVersion } from "./version.ts";

/** Calls on their way get so long to end when the server is told to stop, in milliseconds. */
const DRAIN_MS = 2000;

/**
 * Runs the development server until the host asks it to stop.
 *
 * @throws {UsageError} If a flag cannot be used.
 * @throws {TemporalError} If the database or the port cannot be had.
 */
export async function serve(flags: StartDevFlags, host: CliHost): Promise<void> {
  const config = readStartDevFlags(flags);
  for (const flag of uselessFlags(flags)) host.writeError(`Flag "${flag}" has no effect: this server has no web UI`);
  if (flags.logConfig === true) host.writeError(JSON.stringify(config, undefined, 2));
  const { dbFilename, pragmas, logLevel: level, logFormat: format } = config;
  const store = await openStore(dbFilename === undefined ? "memory:" : `sqlite:${dbFilename}`, {
    pragmas,
  });
  let server: Server;
  try {
    server = await startServer({
      store,
      listen: { host: config.host, port: config.port },
      ...(config.httpPort !== undefined && {
        listenHttp: { host: config.host, port: config.httpPort, allowedOrigins: config.httpAllowedOrigins },
      }),
      ...(config.metricsPort !== undefined && { metrics: { host: config.host, port: config.metricsPort } }),
      namespaces: config.namespaces,
      searchAttributes: config.searchAttributes,
      dynamicConfig: config.dynamicConfig,
      logger: createLineLogger({ level, format, write: host.writeError, now: () => new Date() }),
    });
  } catch (error) {
    await store.close();
    // That is how the server refuses a value of its dynamic configuration.
    throw error instanceof RangeError ? new UsageError(error.message, { cause: error }) : error;
  }
  host.write(`Perdure ${packageVersion()}\n`);
  host.write(`${"Temporal Server:".padEnd(22)}${friendlyHost(config.host)}:${server.address?.port ?? config.port}`);
  if (server.httpAddress !== undefined) {
    host.write(`${"Temporal HTTP API:".padEnd(22)}http://${friendlyHost(config.host)}:${server.httpAddress.port}`);
  }
  if (server.metricsAddress !== undefined) {
    host.write(`${"Temporal Metrics:".padEnd(22)}http://${server.metricsAddress}/metrics`);
  }
  host.write(`${"Temporal Persistence:".padEnd(22)}${dbFilename ?? "in-memory"}`);
  await host.untilStopped();
  await server.stop({ drainMs: DRAIN_MS });
}

function friendlyHost(host: string): string {
  if (host === "127.0.0.1" || host === "::1") return "localhost";
  return host.includes(":") ? `[${host}]` : host;
}
