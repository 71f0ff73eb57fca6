/** Where something was started; its text is made only when asked for. */
export interface Trace {
  readonly stack?: unknown;
}

interface StackCapture {
  readonly captureStackTrace?: (target: object, above?: unknown) => void;
}

/** The place that is running now. Undefined on engines that cannot tell it cheaply. */
export function captureTrace(): Trace | undefined {
  const { captureStackTrace } = Error as unknown as StackCapture;
  if (captureStackTrace === undefined) return undefined;
  const trace: Trace = {};
  captureStackTrace(trace, captureTrace);
  return trace;
}

/** The lines of a trace, without its first, which names an error that is none. */
export function traceText(trace: Trace | undefined): string {
  const stack = typeof trace?.stack === "string" ? trace.stack : "";
  const first = stack.search(/^\s+at /m);
  return first < 0 ? "" : stack.slice(first);
}
