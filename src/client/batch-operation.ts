import { enumNames } from "../core/options/enum-names.ts";
import type { Duration } from "../core/time/duration.ts";
import { BatchOperationState as StateCode, BatchOperationType as TypeCode } from "../proto/gen/enums.ts";
import type { BatchOperationInfo } from "../proto/gen/batch.ts";
import type { DescribeBatchOperationResponse } from "../proto/gen/workflowservice.ts";
import { toMs } from "../core/replay/proto-time.ts";
import type { CallOptions } from "./call-options.ts";
import type { WorkflowTarget } from "./call-parts.ts";
import type { WorkflowOptionsChange } from "./workflow-options-change.ts";
import type { PostResetOperation, ResetExclusion, ResetPoint } from "./workflow-reset.ts";

/** Which activities of each workflow a batch is for. */
export type BatchActivities = "all" | { readonly type: string };

/** What a batch does to each of its workflows. */
export type BatchOperation =
  | { readonly kind: "cancel" }
  | { readonly kind: "terminate"; readonly details?: readonly unknown[] | undefined }
  | { readonly kind: "delete" }
  | { readonly kind: "signal"; readonly signal: string; readonly args?: readonly unknown[] | undefined }
  | {
      readonly kind: "reset";
      readonly to: ResetPoint;
      /** Looks for a build in the run that is the latest, not in those before it. @default false */
      readonly currentRunOnly?: boolean | undefined;
      readonly exclude?: readonly ResetExclusion[] | undefined;
      readonly afterReset?: readonly PostResetOperation[] | undefined;
    }
  | { readonly kind: "updateOptions"; readonly changes: WorkflowOptionsChange }
  | {
      readonly kind: "unpauseActivities";
      readonly activities: BatchActivities;
      /** @default false */
      readonly resetAttempts?: boolean | undefined;
      /** @default false */
      readonly resetHeartbeat?: boolean | undefined;
      /** Activities start again within this time, not all at once. @default 0 */
      readonly jitter?: Duration | undefined;
    }
  | {
      readonly kind: "resetActivities";
      readonly activities: BatchActivities;
      /** @default false */
      readonly resetHeartbeat?: boolean | undefined;
      /** Leaves paused activities paused. @default false */
      readonly keepPaused?: boolean | undefined;
      /** Takes back changes of the activities' options. @default false */
      readonly restoreOriginalOptions?: boolean | undefined;
      /** Activities start again within this time, not all at once. @default 0 */
      readonly jitter?: Duration | undefined;
    };

/** What a batch does, to which workflows. */
export type StartBatchOptions = CallOptions & {
  readonly operation: BatchOperation;
  /** Why, for people. The service insists on one. */
  readonly reason: string;
  /** What the batch is called by. @default a new UUID */
  readonly id?: string | undefined;
  /** Workflows taken in a second at most. @default the service's limit */
  readonly maxOperationsPerSecond?: number | undefined;
} & (
    | {
        /** Which workflows, in the language of the service's visibility. */
        readonly query: string;
      }
    | {
        /** The workflows themselves. */
        readonly workflows: readonly Pick<WorkflowTarget, "workflowId" | "runId">[];
      }
  );

/** The start of a batch as interceptors see it. */
export interface StartBatchInput {
  readonly options: StartBatchOptions;
}

/** A look at a batch as interceptors see it. */
export interface DescribeBatchInput {
  readonly batchId: string;
  readonly call: CallOptions;
}

/** The stop of a batch as interceptors see it. */
export interface StopBatchInput {
  readonly batchId: string;
  readonly reason: string;
  readonly call: CallOptions;
}

/** A list of batches as interceptors see it. */
export interface ListBatchesInput {
  readonly pageSize: number;
  readonly nextPageToken: Uint8Array | undefined;
  readonly call: CallOptions;
}

/** How a batch stands. */
export const BatchOperationState = { running: "running", completed: "completed", failed: "failed" } as const;
export type BatchOperationState = keyof typeof BatchOperationState;

const states = enumNames(BatchOperationState, StateCode);

const kinds: ReadonlyMap<TypeCode, BatchOperation["kind"]> = new Map([
  [TypeCode.CANCEL, "cancel"],
  [TypeCode.CANCEL_WORKFLOW, "cancel"],
  [TypeCode.TERMINATE, "terminate"],
  [TypeCode.TERMINATE_WORKFLOW, "terminate"],
  [TypeCode.DELETE, "delete"],
  [TypeCode.DELETE_WORKFLOW, "delete"],
  [TypeCode.SIGNAL, "signal"],
  [TypeCode.SIGNAL_WORKFLOW, "signal"],
  [TypeCode.RESET, "reset"],
  [TypeCode.RESET_WORKFLOW, "reset"],
  [TypeCode.UPDATE_EXECUTION_OPTIONS, "updateOptions"],
  [TypeCode.UPDATE_WORKFLOW_EXECUTION_OPTIONS, "updateOptions"],
  [TypeCode.UNPAUSE_ACTIVITY, "unpauseActivities"],
  [TypeCode.RESET_ACTIVITY, "resetActivities"],
]);

/** A batch as lists show it. */
export interface BatchOperationSummary {
  readonly id: string;
  /** `undefined` if the service knows one that this SDK does not, or did not say. */
  readonly state: BatchOperationState | undefined;
  /** What it does; `undefined` as {@link state}. */
  readonly kind: BatchOperation["kind"] | undefined;
  readonly startTime: Date | undefined;
  /** `undefined` while it runs. */
  readonly closeTime: Date | undefined;
}

/** A batch with all that the service tells of it. */
export interface BatchOperationDescription extends BatchOperationSummary {
  readonly totalCount: number;
  readonly completeCount: number;
  readonly failureCount: number;
  readonly identity: string;
  readonly reason: string;
  readonly query: string;
  /** What the service said. */
  readonly raw: DescribeBatchOperationResponse;
}

/** A batch of a list. */
export function toBatchSummary(info: BatchOperationInfo): BatchOperationSummary {
  return {
    id: info.jobId,
    state: states.toName(info.state),
    kind: kinds.get(info.operationType),
    startTime: info.startTime && new Date(toMs(info.startTime)),
    closeTime: info.closeTime && new Date(toMs(info.closeTime)),
  };
}

/** A batch by itself. */
export function toBatchDescription(raw: DescribeBatchOperationResponse): BatchOperationDescription {
  const { totalOperationCount, completeOperationCount, failureOperationCount, identity, reason, query } = raw;
  return {
    ...toBatchSummary(raw),
    totalCount: totalOperationCount,
    completeCount: completeOperationCount,
    failureCount: failureOperationCount,
    identity,
    reason,
    query,
    raw,
  };
}
