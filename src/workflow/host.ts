import type { MetricMeter } from "../core/telemetry/metric-meter.ts";

/** Carries a value along asynchronous code, from caller to continuation. Node's `AsyncLocalStorage` is one. */
export interface ContextStorage {
  run<T>(value: unknown, code: () => T): T;
  getStore(): unknown;
}

/** Which workflow calls a sink. */
export interface SinkCall {
  readonly namespace: string;
  readonly taskQueue: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly workflowType: string;
  readonly isReplaying: boolean;
}

/**
 * What the world outside gives workflow code, handed in once for each run.
 *
 * Everything here is a plain function or value: nothing of it may leak a promise across the sandbox's border.
 */
export interface WorkflowHost {
  /** Writes one line of a workflow's log; called only when not replaying unless the code asked otherwise. */
  log(
    level: "trace" | "debug" | "info" | "warn" | "error",
    message: string,
    attributes: Readonly<Record<string, unknown>>,
  ): void;
  /** Hands a copy of plain data to a sink of the worker. @default nowhere @throws If the value cannot be copied. */
  readonly callSink?: ((name: string, value: unknown, context: SinkCall) => void) | undefined;
  /** Turns a raw stack of code in the sandbox into one that names the user's files and lines. */
  mapStack(stack: string): string;
  encodeUtf8(text: string): Uint8Array;
  decodeUtf8(bytes: Uint8Array): string;
  /** Runs `code` with the sandbox's restrictions lifted; without a sandbox it just calls it. */
  unrestricted<T>(code: () => T): T;
  /**
   * Carries cancellation scopes and the current update along workflow code; the same object for all runs of a thread.
   * Its values are this layer's own: see `runOfContext`.
   */
  readonly context: ContextStorage;
  /** Where metrics of workflow code go. @default nowhere */
  readonly metricMeter?: MetricMeter | undefined;
  /** Text of a source file that {@link mapStack} names, for stack trace queries. @default no sources are shown */
  readonly readSource?: ((path: string) => string | undefined) | undefined;
  /** Whether the code runs in a sandbox. @default false */
  readonly isSandboxed?: boolean | undefined;
}
