import { SimplePlugin } from "../plugin/simple-plugin.ts";
import { TracingInterceptor, type TracingInterceptorOptions } from "./tracing-interceptor.ts";

/** Traces a client and its workers with OpenTelemetry. Give it to the client. */
export class OpenTelemetryPlugin extends SimplePlugin {
  constructor(options: TracingInterceptorOptions = {}) {
    super({ name: "perdure.opentelemetry", interceptors: [new TracingInterceptor(options)] });
  }
}
