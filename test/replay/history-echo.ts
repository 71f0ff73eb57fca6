import { EventType } from "../../src/proto/gen/enums.ts";
import type { HistoryEvent } from "../../src/proto/gen/history.ts";
import type { ScheduledActivity, WorkflowCommand } from "../../src/core/replay/activation.ts";
import { isCommandEvent } from "../../src/core/replay/event-facts.ts";
import { CHANGE_VERSION_ATTRIBUTE } from "../../src/core/replay/machines/patch.ts";
import { readLocalActivityMarker, readPatchMarker } from "../../src/core/replay/markers.ts";

/** Commands by the id of the workflow task's start that they answer: what the code must have done, read from history. */
export type Script = ReadonlyMap<number, readonly WorkflowCommand[]>;

/** Reads from a history what its code did in each task. */
export function toScript(events: readonly HistoryEvent[]): Script {
  const script = new Map<number, WorkflowCommand[]>();
  const echo = new Echo(events);
  // A local activity may have been scheduled long before its marker; scheduling all of them first leaves the markers to decide.
  const first: WorkflowCommand[] = echo.localActivities();
  let startedEventId = 0;
  for (const [at, event] of events.entries()) {
    if (event.eventType === EventType.WORKFLOW_TASK_STARTED) startedEventId = event.eventId;
    if (!isCommandEvent(event)) continue;
    const commands = script.get(startedEventId) ?? [];
    script.set(startedEventId, commands);
    const command = echo.toCommand(event, events[at - 1]);
    if (command !== undefined) commands.push(command);
  }
  const [firstTask] = script.keys();
  const firstStart =
    events.find((event) => event.eventType === EventType.WORKFLOW_TASK_STARTED && startsSequence(events, event))
      ?.eventId ??
    firstTask ??
    0;
  script.set(firstStart, [...first, ...(script.get(firstStart) ?? [])]);
  return script;
}

function startsSequence(events: readonly HistoryEvent[], { eventId }: HistoryEvent): boolean {
  const next = events[eventId];
  return next === undefined || next.eventType === EventType.WORKFLOW_TASK_COMPLETED;
}

const activityDefaults = {
  arguments: [],
  headers: {},
  cancellationType: "waitCancellationCompleted",
  startToCloseTimeoutMs: 1000,
} as const;

class Echo {
  readonly #events: readonly HistoryEvent[];
  readonly #seqs = new Map<number, number>();
  #last = 0;

  constructor(events: readonly HistoryEvent[]) {
    this.#events = events;
  }

