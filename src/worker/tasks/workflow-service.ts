import { type NondeterminismDetails, NondeterminismError } from "../../core/errors.ts";
import { HistoryError } from "../../core/replay/history-error.ts";
import { toReplayTask } from "../../core/replay/task.ts";
import type { LogAttributes, Logger, LogLevel } from "../../core/telemetry/logger.ts";
import type { Clock } from "../../core/time/clock.ts";
import { EventType } from "../../proto/gen/enums.ts";
import type { Failure } from "../../proto/gen/failure.ts";
import { History } from "../../proto/gen/history.ts";
import { hostClock } from "../../rpc/host-clock.ts";
import type { WorkflowDefinition } from "../../workflow/definition.ts";
import type { SinkCall } from "../../workflow/host.ts";
import type { RunSettings } from "../../workflow/runtime/settings.ts";
import { UnsandboxedRunner } from "../sandbox/unsandboxed-runner.ts";
import type { CreateThreadService, ThreadContext } from "../threads/thread-service.ts";
import { toPlainAttributes } from "../threads/plain-attributes.ts";
import { HeldRun } from "./held-run.ts";
import {
  SandboxedRunner,
  type SandboxedWorkflows,
  toPatchActivation,
  type WorkflowSettings,
} from "./sandboxed-runner.ts";
import { createThreadMeter } from "./thread-meter.ts";
import type { WorkflowProcessorHost } from "./workflow-processor.ts";
import type { WorkflowRunner } from "./workflow-runner.ts";
import { WorkflowTaskProcessor, type ProcessorConfig } from "./workflow-task-processor.ts";
import { setImmediate } from "../../rpc/host-timers.ts";

/** What the service of a workflow thread is made from: plain data, but for what only an inline service has. */
export interface WorkflowServiceInit {
  readonly config: ProcessorConfig;
  readonly settings: WorkflowSettings;
  readonly code: WorkflowCodeSource;
  /** Only in line. */
  readonly clock?: Clock;
}

/** Where workflow code comes from. */
export type WorkflowCodeSource =
  | ({ readonly kind: "sandboxed" } & SandboxedWorkflows)
  /** Only in line: classes cannot go to another thread. */
  | {
      readonly kind: "unsandboxed";
      readonly definitions: readonly WorkflowDefinition[];
      readonly interceptors?: RunSettings["interceptors"];
      /** @default the usual ones */
      readonly converters?: Pick<RunSettings, "payloadConverter" | "failureConverter"> | undefined;
    };

/** A history to be replayed. */
export interface ReplayRequest {
  readonly workflowId: string;
  readonly runId: string;
  /** Encoded `History`. */
  readonly history: Uint8Array;
}

/** How a replay ended. */
export interface ReplayOutcome {
  /** Absent if code and history agree. */
  readonly failure: Failure | undefined;
  readonly isNondeterminism: boolean;
  /** Of nondeterminism: what differs. */
  readonly details?: NondeterminismDetails | undefined;
  /** Of nondeterminism: where workflow code waited. */
  readonly stack?: string | undefined;
}

