import { CommandType, EventType } from "../../../proto/gen/enums.ts";
import type { Failure } from "../../../proto/gen/failure.ts";
import type { HistoryEvent } from "../../../proto/gen/history.ts";
import { type Machine, type Step, step, to } from "../../machine.ts";
import type { ActivationJob, ChildCancellation, WorkflowCommand } from "../activation.ts";
import { toScheduleNexusOperation } from "../commands.ts";
import { newCanceledFailure, newFailure } from "../failures.ts";
import { newMismatch } from "../mismatch.ts";
import { type CommandLabel, issue, type RunState, type CancellableTrack } from "../run-state.ts";

export type NexusOperationState =
  | "requested"
  | "scheduled"
  | "started"
  | "left"
  | "completed"
  | "failed"
  | "timedOut"
  | "canceled";
export type NexusOperationInput =
  | { readonly kind: "scheduled" | "started" | "completed" | "failed" | "canceled" | "timedOut" | "cancelRecorded" }
  /** `answers` if the code waits for just this: that the handler got the cancellation. */
  | { readonly kind: "cancelDelivered" | "cancelRefused"; readonly answers: boolean }
  | { readonly kind: "cancel"; readonly how: ChildCancellation };
export type NexusOperationOutput =
  | "dropSchedule"
  | "sendCancel"
  | "resolveStart"
  | "resolveStartedSync"
  | "resolveStartFailed"
  | "resolveStartCanceled"
  | "resolve"
  | "resolveCanceled"
  | "resolveCancelDelivered";

/** After the end, answers to a cancellation may still come. */
function ended(state: NexusOperationState) {
  const stay = (): Step<NexusOperationState, NexusOperationOutput> => to(state);
  return { cancelRecorded: stay, cancelDelivered: stay, cancelRefused: stay, cancel: stay };
}

/**
 * A workflow's view of one Nexus operation.
 *
 * An operation that ends before it was seen to start was synchronous: the code learns of start and end together. `left`
 * is one that the code no longer waits for.
 */
export const nexusOperationMachine: Machine<NexusOperationState, NexusOperationInput, NexusOperationOutput> = {
  name: "nexus operation",
  table: {
    requested: {
      scheduled: () => to("scheduled"),
      cancel: () => to("canceled", "dropSchedule", "resolveStartCanceled"),
    },
    scheduled: {
      started: () => to("started", "resolveStart"),
      completed: () => to("completed", "resolveStartedSync", "resolve"),
      failed: () => to("failed", "resolveStartFailed"),
      canceled: () => to("canceled", "resolveStartFailed"),
      timedOut: () => to("timedOut", "resolveStartFailed"),
      cancelRecorded: () => to("scheduled"),
      cancelDelivered: () => to("scheduled"),
      cancelRefused: () => to("scheduled"),
      cancel: ({ how }) => cancelOpen("scheduled", how, "resolveStartCanceled"),
    },
    started: {
      completed: () => to("completed", "resolve"),
      failed: () => to("failed", "resolve"),
      canceled: () => to("canceled", "resolve"),
      timedOut: () => to("timedOut", "resolve"),
      cancelRecorded: () => to("started"),
      cancelDelivered: ({ answers }) => (answers ? to("left", "resolveCancelDelivered") : to("started")),
      cancelRefused: ({ answers }) => (answers ? to("left", "resolve") : to("started")),
      cancel: ({ how }) => cancelOpen("started", how, "resolveCanceled"),
    },
    left: {
      started: () => to("left"),
      completed: () => to("left"),
      failed: () => to("left"),
      canceled: () => to("left"),
      timedOut: () => to("left"),
      ...ended("left"),
    },
    completed: ended("completed"),
    failed: ended("failed"),
    timedOut: ended("timedOut"),
    canceled: ended("canceled"),
  },
};

function cancelOpen(
  state: "scheduled" | "started",
  how: ChildCancellation,
  resolve: "resolveStartCanceled" | "resolveCanceled",
): Step<NexusOperationState, NexusOperationOutput> {
  if (how === "abandon") return to("left", resolve);
  return how === "tryCancel" ? to("left", "sendCancel", resolve) : to(state, "sendCancel");
}

type ScheduleNexusOperation = Extract<WorkflowCommand, { kind: "scheduleNexusOperation" }>;
type NexusResult = Extract<ActivationJob, { kind: "resolveNexusOperation" }>["result"];

/** One Nexus operation of a run. */
export class NexusOperationTrack implements CancellableTrack {
  readonly #seq: number;
  readonly #endpoint: string;
  readonly #service: string;
  readonly #operation: string;
  readonly #cancellationType: ChildCancellation;
  #state: NexusOperationState = "requested";
  #scheduledEventId = 0;
  #operationToken = "";
  #isCancelSent = false;
  isDropped = false;

  constructor(
    command: Pick<ScheduleNexusOperation, "seq" | "endpoint" | "service" | "operation" | "cancellationType">,
  ) {
    this.#seq = command.seq;
    this.#endpoint = command.endpoint;
    this.#service = command.service;
    this.#operation = command.operation;
    this.#cancellationType = command.cancellationType;
  }

  /** Schedules an operation. */
  static schedule(run: RunState, command: ScheduleNexusOperation): void {
    const track = new NexusOperationTrack(command);
    run.nexusOperations.set(command.seq, track);
    issue(run, {
      track,
      eventType: EventType.NEXUS_OPERATION_SCHEDULED,
      label: track.#label,
      command: toScheduleNexusOperation(command),
    });
  }

  /** The answer to a cancellation may come after the operation has ended. */
  get isOpen(): boolean {
    return this.#state === "scheduled" || this.#state === "started" || this.#state === "left" || this.#isCancelSent;
  }

