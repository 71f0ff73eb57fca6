import { startServer } from "../server/index.ts";
import type { CliHost } from "./cli-host.ts";
import { createLineLogger, type LogLevel } from "./line-logger.ts";
import { parsePort, parseSearchAttributes } from "./start-dev-flags.ts";
import { packageVersion } from "./version.ts";

/** Flags of `test-server` as they come from the command line. */
export interface TestServerFlags {
  readonly enableTimeSkipping?: boolean;
  readonly namespace: readonly string[];
  readonly searchAttribute: readonly string[];
  readonly logLevel: LogLevel;
}

/**
 * Runs a server for tests, with the API by which the official SDKs skip time, until the host asks it to stop.
 *
 * It listens on the loopback alone: whoever starts it runs on the same machine.
 *
 * @throws {UsageError} If a flag or the port cannot be used.
 * @throws {TemporalError} If the port cannot be had.
 */
export async function serveTests(port: string, flags: TestServerFlags, host: CliHost): Promise<void> {
  const server = await startServer({
    listen: { host: "127.0.0.1", port: parsePort("<port>", port) },
    namespaces: [...new Set(["default", ...flags.namespace])],
    searchAttributes: parseSearchAttributes(flags.searchAttribute),
    timeSkipping: flags.enableTimeSkipping === true ? "always" : true,
    logger: createLineLogger({
      level: flags.logLevel,
      format: "text",
      write: host.writeError,
      now: () => new Date(),
    }),
  });
  host.write(`Perdure ${packageVersion()} test server: 127.0.0.1:${server.address?.port ?? port}`);
  await host.untilStopped();
  await server.stop();
}
