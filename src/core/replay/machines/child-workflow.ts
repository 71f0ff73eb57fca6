import {
  EventType,
  RetryState,
  StartChildWorkflowExecutionFailedCause,
  TimeoutType,
} from "../../../proto/gen/enums.ts";
import type { Failure } from "../../../proto/gen/failure.ts";
import type { HistoryEvent, StartChildWorkflowExecutionInitiatedEventAttributes } from "../../../proto/gen/history.ts";
import { type Machine, type Step, step, to } from "../../machine.ts";
import type { ChildCancellation, ChildStartResolution, Resolution, WorkflowCommand } from "../activation.ts";
import { toStartChildWorkflow } from "../commands.ts";
import { newApplicationFailure, newCanceledFailure, newFailure, newTimeoutFailure } from "../failures.ts";
import { newMismatch } from "../mismatch.ts";
import { toSinglePayload } from "../payloads.ts";
import { type CommandLabel, issue, type RunState, type CancellableTrack } from "../run-state.ts";
import { CoreFlag } from "../sdk-flags.ts";
import { CancelExternalTrack } from "./cancel-external.ts";

export type ChildWorkflowState =
  | "requested"
  | "initiated"
  | "started"
  | "left"
  | "startFailed"
  | "completed"
  | "failed"
  | "timedOut"
  | "canceled"
  | "terminated";
export type ChildWorkflowInput =
  | {
      readonly kind:
        | "initiated"
        | "startFailed"
        | "started"
        | "completed"
        | "failed"
        | "canceled"
        | "timedOut"
        | "terminated";
    }
  | { readonly kind: "cancel"; readonly how: ChildCancellation };
export type ChildWorkflowOutput =
  | "dropStart"
  | "resolveStart"
  | "resolveStartCanceled"
  | "resolve"
  | "resolveCanceled"
  | "requestCancel";

/**
 * A workflow's view of one child workflow.
 *
 * `left` is a child that the code no longer waits for: it was told of the cancellation at once, and whatever becomes of
 * the child is ignored. Waiting for the request or for the end of the cancellation is the same here, as in the SDKs'
 * shared core: the child stays open until it ends.
 */
export const childWorkflowMachine: Machine<ChildWorkflowState, ChildWorkflowInput, ChildWorkflowOutput> = {
  name: "child workflow",
  table: {
    requested: {
      initiated: () => to("initiated"),
      cancel: () => to("canceled", "dropStart", "resolveStartCanceled"),
    },
    initiated: {
      started: () => to("started", "resolveStart"),
      startFailed: () => to("startFailed", "resolveStart"),
      cancel: ({ how }) => cancelOpen("initiated", how, "resolveStartCanceled"),
    },
    started: {
      completed: () => to("completed", "resolve"),
      failed: () => to("failed", "resolve"),
      canceled: () => to("canceled", "resolve"),
      timedOut: () => to("timedOut", "resolve"),
      terminated: () => to("terminated", "resolve"),
      cancel: ({ how }) => cancelOpen("started", how, "resolveCanceled"),
    },
    left: {
      started: () => to("left"),
      startFailed: () => to("left"),
      completed: () => to("left"),
      failed: () => to("left"),
      canceled: () => to("left"),
      timedOut: () => to("left"),
      terminated: () => to("left"),
      cancel: () => to("left"),
    },
    startFailed: { cancel: () => to("startFailed") },
    completed: { cancel: () => to("completed") },
    failed: { cancel: () => to("failed") },
    timedOut: { cancel: () => to("timedOut") },
    canceled: { cancel: () => to("canceled") },
    terminated: { cancel: () => to("terminated") },
  },
};

function cancelOpen(
  state: "initiated" | "started",
  how: ChildCancellation,
  resolve: "resolveStartCanceled" | "resolveCanceled",
): Step<ChildWorkflowState, ChildWorkflowOutput> {
  if (how === "abandon") return to("left", resolve);
  return how === "tryCancel" ? to("left", "requestCancel", resolve) : to(state, "requestCancel");
}

type StartChild = Extract<WorkflowCommand, { kind: "startChildWorkflow" }>;

