import { inspect } from "node:util";
import { logLevels, type LogAttributes, type Logger, type LogLevel } from "../../core/telemetry/logger.ts";
import type { Clock } from "../../core/time/clock.ts";
import { hostClock } from "../../rpc/host-clock.ts";

/** What a {@link createStderrLogger} needs. */
export interface StderrLoggerOptions {
  /** Lowest level that is written. @default "info" */
  readonly level?: LogLevel;
  /** A line of text, or of JSON, for each message. @default "text" */
  readonly format?: "text" | "json";
  /** @default the host's clock */
  readonly clock?: Clock;
  /** Where lines go. @default standard error */
  readonly write?: (line: string) => void;
}

/** A logger that writes a line of text for each message: time, level, message, attributes. */
export function createStderrLogger(options: StderrLoggerOptions = {}): Logger {
  const { level = "info", format = "text", clock = hostClock, write = writeToStderr } = options;
  const lowest = logLevels.indexOf(level);
  const line =
    (lineLevel: LogLevel) =>
    (message: string, attributes?: LogAttributes): void => {
      if (logLevels.indexOf(lineLevel) < lowest) return;
      const time = new Date(clock.now()).toISOString();
      if (format === "json") write(`${formatJson({ time, level: lineLevel, message }, attributes)}\n`);
      else write(`${time} ${lineLevel.toUpperCase()} ${message}${formatAttributes(attributes)}\n`);
    };
  return {
    trace: line("trace"),
    debug: line("debug"),
    info: line("info"),
    warn: line("warn"),
    error: line("error"),
  };
}

function formatJson(line: LogAttributes, attributes: LogAttributes = {}): string {
  const fields = Object.entries(attributes).map(([name, value]) => [name, toJsonValue(value)] as const);
  return JSON.stringify({ ...line, ...(fields.length > 0 && { fields: Object.fromEntries(fields) }) });
}

function toJsonValue(value: unknown): unknown {
  if (value instanceof Error) return formatError(value);
  const isPlain = value === null || typeof value === "string" || typeof value === "boolean";
  return isPlain || typeof value === "number" || value === undefined ? value : formatValue(value);
}

function formatAttributes(attributes: LogAttributes | undefined): string {
  if (attributes === undefined) return "";
  let text = "";
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) text += ` ${name}=${formatValue(value)}`;
  }
  return text;
}

function formatValue(value: unknown): string {
  if (value instanceof Error) return formatError(value);
  if (typeof value === "string") return /[\s="]/.test(value) ? JSON.stringify(value) : value;
  return inspect(value, { breakLength: Infinity, depth: 3 });
}

/** Causes of an error that are shown. */
const CAUSES_MAX = 5;

// Other properties of an error may hold what users sent, which is not for logs.
function formatError(error: Error): string {
  let text = error.stack ?? `${error.name}: ${error.message}`;
  let { cause } = error;
  for (let depth = 0; cause instanceof Error && depth < CAUSES_MAX; depth++) {
    text += `\n  caused by ${cause.stack ?? cause.message}`;
    ({ cause } = cause);
  }
  return text;
}

function writeToStderr(line: string): void {
  process.stderr.write(line);
}
