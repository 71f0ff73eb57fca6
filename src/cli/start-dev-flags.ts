import { IndexedValueType } from "../proto/gen/enums.ts";
import type { DynamicConfig } from "../server/index.ts";
import { UsageError } from "./cli-error.ts";
import type { LogFormat, LogLevel } from "./line-logger.ts";

/** Flags of `server start-dev` as they come from the command line. */
export interface StartDevFlags {
  readonly port: string;
  readonly ip: string;
  readonly dbFilename?: string;
  readonly namespace: readonly string[];
  readonly searchAttribute: readonly string[];
  readonly dynamicConfigValue: readonly string[];
  readonly sqlitePragma: readonly string[];
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat | "pretty";
  readonly logConfig?: boolean;
  readonly headless?: boolean;
  readonly uiPort?: string;
  readonly uiIp?: string;
  readonly uiPublicPath?: string;
  readonly uiAssetPath?: string;
  readonly uiCodecEndpoint?: string;
  readonly uiDisableNewsFetch?: boolean;
  readonly httpPort?: string;
  readonly httpAllowedOrigin: readonly string[];
  readonly metricsPort?: string;
}

/** What the flags ask for. */
export interface StartDevConfig {
  readonly host: string;
  readonly port: number;
  /** Where the HTTP API and Nexus are served; 0 means a free port, absent nowhere. */
  readonly httpPort?: number;
  /** Origins whose pages may call the HTTP API. */
  readonly httpAllowedOrigins: readonly string[];
  /** Path of the database; absent means memory. */
  readonly dbFilename?: string;
  readonly pragmas: Readonly<Record<string, string>>;
  readonly namespaces: readonly string[];
  readonly searchAttributes: Readonly<Record<string, IndexedValueType>>;
  readonly dynamicConfig: DynamicConfig;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
  /** Absent if nothing is measured. */
  readonly metricsPort?: number;
}

/**
 * Reads the flags of `server start-dev`.
 *
 * @throws {UsageError} If a value is wrong.
 */
export function readStartDevFlags(flags: StartDevFlags): StartDevConfig {
  return {
    host: flags.ip === "localhost" ? "127.0.0.1" : flags.ip,
    port: parsePort("--port", flags.port),
    ...(flags.httpPort === undefined ? {} : { httpPort: parsePort("--http-port", flags.httpPort) }),
    httpAllowedOrigins: parseOrigins(flags.httpAllowedOrigin, flags.httpPort),
    ...(flags.dbFilename === undefined ? {} : { dbFilename: flags.dbFilename }),
    pragmas: parsePragmas(flags.sqlitePragma, flags.dbFilename),
    namespaces: [...new Set(["default", ...flags.namespace])],
    searchAttributes: parseSearchAttributes(flags.searchAttribute),
    dynamicConfig: parseDynamicConfig(flags.dynamicConfigValue),
    ...(flags.metricsPort !== undefined && { metricsPort: parsePort("--metrics-port", flags.metricsPort) }),
    logLevel: flags.logLevel,
    logFormat: flags.logFormat === "pretty" ? "text" : flags.logFormat,
  };
}

/** Flags about a web UI that were given although there is none; with `--headless` they would mean nothing anywhere. */
export function uselessFlags(flags: StartDevFlags): readonly string[] {
  if (flags.headless === true) return [];
  const ui = {
    "--ui-port": flags.uiPort,
    "--ui-ip": flags.uiIp,
    "--ui-public-path": flags.uiPublicPath,
    "--ui-asset-path": flags.uiAssetPath,
    "--ui-codec-endpoint": flags.uiCodecEndpoint,
    "--ui-disable-news-fetch": flags.uiDisableNewsFetch,
  };
  return Object.entries(ui).flatMap(([flag, value]) => (value === undefined ? [] : [flag]));
}

function parseOrigins(texts: readonly string[], httpPort: string | undefined): readonly string[] {
  const flag = "--http-allowed-origin";
  if (texts.length > 0 && httpPort === undefined)
    throw new UsageError(`Cannot use flag "${flag}": no HTTP is served, add --http-port or leave the flag out`);
  const wrong = texts.find((text) => text !== "*" && !(URL.canParse(text) && new URL(text).origin === text));
  if (wrong === undefined) return texts;
  throw new UsageError(
    `Cannot use flag "${flag}": found "${wrong}", expected an origin such as "https://app.example", or "*"`,
  );
}

/** @throws {UsageError} If it is no port. */
export function parsePort(flag: string, text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (port <= 65_535) return port;
  throw new UsageError(`Cannot use flag "${flag}": found "${text}", expected a port from 0 to 65535`);
}

function parsePragmas(texts: readonly string[], dbFilename: string | undefined): Record<string, string> {
  const pragmas = splitPairs("--sqlite-pragma", texts).map(([name, value]) => [name.toLowerCase(), value] as const);
  const [first] = pragmas;
  if (first !== undefined && dbFilename === undefined) {
    throw new UsageError(
      'Cannot use flag "--sqlite-pragma": nothing is kept in SQLite, add --db-filename or leave the flag out',
    );
  }
  // The store always keeps a write-ahead log, so asking for one is granted.
  const others = pragmas.filter(([name, value]) => name !== "journal_mode" || value.toLowerCase() !== "wal");
  return Object.fromEntries(others);
}

/** @throws {UsageError} If one is not NAME=TYPE. */
export function parseSearchAttributes(texts: readonly string[]): Record<string, IndexedValueType> {
  const types = new Map(
    Object.entries(IndexedValueType)
      .filter(([, type]) => type !== IndexedValueType.UNSPECIFIED)
      .map(([name, type]) => [name.replaceAll("_", "").toLowerCase(), type]),
  );
  return Object.fromEntries(
    splitPairs("--search-attribute", texts).map(([name, typeName]) => {
      const type = types.get(typeName.toLowerCase());
      if (type !== undefined) return [name, type];
      throw new UsageError(
        `Cannot use flag "--search-attribute": "${name}" has type "${typeName}", expected one of Text, Keyword, Int, Double, Bool, Datetime, KeywordList`,
      );
    }),
  );
}

/** Ends of the names of settings that are lists. */
const lists = ["allowedaddresses", "disallowedheaders", "httpallowedhosts"];

function parseDynamicConfig(texts: readonly string[]): DynamicConfig {
  return Object.fromEntries(
    splitPairs("--dynamic-config-value", texts).map(([key, json]) => {
      const value = parseJson(json);
      if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
        return [key, value];
      }
      if (Array.isArray(value) && lists.some((list) => key.toLowerCase().endsWith(list))) return [key, json];
      throw new UsageError(
        `Cannot use flag "--dynamic-config-value": the value of "${key}" is "${json}", expected a JSON string, number or boolean`,
      );
    }),
  );
}

function splitPairs(flag: string, texts: readonly string[]): readonly (readonly [string, string])[] {
  return texts.map((text) => {
    const equals = text.indexOf("=");
    if (equals > 0) return [text.slice(0, equals), text.slice(equals + 1)];
    throw new UsageError(`Cannot use flag "${flag}": found "${text}", expected KEY=VALUE`);
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
