import { CancelExternalWorkflowExecutionFailedCause, CommandType, EventType } from "../../../proto/gen/enums.ts";
import type { Failure } from "../../../proto/gen/failure.ts";
import type { HistoryEvent } from "../../../proto/gen/history.ts";
import { type Machine, step, to } from "../../machine.ts";
import type { WorkflowCommand } from "../activation.ts";
import { newApplicationFailure } from "../failures.ts";
import { newMismatch } from "../mismatch.ts";
import { issue, type RunState, type Track } from "../run-state.ts";

export type CancelExternalState = "requested" | "initiated" | "delivered" | "failed";
export type CancelExternalInput = { readonly kind: "initiated" | "delivered" | "failed" };
export type CancelExternalOutput = "resolve";

/** A workflow's request that another one be cancelled, from its command to the answer whether that one got it. */
export const cancelExternalMachine: Machine<CancelExternalState, CancelExternalInput, CancelExternalOutput> = {
  name: "cancellation of an external workflow",
  table: {
    requested: { initiated: () => to("initiated") },
    initiated: {
      delivered: () => to("delivered", "resolve"),
      failed: () => to("failed", "resolve"),
    },
    delivered: {},
    failed: {},
  },
};

interface Target {
  readonly namespace: string;
  readonly workflowId: string;
  readonly runId: string;
}

/** One request to cancel another workflow. */
export class CancelExternalTrack implements Track {
  /** Absent if a child's cancellation asked for it: the code then waits for nothing but the child. */
  readonly #seq: number | undefined;
  readonly #workflowId: string;
  #state: CancelExternalState = "requested";
  readonly isDropped = false;

  constructor(seq: number | undefined, workflowId: string) {
    this.#seq = seq;
    this.#workflowId = workflowId;
  }

  /** Requests a cancellation that the code waits for. */
  static request(run: RunState, command: Extract<WorkflowCommand, { kind: "requestCancelExternal" }>): void {
    const track = new CancelExternalTrack(command.seq, command.workflowId);
    track.#send(
      run,
      command,
      `Cancel requested by workflow with run id ${run.identity.runId} with reason: ${command.reason}`,
    );
  }

  /** Requests a child's cancellation. */
  static requestForChild(run: RunState, target: Target, reason: string): void {
    new CancelExternalTrack(undefined, target.workflowId).#send(run, target, reason);
  }

  get isOpen(): boolean {
    return this.#state === "initiated";
  }

  onEvent(event: HistoryEvent, run: RunState): void {
    switch (event.attributes?.case) {
      case "requestCancelExternalWorkflowExecutionInitiatedEventAttributes":
        return this.#apply("initiated", run);
      case "externalWorkflowExecutionCancelRequestedEventAttributes":
        return this.#apply("delivered", run);
      case "requestCancelExternalWorkflowExecutionFailedEventAttributes":
        return this.#apply("failed", run, toFailure(event.attributes.value.cause));
      default:
        throw newMismatch(
          "illegalOrder",
          event,
          { kind: "requestCancelExternal", id: this.#workflowId },
          "the event is none of a request to cancel another workflow",
        );
    }
  }

  #send(run: RunState, { namespace, workflowId, runId }: Target, reason: string): void {
    issue(run, {
      track: this,
      eventType: EventType.REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED,
      label: { kind: this.#seq === undefined ? "cancelChildWorkflow" : "requestCancelExternal", id: workflowId },
      command: {
        commandType: CommandType.REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION,
        attributes: {
          case: "requestCancelExternalWorkflowExecutionCommandAttributes",
          value: { namespace, workflowId, runId, childWorkflowOnly: this.#seq === undefined, reason },
        },
      },
    });
  }

  #apply(kind: CancelExternalInput["kind"], run: RunState, failure?: Failure): void {
    const { state, outputs } = step(cancelExternalMachine, this.#state, { kind });
    this.#state = state;
    if (outputs.length > 0 && this.#seq !== undefined)
      run.jobs.push({ kind: "resolveCancelExternal", seq: this.#seq, failure });
  }
}

function toFailure(cause: CancelExternalWorkflowExecutionFailedCause): Failure {
  const [reason, type] =
    cause === CancelExternalWorkflowExecutionFailedCause.NAMESPACE_NOT_FOUND
      ? ["not found", "NamespaceNotFound"]
      : cause === CancelExternalWorkflowExecutionFailedCause.EXTERNAL_WORKFLOW_EXECUTION_NOT_FOUND
        ? ["not found", "ExternalWorkflowExecutionNotFound"]
        : ["unknown", "Unspecified"];
  return newApplicationFailure(`Unable to cancel external workflow because ${reason}`, type);
}
