import { currentFrame } from "../runtime/current.ts";
import { currentScope, inScope, newSpan, tellEndedSpan, tellSpan, type SpanOptions } from "./spans.ts";

/** What a span of workflow code is made with. */
export type WorkflowSpanOptions = Pick<SpanOptions, "attributes" | "error">;

/**
 * Makes a span that begins and ends at the workflow's time, once: a replay does not repeat it. Nothing happens where the
 * workflow is not traced.
 */
export function completedSpan(name: string, options: WorkflowSpanOptions = {}): void {
  tellEndedSpan(name, { attributes: options.attributes, error: options.error });
}

/**
 * Runs code of a workflow in a span, under which the activities and children that it starts appear. The span is told of
 * when the code has ended, in the workflow's time; not if the workflow ends before. In replay the span has the same id.
 */
export function withSpan<T>(name: string, code: () => T, options: Pick<SpanOptions, "attributes"> = {}): T {
  const frame = currentFrame("make a span");
  const scope = currentScope(frame);
  const context = newSpan(scope);
  if (context === undefined) return code();
  const { facts } = frame.run;
  const span = { name, context, parent: scope?.parent, startTimeMs: facts.timestampMs };
  const end = (error?: unknown): void => {
    tellSpan({ ...span, endTimeMs: frame.run.facts.timestampMs }, { attributes: options.attributes, error });
  };
  const scopeInside = { traceId: context.traceId, parent: context, seed: context.spanId, count: 0 };
  return inScope(frame, scopeInside, () => {
    let result: T;
    try {
      result = code();
    } catch (error) {
      end(error);
      throw error;
    }
    if (!(result instanceof Promise)) {
      end();
      return result;
    }
    return endAfter(result as Promise<unknown>, end) as T;
  });
}

async function endAfter(promise: Promise<unknown>, end: (error?: unknown) => void): Promise<unknown> {
  let result: unknown;
  try {
    result = await promise;
  } catch (error) {
    end(error);
    throw error;
  }
  end();
  return result;
}
