import { SpanKind, type Tracer } from "@opentelemetry/api";
import type { ActivityInboundInterceptor, ActivityOutboundInterceptor } from "../worker/index.ts";
import { readTraceHeader } from "../workflow/tracing.ts";
import { toContext } from "./trace-context.ts";
import { traced } from "./traced-call.ts";

/** Makes a span of each attempt of an activity, on the trace that its start carried. */
export function traceActivity(tracer: Tracer, next: ActivityInboundInterceptor): ActivityInboundInterceptor {
  let context: ActivityOutboundInterceptor | undefined;
  return {
    init(outbound) {
      context = outbound;
      next.init(outbound);
    },
    execute(input) {
      const info = context?.info();
      if (info === undefined) return next.execute(input);
      const { activityId, activityType, workflowId, workflowRunId } = info;
      const parent = readTraceHeader(input.headers);
      return traced(
        tracer,
        {
          name: `RunActivity:${activityType}`,
          kind: SpanKind.SERVER,
          attributes: {
            temporalActivityID: activityId,
            ...(workflowId === undefined ? {} : { temporalWorkflowID: workflowId }),
            ...(workflowRunId === undefined ? {} : { temporalRunID: workflowRunId }),
          },
          parent: parent === undefined ? undefined : toContext(parent),
        },
        () => next.execute(input),
      );
    },
  };
}
