import { Command, CommanderError, Option } from "commander";
import { TemporalError } from "../core/errors.ts";
import type { CliHost } from "./cli-host.ts";
import { logFormats, logLevels } from "./line-logger.ts";
import type { ReplayFlags } from "./replay-flags.ts";
import type { StartDevFlags } from "./start-dev-flags.ts";
import type { TestServerFlags } from "./test-server.ts";
import { packageVersion } from "./version.ts";

/**
 * Runs the program with the arguments after its name.
 *
 * @returns The exit code: 0 if all went well, 1 if not, and what a command says of its own.
 */
export async function run(args: readonly string[], host: CliHost): Promise<number> {
  try {
    let exitCode = 0;
    await createProgram(host, (code) => (exitCode = code)).parseAsync([...args], { from: "user" });
    return exitCode;
  } catch (error) {
    // Commander has said already what was wrong, or has shown the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode;
    if (!(error instanceof TemporalError)) throw error;
    host.writeError(`Error: ${error.message}`);
    return 1;
  }
}

function createProgram(host: CliHost, exitWith: (code: number) => void): Command {
  const program = new Command("perdure")
    .description("Temporal workflows in pure TypeScript")
    .version(packageVersion())
    .exitOverride()
    .configureOutput({
      writeOut: (text) => host.write(text.trimEnd()),
      writeErr: (text) => host.writeError(text.trimEnd()),
    });
  const server = program.command("server").description("Run the embedded server");
  addStartDevFlags(server.command("start-dev"))
    .description("Start a Temporal server for one machine")
    .action(async (flags: StartDevFlags) => {
      // Loaded when it is needed, so that help and mistakes are answered without it.
      const { serve } = await import("./serve.ts");
      await serve(flags, host);
    });
  addTestServerFlags(program.command("test-server"))
    .description("Start a server that lets time pass at once, as the official SDKs' test server does")
    .action(async (port: string, flags: TestServerFlags) => {
      const { serveTests } = await import("./test-server.ts");
      await serveTests(port, flags, host);
    });
  addReplayFlags(program.command("replay"))
    .description("Replay recorded histories on workflow code, to find changes that running workflows cannot follow")
    .action(async (flags: ReplayFlags) => {
      const { replay } = await import("./replay.ts");
      exitWith(await replay(flags, host));
    });
  return program;
}

function addReplayFlags(command: Command): Command {
  return command
    .addOption(repeatable("-w, --workflows <module>", "module that defines workflows"))
    .addOption(repeatable("--history <path>", "history in JSON, or a folder of such"))
    .option("--address <address>", "service to take histories from, as host:port")
    .option("-n, --namespace <name>", "namespace of the workflows", "default")
    .option("-q, --query <filter>", "list filter of the workflows to replay", "")
    .option("--since <duration>", "only workflows that were started so long ago at most, such as 7d")
    .option("--sample <count>", "histories to take from the service at most, of each type in turn", "100")
    .addOption(new Option("--api-key <key>", "key for the service").env("TEMPORAL_API_KEY"))
    .option("--tls", "connect with TLS (default: with a key or certificates)")
    .option("--tls-ca <file>", "certificate of the service's authority")
    .option("--tls-cert <file>", "client certificate")
    .option("--tls-key <file>", "key of the client certificate")
    .option("--tls-server-name <name>", "name in the service's certificate")
    .option("--data-converter <module>", 'JavaScript module that exports the "dataConverter" of the workers')
    .option("--allow-empty", "succeed although there is no history to replay")
    .option("--json", "write the report as JSON")
    .option("--junit <file>", "write the report as JUnit XML to a file too")
    .addHelpText(
      "after",
      "\nExit codes: 0 all histories agree, 1 the command cannot be carried out,\n2 a history differs or fails, 3 nothing was replayed",
    );
}

function addTestServerFlags(command: Command): Command {
  return command
    .argument("<port>", "port of the gRPC service; 0 takes a free one")
    .option("--enable-time-skipping", "let time pass from the start, and not only when a caller asks")
    .addOption(repeatable("-n, --namespace <name>", 'namespace to make, besides "default"'))
    .addOption(repeatable("--search-attribute <name=type>", "search attribute to register"))
    .addOption(new Option("--log-level <level>", "what is logged at least").choices(logLevels).default("warn"));
}

function addStartDevFlags(command: Command): Command {
  return command
    .option("-p, --port <port>", "port of the gRPC service; 0 takes a free one", "7233")
    .option("--ip <address>", "address that the gRPC service listens on", "127.0.0.1")
    .option("-f, --db-filename <path>", "file that keeps everything (default: nothing outlives the server)")
    .addOption(repeatable("-n, --namespace <name>", 'namespace to make, besides "default"'))
    .addOption(repeatable("--search-attribute <name=type>", "search attribute to register"))
    .addOption(repeatable("--dynamic-config-value <key=json>", "dynamic configuration value"))
    .addOption(repeatable("--sqlite-pragma <name=value>", "SQLite setting"))
    .addOption(new Option("--log-level <level>", "what is logged at least").choices(logLevels).default("warn"))
    .addOption(
      new Option("--log-format <format>", "form of the log").choices([...logFormats, "pretty"]).default("text"),
    )
    .option("--log-config", "print the configuration to stderr")
    .option("--headless", "run without web UI, as this server does anyway")
    .option("--ui-port <port>", "port of the web UI (not available)")
    .option("--ui-ip <address>", "address of the web UI (not available)")
    .option("--ui-public-path <path>", "base path of the web UI (not available)")
    .option("--ui-asset-path <path>", "assets of the web UI (not available)")
    .option("--ui-codec-endpoint <url>", "codec of the web UI (not available)")
    .option("--ui-disable-news-fetch", "no news in the web UI (not available)")
    .option("--http-port <port>", "port of the HTTP API and of Nexus over HTTP; 0 takes a free one (default: no HTTP)")
    .addOption(repeatable("--http-allowed-origin <origin>", "origin whose pages may call the HTTP API from a browser"))
    .option("--metrics-port <port>", "port of the metrics, at /metrics, and of the health, at /healthz and /readyz");
}

function repeatable(flags: string, description: string): Option {
  return new Option(flags, `${description}; repeatable`)
    .default([], "none")
    .argParser((value: string, before: readonly string[]) => [...before, value]);
}
