import { setMaxListeners } from "node:events";
import { HandlerError, type OperationContext, type OperationHandler, type StartOperationContext } from "nexus-rpc";
import { runFromOrigin, type CallOrigin } from "../../client/index.ts";
import { withAttributes, type LogAttributes } from "../../core/telemetry/logger.ts";
import { fromLinkURL, toLinkURL } from "../../nexus/link-url.ts";
import { normalizeHeaders } from "../../nexus/request-timeout.ts";
import type { DataConverter } from "../../payload/data-converter.ts";
import { CancelledError } from "../../payload/failure-error.ts";
import type { CancelOperationRequest, StartOperationRequest } from "../../proto/gen/nexus.ts";
import { asRPCError } from "../../rpc/rpc-error.ts";
import { RPCStatusCode } from "../../rpc/status.ts";
import type { NexusOperationInboundInterceptor } from "../interceptor.ts";
import type { WorkerService } from "../worker-service.ts";
import {
  failureReasonOf,
  toCancelledAnswer,
  toErrorAnswer,
  toStartedAnswer,
  type NexusAnswer,
} from "./nexus-answer.ts";
import { runInNexus, type NexusContext } from "./nexus-context.ts";
import type { NexusHost } from "./nexus-host.ts";
import { decodeInput } from "./nexus-payloads.ts";
import type { NexusTask } from "./nexus-task.ts";

/** One Nexus request as it is handled. */
export class NexusRequest {
  readonly #host: NexusHost;
  readonly #service: WorkerService;
  readonly #task: NexusTask;
  readonly #dataConverter: DataConverter;
  readonly #cancelling = new AbortController();
  readonly #deadlineMs: number | undefined;

