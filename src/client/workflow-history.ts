import { History, type HistoryEvent } from "../proto/gen/history.ts";
import { historyFromJson, historyToJson } from "../proto/history-json.ts";
import { ClientUsageError } from "./client-error.ts";

/** A run's history with the id of its workflow. */
export class WorkflowHistory {
  readonly workflowId: string;
  readonly events: readonly HistoryEvent[];

  constructor(workflowId: string, events: readonly HistoryEvent[]) {
    this.workflowId = workflowId;
    this.events = events;
  }

  /** The run's id, from its first event. @throws {ClientUsageError} If that is not the start of a workflow. */
  get runId(): string {
    const attributes = this.events[0]?.attributes;
    if (attributes?.case === "workflowExecutionStartedEventAttributes") {
      return attributes.value.originalExecutionRunId;
    }
    throw new ClientUsageError(
      `Cannot tell run id of history of "${this.workflowId}": its first event is ${attributes?.case ?? "missing"}, expected the start of a workflow`,
    );
  }

  /** Reads a history as the UI, the CLI and the SDKs write it. @throws {JsonFormatError} */
  static fromJson(workflowId: string, json: string): WorkflowHistory {
    return new WorkflowHistory(workflowId, historyFromJson(json).events);
  }

  /** Writes the history, without the workflow's id, so that the UI, the CLI and the SDKs can read it. */
  toJson(): string {
    return historyToJson(History.create({ events: this.events }));
  }
}
