import { Command } from "../../proto/gen/command.ts";
import { CommandType, EventType$names } from "../../proto/gen/enums.ts";
import { HistoryEvent } from "../../proto/gen/history.ts";
import type { Init } from "../../proto/message.ts";
import {
  RespondWorkflowTaskCompletedRequest,
  SignalWorkflowExecutionRequest,
  StartWorkflowExecutionRequest,
} from "../../proto/gen/workflowservice.ts";
import type {
  Effect,
  ExecutionLimits,
  ExecutionRequest,
  StartedActivityTask,
  StartedWorkflowTask,
  StartOrigin,
  StepReply,
  StepResult,
} from "./contract.ts";
import type { EventAttributes } from "./event.ts";
import { fold } from "./fold.ts";
import { DEFAULT_EXECUTION_LIMITS } from "./limits.ts";
import { decodeRecord, encodeOps, type StoredRecord } from "./record.ts";
import { restore, snapshot } from "./snapshot.ts";
import { firstOrigin } from "./start-origin.ts";
import { type ExecutionState, newState } from "./state.ts";
import { step } from "./step.ts";
import { toDuration } from "./duration.ts";

/** A run that a test drives request by request; its log is folded again after every step and must give the same state. */
export class ScriptedRun {
  readonly state: ExecutionState = newState();
  readonly events: HistoryEvent[] = [];
  readonly log: StoredRecord[] = [];
  readonly limits: ExecutionLimits;
  effects: readonly Effect[] = [];
  nowMs = 1_700_000_000_000;
  #ids = 0;

  constructor(limits: Partial<ExecutionLimits> = {}) {
    this.limits = { ...DEFAULT_EXECUTION_LIMITS, continueAsNewMinIntervalMs: 0, ...limits };
  }

  /** Steps and keeps the record. */
  do(request: ExecutionRequest): StepReply {
    return this.stepWith(request).reply;
  }

  stepWith(request: ExecutionRequest): StepResult {
    const result = step(this.state, request, {
      nowMs: this.nowMs,
      newId: () => this.newId(),
      limits: this.limits,
      nexusEndpointId: (name) => (name === "none" ? undefined : `id-of-${name}`),
    });
    this.effects = result.effects;
    const { record } = result;
    this.events.push(...record.events.map(({ event }) => event));
    if (record.events.length + record.ops.length > 0) {
      this.log.push({
        firstEventId: record.firstEventId,
        events: record.events.map(({ bytes }) => bytes),
        ops: encodeOps(record.ops),
      });
    }
    return result;
  }

  newId(): string {
    return `00000000-0000-4000-8000-${String(++this.#ids).padStart(12, "0")}`;
  }

  /** The state that the log alone gives. */
  recovered(): ExecutionState {
    const state = newState();
    for (const stored of this.log) fold(state, decodeRecord(stored));
    return state;
  }

  /** @throws {Error} If log, snapshot and live state do not agree, or event ids have gaps. */
  expectConsistent(): void {
    const live = canonical(this.state);
    const others = { log: this.recovered(), snapshot: restore(snapshot(this.state)) };
    for (const [name, other] of Object.entries(others)) {
      const text = canonical(other);
      if (text === live) continue;
      let at = 0;
      while (text.charAt(at) === live.charAt(at)) at++;
      throw new Error(
        `State of ${name} differs: "${text.slice(Math.max(0, at - 60), at + 60)}", live "${live.slice(Math.max(0, at - 60), at + 60)}"`,
      );
    }
    const gap = this.events.findIndex(({ eventId }, index) => eventId !== index + 1);
    if (gap >= 0) throw new Error(`Event ${gap + 1} has another id`);
  }

  advance(ms: number): this {
    this.nowMs += ms;
    return this;
  }

  tick(): StepReply {
    return this.do({ kind: "tick" });
  }

  start(
    request: Init<StartWorkflowExecutionRequest> = {},
    more: {
      origin?: Partial<StartOrigin>;
      signal?: Init<SignalWorkflowExecutionRequest>;
      eagerIdentity?: string;
    } = {},
  ): StepReply {
    const full = StartWorkflowExecutionRequest.create({
      workflowId: "wf",
      workflowType: { name: "Flow" },
      taskQueue: { name: "tq", kind: 1 },
      requestId: "start-request",
      identity: "client",
      ...request,
    });
    return this.do({
      kind: "start",
      origin: {
        ...firstOrigin(full, { namespace: "default", namespaceId: "ns-id", runId: "run-1" }, this.nowMs),
        ...more.origin,
      },
      request: full,
      ...(more.signal === undefined ? {} : { signal: SignalWorkflowExecutionRequest.create(more.signal) }),
      ...(more.eagerIdentity === undefined ? {} : { eagerIdentity: more.eagerIdentity }),
    });
  }

  /** A new run with the history before an event, and news from after it; this one is terminated if it is open. */
  resetTo(
    eventId: number,
    more: { excludeSignals?: boolean; excludeUpdates?: boolean; excludeNexus?: boolean } = {},
  ): ScriptedRun {
    const reset = new ScriptedRun(this.limits);
    reset.nowMs = this.nowMs;
    reset.do({
      kind: "reset",
      namespace: "default",
      namespaceId: "ns-id",
      runId: "run-2",
      baseRunId: "run-1",
      requestId: this.state.requestId,
      reason: "wrong turn",
      events: this.events.slice(0, eventId - 1).map((event) => ({ event, bytes: HistoryEvent.encode(event) })),
      laterEvents: this.events.slice(eventId - 1),
      excludeSignals: false,
      excludeUpdates: false,
      excludeNexus: false,
      ...more,
    });
    if (this.state.phase === "closed") this.do({ kind: "markReset", resetRunId: "run-2" });
    else this.do({ kind: "terminate", reason: "wrong turn", identity: "history-resetter", resetRunId: "run-2" });
    return reset;
  }