  localActivities(): WorkflowCommand[] {
    return this.#events.flatMap((event) => {
      const recorded = event.eventType === EventType.MARKER_RECORDED ? readLocalActivityMarker(event) : undefined;
      if (recorded === undefined) return [];
      const { seq, activityId, activityType, attempt } = recorded.marker;
      return [
        { kind: "scheduleLocalActivity", seq, attempt, activity: { ...activityDefaults, activityId, activityType } },
      ];
    });
  }

  // eslint-disable-next-line complexity -- one case for each kind of event
  toCommand(event: HistoryEvent, previous: HistoryEvent | undefined): WorkflowCommand | undefined {
    const { attributes } = event;
    switch (attributes?.case) {
      case "activityTaskScheduledEventAttributes": {
        const { activityId, activityType } = attributes.value;
        const activity: ScheduledActivity = { ...activityDefaults, activityId, activityType: activityType?.name ?? "" };
        return {
          kind: "scheduleActivity",
          seq: this.#number(event.eventId),
          activity,
          taskQueue: "",
          requestEagerExecution: false,
          useWorkflowBuildId: false,
        };
      }
      case "activityTaskCancelRequestedEventAttributes":
        return { kind: "requestCancelActivity", seq: this.#seqOf(attributes.value.scheduledEventId) };
      case "timerStartedEventAttributes":
        return { kind: "startTimer", seq: Number(attributes.value.timerId), durationMs: 1000 };
      case "timerCanceledEventAttributes":
        return { kind: "cancelTimer", seq: Number(attributes.value.timerId) };
      case "startChildWorkflowExecutionInitiatedEventAttributes": {
        const { namespace, workflowId, workflowType } = attributes.value;
        return {
          kind: "startChildWorkflow",
          seq: this.#number(event.eventId),
          child: {
            namespace,
            workflowId,
            workflowType: workflowType?.name ?? "",
            taskQueue: "",
            input: [],
            headers: {},
            parentClosePolicy: 0,
            workflowIdReusePolicy: 0,
            cronSchedule: "",
            memo: {},
            cancellationType: "waitCancellationCompleted",
            inheritBuildId: false,
          },
        };
      }
      case "signalExternalWorkflowExecutionInitiatedEventAttributes": {
        const { namespace, workflowExecution, signalName } = attributes.value;
        const target = {
          kind: "external",
          namespace,
          workflowId: workflowExecution?.workflowId ?? "",
          runId: workflowExecution?.runId ?? "",
        } as const;
        return {
          kind: "signalExternalWorkflow",
          seq: this.#number(event.eventId),
          target,
          signalName,
          args: [],
          headers: {},
        };
      }
      case "requestCancelExternalWorkflowExecutionInitiatedEventAttributes": {
        const { namespace, workflowExecution, childWorkflowOnly, reason } = attributes.value;
        const { workflowId = "", runId = "" } = workflowExecution ?? {};
        const child = childWorkflowOnly ? this.#childOf(workflowId) : undefined;
        return child === undefined
          ? { kind: "requestCancelExternal", seq: this.#number(event.eventId), namespace, workflowId, runId, reason }
          : { kind: "cancelChildWorkflow", seq: child, reason };
      }
      case "markerRecordedEventAttributes": {
        const patch = readPatchMarker(event);
        return patch === undefined ? undefined : { kind: "setPatchMarker", ...patch };
      }
      case "upsertWorkflowSearchAttributesEventAttributes": {
        const searchAttributes = attributes.value.searchAttributes?.indexedFields ?? {};
        // The patch before it brought this one about.
        if (
          searchAttributes[CHANGE_VERSION_ATTRIBUTE] !== undefined &&
          previous?.eventType === EventType.MARKER_RECORDED
        )
          return undefined;
        return { kind: "upsertSearchAttributes", searchAttributes };
      }
      case "workflowPropertiesModifiedEventAttributes":
        return { kind: "modifyProperties", upsertedMemo: attributes.value.upsertedMemo?.fields ?? {} };
      case "workflowExecutionUpdateAcceptedEventAttributes":
        return {
          kind: "updateResponse",
          protocolInstanceId: attributes.value.protocolInstanceId,
          response: { status: "accepted" },
        };
      case "workflowExecutionUpdateCompletedEventAttributes":
        return {
          kind: "updateResponse",
          protocolInstanceId: this.#updateOf(attributes.value.acceptedEventId),
          response: { status: "completed" },
        };
      case "workflowExecutionCompletedEventAttributes":
        return { kind: "completeWorkflow", result: attributes.value.result?.payloads[0] };
      case "workflowExecutionFailedEventAttributes":
        return attributes.value.failure === undefined
          ? undefined
          : { kind: "failWorkflow", failure: attributes.value.failure };
      case "workflowExecutionCanceledEventAttributes":
        return { kind: "cancelWorkflow" };
      case "workflowExecutionContinuedAsNewEventAttributes": {
        const { workflowType, taskQueue } = attributes.value;
        return {
          kind: "continueAsNew",
          next: {
            workflowType: workflowType?.name ?? "",
            taskQueue: taskQueue?.name ?? "",
            arguments: [],
            headers: {},
            inheritBuildId: false,
          },
        };
      }
      default:
        return undefined;
    }
  }

  #number(eventId: number): number {
    this.#seqs.set(eventId, ++this.#last);
    return this.#last;
  }

  #seqOf(eventId: number): number {
    return this.#seqs.get(eventId) ?? 0;
  }

  #childOf(workflowId: string): number | undefined {
    const initiated = this.#events.find(
      ({ attributes }) =>
        attributes?.case === "startChildWorkflowExecutionInitiatedEventAttributes" &&
        attributes.value.workflowId === workflowId,
    );
    return initiated === undefined ? undefined : this.#seqs.get(initiated.eventId);
  }

  #updateOf(acceptedEventId: number): string {
    const { attributes } = this.#events.find((event) => event.eventId === acceptedEventId) ?? {};
    return attributes?.case === "workflowExecutionUpdateAcceptedEventAttributes"
      ? attributes.value.protocolInstanceId
      : "";
  }
}
