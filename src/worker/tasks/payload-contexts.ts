import { readLocalActivityMarker } from "../../core/replay/markers.ts";
import type { SerializationContext } from "../../payload/serialization-context.ts";
import type { StorageTarget } from "../../payload/storage-driver.ts";
import { Command } from "../../proto/gen/command.ts";
import { HistoryEvent } from "../../proto/gen/history.ts";

/** Runs whose contexts are remembered; of others, activities' results are taken for the workflow's own payloads. */
const RUNS_MAX = 10_000;

/** The run that payloads belong to. */
export interface PayloadRun {
  readonly namespace: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly workflowType: string;
}

/** What codec and storage are told of a payload. */
export interface PayloadPlace {
  readonly context: SerializationContext;
  readonly target: StorageTarget;
}

interface RunNotes {
  parent: StorageTarget | undefined;
  /** The run's own, which is that of its local activities. */
  taskQueue: string | undefined;
  /** Contexts of activities and Nexus operations by the ids of the events that scheduled them. */
  readonly scheduled: Map<number, SerializationContext>;
}

/**
 * Tells whom the payloads of commands and events are for: an activity, a child, another workflow, or the run itself.
 *
 * An event of an activity names only the event that scheduled it, which an earlier task brought: so it takes notes of runs.
 */
export class PayloadContexts {
  readonly #notes = new Map<string, RunNotes>();

  /** The place of payloads within a command or an event; without one, of the run itself. */
  placeOf(run: PayloadRun, owner: object | undefined): PayloadPlace {
    const own = { context: workflowContext(run, run.workflowId), target: workflowTarget(run) };
    if (owner === undefined) return own;
    const place = isCommand(owner) ? this.#placeOfCommand(run, owner) : this.#placeOfEvent(run, owner as HistoryEvent);
    return { ...own, ...place };
  }

