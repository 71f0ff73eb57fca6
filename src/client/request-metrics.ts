import type { MetricAttributes, MetricCounter, MetricHistogram, MetricMeter } from "../core/telemetry/metric-meter.ts";
import type { Clock } from "../core/time/clock.ts";
import { asRPCError } from "../rpc/rpc-error.ts";
import { statusName } from "../rpc/status.ts";

/** Sets of attributes remembered; beyond that, they are made anew each time. */
const ATTRIBUTES_MAX = 2_000;

/** What a call is measured as. */
export interface MeasuredCall {
  readonly path: string;
  readonly namespace: string | undefined;
  readonly taskQueue: string | undefined;
  /** The service answers it only when something happens. */
  readonly isLong: boolean;
}

interface Instruments {
  readonly count: MetricCounter;
  readonly failures: MetricCounter;
  readonly latency: MetricHistogram;
}

/** Measures the calls of a connection, each try by itself, by the names of the reference SDK. */
export class RequestMetrics {
  readonly #normal: Instruments;
  readonly #long: Instruments;
  readonly #clock: Clock;
  readonly #attributes = new Map<string, MetricAttributes>();

  constructor(meter: MetricMeter, clock: Clock) {
    this.#normal = createInstruments(meter, "", "client");
    this.#long = createInstruments(meter, "long_", "long-poll");
    this.#clock = clock;
  }

  /** Sends a call and measures it. */
  async measure<T>(call: MeasuredCall, send: () => Promise<T>): Promise<T> {
    const { count, failures, latency } = call.isLong ? this.#long : this.#normal;
    const attributes = this.#attributesOf(call);
    const startMs = this.#clock.now();
    count.add(1, attributes);
    try {
      return await send();
    } catch (error) {
      failures.add(1, { ...attributes, status_code: statusName(asRPCError(error).status) });
      throw error;
    } finally {
      latency.record(Math.max(0, this.#clock.now() - startMs), attributes);
    }
  }

  #attributesOf({ path, namespace = "", taskQueue = "" }: MeasuredCall): MetricAttributes {
    const key = `${path}\u0000${namespace}\u0000${taskQueue}`;
    const known = this.#attributes.get(key);
    if (known !== undefined) return known;
    const attributes = {
      operation: path.slice(path.lastIndexOf("/") + 1),
      ...(namespace !== "" && { namespace }),
      ...(taskQueue !== "" && { task_queue: taskQueue }),
    };
    if (this.#attributes.size < ATTRIBUTES_MAX) this.#attributes.set(key, attributes);
    return attributes;
  }
}

function createInstruments(meter: MetricMeter, prefix: string, kind: string): Instruments {
  const what = `${kind} request`;
  return {
    count: meter.createCounter(`${prefix}request`, { description: `Count of ${what}s by rpc name` }),
    failures: meter.createCounter(`${prefix}request_failure`, { description: `Count of ${what} failures by rpc name` }),
    latency: meter.createDurationHistogram(`${prefix}request_latency`, {
      description: `Histogram of ${what} latencies`,
    }),
  };
}
