import type { Logger } from "../core/telemetry/logger.ts";
import type { Clock } from "../core/time/clock.ts";
import type { PayloadSizes } from "../payload/payload-limits.ts";
import { Health, HealthCheckResponse_ServingStatus as ServingStatus } from "../proto/gen/grpc/health.ts";
import { OperatorService } from "../proto/gen/operatorservice.ts";
import { TestService } from "../proto/gen/testservice.ts";
import type { GetSystemInfoResponse_Capabilities as Capabilities } from "../proto/gen/workflowservice.ts";
import { WorkflowService } from "../proto/gen/workflowservice.ts";
import type { MetricMeter } from "../core/telemetry/metric-meter.ts";
import type { Init, Method } from "../proto/message.ts";
import { hostClock } from "../rpc/host-clock.ts";
import type { CallKind, RetryConfig } from "../rpc/retry.ts";
import { callWithRetry, defaultRetryConfig } from "../rpc/retry.ts";
import { RPCError } from "../rpc/rpc-error.ts";
import { RPCStatusCode } from "../rpc/status.ts";
import type { Metadata, Transport, UnaryCall } from "../rpc/transport.ts";
import type { CallOptions, RawCallOptions } from "./call-options.ts";
import { EagerWorkers } from "./eager-start.ts";
import { PayloadSizeCheck, type PayloadLimitsConfig } from "./payload-size-check.ts";
import type { RawService, ServiceDescriptor } from "./raw-service.ts";
import { createRawService } from "./raw-service.ts";
import { RequestMetrics } from "./request-metrics.ts";
import { CLIENT_NAME, CLIENT_VERSION } from "./version.ts";

/** What a connection needs of a `Runtime`. */
export interface ClientRuntime {
  /** Makes the metrics of this package; absent if nothing is measured. */
  readonly sdkMetricMeter?: MetricMeter | undefined;
}

/** How a {@link Connection} makes its calls. */
export interface ConnectionOptions {
  /** Metadata sent with every call. @default none */
  readonly metadata?: Metadata | undefined;
  /** Sent as `authorization: Bearer …`, unless metadata holds an authorization. @default none */
  readonly apiKey?: string | undefined;
  /** How failed calls are tried again. @default {@link defaultRetryConfig} */
  readonly retry?: Partial<RetryConfig> | undefined;
  /** From which sizes on payloads and memos are warned of. @default those at which the service warns */
  readonly payloadLimits?: PayloadLimitsConfig | undefined;
  /** Where the warnings go. @default the console */
  readonly logger?: Logger | undefined;
  /** Measures waits between tries. @default the host's clock */
  readonly clock?: Clock | undefined;
  /** Source of chance for waits, at least 0 and less than 1. @default Math.random */
  readonly random?: (() => number) | undefined;
  /** Makes the ids of requests, updates and workers. @default random UUIDs */
  readonly newId?: (() => string) | undefined;
  /** Measures calls, and is that of workers on this connection that are given none. @default nothing is measured */
  readonly runtime?: ClientRuntime | undefined;
}

/** What a call through {@link Connection.call} may be told. */
export interface ServiceCallOptions extends RawCallOptions {
  /** What the call is for, which decides its time and its retries. @default "normal" */
  readonly kind?: CallKind | undefined;
  /** Sizes of payloads and memos, in bytes, above which nothing is sent. @default none: the service decides */
  readonly payloadErrorLimits?: PayloadSizes | undefined;
}

/** A call with its request encoded. */
export interface EncodedCall extends Pick<UnaryCall, "path" | "body"> {
  readonly namespace?: string | undefined;
  /** Named by metrics only. */
  readonly taskQueue?: string | undefined;
}

const CALL_TIMEOUT_MS = 30_000;
// The service answers polls within 60 s; this leaves it time to do so.
const LONG_POLL_TIMEOUT_MS = 70_000;

/** Calls the services of one address over a {@link Transport}. Clients of several namespaces may share one. */
export class Connection implements AsyncDisposable {
  readonly transport: Transport;
  readonly clock: Clock;
  /** A number of at least 0 and less than 1. */
  readonly random: () => number;
  /** A new UUID. */
  readonly newId: () => string;
  /** Workers that take first tasks straight from a start. */
  readonly eagerWorkers: EagerWorkers = new EagerWorkers();
  readonly runtime: ClientRuntime | undefined;
  readonly #metrics: RequestMetrics | undefined;
  readonly #retry: RetryConfig;
  readonly #sizes: PayloadSizeCheck;
  readonly #rawServices = new Map<ServiceDescriptor, object>();
  #metadata: Metadata;
  #apiKey: string | undefined;
  #capabilities: Capabilities | undefined;
  #serverVersion: string | undefined;

  constructor(transport: Transport, options: ConnectionOptions = {}) {
    this.transport = transport;
    this.clock = options.clock ?? hostClock;
    this.random = options.random ?? Math.random;
    this.newId = options.newId ?? (() => crypto.randomUUID());
    this.runtime = options.runtime;
    const meter = options.runtime?.sdkMetricMeter;
    this.#metrics = meter && new RequestMetrics(meter, this.clock);
    this.#retry = { ...defaultRetryConfig, ...options.retry };
    this.#sizes = new PayloadSizeCheck(options.payloadLimits ?? {}, options.logger ?? console);
    this.#metadata = options.metadata ?? {};
    this.#apiKey = options.apiKey;
  }

