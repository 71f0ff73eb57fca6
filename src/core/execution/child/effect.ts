import type { UserMetadata } from "../../../proto/gen/sdk.ts";
import { StartWorkflowExecutionRequest } from "../../../proto/gen/workflowservice.ts";
import { mergePriorities } from "../activity/offer.ts";
import type { Effect } from "../contract.ts";
import { inheritByChild } from "../versioning/inherit.ts";
import type { ServesQueue } from "../versioning/versioning-state.ts";
import type { ChildState, ExecutionState } from "../state.ts";

/** The effect that begins a child whose initiated event is in history. */
export function childEffect(
  state: ExecutionState,
  { initiatedEventId, initiated }: Pick<ChildState, "initiatedEventId" | "initiated">,
  userMetadata: UserMetadata | undefined,
  servesQueue: ServesQueue | undefined,
): Extract<Effect, { kind: "startChild" }> {
  const { inherited, override } = inheritByChild(
    state,
    {
      taskQueue: initiated.taskQueue?.name ?? "",
      sameNamespace: initiated.namespace === "" || initiated.namespace === state.namespace,
      override: initiated.versioningOverride,
      keepsBuild: initiated.inheritBuildId,
    },
    servesQueue,
  );
  return {
    kind: "startChild",
    versioning: inherited,
    time: initiated.timeSkippingStatePropagation,
    initiatedEventId,
    namespace: initiated.namespace,
    request: {
      ...StartWorkflowExecutionRequest.create(),
      namespace: initiated.namespace,
      workflowId: initiated.workflowId,
      workflowType: initiated.workflowType,
      taskQueue: initiated.taskQueue,
      input: initiated.input,
      workflowExecutionTimeout: initiated.workflowExecutionTimeout,
      workflowRunTimeout: initiated.workflowRunTimeout,
      workflowTaskTimeout: initiated.workflowTaskTimeout,
      // The same for every try, so that the child is begun once.
      requestId: `${state.runId}:${initiatedEventId}:0`,
      workflowIdReusePolicy: initiated.workflowIdReusePolicy,
      retryPolicy: initiated.retryPolicy,
      cronSchedule: initiated.cronSchedule,
      memo: initiated.memo,
      searchAttributes: initiated.searchAttributes,
      header: initiated.header,
      userMetadata,
      priority: mergePriorities(state.priority, initiated.priority),
      versioningOverride: override,
      timeSkippingConfig: initiated.timeSkippingConfig,
    },
  };
}
