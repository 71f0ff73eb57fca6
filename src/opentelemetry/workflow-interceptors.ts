import { createTracingInterceptors } from "../workflow/tracing.ts";
import type { WorkflowInterceptors } from "../workflow/interceptors.ts";

/** Traces workflows that were started from a trace. */
export function interceptors(): WorkflowInterceptors {
  return createTracingInterceptors();
}
