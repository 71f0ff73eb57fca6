import { createTracingInterceptors } from "../workflow/tracing.ts";
import type { WorkflowInterceptors } from "../workflow/interceptors.ts";

/** Traces every workflow. */
export function interceptors(): WorkflowInterceptors {
  return createTracingInterceptors({ alwaysCreatesSpans: true });
}
