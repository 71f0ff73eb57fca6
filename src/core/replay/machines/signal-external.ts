import { CommandType, EventType, SignalExternalWorkflowExecutionFailedCause } from "../../../proto/gen/enums.ts";
import type { Failure } from "../../../proto/gen/failure.ts";
import type { HistoryEvent } from "../../../proto/gen/history.ts";
import { type Machine, step, to } from "../../machine.ts";
import type { WorkflowCommand } from "../activation.ts";
import { newApplicationFailure, newCanceledFailure } from "../failures.ts";
import { newMismatch } from "../mismatch.ts";
import { toPayloads } from "../payloads.ts";
import { type CommandLabel, issue, type RunState, type CancellableTrack } from "../run-state.ts";

export type SignalExternalState = "requested" | "initiated" | "delivered" | "failed" | "canceled";
export type SignalExternalInput = { readonly kind: "initiated" | "delivered" | "failed" | "cancel" };
export type SignalExternalOutput = "drop" | "resolve";

/** A signal from a workflow to another one. It can be cancelled until its command is sent, and never afterwards. */
export const signalExternalMachine: Machine<SignalExternalState, SignalExternalInput, SignalExternalOutput> = {
  name: "signal to an external workflow",
  table: {
    requested: {
      initiated: () => to("initiated"),
      cancel: () => to("canceled", "drop", "resolve"),
    },
    initiated: {
      delivered: () => to("delivered", "resolve"),
      failed: () => to("failed", "resolve"),
      cancel: () => to("initiated"),
    },
    delivered: { cancel: () => to("delivered") },
    failed: { cancel: () => to("failed") },
    canceled: { cancel: () => to("canceled") },
  },
};

type SignalExternal = Extract<WorkflowCommand, { kind: "signalExternalWorkflow" }>;

/** One signal to another workflow. */
export class SignalExternalTrack implements CancellableTrack {
  readonly #seq: number;
  readonly #label: CommandLabel;
  #state: SignalExternalState = "requested";
  isDropped = false;

  constructor(seq: number, label: CommandLabel) {
    this.#seq = seq;
    this.#label = label;
  }

  /** Sends a signal. */
  static send(run: RunState, { seq, target, signalName, args, headers }: SignalExternal): void {
    const track = new SignalExternalTrack(seq, {
      kind: "signalExternalWorkflow",
      id: target.workflowId,
      type: signalName,
    });
    run.signals.set(seq, track);
    issue(run, {
      track,
      eventType: EventType.SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED,
      label: track.#label,
      command: {
        commandType: CommandType.SIGNAL_EXTERNAL_WORKFLOW_EXECUTION,
        attributes: {
          case: "signalExternalWorkflowExecutionCommandAttributes",
          value: {
            namespace: target.kind === "child" ? run.identity.namespace : target.namespace,
            execution: { workflowId: target.workflowId, runId: target.kind === "child" ? "" : target.runId },
            signalName,
            input: toPayloads(args),
            header: Object.keys(headers).length === 0 ? undefined : { fields: headers },
            childWorkflowOnly: target.kind === "child",
          },
        },
      },
    });
  }

  get isOpen(): boolean {
    return this.#state === "initiated";
  }

  cancel(run: RunState): void {
    this.#apply("cancel", run, newCanceledFailure("Signal was cancelled before being sent"));
  }

  onEvent(event: HistoryEvent, run: RunState): void {
    switch (event.attributes?.case) {
      case "signalExternalWorkflowExecutionInitiatedEventAttributes":
        return this.#apply("initiated", run);
      case "externalWorkflowExecutionSignaledEventAttributes":
        return this.#apply("delivered", run);
      case "signalExternalWorkflowExecutionFailedEventAttributes":
        return this.#apply("failed", run, toFailure(event.attributes.value.cause));
      default:
        throw newMismatch("illegalOrder", event, this.#label, "the event is none of a signal to another workflow");
    }
  }

  #apply(kind: SignalExternalInput["kind"], run: RunState, failure?: Failure): void {
    const { state, outputs } = step(signalExternalMachine, this.#state, { kind });
    this.#state = state;
    for (const output of outputs) {
      if (output === "drop") this.isDropped = true;
      else run.jobs.push({ kind: "resolveSignalExternal", seq: this.#seq, failure });
    }
  }
}

function toFailure(cause: SignalExternalWorkflowExecutionFailedCause): Failure {
  const [reason, type] =
    cause === SignalExternalWorkflowExecutionFailedCause.NAMESPACE_NOT_FOUND
      ? ["it was not found", "NamespaceNotFound"]
      : cause === SignalExternalWorkflowExecutionFailedCause.EXTERNAL_WORKFLOW_EXECUTION_NOT_FOUND
        ? ["it was not found", "ExternalWorkflowExecutionNotFound"]
        : cause === SignalExternalWorkflowExecutionFailedCause.SIGNAL_COUNT_LIMIT_EXCEEDED
          ? ["The per-workflow signal limit was exceeded", "SignalCountLimitExceeded"]
          : ["unknown", "Unspecified"];
  return newApplicationFailure(`Unable to signal external workflow because ${reason}`, type);
}