  get #label(): CommandLabel {
    return { kind: "scheduleNexusOperation", id: String(this.#seq), type: `${this.#service}.${this.#operation}` };
  }

  cancel(run: RunState): void {
    this.#apply({ kind: "cancel", how: this.#cancellationType }, run);
  }

  onEvent(event: HistoryEvent, run: RunState): void {
    const { attributes } = event;
    const answers = this.#cancellationType === "waitCancellationRequested";
    switch (attributes?.case) {
      case "nexusOperationScheduledEventAttributes":
        this.#scheduledEventId = event.eventId;
        return this.#apply({ kind: "scheduled" }, run);
      case "nexusOperationStartedEventAttributes":
        this.#operationToken = attributes.value.operationToken;
        return this.#apply({ kind: "started" }, run);
      case "nexusOperationCompletedEventAttributes":
        return this.#apply({ kind: "completed" }, run, { status: "completed", result: attributes.value.result });
      case "nexusOperationFailedEventAttributes":
        return this.#apply({ kind: "failed" }, run, {
          status: "failed",
          failure: attributes.value.failure ?? newFailure("Nexus operation failed but failure field was not populated"),
        });
      case "nexusOperationCanceledEventAttributes":
        return this.#apply({ kind: "canceled" }, run, {
          status: "cancelled",
          failure:
            attributes.value.failure ?? newFailure("Nexus operation was cancelled but failure field was not populated"),
        });
      case "nexusOperationTimedOutEventAttributes":
        return this.#apply({ kind: "timedOut" }, run, {
          status: "timedOut",
          failure:
            attributes.value.failure ?? newFailure("Nexus operation timed out but failure field was not populated"),
        });
      case "nexusOperationCancelRequestedEventAttributes":
        if (attributes.value.scheduledEventId !== this.#scheduledEventId)
          throw newMismatch(
            "differentId",
            event,
            { ...this.#label, kind: "requestCancelNexusOperation" },
            `history cancels the operation of event ${attributes.value.scheduledEventId}, the code that of event ${this.#scheduledEventId}`,
          );
        return this.#apply({ kind: "cancelRecorded" }, run);
      case "nexusOperationCancelRequestCompletedEventAttributes":
        return this.#apply({ kind: "cancelDelivered", answers }, run);
      case "nexusOperationCancelRequestFailedEventAttributes": {
        const message = "Nexus operation cancellation request failed";
        return this.#apply({ kind: "cancelRefused", answers }, run, {
          status: "failed",
          failure: this.#toFailure(message, attributes.value.failure ?? newFailure(message)),
        });
      }
      default:
        throw newMismatch("illegalOrder", event, this.#label, "the event is none of a Nexus operation");
    }
  }

  #apply(input: NexusOperationInput, run: RunState, end?: NexusResult): void {
    const { state, outputs } = step(nexusOperationMachine, this.#state, input);
    const wasRequested = this.#state === "requested";
    this.#state = state;
    for (const output of outputs) {
      switch (output) {
        case "dropSchedule":
          this.isDropped = true;
          break;
        case "sendCancel":
          this.#sendCancel(run);
          break;
        case "resolveStart":
          run.jobs.push({
            kind: "resolveNexusOperationStart",
            seq: this.#seq,
            result: { status: "startedAsync", operationToken: this.#operationToken },
          });
          break;
        case "resolveStartedSync":
          run.jobs.push({ kind: "resolveNexusOperationStart", seq: this.#seq, result: { status: "startedSync" } });
          break;
        case "resolveStartFailed":
          if (end !== undefined && end.status !== "completed") this.#failStart(run, end.failure);
          break;
        case "resolveStartCanceled":
          this.#failStart(
            run,
            this.#toFailure(
              wasRequested ? "Nexus Operation cancelled before scheduled" : "Nexus operation cancelled before starting",
              newCanceledFailure(),
            ),
          );
          break;
        case "resolve":
          if (end !== undefined) this.#resolve(run, end);
          break;
        case "resolveCanceled":
          this.#resolve(run, {
            status: "cancelled",
            failure: this.#toFailure("Nexus operation cancelled after starting", newCanceledFailure()),
          });
          break;
        case "resolveCancelDelivered":
          this.#resolve(run, {
            status: "cancelled",
            failure: this.#toFailure("Nexus operation cancellation request completed", newCanceledFailure()),
          });
          break;
      }
    }
  }

  #sendCancel(run: RunState): void {
    if (this.#isCancelSent) return;
    this.#isCancelSent = true;
    issue(run, {
      track: this,
      eventType: EventType.NEXUS_OPERATION_CANCEL_REQUESTED,
      label: { ...this.#label, kind: "requestCancelNexusOperation" },
      command: {
        commandType: CommandType.REQUEST_CANCEL_NEXUS_OPERATION,
        attributes: {
          case: "requestCancelNexusOperationCommandAttributes",
          value: { scheduledEventId: this.#scheduledEventId },
        },
      },
    });
  }

  #failStart(run: RunState, failure: Failure): void {
    run.jobs.push({ kind: "resolveNexusOperationStart", seq: this.#seq, result: { status: "failed", failure } });
  }

  #resolve(run: RunState, result: NexusResult): void {
    run.jobs.push({ kind: "resolveNexusOperation", seq: this.#seq, result });
  }

  #toFailure(message: string, cause: Failure): Failure {
    return newFailure(
      message,
      {
        case: "nexusOperationExecutionFailureInfo",
        value: {
          scheduledEventId: this.#scheduledEventId,
          endpoint: this.#endpoint,
          service: this.#service,
          operation: this.#operation,
          operationId: "",
          operationToken: this.#operationToken,
        },
      },
      cause,
    );
  }
}
