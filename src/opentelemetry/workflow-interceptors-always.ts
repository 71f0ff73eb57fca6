// By its public name, for there it is the same module in and out of the sandbox, built or not.
import { createTracingInterceptors } from "perdure/opentelemetry";
import type { WorkflowInterceptors } from "../workflow/interceptors.ts";

/** Traces every workflow. */
export function interceptors(): WorkflowInterceptors {
  return createTracingInterceptors({ alwaysCreatesSpans: true });
}
