import type { LogAttributes } from "perdure/common";
import { type LogLevel, Runtime } from "perdure/runtime";

/** One line of a log. */
export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly attributes: LogAttributes;
}

/** A runtime whose workers write their log into a list. */
export class Logbook {
  readonly lines: LogLine[] = [];
  readonly runtime: Runtime;

  constructor() {
    const writer =
      (level: LogLevel) =>
      (message: string, attributes: LogAttributes = {}): void =>
        void this.lines.push({ level, message, attributes });
    const logger = { debug: writer("debug"), info: writer("info"), warn: writer("warn"), error: writer("error") };
    this.runtime = new Runtime({ logger });
  }

  /** Lines about a workflow that have the text in them. */
  about(workflowId: string, text: string): LogLine[] {
    return this.lines.filter(
      ({ message, attributes }) => attributes["workflowId"] === workflowId && message.includes(text),
    );
  }
}
