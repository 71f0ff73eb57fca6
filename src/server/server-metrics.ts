import type { MetricAttributes, MetricCounter, MetricGauge, MetricHistogram } from "../core/telemetry/metric-meter.ts";
import { MetricRegistry } from "../core/telemetry/metric-registry.ts";
import { PROMETHEUS_CONTENT_TYPE, writePrometheusText } from "../core/telemetry/prometheus-text.ts";
import { ListenError } from "../rpc/grpc-server.ts";
import { MetricsEndpoint, type EndpointPage } from "../rpc/metrics-endpoint.ts";
import { asRPCError } from "../rpc/rpc-error.ts";
import { statusName } from "../rpc/status.ts";
import type { IncomingCall, RpcHandler } from "../rpc/transport.ts";

/** Where a server shows its metrics and its health over HTTP. */
export interface MetricsListenOptions {
  /** Others than loopback let others read. @default "127.0.0.1" */
  readonly host?: string;
  /** @default a free one */
  readonly port?: number;
}

/** Measures a server's calls, and shows that with its health at `/metrics`, `/healthz` and `/readyz`. */
export class ServerMetrics {
  readonly handler: RpcHandler;
  readonly #registry = new MetricRegistry();
  readonly #endpoint: MetricsEndpoint;
  readonly #next: RpcHandler;
  readonly #requests: MetricCounter;
  readonly #errors: MetricCounter;
  readonly #latency: MetricHistogram;
  readonly #pending: MetricGauge;
  readonly #memory: MetricGauge;
  readonly #attributes = new Map<string, MetricAttributes>();
  #pendingCount = 0;
  #isReady = false;

  constructor(next: RpcHandler, { host = "127.0.0.1", port = 0 }: MetricsListenOptions) {
    const { meter } = this.#registry;
    this.#next = next;
    this.handler = { handle: (call) => this.#handle(call) };
    this.#requests = meter.createCounter("service_requests", { description: "Calls received" });
    this.#errors = meter.createCounter("service_error_with_type", { description: "Calls that failed" });
    this.#latency = meter.createDurationHistogram("service_latency", {
      description: "Time to answer calls, polls too",
    });
    this.#pending = meter.createGauge("service_pending_requests", { description: "Calls being worked on now" });
    this.#memory = meter.createGauge("process_resident_memory_bytes", { description: "Memory of the process" });
    const state = (isGood: boolean): EndpointPage => ({
      status: isGood ? 200 : 503,
      contentType: "text/plain",
      body: isGood ? "ok\n" : "not ready\n",
    });
    const pages = {
      "/metrics": () => this.#page(),
      "/healthz": () => state(true),
      "/readyz": () => state(this.#isReady),
    };
    this.#endpoint = new MetricsEndpoint({ host, port, pages });
  }

  /** Begins to listen; answers the address as `host:port`. @throws {ListenError} */
  async listen(): Promise<string> {
    try {
      return await this.#endpoint.listen();
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new ListenError(`Cannot show metrics: ${reason}; choose another port`, { cause });
    }
  }

  /** The server can be called from now on, or no longer. */
  setReady(isReady: boolean): void {
    this.#isReady = isReady;
  }

  close(): Promise<void> {
    return this.#endpoint.close();
  }

  async #handle(call: IncomingCall): Promise<Uint8Array> {
    const attributes = this.#attributesOf(call.path);
    const startMs = performance.now();
    this.#requests.add(1, attributes);
    this.#pendingCount++;
    try {
      return await this.#next.handle(call);
    } catch (error) {
      this.#errors.add(1, { ...attributes, error_type: statusName(asRPCError(error).status) });
      throw error;
    } finally {
      this.#pendingCount--;
      this.#latency.record(performance.now() - startMs, attributes);
    }
  }

  #page(): EndpointPage {
    this.#pending.set(this.#pendingCount);
    this.#memory.set(process.memoryUsage.rss());
    return { contentType: PROMETHEUS_CONTENT_TYPE, body: writePrometheusText(this.#registry.families()) };
  }

  // Callers choose paths, so the number of those remembered has to end somewhere: at that of a registry's series.
  #attributesOf(path: string): MetricAttributes {
    let attributes = this.#attributes.get(path);
    if (attributes === undefined) {
      attributes = { operation: path.slice(path.lastIndexOf("/") + 1).slice(0, OPERATION_LENGTH_MAX) };
      if (this.#attributes.size < OPERATIONS_MAX) this.#attributes.set(path, attributes);
      else attributes = otherOperations;
    }
    return attributes;
  }
}

const OPERATION_LENGTH_MAX = 100;
const OPERATIONS_MAX = 500;
const otherOperations: MetricAttributes = { operation: "other" };
