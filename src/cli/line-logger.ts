import type { LogAttributes, Logger } from "../core/telemetry/logger.ts";

/** What a log shows at least; `never` shows nothing. */
export const logLevels = ["trace", "debug", "info", "warn", "error", "never"] as const;
export type LogLevel = (typeof logLevels)[number];

/** How a line of log is written. */
export const logFormats = ["text", "json"] as const;
export type LogFormat = (typeof logFormats)[number];

/** Where and how log lines go. */
export interface LineLoggerOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  readonly write: (line: string) => void;
  /** The time that lines carry. */
  readonly now: () => Date;
}

/** A logger that writes one line a message. */
export function createLineLogger({ level, format, write, now }: LineLoggerOptions): Logger {
  const log =
    (severity: Exclude<LogLevel, "never">) =>
    (message: string, attributes: LogAttributes = {}): void => {
      if (logLevels.indexOf(severity) < logLevels.indexOf(level)) return;
      const time = now().toISOString();
      write(
        format === "json"
          ? JSON.stringify({ time, level: severity.toUpperCase(), msg: message, ...attributes })
          : toText(time, severity, message, attributes),
      );
    };
  return {
    trace: log("trace"),
    debug: log("debug"),
    info: log("info"),
    warn: log("warn"),
    error: log("error"),
  };
}

function toText(time: string, severity: string, message: string, attributes: LogAttributes): string {
  const facts = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${quoteIfNeeded(String(value))}`);
  return [`time=${time}`, `level=${severity.toUpperCase()}`, `msg=${quoteIfNeeded(message)}`, ...facts].join(" ");
}

function quoteIfNeeded(text: string): string {
  return /^[^\s"=]+$/.test(text) ? text : JSON.stringify(text);
}
