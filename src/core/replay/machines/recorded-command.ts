import { CommandType, EventType } from "../../../proto/gen/enums.ts";
import type { Command } from "../../../proto/gen/command.ts";
import type { Payload } from "../../../proto/gen/common.ts";
import type { HistoryEvent } from "../../../proto/gen/history.ts";
import type { Init } from "../../../proto/message.ts";
import { type Machine, step, to } from "../../machine.ts";
import type { WorkflowCommand } from "../activation.ts";
import { issue, type RunState, type Track } from "../run-state.ts";

export type RecordedCommandState = "issued" | "recorded";
export type RecordedCommandInput = { readonly kind: "recorded" };

/** A command that nothing comes back from: search attributes, memo, and those that end the workflow. */
export const recordedCommandMachine: Machine<RecordedCommandState, RecordedCommandInput, never> = {
  name: "recorded command",
  table: {
    issued: { recorded: () => to("recorded") },
    recorded: {},
  },
};

/** One command that only has to be recorded. */
export class RecordedCommandTrack implements Track {
  #state: RecordedCommandState = "issued";
  readonly isDropped = false;
  readonly isOpen = false;

  /** Sends it. */
  static send(run: RunState, eventType: EventType, kind: WorkflowCommand["kind"], command: Init<Command>): void {
    issue(run, { track: new RecordedCommandTrack(), eventType, label: { kind }, command });
  }

  /** Upserts search attributes, for the code or for its patches. */
  static upsertSearchAttributes(
    run: RunState,
    indexedFields: Readonly<Record<string, Payload>>,
    kind: WorkflowCommand["kind"],
  ): void {
    RecordedCommandTrack.send(run, EventType.UPSERT_WORKFLOW_SEARCH_ATTRIBUTES, kind, {
      commandType: CommandType.UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
      attributes: {
        case: "upsertWorkflowSearchAttributesCommandAttributes",
        value: { searchAttributes: { indexedFields } },
      },
    });
  }

  onEvent(_event: HistoryEvent): void {
    this.#state = step(recordedCommandMachine, this.#state, { kind: "recorded" }).state;
  }
}
