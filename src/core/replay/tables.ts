import type { Input, Machine } from "../machine.ts";
import { activityMachine } from "./machines/activity.ts";
import { cancelExternalMachine } from "./machines/cancel-external.ts";
import { childWorkflowMachine } from "./machines/child-workflow.ts";
import { localActivityMachine } from "./machines/local-activity.ts";
import { nexusOperationMachine } from "./machines/nexus-operation.ts";
import { patchMachine } from "./machines/patch.ts";
import { recordedCommandMachine } from "./machines/recorded-command.ts";
import { signalExternalMachine } from "./machines/signal-external.ts";
import { timerMachine } from "./machines/timer.ts";
import { updateMachine } from "./machines/update.ts";
import { workflowTaskMachine } from "./machines/workflow-task.ts";

/** Any machine, for those who look at tables and not through them. */
export type AnyMachine = Machine<string, Input, unknown>;

/** All machines of the worker's half of the protocol, for the diagrams in the docs and for transition coverage. */
export const replayMachines: readonly AnyMachine[] = [
  workflowTaskMachine,
  timerMachine,
  activityMachine,
  localActivityMachine,
  childWorkflowMachine,
  signalExternalMachine,
  cancelExternalMachine,
  nexusOperationMachine,
  updateMachine,
  patchMachine,
  recordedCommandMachine,
].map((machine) => machine as AnyMachine);
