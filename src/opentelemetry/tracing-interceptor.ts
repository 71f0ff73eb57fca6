import { type MeterProvider, trace, type Tracer } from "@opentelemetry/api";
import type { ClientInterceptor, ClientOutbound } from "../client/index.ts";
import type {
  ActivityInboundInterceptor,
  Interceptor,
  NexusOperationInboundInterceptor,
  WorkflowSink,
} from "../worker/index.ts";
import { LOG_RECORD_SINK, MEASUREMENT_SINK, SPAN_SINK } from "../workflow/tracing.ts";
import { traceActivity } from "./activity-spans.ts";
import { traceClient } from "./client-spans.ts";
import { traceNexus } from "./nexus-spans.ts";
import { createLogRecordSink, type LogRecordProvider } from "./workflow-log-records.ts";
import { createMeasurementSink } from "./workflow-measurements.ts";
import { createSpanSink } from "./workflow-spans.ts";

/** What a {@link TracingInterceptor} may be told. */
export interface TracingInterceptorOptions {
  /** Makes the spans; its provider needs a `WorkflowIdGenerator`. @default the tracer "perdure" of the global provider */
  readonly tracer?: Tracer | undefined;
  /**
   * Whether workflows that no trace reaches, such as those of schedules, begin a trace of their own.
   *
   * @default false
   */
  readonly alwaysCreateWorkflowSpans?: boolean | undefined;
  /** Takes what workflow code records through `workflowMeterProvider`. @default nothing is recorded */
  readonly meterProvider?: MeterProvider | undefined;
  /** Takes what workflow code emits through `workflowLoggerProvider`. @default nothing is emitted */
  readonly loggerProvider?: LogRecordProvider | undefined;
}

/** Traces the calls of clients, workflows and activities, and hands traces on in headers. For clients and workers. */
export class TracingInterceptor implements ClientInterceptor, Interceptor {
  readonly workflowInterceptorModule: string;
  readonly sinks: Readonly<Record<string, WorkflowSink>>;
  readonly #tracer: Tracer;

  constructor({
    tracer = trace.getTracer("perdure"),
    alwaysCreateWorkflowSpans = false,
    meterProvider,
    loggerProvider,
  }: TracingInterceptorOptions = {}) {
    this.#tracer = tracer;
    this.sinks = {
      [SPAN_SINK]: createSpanSink(tracer),
      ...(meterProvider === undefined ? {} : { [MEASUREMENT_SINK]: createMeasurementSink(meterProvider) }),
      ...(loggerProvider === undefined ? {} : { [LOG_RECORD_SINK]: createLogRecordSink(loggerProvider) }),
    };
    this.workflowInterceptorModule = workflowModule(alwaysCreateWorkflowSpans);
  }

  interceptClient(next: ClientOutbound): ClientOutbound {
    return traceClient(this.#tracer, next);
  }

  interceptActivity(next: ActivityInboundInterceptor): ActivityInboundInterceptor {
    return traceActivity(this.#tracer, next);
  }

  interceptNexusOperation(next: NexusOperationInboundInterceptor): NexusOperationInboundInterceptor {
    return traceNexus(this.#tracer, next);
  }
}

function workflowModule(always: boolean): string {
  const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
  return new URL(`./workflow-interceptors${always ? "-always" : ""}${extension}`, import.meta.url).href;
}
