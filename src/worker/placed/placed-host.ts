import { setMaxListeners } from "node:events";
import {
  CompleteAsyncError,
  runInActivity,
  toCancellationDetails,
  type ActivityCancellationDetails,
  type ActivityContext,
} from "../../activity/index.ts";
import { Client, Connection } from "../../client/index.ts";
import type { LogAttributes, Logger, LogLevel } from "../../core/telemetry/logger.ts";
import { noopMetricMeter } from "../../core/telemetry/metric-meter.ts";
import { defaultPayloadConverter } from "../../payload/default-converter.ts";
import { defaultFailureConverter } from "../../payload/failure-converter.ts";
import { ApplicationError, CancelledError } from "../../payload/failure-error.ts";
import { hostClock } from "../../rpc/host-clock.ts";
import { createThreadMeter } from "../tasks/thread-meter.ts";
import { toPlainAttributes } from "../threads/plain-attributes.ts";
import { assertCrossable } from "./crossable.ts";
import { BorderTransport } from "./border-transport.ts";
import type { PlacedEnd, PlacedInit, PlacedMessage, WorkerMessage } from "./placed-message.ts";

/** The way to the worker. */
export interface PlacedPort {
  post(message: PlacedMessage): void;
  /** Takes in what has arrived but was not delivered yet, where that is possible: code that computes does not yield. */
  drain?(): void;
}

/** What a module exports. */
export type ActivityModule = Readonly<Record<string, unknown>>;

interface RunningAttempt {
  cancel(details: ActivityCancellationDetails | undefined): void;
}

type RunMessage = Extract<WorkerMessage, { kind: "run" }>;

/** Runs a module's activities in a thread or process of their own. */
export class PlacedHost {
  readonly #port: PlacedPort;
  readonly #module: ActivityModule;
  readonly #init: PlacedInit;
  readonly #transport: BorderTransport;
  readonly #workerShutdown = new AbortController();
  readonly #running = new Map<number, RunningAttempt>();
  #client: Client | undefined;

  constructor(port: PlacedPort, module: ActivityModule, init: PlacedInit) {
    this.#port = port;
    this.#module = module;
    this.#init = init;
    this.#transport = new BorderTransport((call) => port.post(call));
    setMaxListeners(0, this.#workerShutdown.signal);
  }

  /** Takes what the worker says. */
  receive(message: WorkerMessage): void {
    switch (message.kind) {
      case "init":
        return;
      case "run":
        void this.#run(message);
        return;
      case "cancel":
        this.#running.get(message.id)?.cancel(message.details);
        return;
      case "shutdown":
        this.#workerShutdown.abort();
        return;
      case "callAnswered":
      case "callFailed":
        this.#transport.settle(message);
    }
  }

  async #run(message: RunMessage): Promise<void> {
    const { id } = message;
    const end = await this.#endOf(message);
    this.#running.delete(id);
    try {
      this.#port.post({ kind: "ended", id, end });
    } catch (error) {
      this.#port.post({ kind: "ended", id, end: toFailed(error) });
    }
  }

  async #endOf(message: RunMessage): Promise<PlacedEnd> {
    const { exportName, args } = message;
    const cancelling = new AbortController();
    setMaxListeners(0, cancelling.signal);
    try {
      const fn = this.#module[exportName];
      if (typeof fn !== "function") {
        throw new ApplicationError(
          `Cannot run activity "${exportName}": its module exports no such function where activities have a thread or process of their own`,
          { nonRetryable: true },
        );
      }
      const context = this.#createContext(message, cancelling);
      const result: unknown = await runInActivity(context, () => (fn as (...values: unknown[]) => unknown)(...args));
      assertCrossable(result, "the result");
      return { status: "completed", result };
    } catch (error) {
      if (error instanceof CompleteAsyncError) return { status: "completesAsync" };
      const isAbort = cancelling.signal.aborted && error instanceof Error && error.name === "AbortError";
      return toFailed(isAbort ? new CancelledError("Activity cancelled") : error);
    }
  }

  #createContext({ id, info }: RunMessage, cancelling: AbortController): ActivityContext {
    const port = this.#port;
    const { measures } = this.#init;
    let details: ActivityCancellationDetails | undefined;
    this.#running.set(id, {
      cancel(reasons) {
        details = toCancellationDetails(reasons ?? {});
        cancelling.abort(new CancelledError("Activity cancelled"));
      },
    });
    const client = (): Client => this.#clientOfWorker();
    return {
      info: () => info,
      heartbeat(values) {
        assertCrossable(values, "heartbeat details");
        port.post({ kind: "heartbeat", id, details: values });
        port.drain?.();
      },
      get cancellationSignal() {
        port.drain?.();
        return cancelling.signal;
      },
      get cancellationDetails() {
        port.drain?.();
        return details;
      },
      workerShutdownSignal: this.#workerShutdown.signal,
      logger: createLogger((level, message, attributes) => port.post({ kind: "log", id, level, message, attributes })),
      metricMeter: measures
        ? createThreadMeter((measurement) => port.post({ kind: "measured", id, measurement }))
        : noopMetricMeter,
      clock: hostClock,
      payloadConverter: defaultPayloadConverter,
      get client() {
        return client();
      },
    };
  }

  #clientOfWorker(): Client {
    const { clientFault, namespace, identity } = this.#init;
    if (clientFault !== undefined) throw new ApplicationError(clientFault, { nonRetryable: true });
    this.#client ??= new Client(new Connection(this.#transport), { namespace, identity });
    return this.#client;
  }
}

function toFailed(error: unknown): PlacedEnd {
  return { status: "failed", failure: defaultFailureConverter.toFailure(error, defaultPayloadConverter) };
}

function createLogger(write: (level: LogLevel, message: string, attributes: LogAttributes) => void): Logger {
  const line =
    (level: LogLevel) =>
    (message: string, attributes: LogAttributes = {}): void =>
      write(level, message, toPlainAttributes(attributes));
  return { trace: line("trace"), debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };
}
