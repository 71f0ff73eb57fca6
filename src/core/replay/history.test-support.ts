import { EventType } from "../../proto/gen/enums.ts";
import { HistoryEvent } from "../../proto/gen/history.ts";
import type { Init } from "../../proto/message.ts";
import type { Activation, ActivationCompletion, WorkflowCommand } from "./activation.ts";
import type { RunReplayOptions } from "./new-run-state.ts";
import { RunReplay } from "./run-replay.ts";
import type { ReplayTask, TaskOutcome } from "./task.ts";

type Attributes = NonNullable<HistoryEvent["attributes"]>;
type Case = Attributes["case"];
type ValueOf<C extends Case> = Extract<Attributes, { case: C }>["value"];

/** `timerFired` for `timerFiredEventAttributes`. */
type ShortCase = Case extends infer C ? (C extends `${infer Short}EventAttributes` ? Short : never) : never;

const eventTypes = EventType as Readonly<Record<string, EventType>>;

/** A history under construction, one event after the other, a second apart. */
export class TestHistory {
  readonly events: HistoryEvent[] = [];
  #scheduledEventId = 0;
  #startedEventId = 0;

  /** Adds an event by its short name and says its id. */
  add<S extends ShortCase>(
    name: S,
    value: Init<ValueOf<`${S}EventAttributes` & Case>> | Record<string, never> = {},
  ): number {
    const eventId = this.events.length + 1;
    const eventType = eventTypes[name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()];
    if (eventType === undefined) throw new Error(`no event type ${name}`);
    this.events.push(
      HistoryEvent.create({
        eventId,
        eventType,
        eventTime: { seconds: 1_000 + eventId, nanos: 0 },
        attributes: { case: `${name}EventAttributes`, value } as Init<Attributes>,
      }),
    );
    return eventId;
  }

  /** The first event, and the first task up to its start. */
  start(value: Init<ValueOf<"workflowExecutionStartedEventAttributes">> = {}): this {
    this.add("workflowExecutionStarted", {
      workflowType: { name: "test" },
      originalExecutionRunId: "run",
      attempt: 1,
      workflowTaskTimeout: { seconds: 10, nanos: 0 },
      ...value,
    });
    return this.task();
  }

  /** A task up to its start. */
  task(): this {
    this.#scheduledEventId = this.add("workflowTaskScheduled");
    this.#startedEventId = this.add("workflowTaskStarted", { scheduledEventId: this.#scheduledEventId });
    return this;
  }

  /** The task's completion, by core's flags as they are today. */
  complete(coreUsedFlags: readonly number[] = [1, 2, 3], langUsedFlags: readonly number[] = []): number {
    return this.add("workflowTaskCompleted", {
      scheduledEventId: this.#scheduledEventId,
      startedEventId: this.#startedEventId,
      sdkMetadata: { coreUsedFlags, langUsedFlags, sdkName: "test", sdkVersion: "1" },
    });
  }

  get startedEventId(): number {
    return this.#startedEventId;
  }

  /** The task that a worker gets which has seen nothing, or everything before event `from`. */
  toTask(options: Partial<ReplayTask> & { readonly from?: number } = {}): ReplayTask {
    const { from = 1, ...more } = options;
    const answered = this.events.flatMap(({ attributes }) =>
      attributes?.case === "workflowTaskCompletedEventAttributes" ? [attributes.value.startedEventId] : [],
    );
    return {
      events: this.events.slice(from - 1),
      previousStartedEventId: answered.at(-1) ?? 0,
      startedEventId: this.#startedEventId,
      ...more,
    };
  }
}

/** A run of nobody in particular. */
export function newRun(options: Partial<RunReplayOptions> = {}): RunReplay {
  return new RunReplay({
    namespace: "default",
    workflowId: "workflow",
    runId: "run",
    taskQueue: "queue",
    sdk: { name: "test", version: "1" },
    ...options,
  });
}

/** A completion with these commands. */
export function completed(...commands: readonly WorkflowCommand[]): ActivationCompletion {
  return { status: "completed", commands, usedFlags: [], versioningBehavior: 0 };
}

/** Carries out activations until there is none, answering each with the next commands of the script. */
export function drive(
  run: RunReplay,
  ...script: readonly (readonly WorkflowCommand[])[]
): { readonly activations: readonly Activation[]; readonly outcome: TaskOutcome | undefined } {
  const activations: Activation[] = [];
  for (let activation = run.nextActivation(); activation !== undefined; activation = run.nextActivation()) {
    run.complete(completed(...(script[activations.length] ?? [])));
    activations.push(activation);
  }
  return { activations, outcome: run.takeOutcome() };
}