/** One child workflow of a run. */
export class ChildWorkflowTrack implements CancellableTrack {
  readonly #seq: number;
  readonly #namespace: string;
  readonly #workflowId: string;
  readonly #workflowType: string;
  readonly #cancellationType: ChildCancellation;
  #state: ChildWorkflowState = "requested";
  #initiatedEventId = 0;
  #startedEventId = 0;
  #runId = "";
  isDropped = false;

  constructor({ seq, child }: Pick<StartChild, "seq" | "child">) {
    this.#seq = seq;
    this.#namespace = child.namespace;
    this.#workflowId = child.workflowId;
    this.#workflowType = child.workflowType;
    this.#cancellationType = child.cancellationType;
  }

  /** Starts a child workflow. */
  static start(run: RunState, command: StartChild): void {
    const track = new ChildWorkflowTrack(command);
    run.children.set(command.seq, track);
    issue(run, {
      track,
      eventType: EventType.START_CHILD_WORKFLOW_EXECUTION_INITIATED,
      label: track.#label,
      command: toStartChildWorkflow(command),
    });
  }

  get isOpen(): boolean {
    return this.#state === "initiated" || this.#state === "started" || this.#state === "left";
  }

  get #label(): CommandLabel {
    return { kind: "startChildWorkflow", id: this.#workflowId, type: this.#workflowType };
  }

  cancel(run: RunState, reason: string): void {
    this.#apply({ kind: "cancel", how: this.#cancellationType }, run, { reason });
  }