  signal(name = "go", request: Init<SignalWorkflowExecutionRequest> = {}): StepReply {
    return this.do({
      kind: "signal",
      request: SignalWorkflowExecutionRequest.create({
        signalName: name,
        identity: "client",
        ...request,
      }),
    });
  }

  /** A worker gets the pending workflow task. */
  poll(options: { sticky?: boolean; requestId?: string; identity?: string } = {}): StartedWorkflowTask {
    const task = this.state.workflowTask;
    const reply = this.do({
      kind: "startWorkflowTask",
      scheduledEventId: task?.scheduledEventId ?? 0,
      attempt: task?.attempt ?? 0,
      identity: options.identity ?? "worker",
      requestId: options.requestId ?? this.newId(),
      stickyQueue: options.sticky ?? this.state.sticky !== undefined,
    });
    if (reply.startedWorkflowTask === undefined) throw new Error("Cannot poll: no workflow task could be started");
    return reply.startedWorkflowTask;
  }

  /** The worker completes the started task. */
  complete(commands: readonly Init<Command>[] = [], more: Init<RespondWorkflowTaskCompletedRequest> = {}): StepReply {
    const task = this.state.workflowTask;
    const token = {
      scheduledEventId: task?.scheduledEventId ?? 0,
      startedEventId: task?.startedEventId ?? 0,
      attempt: task?.attempt ?? 0,
    };
    return this.do({
      kind: "completeWorkflowTask",
      token,
      request: RespondWorkflowTaskCompletedRequest.create({
        identity: "worker",
        commands,
        ...more,
      }),
    });
  }

  /** Polls and completes. */
  run(...commands: readonly Init<Command>[]): StepReply {
    this.poll();
    return this.complete(commands);
  }

  pollActivity(scheduledEventId: number): StartedActivityTask {
    const activity = this.state.activities.get(scheduledEventId);
    const reply = this.do({
      kind: "startActivityTask",
      scheduledEventId,
      attempt: activity?.attempt ?? 0,
      stamp: activity?.stamp ?? 0,
      identity: "activity-worker",
      requestId: this.newId(),
    });
    if (reply.startedActivityTask === undefined) throw new Error("Cannot poll: the activity could not be started");
    return reply.startedActivityTask;
  }

  /** Types of all events, without their prefix. */
  get types(): string[] {
    return this.events.map(({ eventType }) => (EventType$names[eventType] ?? "").replace("EVENT_TYPE_", ""));
  }

  /** Attributes of the last event of a kind. */
  last<C extends EventAttributes["case"]>(kind: C): Extract<EventAttributes, { case: C }>["value"] {
    const found = this.events.findLast(({ attributes }) => attributes?.case === kind)?.attributes;
    if (found === undefined) throw new Error(`Cannot find event "${kind}"`);
    return found.value as never;
  }

  effectsOf<K extends Effect["kind"]>(kind: K): Extract<Effect, { kind: K }>[] {
    return this.effects.filter((effect): effect is Extract<Effect, { kind: K }> => effect.kind === kind);
  }
}

/** The same text for the same state, whatever the order of properties and map entries. */
function canonical(value: unknown): string {
  if (value instanceof Uint8Array) return `bytes(${value.join()})`;
  if (value instanceof Map)
    return canonical(Object.fromEntries([...value].map(([key, entry]) => [`${typeof key}:${String(key)}`, entry])));
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "absent";
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  return `{${entries
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, entry]) => `${key}:${canonical(entry)}`)
    .join()}}`;
}

type CommandAttributes = NonNullable<Command["attributes"]>;
type Attributes<C extends CommandAttributes["case"]> = Init<Extract<CommandAttributes, { case: C }>["value"]>;

/** Commands by their attributes' case. */
export function command<C extends CommandAttributes["case"]>(kind: C, value: Attributes<C>): Init<Command> {
  const name = kind.replace("CommandAttributes", "");
  return {
    commandType: commandTypes[name] ?? CommandType.UNSPECIFIED,
    attributes: { case: kind, value } as never,
  };
}

/** `START_TIMER` is the type of `startTimerCommandAttributes`, and so on. */
const commandTypes: Readonly<Record<string, CommandType>> = Object.fromEntries(
  Object.entries(CommandType).map(([name, type]) => [
    name.toLowerCase().replace(/_(.)/g, (_all, letter: string) => letter.toUpperCase()),
    type,
  ]),
);

export const completeRun = command("completeWorkflowExecutionCommandAttributes", {});

export function startTimer(timerId: string, ms: number): Init<Command> {
  return command("startTimerCommandAttributes", { timerId, startToFireTimeout: toDuration(ms) });
}

export function scheduleActivity(
  activityId: string,
  more: Attributes<"scheduleActivityTaskCommandAttributes"> = {},
): Init<Command> {
  return command("scheduleActivityTaskCommandAttributes", {
    activityId,
    activityType: { name: "Act" },
    taskQueue: { name: "tq", kind: 1 },
    startToCloseTimeout: toDuration(10_000),
    ...more,
  });
}
