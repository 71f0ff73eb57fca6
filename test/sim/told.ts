import { timestampMs } from "../../src/core/execution/duration.ts";
import { EventType, EventType$names } from "../../src/proto/gen/enums.ts";
import type { HistoryEvent } from "../../src/proto/gen/history.ts";

/** All runs there are, by run id. */
export type Histories = ReadonlyMap<string, readonly HistoryEvent[]>;

/** What callers were told: only what a promise has resolved with counts. */
export class Told {
  readonly faults: string[] = [];
  readonly #runs = new Set<string>();
  readonly #events: {
    readonly what: string;
    readonly isIt: (event: HistoryEvent) => boolean;
    readonly runId: string | undefined;
  }[] = [];
  readonly #cancellations: { readonly workflowId: string; readonly atMs: number }[] = [];
  readonly #beats = new Map<string, number>();

  /** That a workflow id is taken says as much as that a run has been started. */
  started(runId: string): void {
    this.#runs.add(runId);
  }

  signalled(name: string): void {
    this.#note(
      `signal ${name}`,
      undefined,
      ({ attributes }) =>
        attributes?.case === "workflowExecutionSignaledEventAttributes" && attributes.value.signalName === name,
    );
  }

  cancelRequested(workflowId: string, atMs: number): void {
    this.#cancellations.push({ workflowId, atMs });
  }

  terminated(reason: string): void {
    this.#note(
      `termination ${reason}`,
      undefined,
      ({ attributes }) =>
        attributes?.case === "workflowExecutionTerminatedEventAttributes" && attributes.value.reason === reason,
    );
  }

  workflowTaskCompleted(runId: string, startedEventId: number): void {
    this.#note(
      `completion of workflow task ${startedEventId}`,
      runId,
      ({ attributes }) =>
        attributes?.case === "workflowTaskCompletedEventAttributes" &&
        attributes.value.startedEventId === startedEventId,
    );
  }

  /** Each run has one activity. */
  activityCompleted(runId: string): void {
    this.#note(
      "completion of the activity",
      runId,
      ({ attributes }) => attributes?.case === "activityTaskCompletedEventAttributes",
    );
  }

  heartbeat(runId: string, beat: number): void {
    this.#beats.set(runId, Math.max(beat, this.#beats.get(runId) ?? 0));
  }

  /** Checks what a new attempt of a run's activity is told of the attempts before. */
  attempted(runId: string, beat: number): void {
    const known = this.#beats.get(runId) ?? 0;
    if (beat < known)
      this.faults.push(`${runId} was acknowledged heartbeat ${known}, and its next attempt was given ${beat}`);
  }

  /** Everything that is not as callers were told; empty if all is well. */
  findFaults(histories: Histories): string[] {
    const faults = [...this.faults];
    for (const runId of this.#runs)
      if (!histories.has(runId)) faults.push(`${runId} was acknowledged as started, and is gone`);
    const all = [...histories.values()].flat();
    for (const { workflowId, atMs } of this.#cancellations) {
      const runs = [...histories.values()].filter(
        ([first]) =>
          first?.attributes?.case === "workflowExecutionStartedEventAttributes" &&
          first.attributes.value.workflowId === workflowId,
      );
      if (!runs.some((events) => isCancellationKept(events, atMs)))
        faults.push(`a cancellation of ${workflowId} was acknowledged, and is not there`);
    }
    for (const { what, isIt, runId } of this.#events) {
      const events = runId === undefined ? all : (histories.get(runId) ?? []);
      const times = events.filter(isIt).length;
      if (times !== 1) faults.push(`${what} of ${runId ?? "a run"} was acknowledged, and is there ${times} times`);
    }
    for (const [runId, events] of histories)
      faults.push(...findHistoryFaults(events, histories).map((fault) => `${runId} ${fault}`));
    return faults;
  }

  #note(what: string, runId: string | undefined, isIt: (event: HistoryEvent) => boolean): void {
    this.#events.push({ what, runId, isIt });
  }
}

/** A run that is asked twice has the first request only, and one that has ended needs none. */
function isCancellationKept(events: readonly HistoryEvent[], atMs: number): boolean {
  const last = events.at(-1);
  const hasEnded =
    last?.eventType !== EventType.WORKFLOW_EXECUTION_CONTINUED_AS_NEW && timestampMs(last?.eventTime) <= atMs;
  return (
    hasEnded ||
    events.some(
      ({ eventType, eventTime }) =>
        eventType === EventType.WORKFLOW_EXECUTION_CANCEL_REQUESTED && timestampMs(eventTime) <= atMs,
    )
  );
}

const closing: ReadonlySet<EventType> = new Set([
  EventType.WORKFLOW_EXECUTION_COMPLETED,
  EventType.WORKFLOW_EXECUTION_CANCELED,
  EventType.WORKFLOW_EXECUTION_TERMINATED,
  EventType.WORKFLOW_EXECUTION_CONTINUED_AS_NEW,
]);
/** Which of these there is once at most for what it refers to, and exactly one beginning and one end. */
const atMostOnce: readonly EventType[] = [
  EventType.ACTIVITY_TASK_SCHEDULED,
  EventType.ACTIVITY_TASK_COMPLETED,
  EventType.ACTIVITY_TASK_CANCEL_REQUESTED,
  EventType.TIMER_STARTED,
  EventType.TIMER_FIRED,
  EventType.WORKFLOW_EXECUTION_CANCEL_REQUESTED,
];

function findHistoryFaults(events: readonly HistoryEvent[], histories: Histories): string[] {
  const faults: string[] = [];
  const count = (type: EventType): number => events.filter((event) => event.eventType === type).length;
  if (events.some((event, index) => event.eventId !== index + 1))
    faults.push(`has event ids ${events.map((event) => event.eventId).join(" ")}`);
  if (
    count(EventType.WORKFLOW_EXECUTION_STARTED) !== 1 ||
    events[0]?.eventType !== EventType.WORKFLOW_EXECUTION_STARTED
  )
    faults.push("does not start once, at its beginning");
  const ends = events.filter((event) => closing.has(event.eventType));
  if (ends.length !== 1 || ends[0] !== events.at(-1))
    faults.push(
      `does not end once, at its end, but has ${ends.map((event) => EventType$names[event.eventType]).join()}`,
    );
  for (const type of atMostOnce) if (count(type) > 1) faults.push(`has ${count(type)} of ${EventType$names[type]}`);
  if (count(EventType.TIMER_FIRED) + count(EventType.TIMER_CANCELED) > 1)
    faults.push("has a timer that fired and was cancelled");
  const last = events.at(-1)?.attributes;
  if (last?.case === "workflowExecutionContinuedAsNewEventAttributes") {
    const next = histories.get(last.value.newExecutionRunId)?.[0]?.attributes;
    if (next?.case !== "workflowExecutionStartedEventAttributes")
      faults.push(`continues as ${last.value.newExecutionRunId}, which is not there`);
  }
  return faults;
}
