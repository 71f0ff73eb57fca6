/** Severity of a line of log, lowest first. */
export const logLevels = ["trace", "debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof logLevels)[number];

/** What a line says besides its message: names and plain values. */
export type LogAttributes = Readonly<Record<string, unknown>>;

/** Where lines of log go. The host's `console` is one. */
export interface Logger {
  trace(message: string, attributes?: LogAttributes): void;
  debug(message: string, attributes?: LogAttributes): void;
  info(message: string, attributes?: LogAttributes): void;
  warn(message: string, attributes?: LogAttributes): void;
  error(message: string, attributes?: LogAttributes): void;
}

/** A logger that drops everything. */
export const silentLogger: Logger = {
  trace: ignoreLine,
  debug: ignoreLine,
  info: ignoreLine,
  warn: ignoreLine,
  error: ignoreLine,
};

/** Drops a line. */
export function ignoreLine(): void {
  // Dropping the line is the purpose.
}

/** A logger that adds attributes, made anew for each line, before a line's own. */
export function withAttributes(logger: Logger, attributes: () => LogAttributes): Logger {
  const line =
    (level: LogLevel) =>
    (message: string, own?: LogAttributes): void =>
      logger[level](message, { ...attributes(), ...own });
  return {
    trace: line("trace"),
    debug: line("debug"),
    info: line("info"),
    warn: line("warn"),
    error: line("error"),
  };
}
