import type { ClientInterceptor } from "../client/index.ts";
import type { LogAttributes, Logger } from "../core/telemetry/logger.ts";
import type { Interceptor, SinkContext, WorkflowSink } from "./interceptor.ts";
import { OptionsError } from "./worker-error.ts";

const WORKER_MEMBERS: readonly string[] = [
  "interceptActivity",
  "interceptNexusOperation",
  "workflowInterceptorModule",
  "sinks",
] satisfies readonly (keyof Interceptor)[];

/** The interceptors of a worker: those of its client that are a worker's too, then its own, each once. */
export function workerInterceptors(
  ofClient: readonly ClientInterceptor[] = [],
  own: readonly Interceptor[] = [],
): readonly Interceptor[] {
  const inherited: readonly object[] = ofClient;
  return [...new Set([...inherited.filter(isInterceptor), ...own])];
}

/** Whether an interceptor is one of workers. */
export function isInterceptor(interceptor: object): interceptor is Interceptor {
  return WORKER_MEMBERS.some((member) => Reflect.get(interceptor, member) !== undefined);
}

/** Modules of the interceptors that run where workflow code does, outermost first. */
export function workflowInterceptorModules(interceptors: readonly Interceptor[]): readonly string[] {
  const modules = interceptors.flatMap(({ workflowInterceptorModule: module }) =>
    module === undefined ? [] : [module],
  );
  return [...new Set(modules)];
}

/**
 * Hands on what workflow code hands to sinks.
 *
 * @throws {OptionsError} If two interceptors have a sink of one name.
 */
export function createSinkCaller(
  interceptors: readonly Interceptor[],
  logger: Logger,
): (name: string, value: unknown, context: SinkContext) => void {
  const sinks = new Map<string, WorkflowSink>();
  for (const interceptor of interceptors) {
    for (const [name, sink] of Object.entries(interceptor.sinks ?? {})) {
      if (sinks.has(name)) throw new OptionsError(`Cannot use interceptors: two have a sink named "${name}"`);
      sinks.set(name, sink);
    }
  }
  return (name, value, context) => {
    const sink = sinks.get(name);
    const { workflowId, runId, workflowType } = context;
    const attributes: LogAttributes = { sink: name, workflowId, runId, workflowType };
    if (sink === undefined) {
      logger.warn("Workflow called a sink that the worker has not", attributes);
      return;
    }
    try {
      sink(value, context);
    } catch (error) {
      logger.error("Sink of workflow code failed", { ...attributes, error });
    }
  };
}
