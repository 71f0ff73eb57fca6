import { CommandType, EventType } from "../../proto/gen/enums.ts";
import { NondeterminismError } from "../errors.ts";
import type { WorkflowCommand } from "./activation.ts";
import { toCancelWorkflow, toCompleteWorkflow, toContinueAsNew, toFailWorkflow } from "./commands.ts";
import { HistoryError } from "./history-error.ts";
import { ActivityTrack } from "./machines/activity.ts";
import { CancelExternalTrack } from "./machines/cancel-external.ts";
import { ChildWorkflowTrack } from "./machines/child-workflow.ts";
import { LocalActivityTrack } from "./machines/local-activity.ts";
import { NexusOperationTrack } from "./machines/nexus-operation.ts";
import { CHANGE_VERSION_ATTRIBUTE, PatchTrack } from "./machines/patch.ts";
import { RecordedCommandTrack } from "./machines/recorded-command.ts";
import { SignalExternalTrack } from "./machines/signal-external.ts";
import { TimerTrack } from "./machines/timer.ts";
import { newMismatch } from "./mismatch.ts";
import { type CancellableTrack, keepGroups, type RunState } from "./run-state.ts";
import { CoreFlag } from "./sdk-flags.ts";
import type { SparseMap } from "./sparse-map.ts";

/** The code's answer to a query. */
export type QueryAnswer = Extract<WorkflowCommand, { kind: "respondToQuery" }>;

/**
 * Applies what the code did in one activation and returns its answers to queries, which leave no trace in a run.
 *
 * @throws {NondeterminismError} If a command is about something that the code did not start.
 */
export function applyCommands(run: RunState, commands: readonly WorkflowCommand[]): readonly QueryAnswer[] {
  const answers: QueryAnswer[] = [];
  for (const command of orderCommands(run, commands)) {
    if (command.kind === "respondToQuery") answers.push(command);
    else {
      run.eventGroupMarkers = command.eventGroupMarkers;
      applyCommand(run, command);
    }
  }
  run.eventGroupMarkers = undefined;
  run.queue = run.queue.slice(run.queueHead).filter((queued) => !queued.track.isDropped);
  run.queueHead = 0;
  return answers;
}

/** The command that ends the workflow goes last, and alone; before there was a flag for it, commands after it were lost. */
function orderCommands(run: RunState, commands: readonly WorkflowCommand[]): readonly WorkflowCommand[] {
  const end = commands.findIndex(endsWorkflow);
  if (end < 0) return commands;
  const truncates = run.isReplaying && !run.flags.use(CoreFlag.moveTerminalCommands, false);
  const others = commands.filter(
    (command, at) => !endsWorkflow(command) && (!truncates || at < end || command.kind === "respondToQuery"),
  );
  return [...others, ...commands.slice(end, end + 1)];
}

function endsWorkflow({ kind }: WorkflowCommand): boolean {
  return (
    kind === "completeWorkflow" || kind === "failWorkflow" || kind === "cancelWorkflow" || kind === "continueAsNew"
  );
}

function applyCommand(run: RunState, command: Exclude<WorkflowCommand, QueryAnswer>): void {
  switch (command.kind) {
    case "startTimer":
      return TimerTrack.start(run, command);
    case "cancelTimer":
      return cancel(run, run.timers, command);
    case "scheduleActivity":
      return ActivityTrack.schedule(run, command);
    case "requestCancelActivity":
      return cancel(run, run.activities, command);
    case "scheduleLocalActivity":
      LocalActivityTrack.schedule(run, command);
      // Its marker is issued when it has ended.
      return keepGroups(run, run.localActivityTracks.get(command.seq));
    case "requestCancelLocalActivity":
      return cancel(run, run.localActivityTracks, command);
    case "startChildWorkflow":
      return ChildWorkflowTrack.start(run, command);
    case "cancelChildWorkflow":
      return cancel(run, run.children, command);
    case "signalExternalWorkflow":
      return SignalExternalTrack.send(run, command);
    case "cancelSignalExternal":
      return cancel(run, run.signals, command);
    case "requestCancelExternal":
      return CancelExternalTrack.request(run, command);
    case "scheduleNexusOperation":
      return NexusOperationTrack.schedule(run, command);
    case "requestCancelNexusOperation":
      return cancel(run, run.nexusOperations, command);
    case "setPatchMarker":
      return PatchTrack.mark(run, command);
    case "upsertSearchAttributes":
      return upsertSearchAttributes(run, command);
    case "modifyProperties":
      return RecordedCommandTrack.send(run, EventType.WORKFLOW_PROPERTIES_MODIFIED, command.kind, {
        commandType: CommandType.MODIFY_WORKFLOW_PROPERTIES,
        attributes: {
          case: "modifyWorkflowPropertiesCommandAttributes",
          value: { upsertedMemo: { fields: command.upsertedMemo } },
        },
      });
    case "updateResponse":
      return respondToUpdate(run, command);
    case "completeWorkflow":
    case "failWorkflow":
    case "cancelWorkflow":
    case "continueAsNew":
      return endWorkflow(run, command);
  }
}

