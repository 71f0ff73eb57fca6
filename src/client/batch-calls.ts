import { fromMs } from "../core/replay/proto-time.ts";
import type { Duration } from "../core/time/duration.ts";
import { toDurationMs } from "../core/time/duration.ts";
import type { ResetOptions as ResetMessage } from "../proto/gen/common.ts";
import type { Duration as DurationMessage } from "../proto/gen/google/protobuf.ts";
import type { StartBatchOperationRequest } from "../proto/gen/workflowservice.ts";
import { WorkflowService } from "../proto/gen/workflowservice.ts";
import type { Init } from "../proto/message.ts";
import type {
  BatchActivities,
  BatchOperation,
  BatchOperationDescription,
  BatchOperationSummary,
  DescribeBatchInput,
  ListBatchesInput,
  StartBatchInput,
  StopBatchInput,
} from "./batch-operation.ts";
import { toBatchDescription, toBatchSummary } from "./batch-operation.ts";
import type { CallsContext } from "./calls-context.ts";
import { encodeArgs, newRequestId, toExecution } from "./calls-context.ts";
import { PagedList } from "./paged-list.ts";
import { toOptionsChangeMessage } from "./workflow-options-change.ts";
import { toPostResetMessages } from "./reset-event.ts";
import type { ResetPoint } from "./workflow-reset.ts";
import { toExcludeCodes } from "./workflow-reset.ts";

type OperationField = Init<StartBatchOperationRequest>["operation"];

const { methods } = WorkflowService;

/** Starts a batch; answers its id. */
export async function startBatch(
  context: CallsContext,
  { options }: StartBatchInput,
): Promise<{ readonly batchId: string }> {
  const { connection, namespace } = context;
  const { id: jobId = newRequestId(context), reason, maxOperationsPerSecond = 0 } = options;
  await connection.call(
    methods.StartBatchOperation,
    {
      namespace,
      jobId,
      reason,
      maxOperationsPerSecond,
      ...("query" in options
        ? { visibilityQuery: options.query }
        : { executions: options.workflows.map((workflow) => toExecution(workflow)) }),
      operation: await toOperation(context, options.operation),
    },
    { ...options, retry: true },
  );
  return { batchId: jobId };
}

/** Looks at a batch. */
export async function describeBatch(
  context: CallsContext,
  { batchId, call }: DescribeBatchInput,
): Promise<BatchOperationDescription> {
  const { connection, namespace } = context;
  const request = { namespace, jobId: batchId };
  return toBatchDescription(await connection.call(methods.DescribeBatchOperation, request, { ...call, retry: true }));
}

/** Stops a batch. What it has done stays done. */
export async function stopBatch(context: CallsContext, { batchId, reason, call }: StopBatchInput): Promise<void> {
  const { connection, namespace, identity } = context;
  const request = { namespace, jobId: batchId, reason, identity };
  await connection.call(methods.StopBatchOperation, request, { ...call, retry: true });
}

/** Lists batches, page by page. */
export function listBatches(context: CallsContext, input: ListBatchesInput): PagedList<BatchOperationSummary> {
  const { connection, namespace } = context;
  return new PagedList({
    nextPageToken: input.nextPageToken,
    fetch: async (nextPageToken) => {
      const response = await connection.call(
        methods.ListBatchOperations,
        { namespace, pageSize: input.pageSize, nextPageToken },
        { ...input.call, retry: true },
      );
      return { entries: response.operationInfo.map(toBatchSummary), nextPageToken: response.nextPageToken };
    },
  });
}

async function toOperation(context: CallsContext, operation: BatchOperation): Promise<OperationField> {
  const { identity, dataConverter } = context;
  switch (operation.kind) {
    case "cancel":
      return { case: "cancellationOperation", value: { identity } };
    case "terminate": {
      const details = await encodeArgs(dataConverter, operation.details ?? []);
      return { case: "terminationOperation", value: { identity, details } };
    }
    case "delete":
      return { case: "deletionOperation", value: { identity } };
    case "signal": {
      const { signal, args = [] } = operation;
      return { case: "signalOperation", value: { identity, signal, input: await encodeArgs(dataConverter, args) } };
    }
    case "reset":
      return toResetOperation(context, operation);
    case "updateOptions": {
      const changes = toOptionsChangeMessage(operation.changes);
      return { case: "updateWorkflowOptionsOperation", value: { identity, ...changes } };
    }
    case "unpauseActivities":
    case "resetActivities":
      return toActivityOperation(identity, operation);
  }
}

async function toResetOperation(
  context: CallsContext,
  operation: BatchOperation & { readonly kind: "reset" },
): Promise<OperationField> {
  const options: Init<ResetMessage> = {
    target: toResetTarget(operation.to),
    currentRunOnly: operation.currentRunOnly ?? false,
    resetReapplyExcludeTypes: toExcludeCodes(operation.exclude),
  };
  // Which of the workflows a value is for is not known, so that codecs get no context.
  const postResetOperations = await toPostResetMessages(context, "", operation.afterReset);
  return { case: "resetOperation", value: { identity: context.identity, options, postResetOperations } };
}

function toResetTarget(point: ResetPoint): Init<ResetMessage>["target"] {
  if (typeof point === "string") return { case: point, value: {} };
  if ("eventId" in point) return { case: "workflowTaskId", value: point.eventId };
  return { case: "buildId", value: point.buildId };
}

function toActivityOperation(
  identity: string,
  operation: BatchOperation & { readonly kind: "unpauseActivities" | "resetActivities" },
): OperationField {
  const shared = {
    identity,
    activity: toActivityChoice(operation.activities),
    resetHeartbeat: operation.resetHeartbeat ?? false,
    jitter: toJitter(operation.jitter),
  };
  if (operation.kind === "unpauseActivities") {
    const resetAttempts = operation.resetAttempts ?? false;
    return { case: "unpauseActivitiesOperation", value: { ...shared, resetAttempts } };
  }
  const { keepPaused = false, restoreOriginalOptions = false } = operation;
  return {
    case: "resetActivitiesOperation",
    value: { ...shared, resetAttempts: true, keepPaused, restoreOriginalOptions },
  };
}

function toActivityChoice(
  activities: BatchActivities,
): { readonly case: "matchAll"; readonly value: true } | { readonly case: "type"; readonly value: string } {
  return activities === "all" ? { case: "matchAll", value: true } : { case: "type", value: activities.type };
}

function toJitter(jitter: Duration | undefined): Init<DurationMessage> | undefined {
  return jitter === undefined ? undefined : fromMs(toDurationMs(jitter));
}
