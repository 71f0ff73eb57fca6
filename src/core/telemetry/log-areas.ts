import { ignoreLine, type LogAttributes, type Logger, logLevels, type LogLevel } from "./logger.ts";

/** Whose lines of log they are: this package's own, or those of the code that it runs. */
export type LogArea = "sdk" | "workflow" | "activity" | "nexus";

/** Lowest levels by area. */
export type LogAreaLevels = Readonly<Partial<Record<LogArea, LogLevel>>>;

/** A logger that passes on lines from a level up. @param level All lines if absent. */
export function fromLevel(logger: Logger, level: LogLevel | undefined): Logger {
  if (level === undefined) return logger;
  const lowest = logLevels.indexOf(level);
  const line = (own: LogLevel): Logger["info"] =>
    logLevels.indexOf(own) < lowest ? ignoreLine : (...told) => logger[own](...told);
  return { trace: line("trace"), debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };
}

/** A logger of a program's own, such as `console`. One without `trace` does without such lines. */
export interface PlainLogger extends Omit<Logger, "trace"> {
  readonly trace?: Logger["trace"] | undefined;
}

/** A plain logger as this package uses it. */
export function toLogger(logger: PlainLogger): Logger {
  if (logger.trace !== undefined) return logger as Logger;
  return {
    trace: ignoreLine,
    debug: (...line) => logger.debug(...line),
    info: (...line) => logger.info(...line),
    warn: (...line) => logger.warn(...line),
    error: (...line) => logger.error(...line),
  };
}

/** A logger that takes attributes first and then the message: pino, bunyan and their like. */
export type AttributesFirstLogger = Readonly<Record<LogLevel, (attributes: object, message: string) => void>>;

/**
 * A logger in front of pino, or of one of its form: `new Runtime({ logger: fromPino(pino()) })`. An attribute `error` is
 * handed on as `err`, where pino looks for it.
 */
export function fromPino(logger: AttributesFirstLogger): Logger {
  const line =
    (level: LogLevel): Logger["info"] =>
    (message, attributes: LogAttributes = {}) => {
      const { error, ...others } = attributes;
      logger[level](error instanceof Error ? { ...others, err: error } : attributes, message);
    };
  return { trace: line("trace"), debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };
}