type Cancel = Extract<
  WorkflowCommand,
  {
    kind:
      | "cancelTimer"
      | "requestCancelActivity"
      | "requestCancelLocalActivity"
      | "cancelChildWorkflow"
      | "cancelSignalExternal"
      | "requestCancelNexusOperation";
  }
>;

function cancel(run: RunState, tracks: SparseMap<number, CancellableTrack>, command: Cancel): void {
  const { kind, seq } = command;
  const track = tracks.get(seq);
  if (track === undefined)
    throw newMismatch(
      "illegalOrder",
      undefined,
      { kind, id: String(seq) },
      `the code issued ${kind} for number ${seq}, which it did not start`,
    );
  guard(kind, String(seq), () => track.cancel(run, command.kind === "cancelChildWorkflow" ? command.reason : ""));
}

function respondToUpdate(
  run: RunState,
  { kind, protocolInstanceId, response }: Extract<WorkflowCommand, { kind: "updateResponse" }>,
): void {
  const track = run.updates.get(protocolInstanceId);
  if (track === undefined)
    throw new HistoryError(
      `Cannot answer update "${protocolInstanceId}": found no update of this id, wanted one that was requested and not answered`,
    );
  guard(kind, protocolInstanceId, () => track.respond(run, response));
}

/** A machine only knows its own state: what it cannot take is explained here. */
function guard(kind: string, id: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof NondeterminismError) || error.details !== undefined) throw error;
    throw newMismatch("illegalOrder", undefined, { kind, id }, error.message);
  }
}

/** The list of patches is kept by patches alone; a try to set it still leaves its event, as it always has. */
function upsertSearchAttributes(
  run: RunState,
  { kind, searchAttributes }: Extract<WorkflowCommand, { kind: "upsertSearchAttributes" }>,
): void {
  Object.assign(run.upsertedSearchAttributes, searchAttributes);
  const isRefused =
    run.flags.use(CoreFlag.upsertOnPatch, !run.isReplaying) && searchAttributes[CHANGE_VERSION_ATTRIBUTE] !== undefined;
  RecordedCommandTrack.upsertSearchAttributes(run, isRefused ? {} : searchAttributes, kind);
}

function endWorkflow(
  run: RunState,
  command: Extract<WorkflowCommand, { kind: "completeWorkflow" | "failWorkflow" | "cancelWorkflow" | "continueAsNew" }>,
): void {
  run.isFinished = true;
  run.localActivities.close();
  switch (command.kind) {
    case "completeWorkflow":
      return RecordedCommandTrack.send(
        run,
        EventType.WORKFLOW_EXECUTION_COMPLETED,
        command.kind,
        toCompleteWorkflow(command.result),
      );
    case "failWorkflow":
      return RecordedCommandTrack.send(
        run,
        EventType.WORKFLOW_EXECUTION_FAILED,
        command.kind,
        toFailWorkflow(command.failure),
      );
    case "cancelWorkflow":
      return RecordedCommandTrack.send(run, EventType.WORKFLOW_EXECUTION_CANCELED, command.kind, toCancelWorkflow());
    case "continueAsNew":
      return RecordedCommandTrack.send(
        run,
        EventType.WORKFLOW_EXECUTION_CONTINUED_AS_NEW,
        command.kind,
        toContinueAsNew(command.next, run),
      );
  }
}