/** Makes what runs workflow code in a thread, or in line. */
export const createService: CreateThreadService = (init, context) => {
  const { config, settings, code, clock = hostClock } = init as WorkflowServiceInit;
  const logger = createThreadLogger(context);
  const host = toHost(context);
  const log = (level: LogLevel, message: string, attributes: LogAttributes): void =>
    context.notify("log", level, message, toPlainAttributes(attributes), "workflow");
  const callSink = (name: string, value: unknown, call: SinkCall): void =>
    context.notify("callSink", name, structuredClone(value), { ...call });
  const metricMeter = config.measures
    ? createThreadMeter((measurement) => context.notify("measured", measurement))
    : undefined;
  const runner =
    code.kind === "unsandboxed"
      ? new UnsandboxedRunner({
          definitions: code.definitions,
          interceptors: code.interceptors ?? [],
          ...code.converters,
          log,
          callSink,
          metricMeter,
          failureExceptionTypes: settings.failureExceptionTypes,
          eagerActivities: settings.eagerActivities,
          localActivityTypes: settings.localActivityTypes,
          patchActivation: toPatchActivation(settings),
        })
      : new SandboxedRunner({
          ...code,
          ...settings,
          guard: (runId, run) => context.guard(runId, run),
          log,
          callSink,
          metricMeter,
        });
  if (runner instanceof SandboxedRunner) openAhead(runner);
  const processor = new WorkflowTaskProcessor({
    config,
    runner,
    host,
    clock,
    logger,
    onReleased: (runId, taskCount) => context.notify("released", runId, taskCount),
    measure: config.measures
      ? {
          processed: (facts) => context.notify("taskProcessed", facts),
          evicted: () => context.notify("runEvicted"),
        }
      : undefined,
  });
  return {
    process: (runId: string, task: Uint8Array) => processor.process(runId, task),
    evict: (runId: string) => processor.evict(runId),
    resetTo: (runId: string, eventId: number) => processor.resetTo(runId, eventId),
    replay: (request: ReplayRequest) => replay(request, { config, runner, host, clock }),
    stop: () => processor.stop(),
  };
};

/** The realm opens while the first task is on its way. If it cannot, the first run tries again and has the error. */
function openAhead(runner: SandboxedRunner): void {
  setImmediate(() => {
    try {
      runner.open();
    } catch {
      // The first run has the same error, and somebody to report it to.
    }
  });
}

interface ReplayParts {
  readonly config: ProcessorConfig;
  readonly runner: WorkflowRunner;
  readonly host: WorkflowProcessorHost;
  readonly clock: Clock;
}

/** Replays a whole history for its own sake. */
async function replay(
  { workflowId, runId, history }: ReplayRequest,
  { config, runner, host, clock }: ReplayParts,
): Promise<ReplayOutcome> {
  const { events } = History.decode(history);
  if (events[0]?.eventType !== EventType.WORKFLOW_EXECUTION_STARTED) {
    throw new HistoryError(`Cannot replay workflow "${workflowId}": its history does not begin with its start`);
  }
  const { namespace, taskQueue, sdk, recordsFlags } = config;
  const identity = { namespace, taskQueue, workflowId, runId, sdk, recordsFlags };
  const run = new HeldRun({ identity, runner, host, clock });
  try {
    const outcome = await run.process({
      replay: toReplayTask(events),
      nextPageToken: new Uint8Array(),
      fetchPage: () =>
        Promise.reject(new HistoryError(`Cannot replay workflow "${workflowId}": its history is cut short`)),
    });
    if (outcome.kind !== "failed") return { failure: undefined, isNondeterminism: false };
    const { failure, error } = outcome;
    if (!(error instanceof NondeterminismError)) return { failure, isNondeterminism: false };
    return { failure, isNondeterminism: true, details: error.details, stack: await run.stackTrace().catch(() => "") };
  } finally {
    run.drop();
  }
}

function toHost(context: ThreadContext): WorkflowProcessorHost {
  return {
    fetchHistory: (request) => context.call("fetchHistory", request) as Promise<Uint8Array>,
    runLocalActivity: (workflow, request) => context.call("runLocalActivity", workflow, request) as never,
    cancelLocalActivity: (runId, seq) => context.notify("cancelLocalActivity", runId, seq),
    cancelLocalActivities: (runId) => context.notify("cancelLocalActivities", runId),
  };
}

/** A logger whose lines are written by the main thread. */
function createThreadLogger(context: ThreadContext): Logger {
  const line =
    (level: LogLevel) =>
    (message: string, attributes: LogAttributes = {}): void =>
      context.notify("log", level, message, toPlainAttributes(attributes));
  return { trace: line("trace"), debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };
}