  constructor(host: NexusHost, service: WorkerService, task: NexusTask) {
    this.#host = host;
    this.#service = service;
    this.#task = task;
    const { endpoint, service: name, operation } = task;
    this.#dataConverter = host.dataConverter.withContext({ kind: "nexus", endpoint, service: name, operation });
    this.#deadlineMs = task.timeoutMs === undefined ? undefined : host.clock.now() + task.timeoutMs;
    // User code may wait in as many places as it likes.
    setMaxListeners(0, this.#cancelling.signal);
  }

  /** Tells the handler that nobody waits for its answer any more. */
  cancel(reason: string): void {
    this.#cancelling.abort(new CancelledError(reason));
  }

  /** Runs the handler and reports what came of it. Tells whether it failed. Never rejects. */
  async run(): Promise<boolean> {
    const { clock, metrics } = this.#host;
    const startMs = clock.now();
    metrics?.received(this.#sinceScheduledMs());
    const cancelTimeout =
      this.#deadlineMs === undefined
        ? undefined
        : clock.schedule(this.#deadlineMs, () => this.cancel("Nexus request timed out"));
    const answer = await this.#answer();
    cancelTimeout?.();
    metrics?.handled(clock.now() - startMs, failureReasonOf(answer));
    if (answer === undefined) return true;
    try {
      await this.#report(answer);
      metrics?.answered(this.#sinceScheduledMs());
    } catch (error) {
      this.#logReportError(error);
    }
    return answer.kind === "failed" || answer.hasFailed;
  }

  /** `undefined` if nobody waits for an answer. */
  async #answer(): Promise<NexusAnswer | undefined> {
    const { logger } = this.#host;
    const dataConverter = this.#dataConverter;
    const { request, takesFailures } = this.#task;
    try {
      return await this.#handle();
    } catch (error) {
      const { signal } = this.#cancelling;
      if (signal.aborted && isCancellation(error, signal.reason)) return undefined;
      logger.warn("Nexus operation handler failed", { ...this.#attributes(), request: request.kind, error });
      const kind = { takesFailures, isStart: request.kind === "start" };
      // What a broken converter threw must be told without it.
      return toErrorAnswer(error, dataConverter, kind).catch((broken: unknown) =>
        toErrorAnswer(
          new HandlerError("INTERNAL", "Data converter failed to encode the handler's error"),
          dataConverter.with({ codec: undefined }),
          kind,
        ).then((answer) => {
          logger.error("Error of a Nexus operation handler could not be encoded", {
            ...this.#attributes(),
            error: broken,
          });
          return answer;
        }),
      );
    }
  }

  #handle(): Promise<NexusAnswer> {
    const { request } = this.#task;
    switch (request.kind) {
      case "start":
        return this.#start(request.value);
      case "cancel":
        return this.#cancelOperation(request.value);
      case "unknown":
        throw new HandlerError("NOT_IMPLEMENTED", "Request is neither a start nor a cancellation");
    }
  }

  async #start(request: StartOperationRequest): Promise<NexusAnswer> {
    const { registry } = this.#host;
    const dataConverter = this.#dataConverter;
    const handler = registry.find(request.service, request.operation);
    const ctx = toStartContext(this.#context(), request);
    const origin = toOrigin(ctx);
    const result = await this.#inside(origin, async () => {
      const input = await decodeInput(dataConverter, request.payload);
      return this.#intercepted(handler).executeStart({ ctx, input });
    });
    const links = ctx.outboundLinks.map(({ url, type }) => ({ url: url.toString(), type }));
    return toStartedAnswer(result, links, dataConverter);
  }

  async #cancelOperation(request: CancelOperationRequest): Promise<NexusAnswer> {
    const handler = this.#host.registry.find(request.service, request.operation);
    const ctx = this.#context();
    const token = request.operationToken || request.operationId;
    await this.#inside(undefined, () => this.#intercepted(handler).executeCancel({ ctx, token }));
    return toCancelledAnswer();
  }

  #inside<T>(origin: CallOrigin | undefined, run: () => Promise<T>): Promise<T> {
    return runInNexus(this.#surroundings(), () => (origin === undefined ? run() : runFromOrigin(origin, run)));
  }

  #intercepted(handler: OperationHandler<unknown, unknown>): NexusOperationInboundInterceptor {
    const innermost: NexusOperationInboundInterceptor = {
      executeStart: ({ ctx, input }) => handler.start(ctx, input),
      executeCancel: ({ ctx, token }) => handler.cancel(ctx, token),
    };
    return this.#host.interceptors.reduceRight(
      (next, interceptor) => interceptor.interceptNexusOperation?.(next) ?? next,
      innermost,
    );
  }

  #context(): OperationContext {
    const { service, operation, headers } = this.#task;
    return {
      service,
      operation,
      headers,
      abortSignal: this.#cancelling.signal,
      ...(this.#deadlineMs === undefined ? {} : { requestDeadline: new Date(this.#deadlineMs) }),
    };
  }

  #surroundings(): NexusContext {
    const {
      namespace,
      taskQueue,
      client,
      logger,
      handlerLogger = logger,
      metricMeter,
      workerShutdownSignal,
    } = this.#host;
    const { endpoint, service, operation } = this.#task;
    let meter: NexusContext["metricMeter"] | undefined;
    return {
      info: { endpoint, namespace, taskQueue },
      client,
      logger: withAttributes(handlerLogger, () => this.#attributes()),
      get metricMeter() {
        meter ??= metricMeter.withAttributes({ nexusService: service, nexusOperation: operation, taskQueue });
        return meter;
      },
      cancellationSignal: this.#cancelling.signal,
      workerShutdownSignal,
    };
  }

  #sinceScheduledMs(): number | undefined {
    const { scheduledTimeMs } = this.#task;
    return scheduledTimeMs === undefined ? undefined : Math.max(0, this.#host.clock.now() - scheduledTimeMs);
  }

  #attributes(): LogAttributes {
    const { endpoint, service, operation } = this.#task;
    return { endpoint, service, operation, taskQueue: this.#host.taskQueue };
  }

  #report(answer: NexusAnswer): Promise<unknown> {
    const { taskToken, pollerGroupId } = this.#task;
    return answer.kind === "completed"
      ? this.#service.completeNexusTask({ taskToken, pollerGroupId, response: answer.response })
      : this.#service.failNexusTask({ taskToken, pollerGroupId, ...answer.failure });
  }

  #logReportError(cause: unknown): void {
    const error = asRPCError(cause);
    const message =
      error.status === RPCStatusCode.NOT_FOUND
        ? "Nexus request was not known any more when it was answered; its caller may have stopped waiting"
        : "Nexus request could not be answered";
    this.#host.logger.warn(message, { ...this.#attributes(), error: error.message });
  }
}

function toStartContext(context: OperationContext, request: StartOperationRequest): StartOperationContext {
  return {
    ...context,
    requestId: request.requestId,
    ...(request.callback === "" ? {} : { callbackUrl: request.callback }),
    callbackHeaders: normalizeHeaders(request.callbackHeader),
    inboundLinks: request.links.flatMap(({ url, type }) => (URL.canParse(url) ? [{ url: new URL(url), type }] : [])),
    outboundLinks: [],
  };
}

/** What the handler's own calls carry, so that what they start and their caller know of each other. */
function toOrigin(ctx: StartOperationContext): CallOrigin {
  return {
    requestId: ctx.requestId,
    links: ctx.inboundLinks.flatMap(({ url, type }) => fromLinkURL({ url: url.toString(), type }) ?? []),
    addLink: (link) => {
      const converted = toLinkURL(link);
      if (converted !== undefined) ctx.outboundLinks.push({ url: new URL(converted.url), type: converted.type });
    },
  };
}

function isCancellation(error: unknown, reason: unknown): boolean {
  return error === reason || error instanceof CancelledError || (error instanceof Error && error.name === "AbortError");
}
