import { fromBase64, toBase64 } from "../../proto/base64.ts";
import { BatchOperationState, BatchOperationType } from "../../proto/gen/enums.ts";
import { StartBatchOperationRequest } from "../../proto/gen/workflowservice.ts";
import type { BlobWrite } from "../store/store.ts";

/** Kind of the blobs that keep batch operations. */
export const BATCH_BLOB = "batch-operation";

/** One run that a batch operation is about. */
export interface BatchTarget {
  readonly workflowId: string;
  readonly runId: string;
}

/** A batch operation and how far it has come. Instants are milliseconds since the epoch. */
export interface BatchRecord {
  readonly namespaceId: string;
  readonly request: StartBatchOperationRequest;
  readonly state: BatchOperationState;
  readonly startMs: number;
  readonly closeMs: number | undefined;
  /** The runs it is about; undefined until they have been looked up. */
  readonly targets: readonly BatchTarget[] | undefined;
  readonly completed: number;
  readonly failed: number;
}

/** What sort of operation it is. */
export function batchType({ operation }: StartBatchOperationRequest): BatchOperationType {
  return operation === undefined ? BatchOperationType.UNSPECIFIED : types[operation.case];
}

const types: Readonly<Record<NonNullable<StartBatchOperationRequest["operation"]>["case"], BatchOperationType>> = {
  terminationOperation: BatchOperationType.TERMINATE_WORKFLOW,
  signalOperation: BatchOperationType.SIGNAL_WORKFLOW,
  cancellationOperation: BatchOperationType.CANCEL_WORKFLOW,
  deletionOperation: BatchOperationType.DELETE_WORKFLOW,
  resetOperation: BatchOperationType.RESET_WORKFLOW,
  updateWorkflowOptionsOperation: BatchOperationType.UPDATE_WORKFLOW_EXECUTION_OPTIONS,
  unpauseActivitiesOperation: BatchOperationType.UNPAUSE_ACTIVITY,
  resetActivitiesOperation: BatchOperationType.RESET_ACTIVITY,
  updateActivityOptionsOperation: BatchOperationType.UPDATE_ACTIVITY_OPTIONS,
  cancelActivitiesOperation: BatchOperationType.CANCEL_ACTIVITY,
  terminateActivitiesOperation: BatchOperationType.TERMINATE_ACTIVITY,
  deleteActivitiesOperation: BatchOperationType.DELETE_ACTIVITY,
};

/** The write that makes a batch operation durable as it is now. */
export function batchWrite(record: BatchRecord): BlobWrite {
  const { request, ...plain } = record;
  const stored = { ...plain, request: toBase64(StartBatchOperationRequest.encode(request)) };
  return {
    kind: BATCH_BLOB,
    id: `${record.namespaceId}/${request.jobId}`,
    value: Buffer.from(JSON.stringify(stored)),
  };
}

/** What {@link batchWrite} wrote. */
export function decodeBatch(value: Uint8Array): BatchRecord {
  const stored = JSON.parse(Buffer.from(value).toString("utf8")) as Omit<BatchRecord, "request"> & {
    readonly request: string;
  };
  const bytes = fromBase64(stored.request) ?? new Uint8Array(0);
  return { ...stored, request: StartBatchOperationRequest.decode(bytes) };
}
