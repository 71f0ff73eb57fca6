import { CommandType, EventType } from "../../../proto/gen/enums.ts";
import type { Failure } from "../../../proto/gen/failure.ts";
import type { HistoryEvent } from "../../../proto/gen/history.ts";
import { Acceptance, Rejection, type Request, Response } from "../../../proto/gen/update.ts";
import type { Init, MessageType } from "../../../proto/message.ts";
import { type Machine, step, to } from "../../machine.ts";
import type { WorkflowCommand } from "../activation.ts";
import type { IncomingUpdate } from "../incoming-update.ts";
import { newMismatch } from "../mismatch.ts";
import { type CommandLabel, issue, type RunState, type AnswerableTrack } from "../run-state.ts";

export type UpdateState =
  | "requested"
  | "rejected"
  | "accepted"
  | "acceptRecorded"
  | "completedUnrecorded"
  | "completed"
  | "completeRecorded";
export type UpdateInput = { readonly kind: "accept" | "reject" | "complete" | "acceptRecorded" | "completeRecorded" };
export type UpdateOutput = "sendAcceptance" | "sendRejection" | "sendResponse";

/**
 * A workflow's view of one update.
 *
 * A rejection leaves no trace. Acceptance and completion may be sent in one task, before either is in history.
 */
export const updateMachine: Machine<UpdateState, UpdateInput, UpdateOutput> = {
  name: "update",
  table: {
    requested: {
      accept: () => to("accepted", "sendAcceptance"),
      reject: () => to("rejected", "sendRejection"),
    },
    accepted: {
      acceptRecorded: () => to("acceptRecorded"),
      complete: () => to("completedUnrecorded", "sendResponse"),
    },
    acceptRecorded: {
      complete: () => to("completed", "sendResponse"),
    },
    completedUnrecorded: {
      acceptRecorded: () => to("completed"),
    },
    completed: {
      completeRecorded: () => to("completeRecorded"),
    },
    rejected: {},
    completeRecorded: {},
  },
};

type UpdateAnswer = Extract<WorkflowCommand, { kind: "updateResponse" }>["response"];

/** One update of a run. */
export class UpdateTrack implements AnswerableTrack {
  readonly #messageId: string;
  readonly #instanceId: string;
  readonly #sequencingEventId: number;
  /** Dropped once answered: it holds the arguments. */
  #request: Request | undefined;
  readonly #meta: IncomingUpdate["meta"];
  #state: UpdateState = "requested";
  readonly isDropped = false;
  readonly isOpen = false;

  constructor(update: IncomingUpdate) {
    this.#messageId = update.messageId;
    this.#instanceId = update.protocolInstanceId;
    this.#sequencingEventId = update.sequencingEventId;
    this.#request = update.request;
    this.#meta = update.meta;
  }

  /** Hands an update to the code. */
  static receive(run: RunState, update: IncomingUpdate): void {
    const { protocolInstanceId, meta, input } = update;
    run.updates.set(protocolInstanceId, new UpdateTrack(update));
    run.jobs.push({
      kind: "doUpdate",
      update: {
        id: meta.updateId,
        protocolInstanceId,
        name: input.name,
        input: input.args?.payloads ?? [],
        headers: input.header?.fields ?? {},
        identity: meta.identity,
        runValidator: !run.isReplaying,
      },
    });
  }

  get #label(): CommandLabel {
    return { kind: "updateResponse", id: this.#instanceId };
  }

  /** The code's answer. */
  respond(run: RunState, answer: UpdateAnswer): void {
    const kind = answer.status === "accepted" ? "accept" : answer.status === "rejected" ? "reject" : "complete";
    const { state, outputs } = step(updateMachine, this.#state, { kind });
    this.#state = state;
    for (const output of outputs) {
      switch (output) {
        case "sendAcceptance":
          this.#send(run, "accept", Acceptance, {
            acceptedRequestMessageId: this.#messageId,
            acceptedRequestSequencingEventId: this.#sequencingEventId,
            acceptedRequest: this.#request,
          });
          this.#issue(run, EventType.WORKFLOW_EXECUTION_UPDATE_ACCEPTED, "accept");
          this.#request = undefined;
          break;
        case "sendRejection":
          this.#send(run, "reject", Rejection, {
            rejectedRequestMessageId: this.#messageId,
            rejectedRequestSequencingEventId: this.#sequencingEventId,
            rejectedRequest: this.#request,
            failure: failureOf(answer),
          });
          run.updates.delete(this.#instanceId);
          break;
        case "sendResponse":
          this.#send(run, "complete", Response, { meta: this.#meta, outcome: { value: outcomeOf(answer) } });
          this.#issue(run, EventType.WORKFLOW_EXECUTION_UPDATE_COMPLETED, "complete");
          break;
      }
    }
  }

  onEvent(event: HistoryEvent, run: RunState): void {
    const { attributes } = event;
    switch (attributes?.case) {
      case "workflowExecutionUpdateAcceptedEventAttributes":
        this.#checkId(event, attributes.value.protocolInstanceId, this.#instanceId);
        this.#state = step(updateMachine, this.#state, { kind: "acceptRecorded" }).state;
        return;
      case "workflowExecutionUpdateCompletedEventAttributes":
        this.#checkId(event, attributes.value.meta?.updateId ?? this.#meta.updateId, this.#meta.updateId);
        this.#state = step(updateMachine, this.#state, { kind: "completeRecorded" }).state;
        run.updates.delete(this.#instanceId);
        return;
      default:
        throw newMismatch("illegalOrder", event, this.#label, "the event is none of an update");
    }
  }

  #checkId(event: HistoryEvent, recorded: string, own: string): void {
    if (recorded !== own)
      throw newMismatch(
        "differentId",
        event,
        this.#label,
        `history has update "${recorded}", the code answered update "${own}"`,
      );
  }

  /** History already holds what a replayed answer said. */
  #send<T extends object>(run: RunState, suffix: string, type: MessageType<T>, body: Init<T>): void {
    if (run.isReplaying) return;
    run.messages.push({
      id: `${this.#messageId}/${suffix}`,
      protocolInstanceId: this.#instanceId,
      body: { typeUrl: `type.googleapis.com/${type.typeName}`, value: type.encode(body) },
    });
  }

  #issue(run: RunState, eventType: EventType, suffix: string): void {
    issue(run, {
      track: this,
      eventType,
      label: this.#label,
      command: {
        commandType: CommandType.PROTOCOL_MESSAGE,
        attributes: { case: "protocolMessageCommandAttributes", value: { messageId: `${this.#messageId}/${suffix}` } },
      },
    });
  }
}

function failureOf(answer: UpdateAnswer): Failure | undefined {
  return answer.status === "rejected" || answer.status === "failed" ? answer.failure : undefined;
}

function outcomeOf(answer: UpdateAnswer): Init<NonNullable<Response["outcome"]>["value"]> {
  const failure = failureOf(answer);
  if (failure !== undefined) return { case: "failure", value: failure };
  return {
    case: "success",
    value: { payloads: answer.status === "completed" && answer.result !== undefined ? [answer.result] : [] },
  };
}