/** The outcome, which must be an answer. */
export function toCompletion(outcome: TaskOutcome | undefined): Extract<TaskOutcome, { kind: "completed" }> {
  if (outcome?.kind === "failed") throw outcome.error ?? new Error(outcome.failure.message);
  if (outcome?.kind !== "completed") throw new Error(`outcome is ${outcome?.kind ?? "none"}`);
  return outcome;
}

/** The outcome, which must be a failure. */
export function toFailure(outcome: TaskOutcome | undefined): Extract<TaskOutcome, { kind: "failed" }> {
  if (outcome?.kind !== "failed") throw new Error(`outcome is ${outcome?.kind ?? "none"}`);
  return outcome;
}

/** Names of the jobs of an activation. */
export function jobKinds(activation: Activation | undefined): readonly string[] {
  return activation?.jobs.map(({ kind }) => kind) ?? [];
}

const options = { arguments: [], headers: {}, startToCloseTimeoutMs: 1000, cancellationType: "tryCancel" } as const;

/** Commands with nothing special about them. */
export const commands = {
  timer: (seq: number): WorkflowCommand => ({ kind: "startTimer", seq, durationMs: 1000 }),
  cancelTimer: (seq: number): WorkflowCommand => ({ kind: "cancelTimer", seq }),
  activity: (
    seq: number,
    more: Partial<Extract<WorkflowCommand, { kind: "scheduleActivity" }>["activity"]> = {},
  ): WorkflowCommand => ({
    kind: "scheduleActivity",
    seq,
    activity: { ...options, activityId: String(seq), activityType: "act", ...more },
    taskQueue: "queue",
    requestEagerExecution: true,
    useWorkflowBuildId: false,
  }),
  cancelActivity: (seq: number): WorkflowCommand => ({ kind: "requestCancelActivity", seq }),
  local: (
    seq: number,
    more: Partial<Extract<WorkflowCommand, { kind: "scheduleLocalActivity" }>["activity"]> = {},
  ): WorkflowCommand => ({
    kind: "scheduleLocalActivity",
    seq,
    attempt: 1,
    activity: { ...options, activityId: String(seq), activityType: "local", ...more },
  }),
  cancelLocal: (seq: number): WorkflowCommand => ({ kind: "requestCancelLocalActivity", seq }),
  child: (
    seq: number,
    more: Partial<Extract<WorkflowCommand, { kind: "startChildWorkflow" }>["child"]> = {},
  ): WorkflowCommand => ({
    kind: "startChildWorkflow",
    seq,
    child: {
      namespace: "default",
      workflowId: `child-${seq}`,
      workflowType: "child",
      taskQueue: "queue",
      input: [],
      headers: {},
      parentClosePolicy: 1,
      workflowIdReusePolicy: 1,
      cronSchedule: "",
      memo: {},
      cancellationType: "waitCancellationCompleted",
      inheritBuildId: false,
      ...more,
    },
  }),
  cancelChild: (seq: number): WorkflowCommand => ({ kind: "cancelChildWorkflow", seq, reason: "enough" }),
  signal: (seq: number): WorkflowCommand => ({
    kind: "signalExternalWorkflow",
    seq,
    target: { kind: "external", namespace: "default", workflowId: "other", runId: "" },
    signalName: "hello",
    args: [],
    headers: {},
  }),
  cancelSignal: (seq: number): WorkflowCommand => ({ kind: "cancelSignalExternal", seq }),
  nexus: (
    seq: number,
    cancellationType:
      | "abandon"
      | "tryCancel"
      | "waitCancellationCompleted"
      | "waitCancellationRequested" = "waitCancellationCompleted",
  ): WorkflowCommand => ({
    kind: "scheduleNexusOperation",
    seq,
    endpoint: "end",
    service: "svc",
    operation: "op",
    headers: {},
    cancellationType,
  }),
  cancelNexus: (seq: number): WorkflowCommand => ({ kind: "requestCancelNexusOperation", seq }),
  patch: (patchId: string, deprecated = false): WorkflowCommand => ({ kind: "setPatchMarker", patchId, deprecated }),
  complete: { kind: "completeWorkflow" } as WorkflowCommand,
} as const;