  #placeOfCommand(run: PayloadRun, { attributes }: Command): Partial<PayloadPlace> {
    switch (attributes?.case) {
      case "scheduleActivityTaskCommandAttributes":
        return { context: activityContext(run, attributes.value) };
      case "scheduleNexusOperationCommandAttributes":
        return { context: nexusContext(attributes.value) };
      case "startChildWorkflowExecutionCommandAttributes": {
        const { workflowId, workflowType, namespace } = attributes.value;
        const child = { ...run, namespace: namespace || run.namespace };
        const target = {
          kind: "workflow",
          namespace: child.namespace,
          id: workflowId,
          type: workflowType?.name,
        } as const;
        return { context: workflowContext(child, workflowId), target };
      }
      case "signalExternalWorkflowExecutionCommandAttributes": {
        const { namespace, execution } = attributes.value;
        const id = execution?.workflowId ?? "";
        const other = { ...run, namespace: namespace || run.namespace };
        return {
          context: workflowContext(other, id),
          target: { kind: "workflow", namespace: other.namespace, id },
        };
      }
      case "completeWorkflowExecutionCommandAttributes": {
        const parent = this.#notes.get(run.runId)?.parent;
        return parent === undefined ? {} : { target: parent };
      }
      case "recordMarkerCommandAttributes": {
        const event = HistoryEvent.create({
          attributes: { case: "markerRecordedEventAttributes", value: { ...attributes.value } },
        });
        return this.#placeOfMarker(run, event);
      }
      default:
        return {};
    }
  }

  #placeOfEvent(run: PayloadRun, event: HistoryEvent): Partial<PayloadPlace> {
    const { attributes, eventId } = event;
    switch (attributes?.case) {
      case "workflowExecutionStartedEventAttributes": {
        const { parentWorkflowExecution: parent, parentWorkflowNamespace, continuedExecutionRunId } = attributes.value;
        const isFirst = continuedExecutionRunId === "";
        const notes = this.#notesOf(run.runId);
        notes.taskQueue = attributes.value.taskQueue?.name;
        notes.parent =
          parent === undefined || !isFirst
            ? undefined
            : { kind: "workflow", namespace: parentWorkflowNamespace, id: parent.workflowId, runId: parent.runId };
        return {};
      }
      case "activityTaskScheduledEventAttributes": {
        const context = activityContext(run, attributes.value);
        this.#notesOf(run.runId).scheduled.set(eventId, context);
        return { context };
      }
      case "nexusOperationScheduledEventAttributes": {
        const context = nexusContext(attributes.value);
        this.#notesOf(run.runId).scheduled.set(eventId, context);
        return { context };
      }
      case "nexusOperationCompletedEventAttributes":
      case "nexusOperationFailedEventAttributes":
      case "nexusOperationTimedOutEventAttributes":
      case "nexusOperationCanceledEventAttributes":
      case "activityTaskStartedEventAttributes":
      case "activityTaskCompletedEventAttributes":
      case "activityTaskFailedEventAttributes":
      case "activityTaskTimedOutEventAttributes":
      case "activityTaskCanceledEventAttributes": {
        const context = this.#notes.get(run.runId)?.scheduled.get(attributes.value.scheduledEventId);
        return context === undefined ? {} : { context };
      }
      case "startChildWorkflowExecutionInitiatedEventAttributes":
        return { context: workflowContext(run, attributes.value.workflowId) };
      case "signalExternalWorkflowExecutionInitiatedEventAttributes":
      case "childWorkflowExecutionCompletedEventAttributes":
      case "childWorkflowExecutionFailedEventAttributes":
      case "childWorkflowExecutionCanceledEventAttributes":
        return { context: workflowContext(run, attributes.value.workflowExecution?.workflowId ?? "") };
      case "markerRecordedEventAttributes":
        return this.#placeOfMarker(run, event);
      default:
        return {};
    }
  }

  #placeOfMarker(run: PayloadRun, event: HistoryEvent): Partial<PayloadPlace> {
    const marker = readLocalActivityMarker(event)?.marker;
    if (marker === undefined) return {};
    const { activityId } = marker;
    const name = this.#notes.get(run.runId)?.taskQueue;
    const activityType = { name: marker.activityType };
    const taskQueue = name === undefined ? undefined : { name };
    return { context: { ...activityContext(run, { activityId, activityType, taskQueue }), isLocal: true } };
  }

  #notesOf(runId: string): RunNotes {
    const notes: RunNotes = this.#notes.get(runId) ?? { parent: undefined, taskQueue: undefined, scheduled: new Map() };
    this.#notes.delete(runId);
    this.#notes.set(runId, notes);
    const oldest = this.#notes.keys().next();
    if (this.#notes.size > RUNS_MAX && oldest.done === false) this.#notes.delete(oldest.value);
    return notes;
  }
}

function isCommand(owner: object): owner is Command {
  return "commandType" in owner;
}

function workflowContext({ namespace }: PayloadRun, workflowId: string): SerializationContext {
  return { kind: "workflow", namespace, workflowId };
}

function workflowTarget({ namespace, workflowId, runId, workflowType }: PayloadRun): StorageTarget {
  return { kind: "workflow", namespace, id: workflowId, runId, type: workflowType };
}

function activityContext(
  { namespace, workflowId, workflowType }: PayloadRun,
  activity: {
    readonly activityId: string;
    readonly activityType: { readonly name: string } | undefined;
    readonly taskQueue: { readonly name: string } | undefined;
  },
): Extract<SerializationContext, { readonly kind: "activity" }> {
  const { activityId, activityType, taskQueue } = activity;
  return {
    kind: "activity",
    namespace,
    workflowId,
    workflowType,
    activityId,
    activityType: activityType?.name,
    taskQueue: taskQueue?.name,
    isLocal: false,
  };
}

function nexusContext({
  endpoint,
  service,
  operation,
}: {
  readonly endpoint: string;
  readonly service: string;
  readonly operation: string;
}): SerializationContext {
  return { kind: "nexus", endpoint, service, operation };
}

/** Types of messages that say whom the payloads in them are for. */
export const ownerTypes: ReadonlySet<string> = new Set([Command.typeName, HistoryEvent.typeName]);