  /** Metadata sent with every call from now on. */
  get metadata(): Metadata {
    return this.#metadata;
  }

  set metadata(metadata: Metadata) {
    this.#metadata = metadata;
  }

  /** The API key sent with every call from now on. */
  set apiKey(apiKey: string | undefined) {
    this.#apiKey = apiKey;
  }

  /** What the service can do, as it said when {@link connect} asked; `undefined` if it was not asked or did not say. */
  get capabilities(): Capabilities | undefined {
    return this.#capabilities;
  }

  /** The service's version, as {@link capabilities}. */
  get serverVersion(): string | undefined {
    return this.#serverVersion;
  }

  /** Raw `WorkflowService`, whose calls are not tried again unless asked to. */
  get workflowService(): RawService<typeof WorkflowService> {
    return this.service(WorkflowService);
  }

  /** Raw `OperatorService`. */
  get operatorService(): RawService<typeof OperatorService> {
    return this.service(OperatorService);
  }

  /** Raw `TestService`, which only test servers have. */
  get testService(): RawService<typeof TestService> {
    return this.service(TestService);
  }

  /** Raw `grpc.health.v1.Health`. */
  get healthService(): RawService<typeof Health> {
    return this.service(Health);
  }

  /** Any other service, by its generated descriptor. */
  service<S extends ServiceDescriptor>(descriptor: S): RawService<S> {
    let service = this.#rawServices.get(descriptor);
    if (service === undefined) {
      service = createRawService(this, descriptor);
      this.#rawServices.set(descriptor, service);
    }
    return service as RawService<S>;
  }

  /** Asks the service what it can do, which proves that it can be reached. @throws {RPCError} If it cannot. */
  async connect(options: CallOptions = {}): Promise<void> {
    try {
      const info = await this.call(WorkflowService.methods.GetSystemInfo, {}, options);
      this.#capabilities = info.capabilities;
      this.#serverVersion = info.serverVersion;
    } catch (error) {
      const isOld = error instanceof RPCError && error.status === RPCStatusCode.UNIMPLEMENTED;
      if (!isOld) throw error;
    }
  }

  /** True if the service says that it serves. @throws {RPCError} If it cannot be reached. */
  async checkHealth(options: RawCallOptions & { readonly service?: string } = {}): Promise<boolean> {
    const { service = WorkflowService.typeName, ...callOptions } = options;
    const { status } = await this.healthService.check({ service }, callOptions);
    return status === ServingStatus.SERVING;
  }

  /** Makes a call of any service. @throws {RPCError} */
  async call<Request extends object, Response extends object>(
    method: Method<Request, Response>,
    request: Init<Request>,
    options: ServiceCallOptions = {},
  ): Promise<Response> {
    const namespace = (request as { readonly namespace?: unknown }).namespace;
    const body = method.request.encode(request);
    const answer = await this.callEncoded(
      {
        path: method.path,
        body,
        namespace: typeof namespace === "string" ? namespace : undefined,
        taskQueue: this.#metrics && taskQueueOf(request),
      },
      options,
    );
    return method.response.decode(answer);
  }

  /**
   * Makes a call with an encoded request; the answer is encoded as well.
   *
   * @throws {RPCError}
   * @throws {PayloadLimitError} If payloads are larger than `payloadErrorLimits`.
   */
  async callEncoded(call: EncodedCall, options: ServiceCallOptions = {}): Promise<Uint8Array> {
    const { kind = "normal", signal } = options;
    this.#sizes.check(call.path, call.body, options.payloadErrorLimits);
    const timeoutMs = options.timeoutMs ?? (kind === "normal" ? CALL_TIMEOUT_MS : LONG_POLL_TIMEOUT_MS);
    const metrics = this.#metrics;
    const sendOnce = (): Promise<Uint8Array> =>
      this.transport.call({
        path: call.path,
        body: call.body,
        metadata: this.#metadataOf(call.namespace, options.metadata),
        timeoutMs,
        signal,
      });
    const { path, namespace, taskQueue } = call;
    const isLong = kind !== "normal";
    const send =
      metrics === undefined ? sendOnce : () => metrics.measure({ path, namespace, taskQueue, isLong }, sendOnce);
    if (options.retry !== true) return send();
    const { clock, random } = this;
    return callWithRetry(send, { clock, random, kind, config: this.#retry, signal });
  }

  /** Closes the transport. Calls in flight end with `CANCELLED`. */
  close(): Promise<void> {
    return this.transport.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #metadataOf(namespace: string | undefined, metadata: Metadata | undefined): Metadata {
    return {
      "client-name": CLIENT_NAME,
      "client-version": CLIENT_VERSION,
      ...(namespace !== undefined && namespace !== "" && { "temporal-namespace": namespace }),
      ...(this.#apiKey !== undefined && { authorization: `Bearer ${this.#apiKey}` }),
      ...this.#metadata,
      ...metadata,
    };
  }
}

function taskQueueOf(request: object): string | undefined {
  const { taskQueue } = request as { readonly taskQueue?: { readonly name?: unknown } };
  return typeof taskQueue?.name === "string" ? taskQueue.name : undefined;
}
