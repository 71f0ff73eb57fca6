import type { Command } from "../../../proto/gen/command.ts";
import { CommandType, CommandType$names, WorkflowTaskFailedCause as Cause } from "../../../proto/gen/enums.ts";
import { pascalCase } from "../../schedule/retry.ts";
import { invalidArgument } from "../execution-error.ts";
import { handleMessage } from "../update/message.ts";
import { requestCancelActivity, scheduleActivity } from "./activity.ts";
import type { CommandBatch } from "./batch.ts";
import { startChild } from "./child.ts";
import { cancelWorkflow, completeWorkflow, failWorkflow } from "./close.ts";
import { continueAsNew } from "./continue-as-new.ts";
import { requestCancelExternal, signalExternal } from "./external.ts";
import { type CommandFault, fault } from "./fault.ts";
import { requestCancelNexusOperation, scheduleNexusOperation } from "./nexus.ts";
import { modifyProperties, recordMarker, upsertSearchAttributes } from "./record.ts";
import { cancelTimer, startTimer } from "./timer.ts";

/** Carries out the commands of a workflow task, then what messages are left; stops at the first fault. */
export function carryOut(batch: CommandBatch, commands: readonly Command[]): CommandFault | undefined {
  for (const command of commands) {
    const wrong = carryOutOne(batch, command);
    if (wrong !== undefined) return wrong;
  }
  for (const [id, message] of batch.messages) {
    batch.messages.delete(id);
    const wrong = handleMessage(batch, message);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

/**
 * Refuses a list of commands that makes no sense, whatever the run's state.
 *
 * @throws {ExecutionError} If a command is unknown, or one that closes the run is not the last.
 */
export function checkSequence(commands: readonly Command[]): void {
  let closing: CommandType | undefined;
  for (const { commandType } of commands) {
    if (closing !== undefined) {
      const all = commands.map((command) => commandName(command.commandType)).join(", ");
      throw invalidArgument(
        `invalid command sequence: [${all}], command ${commandName(closing)} must be the last command.`,
      );
    }
    if (CommandType$names[commandType] === undefined || commandType === CommandType.UNSPECIFIED) {
      throw invalidArgument(`unknown command type: ${commandName(commandType)}`);
    }
    if (closes.has(commandType)) closing = commandType;
  }
}

const closes: ReadonlySet<CommandType> = new Set([
  CommandType.CONTINUE_AS_NEW_WORKFLOW_EXECUTION,
  CommandType.COMPLETE_WORKFLOW_EXECUTION,
  CommandType.FAIL_WORKFLOW_EXECUTION,
  CommandType.CANCEL_WORKFLOW_EXECUTION,
]);

function commandName(type: CommandType): string {
  const name = CommandType$names[type];
  return name === undefined ? String(type) : pascalCase(name.replace("COMMAND_TYPE_", ""));
}

/** Cause and name for a command that comes without its attributes, by its type. */
const bare: Readonly<Record<number, readonly [Cause, string]>> = {
  [CommandType.SCHEDULE_ACTIVITY_TASK]: [Cause.BAD_SCHEDULE_ACTIVITY_ATTRIBUTES, "ScheduleActivityTask"],
  [CommandType.REQUEST_CANCEL_ACTIVITY_TASK]: [
    Cause.BAD_REQUEST_CANCEL_ACTIVITY_ATTRIBUTES,
    "RequestCancelActivityTask",
  ],
  [CommandType.START_TIMER]: [Cause.BAD_START_TIMER_ATTRIBUTES, "StartTimer"],
  [CommandType.CANCEL_TIMER]: [Cause.BAD_CANCEL_TIMER_ATTRIBUTES, "CancelTimer"],
  [CommandType.RECORD_MARKER]: [Cause.BAD_RECORD_MARKER_ATTRIBUTES, "RecordMarker"],
  [CommandType.COMPLETE_WORKFLOW_EXECUTION]: [
    Cause.BAD_COMPLETE_WORKFLOW_EXECUTION_ATTRIBUTES,
    "CompleteWorkflowExecution",
  ],
  [CommandType.FAIL_WORKFLOW_EXECUTION]: [Cause.BAD_FAIL_WORKFLOW_EXECUTION_ATTRIBUTES, "FailWorkflowExecution"],
  [CommandType.CANCEL_WORKFLOW_EXECUTION]: [Cause.BAD_CANCEL_WORKFLOW_EXECUTION_ATTRIBUTES, "CancelWorkflowExecution"],
  [CommandType.CONTINUE_AS_NEW_WORKFLOW_EXECUTION]: [
    Cause.BAD_CONTINUE_AS_NEW_ATTRIBUTES,
    "ContinueAsNewWorkflowExecution",
  ],
  [CommandType.START_CHILD_WORKFLOW_EXECUTION]: [
    Cause.BAD_START_CHILD_EXECUTION_ATTRIBUTES,
    "StartChildWorkflowExecution",
  ],
  [CommandType.SIGNAL_EXTERNAL_WORKFLOW_EXECUTION]: [
    Cause.BAD_SIGNAL_WORKFLOW_EXECUTION_ATTRIBUTES,
    "SignalExternalWorkflowExecution",
  ],
  [CommandType.REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION]: [
    Cause.BAD_REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_ATTRIBUTES,
    "RequestCancelExternalWorkflowExecution",
  ],
  [CommandType.UPSERT_WORKFLOW_SEARCH_ATTRIBUTES]: [Cause.BAD_SEARCH_ATTRIBUTES, "UpsertWorkflowSearchAttributes"],
  [CommandType.MODIFY_WORKFLOW_PROPERTIES]: [
    Cause.BAD_MODIFY_WORKFLOW_PROPERTIES_ATTRIBUTES,
    "ModifyWorkflowProperties",
  ],
  [CommandType.PROTOCOL_MESSAGE]: [Cause.BAD_UPDATE_WORKFLOW_EXECUTION_MESSAGE, "ProtocolMessage"],
};

/** Nexus commands without their attributes are refused in other words than the rest. */
const bareNexus: Readonly<Record<number, CommandFault>> = {
  [CommandType.SCHEDULE_NEXUS_OPERATION]: fault(
    Cause.BAD_SCHEDULE_NEXUS_OPERATION_ATTRIBUTES,
    "empty ScheduleNexusOperationCommandAttributes",
  ),
  [CommandType.REQUEST_CANCEL_NEXUS_OPERATION]: fault(
    Cause.BAD_REQUEST_CANCEL_NEXUS_OPERATION_ATTRIBUTES,
    "empty CancelNexusOperationCommandAttributes",
  ),
};

type CommandAttributes = NonNullable<Command["attributes"]>;
type CarryOut<C extends CommandAttributes["case"]> = (
  batch: CommandBatch,
  command: Command,
  value: Extract<CommandAttributes, { case: C }>["value"],
) => CommandFault | undefined;

const handlers: { readonly [C in CommandAttributes["case"]]: CarryOut<C> } = {
  scheduleActivityTaskCommandAttributes: scheduleActivity,
  requestCancelActivityTaskCommandAttributes: requestCancelActivity,
  startTimerCommandAttributes: startTimer,
  cancelTimerCommandAttributes: cancelTimer,
  recordMarkerCommandAttributes: recordMarker,
  completeWorkflowExecutionCommandAttributes: completeWorkflow,
  failWorkflowExecutionCommandAttributes: failWorkflow,
  cancelWorkflowExecutionCommandAttributes: cancelWorkflow,
  continueAsNewWorkflowExecutionCommandAttributes: continueAsNew,
  startChildWorkflowExecutionCommandAttributes: startChild,
  signalExternalWorkflowExecutionCommandAttributes: signalExternal,
  requestCancelExternalWorkflowExecutionCommandAttributes: requestCancelExternal,
  upsertWorkflowSearchAttributesCommandAttributes: upsertSearchAttributes,
  modifyWorkflowPropertiesCommandAttributes: modifyProperties,
  protocolMessageCommandAttributes: (batch, _command, { messageId }) => claimMessage(batch, messageId),
  scheduleNexusOperationCommandAttributes: scheduleNexusOperation,
  requestCancelNexusOperationCommandAttributes: requestCancelNexusOperation,
};

function carryOutOne(batch: CommandBatch, command: Command): CommandFault | undefined {
  const { attributes, commandType } = command;
  if (attributes !== undefined)
    return (handlers[attributes.case] as CarryOut<CommandAttributes["case"]>)(batch, command, attributes.value);
  const empty = bareNexus[commandType];
  if (empty !== undefined) return empty;
  const [cause, name] = bare[commandType] ?? [Cause.UNSPECIFIED, commandName(commandType)];
  return fault(cause, `${name}CommandAttributes is not set on ${name}Command.`);
}

/** A command that says when, in the order of commands, a message takes effect. */
function claimMessage(batch: CommandBatch, messageId: string): CommandFault | undefined {
  const cause = Cause.BAD_UPDATE_WORKFLOW_EXECUTION_MESSAGE;
  if (messageId === "") return fault(cause, "MessageID is not set on ProtocolMessageCommand.");
  const message = batch.messages.get(messageId);
  if (message === undefined) return fault(cause, `ProtocolMessageCommand referenced absent message ID ${messageId}`);
  batch.messages.delete(messageId);
  return handleMessage(batch, message);
}
