import type { SpanContext } from "./span-context.ts";

/** Where new spans of some code belong. */
export interface SpanScope {
  /** Undefined where no spans are made. */
  readonly traceId: string | undefined;
  readonly parent: SpanContext | undefined;
  /** Ids of spans follow from this and how many there were before. */
  readonly seed: string;
  count: number;
}
