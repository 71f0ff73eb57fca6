import { isObserved } from "./definition.ts";

const unknown = (): undefined => undefined;

/** Tells where the code that called `caller` stands: a path or URL, without line and column. Looked up only when asked. */
export function captureSource(caller: (...args: never[]) => unknown): () => string | undefined {
  // A stack for each class of each run would cost more than the classes.
  if (isObserved()) return unknown;
  const holder: { stack?: unknown } = {};
  const { captureStackTrace } = Error as unknown as {
    readonly captureStackTrace?: (target: object, above: unknown) => void;
  };
  const canSkip = captureStackTrace !== undefined;
  if (canSkip) captureStackTrace(holder, caller);
  else holder.stack = withoutFrames(new Error("source").stack, 2);
  return () => sourceOf(holder.stack);
}

/** The file of a stack's first frame. */
export function sourceOf(stack: unknown): string | undefined {
  if (typeof stack !== "string") return undefined;
  for (const line of stack.split("\n")) {
    // "at name (file:1:2)" and "at file:1:2" in V8, "name@file:1:2" elsewhere.
    const frame = /^\s*at (?:.*\()?(.+?):\d+:\d+\)?$/.exec(line) ?? /^[^@\n]*@(.+?):\d+:\d+$/.exec(line);
    if (frame?.[1] !== undefined) return frame[1].replace(/^async /, "");
  }
  return undefined;
}

function withoutFrames(stack: string | undefined, count: number): string {
  const lines = (stack ?? "").split("\n");
  const first = lines.findIndex((line) => /:\d+:\d+\)?$/.test(line));
  return lines.slice(first + count).join("\n");
}
