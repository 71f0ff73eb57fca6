/** Where something was started; its text is made only when asked for. */
export type Trace = Error;

/** The place that is running now. An error is the cheapest thing that knows it: half the price of `captureStackTrace`. */
export function captureTrace(): Trace {
  return new Error();
}

let isReadingTrace = false;

/** Whether the stack that is being made is a trace's: it is kept as it is, and mapped where its lines are shown. */
export function wantsRawStack(): boolean {
  return isReadingTrace;
}

/** The lines of a trace, without its first, which names an error that is none. */
export function traceText(trace: Trace): string {
  isReadingTrace = true;
  const stack = trace.stack ?? "";
  isReadingTrace = false;
  const first = stack.search(/^\s+at /m);
  return first < 0 ? stack : stack.slice(first);
}
