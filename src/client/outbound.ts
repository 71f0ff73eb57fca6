import { createActivityCalls } from "./activity-calls.ts";
import {
  completeAsyncActivity,
  failAsyncActivity,
  heartbeatAsyncActivity,
  reportCancellationAsyncActivity,
} from "./async-activity-calls.ts";
import { describeBatch, listBatches, startBatch, stopBatch } from "./batch-calls.ts";
import type { CallsContext } from "./calls-context.ts";
import type { ClientInterceptor, ClientOutbound } from "./interceptor.ts";
import { createNexusCalls } from "./nexus-calls.ts";
import {
  backfillSchedule,
  createSchedule,
  deleteSchedule,
  describeSchedule,
  listSchedules,
  pauseSchedule,
  triggerSchedule,
  unpauseSchedule,
  updateSchedule,
} from "./schedule-calls.ts";
import { startWorkflow } from "./start-calls.ts";
import { startUpdate } from "./update-calls.ts";
import { startUpdateWithStart } from "./update-with-start-calls.ts";
import {
  getWorkerBuildIdCompatibility,
  getWorkerTaskReachability,
  updateWorkerBuildIdCompatibility,
} from "./worker-versioning-calls.ts";
import {
  cancelWorkflow,
  countWorkflows,
  describeWorkflow,
  fetchHistoryEvents,
  listWorkflows,
  queryWorkflow,
  signalWorkflow,
  terminateWorkflow,
} from "./workflow-calls.ts";
import {
  deleteWorkflow,
  pauseWorkflow,
  resetWorkflow,
  unpauseWorkflow,
  updateWorkflowOptions,
} from "./workflow-operations.ts";

/** All that a client asks of the service, with its interceptors around it. */
export function createOutbound(context: CallsContext, interceptors: readonly ClientInterceptor[]): ClientOutbound {
  const calls: ClientOutbound = {
    startWorkflow: (input) => startWorkflow(context, input),
    signalWorkflow: (input) => signalWorkflow(context, input),
    queryWorkflow: (input) => queryWorkflow(context, input),
    cancelWorkflow: (input) => cancelWorkflow(context, input),
    terminateWorkflow: (input) => terminateWorkflow(context, input),
    describeWorkflow: (input) => describeWorkflow(context, input),
    fetchHistoryEvents: (input) => fetchHistoryEvents(context, input),
    listWorkflows: (input) => listWorkflows(context, input),
    countWorkflows: (input) => countWorkflows(context, input),
    startUpdate: (input) => startUpdate(context, input),
    startUpdateWithStart: (input) => startUpdateWithStart(context, input),
    ...createActivityCalls(context),
    ...createNexusCalls(context),
    heartbeatAsyncActivity: (input) => heartbeatAsyncActivity(context, input),
    completeAsyncActivity: (input) => completeAsyncActivity(context, input),
    failAsyncActivity: (input) => failAsyncActivity(context, input),
    reportCancellationAsyncActivity: (input) => reportCancellationAsyncActivity(context, input),
    createSchedule: (input) => createSchedule(context, input),
    listSchedules: (input) => listSchedules(context, input),
    describeSchedule: (input) => describeSchedule(context, input),
    updateSchedule: (input) => updateSchedule(context, input),
    deleteSchedule: (input) => deleteSchedule(context, input),
    backfillSchedule: (input) => backfillSchedule(context, input),
    pauseSchedule: (input) => pauseSchedule(context, input),
    unpauseSchedule: (input) => unpauseSchedule(context, input),
    triggerSchedule: (input) => triggerSchedule(context, input),
    resetWorkflow: (input) => resetWorkflow(context, input),
    deleteWorkflow: (input) => deleteWorkflow(context, input),
    pauseWorkflow: (input) => pauseWorkflow(context, input),
    unpauseWorkflow: (input) => unpauseWorkflow(context, input),
    updateWorkflowOptions: (input) => updateWorkflowOptions(context, input),
    startBatch: (input) => startBatch(context, input),
    describeBatch: (input) => describeBatch(context, input),
    stopBatch: (input) => stopBatch(context, input),
    listBatches: (input) => listBatches(context, input),
    updateWorkerBuildIdCompatibility: (input) => updateWorkerBuildIdCompatibility(context, input),
    getWorkerBuildIdCompatibility: (input) => getWorkerBuildIdCompatibility(context, input),
    getWorkerTaskReachability: (input) => getWorkerTaskReachability(context, input),
  };
  return interceptors.reduceRight((next, interceptor) => interceptor.interceptClient(next), calls);
}
