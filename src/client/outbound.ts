import { createActivityCalls } from "./activity-calls.ts";
import type { CallsContext } from "./calls-context.ts";
import type { ClientInterceptor, ClientOutbound } from "./interceptor.ts";
import { createNexusCalls } from "./nexus-calls.ts";
import { startWorkflow } from "./start-calls.ts";
import { startUpdate } from "./update-calls.ts";
import { startUpdateWithStart } from "./update-with-start-calls.ts";
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
  };
  return interceptors.reduceRight((next, interceptor) => interceptor.interceptClient(next), calls);
}