  onEvent(event: HistoryEvent, run: RunState): void {
    const { attributes } = event;
    switch (attributes?.case) {
      case "startChildWorkflowExecutionInitiatedEventAttributes":
        this.#check(event, attributes.value, run);
        this.#initiatedEventId = event.eventId;
        return this.#apply({ kind: "initiated" }, run);
      case "startChildWorkflowExecutionFailedEventAttributes":
        return this.#apply({ kind: "startFailed" }, run, { start: this.#toStartFailure(attributes.value.cause) });
      case "childWorkflowExecutionStartedEventAttributes":
        this.#startedEventId = event.eventId;
        this.#runId = attributes.value.workflowExecution?.runId ?? "";
        return this.#apply({ kind: "started" }, run, { start: { status: "started", runId: this.#runId } });
      case "childWorkflowExecutionCompletedEventAttributes":
        return this.#apply({ kind: "completed" }, run, {
          end: { status: "completed", result: toSinglePayload(attributes.value.result, event) },
        });
      case "childWorkflowExecutionFailedEventAttributes":
        return this.#apply({ kind: "failed" }, run, {
          end: this.#toFailed("Child Workflow execution failed", attributes.value.retryState, attributes.value.failure),
        });
      case "childWorkflowExecutionTimedOutEventAttributes":
        return this.#apply({ kind: "timedOut" }, run, {
          end: this.#toFailed(
            "Child Workflow execution timed out",
            attributes.value.retryState,
            newTimeoutFailure("Timed out", TimeoutType.START_TO_CLOSE),
          ),
        });
      case "childWorkflowExecutionTerminatedEventAttributes":
        return this.#apply({ kind: "terminated" }, run, {
          end: this.#toFailed(
            "Child Workflow execution terminated",
            RetryState.NON_RETRYABLE_FAILURE,
            newFailure("Terminated", { case: "terminatedFailureInfo", value: { identity: "" } }),
          ),
        });
      case "childWorkflowExecutionCanceledEventAttributes":
        return this.#apply({ kind: "canceled" }, run, {
          end: { status: "cancelled", failure: this.#toCanceled("Child Workflow execution cancelled") },
        });
      default:
        throw newMismatch("illegalOrder", event, this.#label, "the event is none of a child workflow");
    }
  }

  #check(
    event: HistoryEvent,
    { workflowId, workflowType }: StartChildWorkflowExecutionInitiatedEventAttributes,
    run: RunState,
  ): void {
    if (!run.flags.use(CoreFlag.idAndTypeChecks, run.isInLastSequence)) return;
    if (workflowId !== this.#workflowId)
      throw newMismatch(
        "differentId",
        event,
        this.#label,
        `history has child workflow id "${workflowId}", the code started child workflow id "${this.#workflowId}" (type "${this.#workflowType}")`,
      );
    if (workflowType?.name !== this.#workflowType)
      throw newMismatch(
        "differentType",
        event,
        this.#label,
        `history has child workflow type "${workflowType?.name ?? ""}", the code started child workflow type "${this.#workflowType}"`,
      );
  }

  #apply(
    input: ChildWorkflowInput,
    run: RunState,
    news: { readonly start?: ChildStartResolution; readonly end?: Resolution; readonly reason?: string } = {},
  ): void {
    const { state, outputs } = step(childWorkflowMachine, this.#state, input);
    this.#state = state;
    for (const output of outputs) {
      switch (output) {
        case "dropStart":
          this.isDropped = true;
          break;
        case "requestCancel":
          CancelExternalTrack.requestForChild(
            run,
            { namespace: this.#namespace, workflowId: this.#workflowId, runId: this.#runId },
            news.reason ?? "",
          );
          break;
        case "resolveStart":
          if (news.start !== undefined) this.#resolveStart(run, news.start);
          break;
        case "resolveStartCanceled": {
          const message = this.isDropped
            ? `Child Workflow Execution cancelled before scheduled: ${news.reason ?? ""}`
            : "Child Workflow execution cancelled";
          this.#resolveStart(run, { status: "cancelled", failure: this.#toCanceled(message) });
          break;
        }
        case "resolve":
          if (news.end !== undefined) this.#resolve(run, news.end);
          break;
        case "resolveCanceled":
          this.#resolve(run, { status: "cancelled", failure: this.#toCanceled("Child Workflow execution cancelled") });
          break;
      }
    }
  }

  #resolveStart(run: RunState, result: ChildStartResolution): void {
    run.jobs.push({ kind: "resolveChildWorkflowStart", seq: this.#seq, result });
  }

  #resolve(run: RunState, result: Resolution): void {
    run.jobs.push({ kind: "resolveChildWorkflow", seq: this.#seq, result });
  }

  #toStartFailure(cause: StartChildWorkflowExecutionFailedCause): ChildStartResolution {
    if (cause === StartChildWorkflowExecutionFailedCause.WORKFLOW_ALREADY_EXISTS)
      return { status: "alreadyExists", workflowId: this.#workflowId, workflowType: this.#workflowType };
    if (cause === StartChildWorkflowExecutionFailedCause.INVALID_VERSIONING_OVERRIDE)
      return { status: "invalidVersioningOverride" };
    const [reason, type] =
      cause === StartChildWorkflowExecutionFailedCause.NAMESPACE_NOT_FOUND
        ? [`namespace "${this.#namespace}" was not found`, "NamespaceNotFound"]
        : [`the server gave cause ${cause}`, "StartChildWorkflowFailed"];
    return {
      status: "cancelled",
      failure: this.#toFailure(
        "Child Workflow execution could not start",
        RetryState.NON_RETRYABLE_FAILURE,
        newApplicationFailure(`Cannot start child workflow "${this.#workflowId}": ${reason}`, type),
      ),
    };
  }

  #toFailed(message: string, retryState: RetryState, cause: Failure | undefined): Resolution {
    return { status: "failed", failure: this.#toFailure(message, retryState, cause) };
  }

  #toCanceled(message: string): Failure {
    return this.#toFailure(message, RetryState.NON_RETRYABLE_FAILURE, newCanceledFailure());
  }

  #toFailure(message: string, retryState: RetryState, cause: Failure | undefined): Failure {
    return newFailure(
      message,
      {
        case: "childWorkflowExecutionFailureInfo",
        value: {
          namespace: this.#namespace,
          workflowExecution: { workflowId: this.#workflowId, runId: this.#runId },
          workflowType: { name: this.#workflowType },
          initiatedEventId: this.#initiatedEventId,
          startedEventId: this.#startedEventId,
          retryState,
        },
      },
      cause,
    );
  }
}
