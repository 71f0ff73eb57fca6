import type { LogAttributes, Logger, LogLevel } from "../core/telemetry/logger.ts";
import { currentFrame } from "./runtime/current.ts";
import { logAbout } from "./runtime/run-log.ts";

/** What {@link createLogger} may be told. */
export interface WorkflowLoggerOptions {
  /** Whether lines are written again in every replay. @default false */
  readonly logsDuringReplay?: boolean;
  /** Added to every line. @default none */
  readonly attributes?: LogAttributes;
}

/** A logger whose lines name the workflow. */
export function createLogger(options: WorkflowLoggerOptions = {}): Logger {
  const line =
    (level: LogLevel) =>
    (message: string, attributes?: LogAttributes): void => {
      const { run, update } = currentFrame("log");
      if (run.isReplayingHistory && options.logsDuringReplay !== true) return;
      const names = update === undefined ? {} : { updateId: update.id, updateName: update.name };
      logAbout(run, level, message, { ...names, ...options.attributes, ...attributes });
    };
  return { trace: line("trace"), debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };
}

/** Logs from workflow code, with the workflow's name on every line, and not again in replay. */
export const logger: Logger = createLogger();
