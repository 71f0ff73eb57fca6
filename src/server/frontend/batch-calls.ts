import { utf8Bytes, utf8Text } from "../../core/text/utf8.ts";
import { toTimestamp } from "../../core/execution/duration.ts";
import {
  BatchOperationState,
  ExecutionType,
  ResourceExhaustedCause,
  ResourceExhaustedScope,
} from "../../proto/gen/enums.ts";
import {
  WorkflowService,
  type DescribeBatchOperationResponse,
  type StartBatchOperationRequest,
} from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import { batchType, type BatchRecord } from "../batches/batch-record.ts";
import { Batches } from "../batches/batches.ts";
import { invalidArgument, notFound, resourceExhausted, workflowAlreadyStarted } from "../failures.ts";
import type { Services } from "../services.ts";
import { activityAdministrationCalls } from "./activity-administration.ts";
import { checkBatchOperation } from "./batch-request.ts";
import { findBatchTargets, findResetPoint } from "./batch-targets.ts";
import { serve, type CallRow } from "./calls.ts";
import { executionCalls } from "./executions.ts";
import { requireNamespace } from "./requests.ts";
import { resetCalls } from "./resets.ts";
import { runAdministrationCalls } from "./run-administration.ts";

// A page of the list, where the caller does not say how much it takes.
const PAGE_SIZE_DEFAULT = 100;

/** Operations on many runs at once. */
export function batchCalls(services: Services): readonly CallRow[] {
  const { methods } = WorkflowService;
  const { clock } = services;
  const batches = createBatches(services);
  return [
    serve(methods.StartBatchOperation, async (request) => {
      const { id, searchAttributes } = requireNamespace(services, request.namespace);
      checkBatchOperation(request, searchAttributes);
      refuseSecond(batches, id, request.jobId);
      await batches.start(toRecord(id, request, clock.now()));
      return {};
    }),
    serve(methods.StopBatchOperation, async ({ namespace, jobId, reason }) => {
      requireJobId(jobId);
      const { id } = requireNamespace(services, namespace);
      if (reason === "") throw invalidArgument("Reason is not set on request.");
      const record = requireBatch(batches, id, jobId);
      if (record.state !== BatchOperationState.RUNNING) throw notFound("workflow execution already completed");
      await batches.stop(record);
      return {};
    }),
    serve(methods.DescribeBatchOperation, ({ namespace, jobId }) => {
      requireJobId(jobId);
      const { id } = requireNamespace(services, namespace);
      return describe(requireBatch(batches, id, jobId));
    }),
    serve(methods.ListBatchOperations, ({ namespace, pageSize, nextPageToken }) => {
      const { id } = requireNamespace(services, namespace);
      const skipped = Number(utf8Text(nextPageToken)) || 0;
      const all = batches.list(id);
      const page = all.slice(skipped, skipped + (pageSize > 0 ? pageSize : PAGE_SIZE_DEFAULT));
      const seen = skipped + page.length;
      return {
        operationInfo: page.map((record) => ({
          jobId: record.request.jobId,
          state: record.state,
          startTime: toTimestamp(record.startMs),
          closeTime: record.closeMs === undefined ? undefined : toTimestamp(record.closeMs),
          operationType: batchType(record.request),
        })),
        ...(seen < all.length ? { nextPageToken: utf8Bytes(String(seen)) } : {}),
      };
    }),
  ];
}

function createBatches(services: Services): Batches {
  const { store, clock, logger } = services;
  const groups = [executionCalls, resetCalls, runAdministrationCalls, activityAdministrationCalls];
  const calls = new Map(groups.flatMap((group) => group(services)));
  const batches = new Batches({
    store,
    clock,
    logger,
    invoke: async (path, body) => {
      const served = calls.get(path);
      if (served === undefined) throw new Error(`Cannot carry out batch operation: there is no call ${path}`);
      const signal = new AbortController().signal;
      return served({ path, body, metadata: {}, timeoutMs: undefined, signal });
    },
    findResetPoint: (namespaceId, target, at) => findResetPoint(services, namespaceId, target, at),
    findTargets: (record) => findBatchTargets(services, record),
  });
  batches.resume();
  return batches;
}

function toRecord(namespaceId: string, request: StartBatchOperationRequest, nowMs: number): BatchRecord {
  const named = [
    ...request.executions.map(({ workflowId, runId }) => ({ workflowId, runId })),
    ...request.targetExecutions.map(({ businessId, runId }) => ({ workflowId: businessId, runId })),
  ];
  return {
    namespaceId,
    request,
    state: BatchOperationState.RUNNING,
    startMs: nowMs,
    closeMs: undefined,
    targets: named.length > 0 ? named : undefined,
    completed: 0,
    failed: 0,
  };
}

/** One batch operation at a time, and each job id once, as the service has it. */
function refuseSecond(batches: Batches, namespaceId: string, jobId: string): void {
  if (batches.list(namespaceId).some(({ state }) => state === BatchOperationState.RUNNING))
    throw resourceExhausted(
      "Max concurrent batch operations is reached",
      ResourceExhaustedCause.CONCURRENT_LIMIT,
      ResourceExhaustedScope.NAMESPACE,
    );
  if (batches.find(namespaceId, jobId) !== undefined)
    throw workflowAlreadyStarted(
      `Workflow execution already finished. WorkflowId: ${jobId}, RunId: . Workflow Id reuse policy: reject duplicate workflow Id.`,
      { startRequestId: "", runId: "", firstExecutionRunId: "" },
    );
}

function requireJobId(jobId: string): void {
  if (jobId === "") throw invalidArgument("JobId is not set on request.");
}

function requireBatch(batches: Batches, namespaceId: string, jobId: string): BatchRecord {
  const record = batches.find(namespaceId, jobId);
  if (record === undefined) throw notFound(`workflow not found for ID: ${jobId}`);
  return record;
}

function describe(record: BatchRecord): Init<DescribeBatchOperationResponse> {
  const { request, targets } = record;
  const { operation, visibilityQuery } = request;
  return {
    operationType: batchType(request),
    jobId: request.jobId,
    state: record.state,
    startTime: toTimestamp(record.startMs),
    closeTime: record.closeMs === undefined ? undefined : toTimestamp(record.closeMs),
    totalOperationCount: targets?.length ?? 0,
    completeOperationCount: record.completed,
    failureOperationCount: record.failed,
    identity: operation !== undefined && "identity" in operation.value ? operation.value.identity : "",
    reason: request.reason,
    query: visibilityQuery,
    executions:
      visibilityQuery === ""
        ? (targets ?? []).map(({ workflowId, runId }) => ({
            type: ExecutionType.WORKFLOW,
            businessId: workflowId,
            runId,
          }))
        : [],
  };
}
