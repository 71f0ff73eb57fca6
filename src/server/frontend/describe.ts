import {
  executionConfig,
  executionInfo,
  extendedInfo,
  pendingActivities,
  pendingChildren,
  pendingWorkflowTask,
} from "../../core/execution/view.ts";
import { ownTimeMs, timeSkippingInfo } from "../../core/execution/time-skipping/view.ts";
import { callbackInfos, pendingNexusOperations } from "../../core/execution/nexus/view.ts";
import { WorkflowService, type DescribeWorkflowExecutionResponse } from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import type { Run } from "../history/run.ts";
import { typedAttributes } from "../history/visibility-row.ts";
import type { Namespace } from "../namespaces/namespace.ts";
import { callbackDestination } from "../nexus/callbacks.ts";
import type { Services } from "../services.ts";
import { serve, type CallRow } from "./calls.ts";
import { requireExecution, requireNamespace, requireRun } from "./requests.ts";

/** Looking at one run. */
export function describeCalls(services: Services): readonly CallRow[] {
  return [
    serve(WorkflowService.methods.DescribeWorkflowExecution, async (request) => {
      const execution = requireExecution(request.execution);
      const namespace = requireNamespace(services, request.namespace);
      const run = requireRun(services, namespace, execution);
      const description = describe(services, run, namespace);
      await services.engine.durable;
      return description;
    }),
  ];
}

function describe(
  { clock, breakers, settings }: Services,
  { state, namespaceId }: Run,
  namespace: Namespace,
): Init<DescribeWorkflowExecutionResponse> {
  return {
    executionConfig: executionConfig(state),
    workflowExecutionInfo: {
      ...executionInfo(state),
      searchAttributes: { indexedFields: typedAttributes(state.searchAttributes, namespace) },
      autoResetPoints: {},
    },
    pendingActivities: pendingActivities(state, ownTimeMs(state, clock.now())),
    pendingChildren: pendingChildren(state),
    pendingWorkflowTask: pendingWorkflowTask(state),
    pendingNexusOperations: pendingNexusOperations(state, (sort, target) =>
      breakers.isOpen({ sort, namespaceId, target }),
    ),
    callbacks: callbackInfos(state, (url) => breakers.isOpen(callbackDestination(namespaceId, url))),
    workflowExtendedInfo: {
      ...extendedInfo(state, settings.nexus.signalBacklinks),
      timeSkippingInfo: timeSkippingInfo(state, clock.now()),
    },
  };
}
